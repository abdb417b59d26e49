"""A model is installed from files that the person has, if they are that model's, and the files stay theirs."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.models.download import get_model
from photofind.core.models.own_files import copy_model
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.hub import CONFIG, SMALL, WEIGHTS, Hub, fill_disk
from tests.hub import hub as hub
from tests.power_cut import PowerCut
from tests.tiny_clip import TINY_CLIP

# What would be offered of the tests' own model.
TINY_MODEL = replace(SMALL, dim=64, size=64, download_bytes=(TINY_CLIP / WEIGHTS).stat().st_size)


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as a browser loads them."""
    made = tmp_path / "Downloads"
    made.mkdir()
    for name in (CONFIG, WEIGHTS):
        shutil.copy(TINY_CLIP / name, made)
    (made / "README.md").write_text("not needed")
    return made


def copy(folder: Path, models_dir: Path, model: models.Model = TINY_MODEL) -> bool:
    return copy_model(model, folder, models_dir, lambda done, total: None, lambda: False)


def test_files_that_are_there_make_a_model(folder: Path, models_dir: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert copy_model(TINY_MODEL, folder, models_dir, lambda done, total: seen.append((done, total)), lambda: False)
    assert seen[-1][0] == seen[-1][1] > TINY_MODEL.download_bytes
    shutil.rmtree(folder)
    assert models.open_encoder("small", models_dir).encode_texts(["red"]).shape == (1, 64)
    origin = json.loads((models_dir / "small" / "origin.json").read_text())
    assert origin["from"] == str(folder)
    assert len(origin["files"][-1]["sha256"]) == 64


def test_a_power_cut_does_not_take_a_model_that_is_installed(
    folder: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = PowerCut(monkeypatch)
    assert copy(folder, models_dir)
    assert (models_dir / "small" / "origin.json").exists()
    assert cut.lost() == []


@pytest.mark.parametrize("picked", ["models--laion--small", "models--laion--small/snapshots/abc"])
def test_a_snapshot_of_links_is_such_a_folder(tmp_path: Path, models_dir: Path, picked: str) -> None:
    blobs, snapshot = (
        tmp_path / "models--laion--small" / "blobs",
        tmp_path / "models--laion--small" / "snapshots" / "abc",
    )
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for name in (CONFIG, WEIGHTS):
        shutil.copy(TINY_CLIP / name, blobs / f"hash of {name}")
        (snapshot / name).symlink_to(os.path.relpath(blobs / f"hash of {name}", snapshot))
    assert copy(tmp_path / picked, models_dir)
    assert not (models_dir / "small" / WEIGHTS).is_symlink()
    assert (blobs / f"hash of {WEIGHTS}").exists()


def test_a_missing_file_is_named_with_the_page_it_is_on(folder: Path, models_dir: Path) -> None:
    (folder / CONFIG).unlink()
    with pytest.raises(PhotofindError, match=f"The file “{CONFIG}” is missing .* page of {SMALL.repo}"):
        copy(folder, models_dir)
    tokenizer = replace(TINY_MODEL, files=(("words/there", "tokenizer.json"), *TINY_MODEL.files))
    with pytest.raises(PhotofindError, match=r"tokenizer.json” is missing .* page of words/there"):
        copy(folder, models_dir, tokenizer)


def test_a_pickle_is_refused_unopened(folder: Path, models_dir: Path) -> None:
    (folder / WEIGHTS).rename(folder / "open_clip_pytorch_model.bin")
    (folder / "open_clip_pytorch_model.bin").chmod(0)
    with pytest.raises(PhotofindError, match=r"only as a pickle.*can run code"):
        copy(folder, models_dir)
    assert not models_dir.exists()


@pytest.mark.parametrize("change", [{"dim": 512}, {"size": 224}, {"download_bytes": 8_000_000}])
def test_the_files_of_another_model_are_refused(folder: Path, models_dir: Path, change: dict[str, Any]) -> None:
    with pytest.raises(PhotofindError, match=r"not those of the model “small” \(ViT-B-32-256"):
        copy(folder, models_dir, replace(TINY_MODEL, **change))
    assert not models_dir.exists()


@pytest.mark.parametrize("config", ["", "[]", '{"model_cfg": 3}', '{"model_cfg": {"embed_dim": 64}}'])
def test_a_damaged_config_is_named(folder: Path, models_dir: Path, config: str) -> None:
    (folder / CONFIG).write_text(config)
    with pytest.raises(PhotofindError, match="damaged or not a config"):
        copy(folder, models_dir)


def test_damaged_weights_are_refused_and_not_kept(folder: Path, models_dir: Path) -> None:
    weights = folder / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-5])
    with pytest.raises(PhotofindError, match="damaged or incomplete"):
        copy(folder, models_dir)
    assert not (models_dir / "small").exists()
    assert not (models_dir / ".small.part").exists()


