"""A model is downloaded from a hub on this computer: whole and checked, or not at all, and never twice."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photofind import __version__
from photofind.core.errors import PhotofindError
from photofind.core.models import installation
from photofind.core.models import offered as models
from photofind.core.models.download import get_model
from photofind.core.models.installation import loaded_bytes
from photofind.core.sentences.sentence import Sentence
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.core.models.downloading import SIZE, download, left_in, part_of
from tests.hub import COMMIT, CONFIG, SHORT, SMALL, WEIGHTS, Hub, fill_disk

# A download that goes well


def test_a_downloaded_model_works(hub: Hub, models_dir: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert get_model(SMALL, models_dir, lambda done, total: seen.append((done, total)), lambda: False)
    size = sum(len(content) for content in hub.files.values())
    assert len(seen) > 4
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert left_in(models_dir) == ["small"]
    assert left_in(models_dir / "small") == [CONFIG, WEIGHTS, "origin.json"]
    assert models.is_installed(SMALL, models_dir)
    assert models.open_encoder("small", models_dir).encode_texts(["red"]).shape == (1, 64)


def test_it_is_recorded_where_a_model_came_from(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    origin = json.loads((models_dir / "small" / "origin.json").read_text())
    assert (origin["model"], origin["license"], origin["from"]) == ("small", "MIT", os.environ["HF_ENDPOINT"])
    assert origin["installed"] > "2026"
    weights = origin["files"][-1]
    assert (weights["name"], weights["size"], weights["revision"]) == (WEIGHTS, SIZE, COMMIT)
    assert weights["sha256"] == weights["hub_hash"] == hub.etag(WEIGHTS)


def test_all_files_are_of_one_revision(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    assert [asked for asked in hub.asked if "/main/" in asked] == [f"HEAD /{SMALL.repo}/resolve/main/{WEIGHTS}"]
    assert f"HEAD /{SMALL.repo}/resolve/{COMMIT}/{CONFIG}" in hub.asked


def test_an_installed_model_is_not_downloaded_again(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    asked = len(hub.asked)
    assert download(models_dir)
    assert len(hub.asked) == asked


def test_files_that_split_words_come_from_their_own_repository(hub: Hub, models_dir: Path) -> None:
    hub.files |= {"tokenizer.json": b"{}", "tokenizer_config.json": b"{ }"}
    tokenizer = (("words/there", "tokenizer.json"), ("words/there", "tokenizer_config.json"))
    assert download(models_dir, replace(SMALL, files=(SMALL.files[0], *tokenizer, SMALL.files[1])))
    assert left_in(models_dir / "small") == [CONFIG, WEIGHTS, "origin.json", *(name for _, name in tokenizer)]
    assert f"GET /words/there/resolve/{COMMIT}/tokenizer.json" in hub.asked


def test_a_model_that_knows_pictures_only_is_downloaded_by_its_own_names(hub: Hub, models_dir: Path) -> None:
    made = make_tiny_similar_model(models_dir.parent / "made")
    hub.files = {path.name: path.read_bytes() for path in made.iterdir()} | {"pytorch_model.bin": b"a pickle"}
    model = models.find("look-alikes")
    assert download(models_dir, model)
    assert left_in(models_dir / "look-alikes") == ["config.json", "model.safetensors", "origin.json"]
    assert f"GET /{model.repo}/resolve/{COMMIT}/model.safetensors" in hub.asked
    assert models.is_installed(model, models_dir)
    assert models.describe("look-alikes", models_dir).model_id == models.describe(str(made), models_dir).model_id
    pictures = np.zeros((1, 56, 56, 3), np.uint8)
    assert models.open_encoder("look-alikes", models_dir).encode_images(pictures).shape == (1, 32)


def test_no_token_is_sent(hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    download(models_dir)
    assert not any("authorization" in headers for headers in hub.headers)


def test_who_asks_is_told_and_nothing_of_what_is_installed_here(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    assert {headers["user-agent"] for headers in hub.headers} == {f"photofind/{__version__}"}


def test_one_connection_does(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    assert len(hub.asked) == 4
    assert hub.connections == 1


# A download that is interrupted


def test_a_paused_download_goes_on_from_there(hub: Hub, models_dir: Path) -> None:
    assert not download(models_dir, stop_after=2_000_000)
    kept = part_of(models_dir).stat().st_size
    assert 2_000_000 <= kept < 5_000_000
    assert loaded_bytes(SMALL, models_dir) == kept + len(hub.files[CONFIG])
    assert not models.is_installed(SMALL, models_dir)
    assert download(models_dir)
    assert hub.ranges == [f"bytes={kept}-"]
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert loaded_bytes(SMALL, models_dir) == 0


def test_a_connection_that_breaks_off_again_and_again_loses_nothing(hub: Hub, models_dir: Path) -> None:
    hub.cuts = [1_000_000] * 6
    assert download(models_dir)
    assert hub.ranges == [f"bytes={n}000000-" for n in range(1, 7)]
    assert hub.sent[WEIGHTS] == SIZE, "no byte came twice"


def test_a_network_that_is_gone_for_good_is_said_and_what_came_is_kept(hub: Hub, models_dir: Path) -> None:
    hub.cuts = [3_000_000, *[0] * 20]
    with pytest.raises(PhotofindError, match="please check the connection"):
        download(models_dir)
    assert part_of(models_dir).stat().st_size == 3_000_000
    hub.cuts = []
    assert download(models_dir)
    assert hub.sent[WEIGHTS] == SIZE


def test_a_stalled_connection_is_taken_up_again(hub: Hub, models_dir: Path) -> None:
    hub.stall = threading.Event()

    def go_on(waits_for: Sentence | None) -> None:
        assert hub.stall is not None
        hub.stall.set()

    assert get_model(SMALL, models_dir, lambda *_: None, lambda: False, go_on, replace(SHORT, read=0.3))
    assert len(hub.ranges) == 1
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_hub_that_cannot_begin_in_the_middle_is_asked_for_all(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    hub.knows_ranges = False
    assert download(models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_file_that_changed_during_a_pause_begins_again(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    changed = bytearray(hub.files[WEIGHTS])
    changed[-4:] = b"\0\0\0\0"
    hub.files[WEIGHTS], hub.commit = bytes(changed), COMMIT[::-1]
    assert download(models_dir)
    assert hub.ranges == []
    assert (models_dir / "small" / WEIGHTS).read_bytes() == changed


def test_another_revision_with_the_same_weights_goes_on(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    hub.commit = COMMIT[::-1]
    hub.files[CONFIG] += b"\n"
    assert download(models_dir)
    assert len(hub.ranges) == 1
    assert (models_dir / "small" / CONFIG).read_bytes() == hub.files[CONFIG]
    assert f"GET /{SMALL.repo}/resolve/{COMMIT[::-1]}/{WEIGHTS}" in hub.asked


@pytest.mark.parametrize("origin", ["", "{", "[]", '{"files": [{"name": 1}]}'])
def test_parts_that_nobody_knows_are_not_used(hub: Hub, models_dir: Path, origin: str) -> None:
    download(models_dir, stop_after=2_000_000)
    part_of(models_dir, "origin.json").write_text(origin)
    (part_of(models_dir).parent / ".cache").mkdir()
    assert download(models_dir)
    assert hub.ranges == []
    assert left_in(models_dir / "small") == [CONFIG, WEIGHTS, "origin.json"]


def test_only_one_photofind_loads_a_model_at_a_time(hub: Hub, models_dir: Path) -> None:
    refused: list[str] = []

    def show(done: int, total: int) -> None:
        if not refused:
            with pytest.raises(PhotofindError) as raised:
                download(models_dir)
            refused.append(str(raised.value))

    assert get_model(SMALL, models_dir, show, lambda: False)
    assert "Another photofind" in refused[0]


# A download that must not succeed


def test_damaged_bytes_are_refused_and_not_kept(hub: Hub, models_dir: Path) -> None:
    right, hub.told[WEIGHTS] = hub.files[WEIGHTS], hub.etag(WEIGHTS)
    hub.files[WEIGHTS] = right[:-1] + b"?"
    with pytest.raises(PhotofindError, match="damaged on its way"):
        download(models_dir)
    assert left_in(models_dir) == [".small.part"]
    hub.files[WEIGHTS] = right
    assert download(models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == right


def test_damage_to_a_small_file_is_noticed_too(hub: Hub, models_dir: Path) -> None:
    hub.told[CONFIG] = hub.etag(CONFIG)
    hub.files[CONFIG] = hub.files[CONFIG].replace(b"64", b"65", 1)
    with pytest.raises(PhotofindError, match="damaged on its way"):
        download(models_dir)


def test_bytes_that_rotted_on_the_disk_during_a_pause_are_noticed(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    with part_of(models_dir).open("r+b") as part:
        part.seek(1_000_000)
        part.write(b"rotten")
    with pytest.raises(PhotofindError, match="download it again"):
        download(models_dir)
    assert download(models_dir)


def test_a_part_that_is_longer_than_the_file_is_not_used(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    part_of(models_dir).write_bytes(hub.files[WEIGHTS] + b"more")
    with pytest.raises(PhotofindError, match="download it again"):
        download(models_dir)
    assert download(models_dir)


def test_a_damaged_model_is_downloaded_again(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    (models_dir / "small" / WEIGHTS).write_bytes(hub.files[WEIGHTS][:-1])
    assert download(models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_file_that_is_no_safetensors_is_refused(hub: Hub, models_dir: Path) -> None:
    hub.files[WEIGHTS] = b"\x80\x04 a pickle under a false name"
    with pytest.raises(PhotofindError, match="damaged"):
        download(models_dir)
    assert left_in(models_dir) == []


def test_a_hub_that_only_has_a_pickle_is_refused(hub: Hub, models_dir: Path) -> None:
    hub.files["open_clip_pytorch_model.bin"] = hub.files.pop(WEIGHTS)
    with pytest.raises(PhotofindError, match="no safetensors"):
        download(models_dir)
    assert not any("bin" in asked for asked in hub.asked)
    assert hub.gets() == []


def test_a_file_that_the_hub_lacks_is_named(hub: Hub, models_dir: Path) -> None:
    del hub.files[CONFIG]
    with pytest.raises(PhotofindError, match=f"lacks the file “{CONFIG}”"):
        download(models_dir)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_hub_that_refuses_is_quoted_and_asked_once(hub: Hub, models_dir: Path, status: int) -> None:
    hub.status = status
    with pytest.raises(PhotofindError, match=str(status)):
        download(models_dir)
    assert len(hub.asked) == 1
    assert left_in(models_dir) == []


def test_a_refusal_in_the_middle_is_quoted_and_what_came_is_kept(hub: Hub, models_dir: Path) -> None:
    def refuse_later(done: int, total: int) -> None:
        if done > 2_000_000:
            hub.status, hub.cuts = 503, [0]

    hub.cuts = [3_000_000]
    with pytest.raises(PhotofindError, match="503"):
        get_model(SMALL, models_dir, refuse_later, lambda: False, patience=SHORT)
    assert part_of(models_dir).stat().st_size == 3_000_000


# The disk


def test_a_full_disk_is_said_before_the_download(hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_disk(monkeypatch, 1000)
    with pytest.raises(PhotofindError, match=r"too full.*needs 208 MB"):
        download(models_dir)
    assert hub.gets() == []


def test_only_what_is_still_missing_must_find_room(hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    download(models_dir, stop_after=4_000_000)
    fill_disk(monkeypatch, 200_000_000 + SIZE - 3_900_000)
    assert download(models_dir)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_in_the_middle_is_said(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    weights = part_of(models_dir)
    weights.unlink()
    weights.symlink_to("/dev/full")
    with pytest.raises(PhotofindError, match="No space left on device"):
        download(models_dir)


def test_a_place_that_cannot_be_written_is_said(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(PhotofindError, match="cannot be stored"):
        download(tmp_path / "models")


def test_a_disk_that_cannot_be_read_for_a_moment_costs_nobody_a_whole_download(
    hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise PhotofindError("model_unreadable", folder=path, said="Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(installation, "read_model_folder", fail)
        with pytest.raises(PhotofindError, match="Input/output error"):
            download(models_dir)
    assert download(models_dir)
    assert hub.sent[WEIGHTS] == SIZE, "no byte came twice"
