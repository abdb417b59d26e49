"""Sync every folder and embed until nothing is pending, with progress bars: what `photofind index` does."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.engine_builder import EngineBuilder
from photofind.background.indexing.originals import Indexing
from photofind.background.indexing.similar import SimilarIndexing
from photofind.core.library import Library
from photofind.core.records.photos import Folder

_WAIT_SECONDS = 0.5
# Nobody waits for a search here.
SLICE_SECONDS = 1.0
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


def index_all(library: Library) -> IndexResult:
    """Bring a library up to date; what is done stays done if this is interrupted."""
    result = IndexResult()
    _sync_all(library, library.folders.all(), result)
    decoder = Decoder()
    indexing = Indexing(library, decoder, SLICE_SECONDS)
    try:
        # A graphics card need not wait for what the processor is fitted with.
        has_card = library.embedding.counts.pending > 0 and _opens_card(library)
        if not has_card:
            _fit_model(library)
        _embed_all(library, indexing, result)
        if has_card:
            _fit_model(library)
    finally:
        indexing.stop()
        decoder.stop()
    library.models.finish_change()
    library.search.catch_up(float("inf"))
    _embed_similar(library)
    return result


def _opens_card(library: Library) -> bool:
    """Tell whether a graphics card embeds; one that is there may refuse."""
    return library.models.indexing.opens_card()


def _sync_all(library: Library, folders: list[Folder], result: IndexResult) -> None:
    with click.progressbar(folders, label="Looking through the folders", file=sys.stderr) as bar:
        for folder in bar:
            _sync(library, folder, result)


def _sync(library: Library, folder: Folder, result: IndexResult) -> None:
    for step in library.folders.sync(folder):
        if step is not None:
            result.added += step.added
            result.updated += step.updated
            result.moved += step.moved
            result.removed += step.removed


def _embed_all(library: Library, indexing: Indexing, result: IndexResult) -> None:
    pending = library.embedding.counts.pending
    with click.progressbar(length=max(1, pending), label="Embedding photos", file=sys.stderr) as bar:
        while True:
            stored = indexing.step(_WAIT_SECONDS)
            if stored is not None:
                result.embedded += stored.embedded + stored.reused
                result.failed += stored.failed
                result.moved += stored.moved
                bar.update(stored.embedded + stored.reused + stored.failed + stored.moved)
            to_sync = indexing.take_to_sync()
            for folder in library.folders.all() if to_sync else []:
                if folder.id in to_sync:
                    _sync(library, folder, result)
            if stored is None and indexing.is_done and not to_sync:
                return


def _embed_similar(library: Library) -> None:
    """Embed for Find similar what its model has not seen, where there is one."""
    similar = SimilarIndexing(library, SLICE_SECONDS)
    if similar.is_done:
        return
    try:
        state = similar.step()
        if state == "fitting":
            click.echo(_FITTING, err=True)
        while state == "fitting":
            state = similar.step()
        seen = similar.count()
        left = max(1, library.embedding.counts.embedded - seen)
        with click.progressbar(length=left, label="Getting ready for Find similar", file=sys.stderr) as bar:
            while not similar.is_done:
                similar.step()
                bar.update(similar.count() - seen)
                seen = similar.count()
    finally:
        similar.stop()


def _fit_model(library: Library) -> None:
    """Wait until the model is fitted to this computer, where it is not yet and there is anything to embed."""
    builder = EngineBuilder()
    try:
        if library.embedding.counts.photos and builder.work(library, at_rest=False):
            click.echo(_FITTING, err=True)
        while builder.work(library, at_rest=False):
            builder.wait(_WAIT_SECONDS)
        notice = builder.take_notice()
        if notice:
            click.echo(notice, err=True)
    finally:
        builder.stop()
