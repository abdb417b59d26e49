"""A mirror that tells no hash of what is not pinned: size and form decide, and nothing that is good is thrown away."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.models import installation
from photofind.core.models.download import get_model
from photofind.core.models.offered import Model
from tests.core.models import downloading
from tests.core.models.downloading import SIZE, left_in, part_of
from tests.hub import COMMIT, CONFIG, SHORT, SMALL, WEIGHTS, Hub

TINY = replace(SMALL, download_bytes=SIZE)
ETAG, DATE, NOTHING = {"ETag": '"1"'}, {"Last-Modified": "Mon, 30 Nov 2026 12:00:00 GMT"}, dict[str, str]()
VERSIONS = pytest.mark.parametrize("version", [ETAG, DATE], ids=["ETag", "date"])


@pytest.fixture
def mirror(hub: Hub) -> Hub:
    """A plain server of files, with an ETag of its own."""
    hub.says_hashes, hub.commit = False, None
    return hub


def download(models_dir: Path, model: Model = TINY, stop_after: int | None = None) -> bool:
    return downloading.download(models_dir, model, stop_after)


def installed(models_dir: Path) -> bytes:
    return (models_dir / "small" / WEIGHTS).read_bytes()


def changed(weights: bytes) -> bytes:
    """Return other weights of the same form and size."""
    return weights[: SIZE // 2] + bytes(SIZE - SIZE // 2)


@pytest.mark.parametrize("version", [None, ETAG, DATE, NOTHING], ids=["64 digits", "ETag", "date", "nothing"])
@pytest.mark.parametrize("commit", [None, COMMIT])
def test_it_is_enough_that_sizes_are_told(
    mirror: Hub, models_dir: Path, version: dict[str, str] | None, commit: str | None
) -> None:
    mirror.version, mirror.commit = version, commit
    assert download(models_dir)
    assert installed(models_dir) == mirror.files[WEIGHTS]
    origin = json.loads((models_dir / "small" / "origin.json").read_text())
    sha256s = {file["name"]: file["sha256"] for file in origin["files"]}
    assert sha256s == {name: hashlib.sha256(content).hexdigest() for name, content in mirror.files.items()}


def test_who_tells_no_size_is_named(mirror: Hub, models_dir: Path) -> None:
    mirror.says_sizes = False
    with pytest.raises(PhotofindError, match=r"127.0.0.1.* does not say how large the model “small” is"):
        download(models_dir)
    assert left_in(models_dir) == []


def test_what_cannot_be_the_weights_takes_the_place_of_nothing(hub: Hub, models_dir: Path) -> None:
    """As where something in between answers everything with an error that is none by its status."""
    download(models_dir, stop_after=2_000_000)
    kept = part_of(models_dir).read_bytes()
    hub.commit, hub.says_hashes, hub.files[WEIGHTS] = None, False, b'{"errors": [{"status": 500}]}'
    with pytest.raises(PhotofindError, match=f"another file “{WEIGHTS}” than the model “small” is made of"):
        download(models_dir)
    assert part_of(models_dir).read_bytes() == kept


# Going on


@VERSIONS
def test_a_part_goes_on_while_its_version_stays(mirror: Hub, models_dir: Path, version: dict[str, str]) -> None:
    mirror.version = version
    download(models_dir, stop_after=2_000_000)
    loaded = part_of(models_dir).stat().st_size
    mirror.cuts = [1_000_000]
    assert download(models_dir)
    assert mirror.ranges == [f"bytes={loaded}-", f"bytes={loaded + 1_000_000}-"]
    assert installed(models_dir) == mirror.files[WEIGHTS]


@VERSIONS
@pytest.mark.parametrize("newer", [{"ETag": '"2"'}, NOTHING], ids=["another", "none"])
def test_a_part_of_another_version_is_begun_anew(
    mirror: Hub, models_dir: Path, version: dict[str, str], newer: dict[str, str]
) -> None:
    mirror.version = version
    download(models_dir, stop_after=2_000_000)
    mirror.version, mirror.files[WEIGHTS] = newer, changed(mirror.files[WEIGHTS])
    assert download(models_dir)
    assert mirror.ranges == []
    assert installed(models_dir) == mirror.files[WEIGHTS]


def test_without_any_version_each_connection_begins_anew(mirror: Hub, models_dir: Path) -> None:
    mirror.version = NOTHING
    download(models_dir, stop_after=2_000_000)
    mirror.cuts = [3_000_000]
    assert download(models_dir)
    assert mirror.ranges == []
    assert installed(models_dir) == mirror.files[WEIGHTS]


def test_what_changes_on_the_way_is_not_mixed(mirror: Hub, models_dir: Path) -> None:
    def change(done: int, total: int) -> None:
        if done > 2_000_000:
            mirror.version, mirror.files[WEIGHTS] = {"ETag": '"2"'}, newer

    newer = changed(mirror.files[WEIGHTS])
    mirror.version, mirror.cuts = ETAG, [6_000_000, 1_000_000]
    assert get_model(TINY, models_dir, change, lambda: False, patience=SHORT)
    assert installed(models_dir) == newer


def test_who_always_breaks_off_and_gives_no_parts_is_given_up(mirror: Hub, models_dir: Path) -> None:
    mirror.version, mirror.cuts = NOTHING, [3_000_000, 2_000_000] * 100
    with pytest.raises(PhotofindError, match="try again"):
        download(models_dir)
    assert len(mirror.gets()) < 30


# Between a hub and a mirror


def test_what_the_hub_began_a_mirror_ends(hub: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    loaded = part_of(models_dir).stat().st_size
    hub.commit, hub.says_hashes = None, False
    hub.sent.clear()
    assert download(models_dir)
    assert hub.sent[WEIGHTS] == SIZE - loaded
    assert installed(models_dir) == hub.files[WEIGHTS]


def test_the_hubs_hash_decides_on_what_a_mirror_ended_and_is_not_held_against_it_twice(
    hub: Hub, models_dir: Path
) -> None:
    download(models_dir, stop_after=2_000_000)
    hub.commit, hub.says_hashes, hub.files[WEIGHTS] = None, False, changed(hub.files[WEIGHTS])
    with pytest.raises(PhotofindError, match="damaged on its way"):
        download(models_dir)
    assert download(models_dir)
    assert installed(models_dir) == hub.files[WEIGHTS]


def test_what_a_mirror_began_the_hub_ends(mirror: Hub, models_dir: Path) -> None:
    download(models_dir, stop_after=2_000_000)
    mirror.commit, mirror.says_hashes = COMMIT, True
    mirror.sent.clear()
    assert download(models_dir)
    assert mirror.sent[WEIGHTS] < SIZE
    assert installed(models_dir) == mirror.files[WEIGHTS]


def test_a_mirrors_sha1_in_the_place_of_gits_hash_is_understood(hub: Hub, models_dir: Path) -> None:
    """As the ETag of some is; it cost a whole download beside the hub's commit."""
    hub.told[WEIGHTS] = hashlib.sha1(hub.files[WEIGHTS]).hexdigest()
    assert download(models_dir)
    assert installed(models_dir) == hub.files[WEIGHTS]


