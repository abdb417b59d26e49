"""What is known of the repositories on the hub agrees with what `offered.toml` needs of them, as far as it is known."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from photofind.core.models import offered as models
from photofind.core.models.offered import Model

LISTING = Path(__file__).with_name("hub_listing.toml")
REPOSITORIES = {entry["repo"]: entry for entry in tomllib.loads(LISTING.read_text("utf-8"))["repository"]}
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
every_model = pytest.mark.parametrize("model", models.downloadable(), ids=lambda model: model.name)


def files_of(repo: str) -> dict[str, dict[str, Any]]:
    return {file["name"]: file for file in REPOSITORIES[repo]["files"]}


def missing(model: Model, repo: str) -> list[str]:
    """Return which files a model needs that a repository is not known to have."""
    return [name for _, name in model.files if name not in files_of(repo)]


@every_model
def test_each_file_that_a_model_needs_is_listed_and_none_is_a_pickle(model: Model) -> None:
    assert {repo for repo, _ in model.files} == {model.repo}
    assert missing(model, model.repo) == []
    assert not any(name.endswith(PICKLES) for _, name in model.files)


def test_a_repository_that_holds_a_pickle_alone_would_be_noticed() -> None:
    config, weights = (name for _, name in models.find("small").files)
    assert missing(models.find("small"), "laion/CLIP-ViT-B-32-xlm-roberta-base-laion5B-s13B-b90k") == [config, weights]
    assert not any("xlm-roberta" in model.repo for model in models.downloadable())


@every_model
def test_sizes_licences_and_pins_agree_where_they_are_known(model: Model) -> None:
    there, files = REPOSITORIES[model.repo], files_of(model.repo)
    assert there.get("license", model.license.lower()) == model.license.lower()
    size = files[model.files[-1][1]].get("size", model.download_bytes)
    assert size == pytest.approx(model.download_bytes, rel=0.001)
    if model.pinned is not None and model.pinned.commit == there.get("commit"):
        for name, pinned in model.pinned.files.items():
            assert pinned.size == files[name].get("size", pinned.size)
            assert pinned.sha256 == files[name].get("sha256", pinned.sha256)


def test_what_is_listed_says_where_it_is_from() -> None:
    for entry in REPOSITORIES.values():
        assert re.fullmatch("[0-9a-f]{40}", entry.get("commit", "0" * 40))
        for file in entry["files"]:
            source = file.get("source") or entry["source"]
            assert source in ("code", "documents") or source.startswith("the hub, ")
            assert "seen" in entry or source != "documents"
            assert re.fullmatch("[0-9a-f]{64}", file.get("sha256", "0" * 64))
            assert file.get("size", 1) > 0
            assert source != "code" or not file.keys() & {"size", "sha256"}, "code tells neither"
