"""The order of work, as the window and `photofind index` walk it: with a real library, and fitting that only counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing import fitting
from photofind.background.indexing.folder_syncs import FolderSyncs
from photofind.background.indexing.pipeline import Pipeline, Slice
from photofind.cli.index_all import index_all
from photofind.core.disk.reading import Read
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.progress import State
from photofind.core.records.query import Query
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.watched_folders import WatchedFolders
from photofind.core.vectors import codes, vector_index
from tests.core.embedding.changing_models import watch_scenes
from tests.pictures import COLORS, write_photo
from tests.tiny_clip import TINY_CLIP
from tests.written import written


class CountedFitting:
    """Stands where the child stands that fits a model: takes three looks."""

    looks_left = 3

    def work(self, _library: Library, *, at_rest: bool) -> bool:
        if at_rest or self.looks_left == 0:
            return False
        self.looks_left -= 1
        return True

    def take_notice(self) -> Sentence | None:
        return written("Fitted.") if self.looks_left == 0 else None

    def wait(self, seconds: float) -> None:
        pass

    def stop(self) -> None:
        pass

    @property
    def is_working(self) -> bool:
        return self.looks_left > 0


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "EngineBuilder", CountedFitting)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graphics card that embeds."""
    monkeypatch.setattr(ModelInUse, "opens_card", lambda self: True)
    monkeypatch.setattr(ModelInUse, "on_processor", False)


class Walk:
    """Walks a pipeline until it has nothing to do, and remembers what it did and said."""

    def __init__(self, library: Library, decoder: Decoder, *, is_attended: bool) -> None:
        self.begun: list[State] = []
        self.notices: list[Sentence] = []
        self.pipeline = Pipeline(
            library,
            decoder,
            is_attended=is_attended,
            on_begin=self.begun.append,
            on_notice=self.notices.append,
        )
        self.pipeline.syncs.ask(folder.id for folder in library.folders.all())

    def to_its_end(self, end: State = "idle", most: int = 1_000) -> list[State]:
        """Return the stages in the order in which they came, each once."""
        stages: list[State] = []
        while stages[-1:] != [end] and len(stages) < most:
            stages.append(self.pipeline.step().stage)
        self.pipeline.stop()
        return [stage for stage, _ in groupby(stages)]


def test_folders_come_first_then_fitting_then_photos(library: Library, folder: Path, decoder: Decoder) -> None:
    library.folders.add(folder)
    walk = Walk(library, decoder, is_attended=False)
    assert walk.to_its_end() == ["scanning", "fitting", "embedding", "idle"]
    assert library.embedding.counts.embedded == 8
    assert walk.notices[0] == written("Fitted.")


@pytest.mark.usefixtures("card")
def test_beside_a_card_the_command_fits_after_it_has_embedded(library: Library, folder: Path, decoder: Decoder) -> None:
    library.folders.add(folder)
    assert Walk(library, decoder, is_attended=False).to_its_end() == ["scanning", "embedding", "fitting", "idle"]


@pytest.mark.usefixtures("card")
def test_beside_a_card_the_window_embeds_meanwhile(library: Library, folder: Path, decoder: Decoder) -> None:
    library.folders.add(folder)
    walk = Walk(library, decoder, is_attended=True)
    assert walk.to_its_end() == ["scanning", "embedding", "idle"]
    assert walk.notices[0] == written("Fitted."), "it was fitted all the same"


def test_the_command_fits_nothing_for_a_library_without_photos(library: Library, decoder: Decoder) -> None:
    assert Walk(library, decoder, is_attended=False).to_its_end() == ["idle"]


def test_a_pause_holds_photos_but_not_folders(library: Library, folder: Path, decoder: Decoder) -> None:
    library.folders.add(folder)
    walk = Walk(library, decoder, is_attended=True)
    walk.pipeline.is_paused = True
    assert walk.to_its_end("paused") == ["scanning", "paused"]
    assert library.embedding.counts.pending == 8
    walk.pipeline.is_paused = False
    assert walk.to_its_end()[-2:] == ["embedding", "idle"]