@pytest.fixture
def look_alikes(folder: Path) -> models.Model:
    """What would be offered of a tiny model that knows pictures only, whose files lie beside another's."""
    make_tiny_similar_model(folder)
    size = (folder / "model.safetensors").stat().st_size
    return replace(models.find("look-alikes"), dim=32, size=56, download_bytes=size)


def test_one_folder_may_hold_the_files_of_two_models(folder: Path, models_dir: Path, look_alikes: models.Model) -> None:
    assert copy(folder, models_dir, look_alikes)
    assert copy(folder, models_dir)
    assert not models.describe("look-alikes", models_dir).knows_words
    assert models.describe("small", models_dir).knows_words
    copied = sorted(path.name for path in (models_dir / "look-alikes").iterdir())
    assert copied == ["config.json", "model.safetensors", "origin.json"]


@pytest.mark.parametrize("change", [{"dim": 384}, {"size": 224}, {"download_bytes": 88_000_000}])
def test_the_files_of_another_model_that_knows_pictures_only_are_refused(
    folder: Path, models_dir: Path, look_alikes: models.Model, change: dict[str, Any]
) -> None:
    with pytest.raises(PhotofindError, match=r"not those of the model “look-alikes” \(vit_small_patch14_dinov2"):
        copy(folder, models_dir, replace(look_alikes, **change))
    assert not models_dir.exists()


def test_a_pickle_of_a_model_that_knows_pictures_only_is_refused_unopened(
    folder: Path, models_dir: Path, look_alikes: models.Model
) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(PhotofindError, match=r"only as a pickle.*please put “model\.safetensors” there"):
        copy(folder, models_dir, look_alikes)


def test_a_stopped_copy_leaves_nothing(folder: Path, models_dir: Path) -> None:
    assert not copy_model(TINY_MODEL, folder, models_dir, lambda done, total: None, lambda: True)
    assert [path.name for path in models_dir.iterdir()] == [".lock"]


def test_files_take_the_place_of_half_a_download(hub: Hub, folder: Path, models_dir: Path) -> None:
    done: list[int] = []
    get_model(SMALL, models_dir, lambda so_far, total: done.append(so_far), lambda: bool(done and done[-1] > 2_000_000))
    assert copy(folder, models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == (TINY_CLIP / WEIGHTS).read_bytes()
    assert not (models_dir / ".small.part").exists()


def test_half_a_copy_of_other_files_does_not_get_into_a_download(hub: Hub, folder: Path, models_dir: Path) -> None:
    def be_killed(done: int, total: int) -> None:
        if done > 4_000_000:
            raise KeyboardInterrupt

    weights = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(weights[:1_000_000] + bytes(len(weights) - 1_000_000))
    with pytest.raises(KeyboardInterrupt):
        copy_model(TINY_MODEL, folder, models_dir, be_killed, lambda: False)
    assert get_model(SMALL, models_dir, lambda *_: None, lambda: False)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_full_disk_is_said_before(folder: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_disk(monkeypatch, 1000)
    with pytest.raises(PhotofindError, match="too full"):
        copy(folder, models_dir)


def test_a_folder_that_is_none_is_said(tmp_path: Path, models_dir: Path) -> None:
    with pytest.raises(PhotofindError, match="There is no folder"):
        copy(tmp_path / "nowhere", models_dir)
