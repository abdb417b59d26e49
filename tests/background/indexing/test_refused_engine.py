"""What an engine made before the person's own photos refused it is made again, once, and answers until then."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photofind.background.indexing import engine_builder
from photofind.background.indexing.engine_builder import EngineBuilder, _fit
from photofind.core.embedding import trial_photos
from photofind.core.embedding.embedding import Embedding
from photofind.core.embedding.running_model import RunningModel
from photofind.core.encoders.engines import Engines, write_engines
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo, size_thumbnail
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import EMBED_FROM
from tests.background.indexing import strict_fitting
from tests.background.indexing.test_engine_builder import run
from tests.background.indexing.test_reembedding import run_until
from tests.background.test_worker import Window
from tests.background.test_worker import window as window
from tests.core.embedding.changing_models import (
    SAMPLE,
    embed_in_turns,
    labels_given,
    stand_ins,
    vector,
    watch_scenes,
    write_scenes,
)
from tests.core.embedding.similar_model import asked, see_photos
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.core.sync.test_scan_and_sync import sync
from tests.inside import catalog_of, indexing_of, look_alikes_of, sql, thumbnails_of
from tests.made_once import MadeOnce
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.fitted import fit_beforehand

PHOTOS = 60
# What single precision reaches in another engine, and eight bits do not.
BOUND = 0.99999
NOTICE = Sentence("engine_refused", model=TINY_CLIP.name)


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """From twenty photos on a model is fitted by them, and they refuse eight bits."""
    monkeypatch.setattr(trial_photos, "_PHOTOS", 20)
    monkeypatch.setattr(engine_builder, "_LOOK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(engine_builder, "_fit", strict_fitting.fit)


@pytest.fixture
def builder() -> Iterator[EngineBuilder]:
    builder = EngineBuilder()
    yield builder
    builder.stop()


@pytest.fixture
def eight_bits(made_once: MadeOnce, tmp_path: Path) -> None:
    """The tiny CLIP was fitted to eight bits for the library in `tmp_path / "library"`, by drawn pictures."""
    fit_beforehand(made_once, tmp_path / "library", "ONNX INT8")


@pytest.fixture
def embedded(eight_bits: None, library: Library, tmp_path: Path) -> Library:
    """A library of sixty scenes, all embedded with eight bits."""
    library.models.use(str(TINY_CLIP))
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    assert indexing_of(library).encoder.engine == "ONNX INT8"
    return library


def agreement(library: Library, tmp_path: Path) -> float:
    """Return the lowest cosine of all vectors to what torch makes of the photo or its thumbnail in single precision."""
    exact = LearnedEncoder(TINY_CLIP, tmp_path / "never fitted", "cpu")
    rows = sql(library).execute("SELECT id, path, width, height FROM photo").fetchall()
    lowest = 1.0
    for photo_id, name, width, height in rows:
        original = decode_photo(bytes(tmp_path / "scenes") + b"/" + name, exact.spec).pixels
        jpeg = thumbnails_of(library).get([photo_id])[photo_id]
        thumbnail = size_thumbnail(jpeg, (width, height), exact.spec)
        assert thumbnail is not None
        made = exact.encode_images(np.stack([original, thumbnail]))
        stored = vector(library, photo_id)  # in half precision, so not quite of unit length
        lowest = min(lowest, float((made @ stored).max() / np.linalg.norm(stored)))
    return lowest


def test_they_are_made_again_from_thumbnails_once(builder: EngineBuilder, embedded: Library, tmp_path: Path) -> None:
    assert agreement(embedded, tmp_path) < BOUND
    catalog_of(embedded).settings.set(
        EMBED_FROM.of(indexing_of(embedded).embeddings.model), "originals"
    )  # so found eight bits
    run(builder, embedded, at_rest=True)
    assert builder.take_notice() == NOTICE
    assert builder.take_notice() is None
    assert embedded.embedding.counts.pending == PHOTOS
    done = embed_in_turns(embedded)
    assert (len(done.opened), len(done.from_thumbnail)) == (SAMPLE, PHOTOS - SAMPLE)
    assert indexing_of(embedded).encoder.engine != "ONNX INT8"
    assert agreement(embedded, tmp_path) > BOUND
    for each in (builder, EngineBuilder()):
        assert run(each, embedded, at_rest=True) == 1, "there is nothing more to fit"
        assert each.take_notice() is None
    assert embedded.embedding.counts.pending == 0
    assert labels_given(embedded) == 2 * PHOTOS


def test_distrust_that_cannot_be_written_is_tried_again(
    builder: EngineBuilder, embedded: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        while not builder.is_working:
            builder.work(embedded, at_rest=True)
        full.setattr(Embedding, "distrust_refused", refuse_to_write)
        with pytest.raises(PhotofindError, match="is full"):
            run(builder, embedded, at_rest=True)
    assert builder.take_notice() is None
    run(builder, embedded, at_rest=True)
    assert builder.take_notice() == NOTICE
    assert embedded.embedding.counts.pending == PHOTOS


def refuse_to_write(embedding: Embedding, model: RunningModel) -> list[str]:
    raise PhotofindError("library_disk_full", library="/library")


def refuse_eight_bits(library: Library) -> None:
    """Write down that own photos decided for torch, and against what has made the vectors."""
    engines = Engines("torch fp32", "torch fp32", {"torch fp32": 1.0}, {"ONNX INT8": "cosine 0.9"}, 200)
    library.models.indexing.engines_dir.mkdir(parents=True, exist_ok=True)
    write_engines(library.models.indexing.engines_dir, engines)
    library.models.indexing.reload()


def test_photos_on_a_drive_that_is_away_are_made_again_from_their_thumbnails(embedded: Library, tmp_path: Path) -> None:
    catalog_of(embedded).settings.set(EMBED_FROM.of(indexing_of(embedded).embeddings.model), "thumbnails")
    (tmp_path / "scenes").rename(tmp_path / "elsewhere")
    sync(embedded)
    refuse_eight_bits(embedded)
    assert embedded.embedding.distrust_refused(indexing_of(embedded)) == ["ONNX INT8"]
    done = embed_in_turns(embedded)
    assert (len(done.opened), len(done.from_thumbnail)) == (0, PHOTOS)
    assert embedded.search.answer(Query(text="red")).searched == PHOTOS


def test_an_engine_that_cannot_be_made_is_not_taken_for_inexact(
    builder: EngineBuilder, embedded: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_builder, "_fit", strict_fitting.fit_without_quantizer)
    run(builder, embedded, at_rest=True)
    assert indexing_of(embedded).encoder.engine != "ONNX INT8"
    assert builder.take_notice() is None
    assert embedded.embedding.counts.pending == 0


def test_what_is_deleted_is_no_ground_for_distrust_later(embedded: Library) -> None:
    embedded.models.use("quick look")
    embed_in_turns(embedded)
    embedded.models.finish_change()
    embedded.models.forget(str(TINY_CLIP))
    embedded.models.use(str(TINY_CLIP))
    embed_in_turns(embedded)
    embedded.models.finish_change()
    refuse_eight_bits(embedded)
    assert embedded.embedding.distrust_refused(indexing_of(embedded)) == []


def test_the_old_vectors_answer_until_each_is_replaced(builder: EngineBuilder, embedded: Library) -> None:
    run(builder, embedded, at_rest=True)
    for _ in range(PHOTOS):
        embedded.search.catch_up(10)
        assert embedded.search.answer(Query(text="red")).searched == PHOTOS
        if not embedded.embedding.counts.pending:
            return
        embed_in_turns(embedded, most_steps=1)
    raise AssertionError("it never ends")


def test_a_kill_after_the_fitting_loses_nothing(
    builder: EngineBuilder, embedded: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child has written its decision, and the program dies before it can act on it."""
    monkeypatch.setattr(Embedding, "distrust_refused", lambda self, model: [])
    run(builder, embedded, at_rest=True)
    monkeypatch.undo()
    embedded.close()
    library = Library(embedded.directory)
    assert library.embedding.counts.pending == 0
    next_start = EngineBuilder()
    assert not next_start.work(library, at_rest=False)
    assert (next_start.take_notice(), library.embedding.counts.pending) == (NOTICE, PHOTOS)
    library.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_it_goes_on_after_a_kill_and_embeds_nothing_twice(
    builder: EngineBuilder, embedded: Library, tmp_path: Path
) -> None:
    run(builder, embedded, at_rest=True)
    embedded.close()
    for done in (8, 45):
        run_until(embedded.directory, done)
    library = Library(embedded.directory)
    assert 0 < library.embedding.counts.pending <= PHOTOS - 45
    next_start = EngineBuilder()
    run(next_start, library)
    assert next_start.take_notice() is None
    embed_in_turns(library)
    assert labels_given(library) == 2 * PHOTOS
    assert agreement(library, tmp_path) > BOUND
    assert library.care.check(repair=False) == []
    library.close()


