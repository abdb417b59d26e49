"""The hub on this computer serves these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub import hub as hub


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"
