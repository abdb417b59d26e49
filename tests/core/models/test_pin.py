"""What the hub has is written into the table of models, and nothing but that is downloaded from then on."""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.models import pin
from photofind.core.models.offered import Pinned, PinnedFile
from tests.core.models.downloading import download
from tests.hub import COMMIT, CONFIG, SMALL, WEIGHTS, Hub

LISTING = Path(__file__).with_name("hub_listing.toml")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A copy of the table of models without pins."""
    pins = re.compile(r"\n\[model\.pinned\]\n.*?(?=^\[\[)", re.DOTALL | re.MULTILINE)
    (tmp_path / "offered.toml").write_text(pins.sub("", pin.TABLE.read_text("utf-8")), "utf-8")
    return tmp_path / "offered.toml"


def entry(table: Path, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = tomllib.loads(table.read_text("utf-8"))["model"]
    return next(model for model in found if model["name"] == name)


def as_pinned(hub: Hub) -> dict[str, dict[str, object]]:
    return {
        name: {"size": len(hub.files[name]), "sha256": hashlib.sha256(hub.files[name]).hexdigest()}
        for name in (CONFIG, WEIGHTS)
    }


# Writing them


def test_commit_sizes_and_hashes_are_filled_in_and_all_else_stays(
    hub: Hub, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = table.read_text("utf-8")
    pin.main(table=table)
    assert entry(table, "small")["pinned"] == {"commit": COMMIT, "files": as_pinned(hub)}
    assert "pinned: small" in capsys.readouterr().out.splitlines()
    lines = [line for line in before.splitlines() if line]
    assert [line for line in table.read_text("utf-8").splitlines() if line in lines] == lines
    assert tomllib.loads(table.read_text("utf-8"))["retired"] == tomllib.loads(before)["retired"]


def test_pins_of_before_are_replaced_and_not_added_to(hub: Hub, table: Path) -> None:
    pin.main(table=table)
    once = table.read_text("utf-8")
    pin.main(table=table)
    assert table.read_text("utf-8") == once
    hub.commit = COMMIT[::-1]
    pin.main(table=table)
    assert table.read_text("utf-8") == once.replace(COMMIT, COMMIT[::-1])


def test_what_is_missing_is_said_and_keeps_what_was_pinned(
    hub: Hub, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin.main(table=table)
    hub.files["open_clip_pytorch_model.bin"] = hub.files.pop(WEIGHTS)
    hub.unknown = {models.find("look-alikes").repo}
    hub.commit = COMMIT[::-1]
    capsys.readouterr()
    assert pin.main(table=table) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"small: {WEIGHTS} is missing in {SMALL.repo}, which has {CONFIG}, open_clip_pytorch_model.bin" in said
    assert f"look-alikes: there is no repository {models.find('look-alikes').repo}" in said
    assert any(line.startswith("recommended: tokenizer.json is missing") for line in said)
    assert entry(table, "small")["pinned"]["commit"] == COMMIT


def test_what_was_renamed_or_is_not_as_offered_is_said(
    hub: Hub, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.renamed = "laion/moved"
    assert pin.main(table=table) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"small: {SMALL.repo} was renamed to laion/moved" in said
    assert "classic: the page of laion/moved names the licence “mit”, not Apache-2.0" in said
    assert f"small: {WEIGHTS} has {len(hub.files[WEIGHTS]):,} bytes, not about 605,155,332" in said
    assert entry(table, "small")["pinned"]["commit"] == COMMIT


def test_a_hub_that_does_not_answer_changes_nothing(hub: Hub, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = table.read_text("utf-8")
    hub.status = 503
    assert pin.main(table=table) == 1
    assert f"small: {SMALL.repo} cannot be looked up: " in capsys.readouterr().out
    assert table.read_text("utf-8") == before


def test_the_listing_is_filled_in_too(hub: Hub, table: Path, tmp_path: Path) -> None:
    hub.files["README.md"] = b"about it"
    listing = Path(shutil.copy(LISTING, tmp_path / "listing.toml"))
    pin.main(listing, table)
    found = {entry["repo"]: entry for entry in tomllib.loads(listing.read_text("utf-8"))["repository"]}
    assert found.keys() == {entry["repo"] for entry in tomllib.loads(LISTING.read_text("utf-8"))["repository"]}
    small = found[SMALL.repo]
    assert (small["commit"], small["license"], small["is_whole"]) == (COMMIT, "mit", True)
    assert {file["name"]: file["size"] for file in small["files"]} == {n: len(c) for n, c in hub.files.items()}
    assert small["source"].startswith("the hub, 20")
    assert listing.read_text("utf-8").startswith(LISTING.read_text("utf-8").partition("[[")[0])


# Downloading what is pinned


def pinned(hub: Hub, **others: str) -> models.Model:
    """Return a model pinned to what the hub has, but for the hashes given."""
    files = {name: PinnedFile(len(hub.files[name]), str(file["sha256"])) for name, file in as_pinned(hub).items()}
    files |= {name: replace(files[name], sha256=sha256) for name, sha256 in others.items()}
    return replace(SMALL, pinned=Pinned(COMMIT, files))


def test_what_is_pinned_needs_no_word_of_the_hub(hub: Hub, models_dir: Path) -> None:
    hub.says_hashes, hub.commit = False, None  # a plain server of files, as a mirror may be
    assert download(models_dir, pinned(hub))
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert hub.asked == [f"GET /{SMALL.repo}/resolve/{COMMIT}/{name}" for name in (CONFIG, WEIGHTS)]


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_another_file_than_the_pinned_one_is_refused(hub: Hub, models_dir: Path, name: str) -> None:
    with pytest.raises(PhotofindError) as refused:
        download(models_dir, pinned(hub, **{name: "0" * 64}))
    assert "has another file" in str(refused.value)
    assert f"“{name}” than the model “small” is made of; it was not loaded." in str(refused.value)
    assert not models.is_installed(SMALL, models_dir)
    assert not (models_dir / ".small.part" / name).exists()


def test_what_was_loaded_before_it_was_pinned_is_gone_on_with(hub: Hub, models_dir: Path) -> None:
    hub.cuts = [1_000_000, *[0] * 20]
    with pytest.raises(PhotofindError):
        download(models_dir, replace(SMALL, pinned=None))
    hub.cuts = []
    assert download(models_dir, pinned(hub))
    assert hub.ranges[-1] == "bytes=1000000-"


def test_what_is_not_pinned_of_a_pinned_model_is_of_the_same_commit(hub: Hub, models_dir: Path) -> None:
    model = pinned(hub)
    assert model.pinned is not None
    weights = {WEIGHTS: model.pinned.files[WEIGHTS]}
    assert download(models_dir, replace(model, pinned=Pinned(COMMIT, weights)))
    assert [asked for asked in hub.asked if asked.startswith("HEAD")] == [
        f"HEAD /{SMALL.repo}/resolve/{COMMIT}/{CONFIG}"
    ]


def test_the_table_is_read_with_its_pins(hub: Hub, table: Path) -> None:
    pin.main(table=table)
    assert models._from_entry(entry(table, "small")).pinned == pinned(hub).pinned
    assert models._from_entry(entry(table, "recommended")).pinned is None
