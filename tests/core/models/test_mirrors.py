"""What the hub, its storage, its mirrors and the networks in between do is understood, and never trusted too far."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind import __version__
from photofind.core.errors import PhotofindError
from photofind.core.models.download import get_model
from tests.core.models.downloading import SIZE, download, part_of
from tests.hub import COMMIT, CONFIG, SHORT, SMALL, WEIGHTS, Hub, serving


@pytest.fixture
def storage(hub: Hub) -> Iterator[Hub]:
    """Where the hub keeps its large files: it tells nothing of them that is true, and opens to each signature once."""
    made = Hub(hub.files, is_storage=True, signatures=hub.signatures)
    with serving(made) as hub.storage:
        yield made


def installed(models_dir: Path) -> bytes:
    return (models_dir / "small" / WEIGHTS).read_bytes()


# The hub and its storage


def test_only_the_hub_is_believed_and_only_the_storage_serves(hub: Hub, storage: Hub, models_dir: Path) -> None:
    assert download(models_dir)
    assert installed(models_dir) == hub.files[WEIGHTS]
    assert (storage.sent[WEIGHTS], hub.sent.get(WEIGHTS)) == (SIZE, None)
    assert [asked[:4] for asked in storage.asked] == ["GET "], "it need not know what HEAD is"
    assert {headers["user-agent"] for headers in storage.headers} == {f"photofind/{__version__}"}


def test_signed_addresses_that_expire_are_asked_for_anew(hub: Hub, storage: Hub, models_dir: Path) -> None:
    storage.cuts = [2_000_000, 1_000_000]
    assert download(models_dir)
    assert storage.ranges == ["bytes=2000000-", "bytes=3000000-"]
    assert installed(models_dir) == hub.files[WEIGHTS]


def test_what_is_told_on_the_redirect_alone_is_heard_on_one_host_too(hub: Hub, models_dir: Path) -> None:
    """As where a mirror has its storage behind its own address."""
    hub.storage = os.environ["HF_ENDPOINT"] + "/storage"
    assert download(models_dir)
    assert installed(models_dir) == hub.files[WEIGHTS]


def test_a_relative_redirect_keeps_its_query(hub: Hub, models_dir: Path) -> None:
    hub.caches = True
    assert download(models_dir)
    query = f"etag={hub.etag(CONFIG)}"
    assert f"GET /api/resolve-cache/models/{SMALL.repo}/resolve/{COMMIT}/{CONFIG}?{query}" in hub.asked


def test_a_renamed_repository_is_found(hub: Hub, models_dir: Path) -> None:
    hub.renamed = "somebody/else"
    assert download(models_dir)
    assert f"GET /somebody/else/resolve/{COMMIT}/{WEIGHTS}" in hub.asked


# Mirrors


def test_a_mirror_that_sends_everybody_to_the_hub_itself_is_followed(
    hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Hub({}, elsewhere=os.environ["HF_ENDPOINT"])
    with serving(mirror) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert download(models_dir)
    assert len(mirror.asked) == len(hub.asked) == 4
    assert installed(models_dir) == hub.files[WEIGHTS]


def test_a_mirror_that_tells_no_commit_is_asked_for_the_newest(hub: Hub, models_dir: Path) -> None:
    hub.commit = None
    assert download(models_dir)
    assert all("/resolve/main/" in asked for asked in hub.asked)
    origin = json.loads((models_dir / "small" / "origin.json").read_text())
    assert {file["revision"] for file in origin["files"]} == {"main"}


# Networks in between


def test_a_sign_in_page_is_not_taken_for_a_hub(hub: Hub, models_dir: Path) -> None:
    hub.wants_sign_in = True
    with pytest.raises(PhotofindError, match="not a hub of models; if this network asks you to sign in"):
        download(models_dir)


def test_a_sign_in_page_in_the_middle_is_not_taken_for_the_file(hub: Hub, models_dir: Path) -> None:
    def sign_out(done: int, total: int) -> None:
        hub.wants_sign_in = hub.wants_sign_in or done > 2_000_000

    hub.cuts = [3_000_000]
    with pytest.raises(PhotofindError, match="sign in"):
        get_model(SMALL, models_dir, sign_out, lambda: False, patience=SHORT)
    assert part_of(models_dir).read_bytes() == hub.files[WEIGHTS][:3_000_000]
    hub.wants_sign_in = False
    assert download(models_dir)
    assert hub.sent[WEIGHTS] == SIZE, "no byte came twice"


def test_a_file_of_another_size_is_not_begun_with(hub: Hub, models_dir: Path) -> None:
    def change(done: int, total: int) -> None:
        hub.files[WEIGHTS] = right if done < 2_000_000 else right + b"more"

    right = hub.files[WEIGHTS]
    hub.cuts, hub.knows_ranges = [3_000_000], False
    with pytest.raises(PhotofindError, match=f"another file “{WEIGHTS}” than the model “small” is made of"):
        get_model(SMALL, models_dir, change, lambda: False, patience=SHORT)
    assert part_of(models_dir).read_bytes() == right[:3_000_000]


def test_redirects_in_a_circle_end(hub: Hub, models_dir: Path) -> None:
    hub.elsewhere = os.environ["HF_ENDPOINT"]
    with pytest.raises(PhotofindError, match="answers in a way that photofind does not know"):
        download(models_dir)
