"""How many photos stand where is what their rows say, whatever is written between two counts."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from photofind.core.catalog import touched
from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from tests.core.catalog.test_newest import DONE, FAILED, add, write

PENDING = 0
FILES_OPENED = Path("/proc/self/fd")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    for name in (b"/photos", b"/other"):
        opened.folders.add(name, volume_of(b"/"))
    yield opened
    opened.close()


def counted(catalog: Catalog) -> object:
    """Return all that is counted, and the order that hangs on the same notes."""
    folders = [(folder.photos, folder.pending, folder.failed) for folder in catalog.folders.all()]
    return catalog.counts(), folders, catalog.newest.all().tolist()


def counted_anew(path: Path) -> object:
    other = Catalog(path / "catalog.sqlite", read_only=True)
    try:
        return counted(other)
    finally:
        other.close()


@pytest.mark.parametrize("most_noted", [touched.MOST_NOTED, 3])
def test_whatever_is_written_is_counted(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_noted: int
) -> None:
    monkeypatch.setattr(touched, "MOST_NOTED", most_noted)
    chance = random.Random(8)
    ids = add(catalog, *([1.0] * 40), state=PENDING)
    for _ in range(150):
        photo_id = chance.choice(ids)
        match chance.randrange(6):
            case 0:
                ids += add(catalog, 1.0, state=PENDING, folder=chance.choice([1, 2]))
            case 1 | 2:
                state = chance.choice([PENDING, DONE, FAILED])
                write(catalog, "UPDATE photo SET state = ? WHERE id = ?", state, photo_id)
            case 3:
                write(catalog, "UPDATE photo SET gone_since = ? WHERE id = ?", chance.choice([None, 1.0]), photo_id)
            case 4:
                write(catalog, "UPDATE photo SET folder_id = ? WHERE id = ?", chance.choice([1, 2]), photo_id)
            case 5:
                catalog.photos.delete([photo_id])
        if chance.random() < 0.3:
            assert counted(catalog) == counted_anew(tmp_path)


def test_what_is_taken_back_is_not_counted(catalog: Catalog) -> None:
    add(catalog, 1.0)
    assert catalog.counts().embedded == 1
    with suppress(ZeroDivisionError), catalog.transaction():
        add(catalog, 2.0)
        assert catalog.counts().embedded == 2
        raise ZeroDivisionError

    assert catalog.counts().embedded == 1


def test_what_another_program_writes_is_counted(catalog: Catalog, tmp_path: Path) -> None:
    add(catalog, 1.0)
    assert catalog.counts().embedded == 1
    other = Catalog(tmp_path / "catalog.sqlite")
    add(other, 2.0, 3.0)
    other.close()

    assert catalog.counts().embedded == 3


def opened() -> set[str]:
    """Return the files that this process has open."""
    found = set()
    for number in os.listdir(FILES_OPENED):
        with suppress(FileNotFoundError):  # what the list itself was read from
            found.add(os.readlink(FILES_OPENED / number))
    return found


@pytest.mark.skipif(not FILES_OPENED.is_dir(), reason="only here does the system tell which files are open")
def test_what_is_noted_needs_no_room_on_any_disk(catalog: Catalog) -> None:
    """Where SQLite puts what it has no memory for may be full, and then no photo could be written."""
    catalog.counts()
    before = opened()
    for start in range(0, 150_000, 10_000):
        catalog.scanned.insert(1, [(b"%d.jpg" % n, (1, 1, 1, n), 1) for n in range(start, start + 10_000)])

    assert opened() <= before
    assert catalog.counts().pending == 150_000