@pytest.mark.parametrize("holds", [True, False], ids=["passes", "is refused"])
def test_a_library_of_the_version_before_keeps_its_vectors_unless_the_new_gate_refuses_them(
    builder: EngineBuilder, embedded: Library, monkeypatch: pytest.MonkeyPatch, holds: bool
) -> None:
    path = embedded.models.indexing.engines_dir / "engines.json"
    stored = json.loads(path.read_text())
    stored["engines"] |= {"pictures": PHOTOS, "refused": {}}
    path.write_text(json.dumps(stored | {"format": 2}))
    embedded.close()
    library = Library(embedded.directory)
    assert (library.embedding.counts.pending, indexing_of(library).encoder.engine) == (0, "ONNX INT8")
    assert not builder.work(library, at_rest=False), "nothing waits for it"
    if holds:
        monkeypatch.setattr(engine_builder, "_fit", _fit)
    run(builder, library, at_rest=True)
    assert (builder.take_notice(), library.embedding.counts.pending) == ((None, 0) if holds else (NOTICE, PHOTOS))
    library.close()


def test_another_choice_alone_changes_no_vector(embedded: Library) -> None:
    fit_model(TINY_CLIP, embedded.models.indexing.engines_dir, None, among=["ONNX fp32"])
    embedded.models.indexing.reload()
    assert embedded.embedding.distrust_refused(indexing_of(embedded)) == []
    assert embedded.embedding.counts.pending == 0


