"""A hub on this computer for tests of downloads: it serves the tests' own small model, and fails as told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from photofind.core.models import offered as models
from photofind.core.models.outage import Patience
from tests.hub_server import COMMIT as COMMIT
from tests.hub_server import Hub as Hub
from tests.hub_server import serving as serving
from tests.tiny_clip import TINY_CLIP

CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
_UNPINNED = tuple(replace(model, pinned=None) for model in models.downloadable())
SMALL = next(model for model in _UNPINNED if model.name == "small")
# Of who has no time: as many tries as ever, in a moment.
SHORT = Patience(connect=2.0, read=20.0, first_wait=0.01, longest_wait=0.05, outage=0.5, longest_asked=3.0)


def tiny_files() -> dict[str, bytes]:
    return {name: (TINY_CLIP / name).read_bytes() for name in (CONFIG, WEIGHTS)}


# For a process of its own; the hub here has other files under the names of the models.
WITHOUT_PINS = (
    "from dataclasses import replace; from photofind.core.models import offered; "
    "unpinned = tuple(replace(model, pinned=None) for model in offered.downloadable()); "
    "offered.downloadable = lambda: unpinned; "
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that HF_ENDPOINT names."""
    monkeypatch.setattr(models, "downloadable", lambda: _UNPINNED)
    made = Hub(tiny_files())
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield made


def fill_disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Let the disk have so many bytes free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
