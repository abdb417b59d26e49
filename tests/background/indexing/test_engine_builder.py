"""A model is fitted to this computer in a process of its own, once, and again when there are enough own photos."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import pytest

from photofind.background.child_process import Child
from photofind.background.indexing import engine_builder
from photofind.background.indexing.engine_builder import EngineBuilder, _fit
from photofind.core.embedding import trial_photos
from photofind.core.encoders.engines import engines_dir, read_engines, unfinished_dir
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import indexing_of
from tests.pictures import grain
from tests.tiny_clip import TINY_CLIP

PICTURE = np.full((1, 64, 64, 3), 90, np.uint8)


@pytest.fixture
def builder() -> Iterator[EngineBuilder]:
    builder = EngineBuilder()
    yield builder
    builder.stop()


@pytest.fixture
def with_model(library: Library, folder: Path) -> Library:
    """A library whose photos are to be embedded with a model that was not fitted yet."""
    library.folders.add(folder)
    sync(library)
    library.models.use(str(TINY_CLIP))
    return library


def run(builder: EngineBuilder, library: Library, *, at_rest: bool = False) -> int:
    """Work until nothing is going on; return how often it was asked for."""
    deadline = time.monotonic() + 120
    asked = 1
    while builder.work(library, at_rest=at_rest) or builder.is_working:
        assert time.monotonic() < deadline
        builder.wait(0.1)
        asked += 1
    return asked


def test_a_model_is_fitted_once_and_then_used_without_torch(builder: EngineBuilder, with_model: Library) -> None:
    by_torch = indexing_of(with_model).encoder.encode_images(PICTURE)
    assert indexing_of(with_model).encoder.engine == "torch fp32"
    assert run(builder, with_model) > 1
    encoder = indexing_of(with_model).encoder
    assert encoder.engine.startswith("ONNX") or encoder.engine == "torch bf16"
    assert float(encoder.encode_images(PICTURE)[0] @ by_torch[0]) > 0.97
    assert run(EngineBuilder(), with_model) == 1, "another start finds it done"


def test_quick_look_needs_no_fitting(builder: EngineBuilder, library: Library) -> None:
    assert run(builder, library) == run(builder, library, at_rest=True) == 1


def test_a_child_that_dies_is_not_tried_again_and_torch_goes_on(builder: EngineBuilder, with_model: Library) -> None:
    assert builder.work(with_model, at_rest=False)
    assert builder._child is not None
    os.kill(builder._child.pid or 0, signal.SIGKILL)
    run(builder, with_model)
    assert run(builder, with_model) == 1
    assert with_model.models.indexing.engines() is None
    indexing_of(with_model).encoder.encode_images(PICTURE)
    assert indexing_of(with_model).encoder.engine == "torch fp32"


def test_a_full_disk_ends_in_torch_too(
    builder: EngineBuilder, with_model: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_model.models.indexing.engines_dir.parent.mkdir(parents=True)
    with_model.models.indexing.engines_dir.touch()  # a file where the folder should be
    assert run(builder, with_model) > 1
    assert with_model.models.indexing.engines() is None
    assert indexing_of(with_model).encoder.encode_images(PICTURE).shape == (1, 64)


def test_another_model_ends_the_child(builder: EngineBuilder, with_model: Library) -> None:
    assert builder.work(with_model, at_rest=False)
    child = builder._child
    written = unfinished_dir(with_model.models.indexing.engines_dir)
    written.mkdir(parents=True)
    (written / "images.onnx").write_bytes(b"half of it")
    with_model.models.use("quick look")
    assert not builder.work(with_model, at_rest=False)
    assert child is not None
    assert child.has_ended
    assert not written.exists(), "gigabytes would stay for good"


def test_it_is_fitted_by_the_persons_own_photos_once_there_are_enough(
    builder: EngineBuilder, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_photos, "_PHOTOS", 20)
    monkeypatch.setattr(engine_builder, "_LOOK_AGAIN_SECONDS", 0.0)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(12):
        grain((number * 20, 90, 200 - number * 10), seed=number).save(photos / f"{number}.jpg")
    library.folders.add(photos)
    sync(library)
    library.models.use(str(TINY_CLIP))
    fit_model(TINY_CLIP, library.models.indexing.engines_dir, None)
    embed(library)
    library.models.finish_change()
    assert run(builder, library, at_rest=True) == 1, "there are too few"
    for number in range(12, 30):
        grain((number * 8, 200 - number * 5, 90), seed=number).save(photos / f"{number}.jpg")
    sync(library)
    embed(library)
    assert run(builder, library) == 1, "not while there is anything else to do"
    assert not builder.work(library, at_rest=True), "nobody waits for it"
    assert builder.is_working
    assert run(builder, library, at_rest=True) > 1
    engines = library.models.answering.engines()
    assert engines is not None
    assert engines.pictures == 20
    assert run(builder, library, at_rest=True) == 1


def test_photos_that_wait_for_another_model_take_part(
    builder: EngineBuilder, library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have thumbnails, whatever they wait for: so the first fitting is by the person's own photos."""
    monkeypatch.setattr(trial_photos, "_PHOTOS", 8)
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.models.use(str(TINY_CLIP))
    assert library.embedding.counts.pending == 8
    run(builder, library)
    engines = library.models.indexing.engines()
    assert engines is not None
    assert engines.pictures == 8


def test_a_model_chosen_cancelled_and_chosen_again_is_fitted(builder: EngineBuilder, with_model: Library) -> None:
    assert builder.work(with_model, at_rest=False)
    with_model.models.cancel_change()
    assert not builder.work(with_model, at_rest=False)
    with_model.models.use(str(TINY_CLIP))
    assert builder.work(with_model, at_rest=False)


def test_a_child_that_cannot_be_started_stops_nothing(
    builder: EngineBuilder, with_model: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    assert not builder.work(with_model, at_rest=False)
    assert not builder.work(with_model, at_rest=False)
    builder.stop()


def test_two_models_can_be_fitted_at_once(tmp_path: Path) -> None:
    twins = make_tiny_similar_model(tmp_path / "twins")
    targets = {model: engines_dir(tmp_path, read_model_folder(model).spec.model_id) for model in (TINY_CLIP, twins)}
    children = [Child("test", _fit, model, target, [], priority="low") for model, target in targets.items()]
    for child in children:
        child.wait(120)
    assert [child.exit_code for child in children] == [0, 0]
    assert all(read_engines(target) for target in targets.values())
