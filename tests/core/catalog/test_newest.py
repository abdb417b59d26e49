"""The newest photos are all of them in their order, whatever is written between two looks."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from photofind.core.catalog import newest
from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from tests.inside import sql

_INSERT = (
    "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time, width) "
    "VALUES (?, ?, 1, 1, 1, 1, 1, ?, ?, ?)"
)
DONE, FAILED = 1, 2


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a first time as if the library were large: a few photos a step, and no time for a second one."""
    monkeypatch.setattr(newest, "_ROWS_A_STEP", 3)
    monkeypatch.setattr(newest, "_FIRST_SECONDS", -1.0)


def add(catalog: Catalog, *times: float, state: int = DONE, folder: int = 1) -> list[int]:
    """Add opened photos that were taken at these times; return their ids."""
    with sql(catalog).atomic():
        return [
            int(sql(catalog).execute(_INSERT, [folder, random.randbytes(8), state, when, 60]).lastrowid or 0)
            for when in times
        ]


def write(catalog: Catalog, statement: str, *parameters: object) -> None:
    with sql(catalog).atomic():
        sql(catalog).execute(statement, parameters)


def as_it_is(catalog: Catalog) -> list[int]:
    """Return the photos that are to be shown in their order, by what their rows say."""
    rows = sql(catalog).execute(
        "SELECT p.id FROM photo p JOIN folder f ON f.id = p.folder_id WHERE p.width NOT NULL AND p.state != 2 "
        "AND p.gone_since IS NULL AND f.path >= x'01' ORDER BY p.sort_time DESC, p.id DESC"
    )
    return [photo_id for (photo_id,) in rows]


def test_the_newest_come_first_and_of_one_time_the_later_id(catalog: Catalog) -> None:
    old, first, second, latest = add(catalog, 1.0, 5.0, 5.0, 9.0)

    assert catalog.newest.at_once().tolist() == [latest, second, first, old]


CHANGES: list[tuple[str, Callable[[Catalog], None]]] = [
    ("one comes that is the newest", lambda catalog: void(add(catalog, 99.0))),
    ("one comes that was taken with others", lambda catalog: void(add(catalog, 5.0))),
    ("one comes that is the oldest", lambda catalog: void(add(catalog, -1e9))),
    ("many come", lambda catalog: void(add(catalog, *(float(number % 7) for number in range(2_000))))),
    ("one cannot be read", lambda catalog: void(add(catalog, 3.0, state=FAILED))),
    ("a date is learned", lambda catalog: write(catalog, "UPDATE photo SET sort_time = 6.0 WHERE id = 1")),
    ("dates become alike", lambda catalog: write(catalog, "UPDATE photo SET sort_time = 5.0 WHERE id IN (4, 1, 6)")),
    ("a file is deleted", lambda catalog: write(catalog, "UPDATE photo SET gone_since = 1.0 WHERE id = 2")),
    ("it comes back", lambda catalog: write(catalog, "UPDATE photo SET gone_since = NULL")),
    ("one is damaged", lambda catalog: write(catalog, "UPDATE photo SET state = 2 WHERE id = 3")),
    ("one is forgotten", lambda catalog: catalog.photos.delete([4])),
    ("its folder is let go of", lambda catalog: catalog.folders.let_go_of(1)),
]


def void(_: object) -> None:
    """Return nothing."""


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=[what for what, _ in CHANGES])
def test_what_is_written_is_seen(catalog: Catalog, what: str, change: Callable[[Catalog], None]) -> None:
    add(catalog, 1.0, 5.0, 5.0, 9.0, 2.0, 2.0)
    before = catalog.newest.at_once()
    kept = before.tolist()

    change(catalog)

    assert catalog.newest.at_once().tolist() == as_it_is(catalog)
    assert before.tolist() == kept  # an answer that is shown stays as it was