def test_a_large_library_of_before_learns_its_codes(
    library: Library, folder: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.folders.add(folder)
    Walk(library, decoder, is_attended=True).to_its_end()
    library.search.index.flush()
    directory = library.search.index.directory
    assert not (directory / "codes").exists(), "it is small"
    monkeypatch.setattr(vector_index, "CODES_FROM_ROWS", 8)
    monkeypatch.setattr(codes, "_ROWS_A_STEP", 2)
    Walk(library, decoder, is_attended=True).to_its_end()
    assert (directory / "codes").stat().st_size == 8 * library.search.index.spec.dim


def test_a_new_model_takes_over_once_it_has_seen_all(library: Library, tmp_path: Path, decoder: Decoder) -> None:
    watch_scenes(library, tmp_path / "scenes", 8)
    library.models.use(str(TINY_CLIP))
    walk = Walk(library, decoder, is_attended=True)
    assert library.models.answering.spec.name == "quick look"
    assert walk.to_its_end() == ["scanning", "fitting", "embedding", "opening", "idle"]
    assert library.models.answering.spec.name == TINY_CLIP.name
    assert "loading" in walk.begun, "it is said before the model is loaded"


def test_only_where_somebody_may_ask_words_are_made_ready(library: Library, decoder: Decoder) -> None:
    Walk(library, decoder, is_attended=False).to_its_end()
    alone = library.models.answering.has_texts
    Walk(library, decoder, is_attended=True).to_its_end()
    assert (alone, library.models.answering.has_texts) == (False, True)


def test_photos_that_came_while_others_were_embedded_are_found_before_the_end(library: Library, tmp_path: Path) -> None:
    """What is written while it is read is looked for again, by the command too."""
    photos = tmp_path / "photos"
    write_photo(photos / "a.jpg", COLORS["red"])
    library.folders.add(photos)
    assert index_all(library).added == 1
    write_photo(photos / "b.jpg", COLORS["green"])
    (photos / "a.jpg").rename(photos / "c.jpg")
    result = index_all(library)
    assert (result.added, result.moved, result.embedded) == (1, 1, 1)
    assert len(library.search.answer(Query()).photo_ids) == 2


# The folders' line


def finish(syncs: FolderSyncs) -> list[tuple[int, int]]:
    """Return the folders in the order in which they were done, with what was added."""
    done, added = [], 0
    while not syncs.is_done:
        synced = syncs.step()
        if synced is not None and synced.result is not None:
            added = synced.result.added
        if synced is not None and synced.seconds is not None:
            done.append((synced.folder_id, added))
    return done


def two_folders(library: Library, tmp_path: Path) -> tuple[int, int]:
    for name, color in (("one", "red"), ("two", "green")):
        write_photo(tmp_path / name / "a.jpg", COLORS[color])
    return library.folders.add(tmp_path / "one").id, library.folders.add(tmp_path / "two").id


def test_each_folder_waits_once_and_one_that_is_gone_is_passed_over(library: Library, tmp_path: Path) -> None:
    one, two = two_folders(library, tmp_path)
    syncs = FolderSyncs(library, 1.0)
    syncs.ask([two, one, two])
    syncs.ask([two, 77])
    assert finish(syncs) == [(two, 1), (one, 1)]


def test_what_could_not_be_written_is_begun_again_after_the_others(library: Library, tmp_path: Path) -> None:
    one, two = two_folders(library, tmp_path)
    syncs = FolderSyncs(library, 0.0)
    syncs.ask([one, two])
    syncs.step()
    syncs.begin_again()
    assert finish(syncs) == [(two, 1), (one, 1)]


def test_a_mistake_in_one_folder_costs_the_look_at_that_folder_alone(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = two_folders(library, tmp_path)
    break_sync_of(monkeypatch, tmp_path / "one")
    syncs = FolderSyncs(library, 1.0)
    syncs.ask([one, two])
    broken = syncs.step()
    assert broken is not None
    assert str(broken.mistake).startswith(f"“{tmp_path / 'one'}” was not looked through to its end")
    assert finish(syncs) == [(two, 1)]


def test_index_goes_on_with_the_other_folders_and_says_which_one_it_could_not_do(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_folders(library, tmp_path)
    break_sync_of(monkeypatch, tmp_path / "one")
    result = index_all(library)
    assert (result.added, result.embedded) == (1, 1)
    assert [dict(mistake.values)["folder"] for mistake in result.mistakes] == [str(tmp_path / "one")]


def break_sync_of(monkeypatch: pytest.MonkeyPatch, broken: Path) -> None:
    """Let the look at one folder end in a mistake, after its first step."""
    real = WatchedFolders.sync

    def sync(self: WatchedFolders, folder: Folder, read: Read, *, closely: bool) -> Iterator[SyncResult | None]:
        for step in real(self, folder, read, closely=closely):
            yield step
            if folder.path == os.fsencode(broken):
                raise ValueError("a bug")

    monkeypatch.setattr(WatchedFolders, "sync", sync)


def test_a_folder_that_was_removed_meanwhile_is_given_up(library: Library, tmp_path: Path) -> None:
    one, _ = two_folders(library, tmp_path)
    syncs = FolderSyncs(library, 0.0)
    syncs.ask([one])
    syncs.step()
    folders = {folder.id: folder for folder in library.folders.all()}
    syncs.give_up_moved(folders)
    assert not syncs.is_done, "it is still where it was"
    del folders[one]
    syncs.give_up_moved(folders)
    assert syncs.is_done


def test_a_query_may_have_another_answer_after_what_changes_photos_alone() -> None:
    assert Slice("opening").has_changed
    assert not any(Slice(stage).has_changed for stage in ("scanning", "fitting", "embedding", "similar", "idle"))
