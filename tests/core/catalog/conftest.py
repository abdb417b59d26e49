"""What tests of the catalog share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog that watches one folder, of no photos yet."""
    opened = Catalog(tmp_path / "catalog.sqlite")
    opened.folders.add(b"/photos", volume_of(b"/"))
    yield opened
    opened.close()