def test_what_anybody_writes_in_any_order_is_seen(catalog: Catalog) -> None:
    chance = random.Random(5)
    ids = add(catalog, *(float(chance.randint(0, 9)) for _ in range(60)))
    for _ in range(120):
        photo_id, when = chance.choice(ids), float(chance.randint(0, 9))
        match chance.randrange(5):
            case 0:
                ids += add(catalog, when)
            case 1:
                write(catalog, "UPDATE photo SET sort_time = ? WHERE id = ?", when, photo_id)
            case 2:
                write(catalog, "UPDATE photo SET gone_since = ? WHERE id = ?", chance.choice([None, 1.0]), photo_id)
            case 3:
                write(catalog, "UPDATE photo SET state = ? WHERE id = ?", chance.choice([DONE, FAILED]), photo_id)
            case 4:
                catalog.photos.delete([photo_id])
        if chance.random() < 0.5:
            assert catalog.newest.at_once().tolist() == as_it_is(catalog)


def test_a_folder_that_is_let_go_of_costs_what_is_in_it(catalog: Catalog) -> None:
    other = catalog.folders.add(b"/other", volume_of(b"/"))
    add(catalog, 1.0, 5.0, 3.0)
    add(catalog, 4.0, 2.0, folder=other)
    assert len(catalog.newest.at_once()) == 5
    add(catalog, 6.0, folder=other)
    add(catalog, 7.0)
    catalog.folders.let_go_of(other)
    statements: list[str] = []
    with sql(catalog).tracer(lambda text, _: statements.append(text)):
        assert catalog.newest.at_once().tolist() == [7, 2, 3, 1]
    catalog.photos.delete([4, 5, 6])
    catalog.folders.delete(other)

    assert catalog.newest.at_once().tolist() == as_it_is(catalog) == [7, 2, 3, 1]
    assert not any("INDEXED BY photo_newest" in text for text in statements)  # by which all are read


def test_what_another_program_writes_is_seen(catalog: Catalog, tmp_path: Path) -> None:
    add(catalog, 1.0, 2.0)
    catalog.newest.at_once()
    other = Catalog(tmp_path / "catalog.sqlite")
    add(other, 7.0)
    other.close()

    assert catalog.newest.at_once().tolist() == [3, 2, 1]


def test_what_is_taken_back_is_not_seen(catalog: Catalog) -> None:
    add(catalog, 1.0, 2.0)
    catalog.newest.at_once()
    with suppress(ZeroDivisionError), catalog.transaction():
        add(catalog, 7.0)
        assert catalog.newest.at_once().tolist() == [3, 2, 1]
        raise ZeroDivisionError

    assert catalog.newest.at_once().tolist() == [2, 1]


@pytest.mark.usefixtures("in_small_steps")
def test_of_a_large_library_the_newest_are_there_at_once_and_each_of_the_others_once(catalog: Catalog) -> None:
    add(catalog, *(float(number // 4) for number in range(40)))
    wanted = as_it_is(catalog)

    assert catalog.newest.at_once().tolist() == wanted[:3]
    steps = 0
    while not catalog.newest.catch_up(-1):
        seen = catalog.newest.at_once().tolist()
        assert seen == wanted[: len(seen)]
        steps += 1
    assert steps > 3
    assert catalog.newest.at_once().tolist() == wanted


@pytest.mark.usefixtures("in_small_steps")
def test_what_is_written_while_it_is_first_read_is_seen(catalog: Catalog) -> None:
    chance = random.Random(6)
    ids = add(catalog, *(float(number // 4) for number in range(40)))
    catalog.newest.at_once()
    while not catalog.newest.catch_up(-1):
        add(catalog, float(chance.randint(0, 12)))
        write(catalog, "UPDATE photo SET sort_time = ? WHERE id = ?", float(chance.randint(0, 12)), chance.choice(ids))
        catalog.photos.delete([chance.choice(ids)])

    assert catalog.newest.at_once().tolist() == as_it_is(catalog)


def test_nothing_is_read_before_anybody_asks(catalog: Catalog) -> None:
    add(catalog, 1.0)
    statements: list[str] = []
    with sql(catalog).tracer(lambda text, _: statements.append(text)):
        assert catalog.newest.catch_up(0)

    assert not statements


@pytest.mark.parametrize("count", [3, 6_000])
def test_some_photos_are_put_in_their_order(catalog: Catalog, count: int) -> None:
    ids = add(catalog, *(float(number % 50) for number in range(2 * count)))
    some = np.sort(np.array(random.Random(7).sample(ids, count)))

    assert catalog.newest.among(some).tolist() == [
        photo_id for photo_id in as_it_is(catalog) if photo_id in set(some.tolist())
    ]
