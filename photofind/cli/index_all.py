"""Sync every folder and embed until nothing is pending, with progress bars: what `photofind index` does."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.pipeline import Pipeline, Slice
from photofind.core.library import Library
from photofind.core.records.progress import State
from photofind.core.sentences.sentence import Sentence

_FITTING = "photofind: fitting the model to this computer, once; this takes about a minute."


@dataclass
class IndexResult:
    """What one run found and did, in photos."""

    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    embedded: int = 0
    failed: int = 0
    mistakes: list[Sentence] = field(default_factory=list)

    def add(self, done: Slice) -> None:
        """Count what a slice has done."""
        if done.synced is not None and (result := done.synced.result) is not None:
            self.added += result.added
            self.updated += result.updated
            self.moved += result.moved
            self.removed += result.removed
        if done.synced is not None and done.synced.mistake is not None:
            self.mistakes.append(done.synced.mistake)
        if done.stored is not None:
            self.embedded += done.stored.embedded + done.stored.reused
            self.failed += done.stored.failed
            self.moved += done.stored.moved


def index_all(library: Library) -> IndexResult:
    """Bring a library up to date; what is done stays done if this is interrupted."""
    result, decoder = IndexResult(), Decoder()
    folders = [folder.id for folder in library.folders.all()]
    with ExitStack() as at_end:
        bars = _Bars(library, len(folders))
        at_end.callback(bars.close)
        at_end.callback(decoder.stop)
        pipeline = Pipeline(library, decoder, is_attended=False, on_begin=bars.begin, on_notice=_say)
        at_end.callback(pipeline.stop)
        pipeline.syncs.ask(folders, closely=True)
        done = pipeline.step()
        while done.stage != "idle":
            result.add(done)
            bars.show(done)
            done = pipeline.step()
        bars.show(done)
    return result


def _say(sentence: Sentence) -> None:
    click.echo(str(sentence), err=True)


class _Bars:
    """The progress bars on standard error, one at a time, each in its turn and once."""

    def __init__(self, library: Library, folders: int) -> None:
        self._library = library
        self._open = ExitStack()
        self._stage: State = "idle"
        self._begun: set[State] = set()
        self._seen = 0
        self._begin("scanning", folders, "Looking through the folders")

    def begin(self, _stage: State) -> None:
        """Begin the bar of the photos before the first of them is embedded: the model may have to be loaded."""
        if "embedding" not in self._begun:
            self._begin("embedding", self._library.embedding.counts.pending, "Embedding photos")

    def show(self, done: Slice) -> None:
        """Show what a slice has done."""
        if done.stage == "fitting":
            self._show_fitting()
        elif done.stage == "reading":
            self._show_reading(done.read)
        elif done.stage in ("similar", "idle"):
            self._show_similar()
        elif done.stage == self._stage == "scanning":
            synced = done.synced
            self._advance(int(synced is not None and (synced.seconds is not None or synced.mistake is not None)))
        elif done.stored is not None:
            stored = done.stored
            self._advance(stored.embedded + stored.reused + stored.failed + stored.moved)

    def close(self) -> None:
        """End the bar at hand."""
        self._open.close()

    def _show_fitting(self) -> None:
        if self._stage not in ("fitting", "similar"):
            self.close()
            self._stage = "fitting"
            click.echo(_FITTING, err=True)

    def _show_reading(self, read: int) -> None:
        if self._stage != "reading":
            self._begin("reading", self._library.facts.pending + read, "Reading dates and keywords")
        self._advance(read)

    def _show_similar(self) -> None:
        if self._library.models.similar is None:
            return
        seen = self._library.embedding.look_alikes.count()
        if "similar" not in self._begun:
            self._begin("similar", self._library.embedding.counts.embedded - seen, "Getting ready for Find similar")
            self._seen = seen
        self._advance(seen - self._seen)
        self._seen = seen

    def _begin(self, stage: State, length: int, label: str) -> None:
        """End the bar before, and begin that of a stage."""
        self.close()
        self._stage = stage
        self._begun.add(stage)
        bar = click.progressbar(length=max(1, length), label=label, file=sys.stderr)
        self._advance = self._open.enter_context(bar).update
