"""The hub on this computer serves these tests too, and children take turns with what else is tested."""

from __future__ import annotations

from typing import Any

import pytest

from photofind.background import reports
from photofind.background.child_process import Child
from photofind.background.graph import builder
from photofind.background.indexing import engine_builder
from tests.hub import hub as hub
from tests.stalled_hub import stalled as stalled


@pytest.fixture(autouse=True)
def children_stand_back_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit models and build graphs at once: the other programs that they would give way to are other tests here."""

    def begin(*work: Any, priority: str) -> Child:
        return Child(*work, priority="normal")

    for module in (engine_builder, builder):
        monkeypatch.setattr(module, "Child", begin)


@pytest.fixture
def every_slice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell how far it is after each slice: what is over in a moment might pass between two reports."""
    monkeypatch.setattr(reports, "_PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(reports, "_COUNT_SECONDS", 0.0)
