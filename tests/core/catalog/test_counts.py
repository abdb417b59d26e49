"""What the catalog counts is never older than what was written, by whomever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from tests.inside import sql


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    opened.folders.add(b"/photos", volume_of(b"/"))
    _insert(opened, 1, 2, 3)
    yield opened
    opened.close()


def _insert(catalog: Catalog, *ids: int) -> None:
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            "INSERT INTO photo (id, folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time) "
            "VALUES (?, 1, ?, 1, 1, 1, 1, 1, 1, 1)",
            ((i, b"%d.jpg" % i) for i in ids),
        )


def test_counts_follow_the_own_writes(catalog: Catalog) -> None:
    assert catalog.counts().embedded == 3
    _insert(catalog, 4)
    assert catalog.counts().embedded == 4
    catalog.photos.delete([1, 2])
    assert catalog.counts().embedded == 2


def test_counts_follow_what_another_program_writes(catalog: Catalog, tmp_path: Path) -> None:
    reader = Catalog(tmp_path / "catalog.sqlite", read_only=True)
    assert reader.counts().embedded == 3
    _insert(catalog, 4)
    assert reader.counts().embedded == 4
    reader.close()


def test_counts_inside_a_transaction_that_is_taken_back_are_forgotten(catalog: Catalog) -> None:
    assert catalog.counts().embedded == 3
    with pytest.raises(RuntimeError, match="taken back"):
        _fail_all_and_take_back(catalog)
    assert catalog.counts().embedded == 3


def _fail_all_and_take_back(catalog: Catalog) -> None:
    with sql(catalog).atomic():
        sql(catalog).execute("UPDATE photo SET state = 2")
        assert catalog.counts().failed == 3
        raise RuntimeError("taken back")