# Its form decides


@pytest.mark.parametrize("version", [ETAG, NOTHING], ids=["ETag", "nothing"])
def test_a_config_that_is_none_costs_nobody_the_weights(mirror: Hub, models_dir: Path, version: dict[str, str]) -> None:
    mirror.version = version
    config, mirror.files[CONFIG] = mirror.files[CONFIG], b'{"errors": [{"status": 500}]}'
    with pytest.raises(PhotofindError, match=f"{CONFIG}.* is damaged"):
        download(models_dir)
    mirror.files[CONFIG] = config
    assert download(models_dir)
    assert mirror.sent[WEIGHTS] == SIZE, "no byte came twice"


def test_weights_that_are_none_are_not_kept(mirror: Hub, models_dir: Path) -> None:
    right, mirror.files[WEIGHTS] = mirror.files[WEIGHTS], bytes(SIZE)
    with pytest.raises(PhotofindError, match=f"{WEIGHTS}.* is damaged"):
        download(models_dir)
    mirror.files[WEIGHTS] = right
    assert download(models_dir)
    assert installed(models_dir) == right


def test_a_vocabulary_that_is_none_is_noticed_now(mirror: Hub, models_dir: Path) -> None:
    config = json.loads(mirror.files[CONFIG])
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "any"
    mirror.files |= {CONFIG: json.dumps(config).encode(), "tokenizer.json": b'{"errors": [{"status": 500}]}'}
    model = replace(TINY, files=tuple((SMALL.repo, name) for name in (CONFIG, "tokenizer.json", WEIGHTS)))
    with pytest.raises(PhotofindError, match=r"tokenizer.json"):
        download(models_dir, model)
    assert left_in(models_dir) == [".small.part"]
    assert part_of(models_dir).stat().st_size == SIZE


# On this computer


def test_a_full_disk_at_the_beginning_costs_nobody_what_is_there(
    hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    download(models_dir, stop_after=2_000_000)
    loaded = part_of(models_dir).stat().st_size
    with monkeypatch.context() as full:
        full.setattr(installation, "write_atomically", be_full)
        with pytest.raises(PhotofindError, match="No space left"):
            download(models_dir)
    assert download(models_dir)
    assert hub.ranges == [f"bytes={loaded}-"]