@pytest.mark.usefixtures("eight_bits")
def test_what_a_graphics_card_made_stays(
    builder: EngineBuilder, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is compared with the processor each time it is used, whatever the processor's engines are."""
    monkeypatch.setattr(LearnedEncoder, "on_processor", False)
    library.models.use(str(TINY_CLIP))
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    run(builder, library, at_rest=True)
    engines = library.models.indexing.engines()
    assert engines is not None
    assert "ONNX INT8" in engines.refused
    assert (builder.take_notice(), library.embedding.counts.pending) == (None, 0)


def test_find_similar_sees_its_photos_again(library: Library, tmp_path: Path) -> None:
    """Its model has torch alone here, so that is what its decision refuses."""
    watch_scenes(library, tmp_path / "scenes", 20)
    model = library.models.use(str(make_tiny_similar_model(tmp_path / "twins")))
    assert len(see_photos(library)) == 20
    model.engines_dir.mkdir(parents=True)
    write_engines(model.engines_dir, Engines("torch bf16", "torch fp32", {}, {"torch fp32": "too coarse"}, 20))
    assert library.embedding.distrust_refused(model) == ["torch fp32"]
    assert library.embedding.counts.pending == 0, "no photo waits for it"
    assert asked(library, 1) == "twins"
    model.reload()
    assert len(see_photos(library)) == 20
    assert library.embedding.distrust_refused(model) == []
    assert see_photos(library) == []
    similar = look_alikes_of(library).model
    assert similar is model
    assert (similar.embeddings.count(), stand_ins(library)) == (20, 0)


@pytest.mark.usefixtures("eight_bits")
def test_the_window_says_so_and_finds_everything_meanwhile(window: Window, tmp_path: Path) -> None:
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.run_until(lambda: window.notices == [NOTICE], "the notice")
    assert window.ask(Query(text="red")).searched == PHOTOS
    window.run_until(lambda: window.progress[-1].engine not in ("", "ONNX INT8"), "another engine")
    window.wait_idle(PHOTOS)
    assert window.do(lambda library: agreement(library, tmp_path) > BOUND) is True
    assert window.notices == [NOTICE]
