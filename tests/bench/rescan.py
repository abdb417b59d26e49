"""What it costs to look through 100,000 files, against a bare walk that stats them.

Once where nothing has changed, once where all of them were moved to another watched folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from photofind.core.library import Library
from photofind.core.records.photos import Folder
from tests.bench.report import Result, interleave, median, report
from tests.inside import sql

_DIRECTORIES, _FILES = 1_000, 100
_ROUNDS = 7
_ROUNDS_MOVED = 4
_BOUND = 2.5
_BOUND_MOVED = 4.0


def main() -> None:
    """Insert all files by a real sync, mark them as embedded, then sync and walk in turns."""
    with tempfile.TemporaryDirectory() as directory:
        root = _make_tree(Path(directory) / "photos")
        library = Library(Path(directory) / "library")
        folder = library.folders.add(root)
        start = time.perf_counter()
        _sync(library, folder)
        first = time.perf_counter() - start
        with sql(library).atomic():
            sql(library).execute("UPDATE photo SET state = 1, width = 4000, height = 3000")
        syncs, walks = interleave(_ROUNDS, lambda: rescan(library), lambda: walk(os.fsencode(root)))
        opened = _count_opened_photos()
        rescan(library)
        moves, walks_moved = interleave(_ROUNDS_MOVED, lambda: _move(library, root), lambda: _walk_both(root))
        renames, walks_renamed = interleave(_ROUNDS_MOVED, lambda: _rename(library), lambda: _walk_both(root))
        embedded_again = library.embedding.counts.pending
        library.close()
    report(
        Result(
            "rescan.unchanged",
            median(syncs),
            "s",
            bound="<=",
            bound_value=_BOUND,
            peer="bare scandir + stat",
            peer_value=median(walks),
        )
    )
    report(Result("rescan.photos_opened", len(opened), "photos", bound="<=", bound_value=0))
    report(Result("rescan.first_sync", first, "s"))
    report(
        Result(
            "rescan.moved",
            median(moves),
            "s",
            bound="<=",
            bound_value=_BOUND_MOVED,
            peer="bare scandir + stat",
            peer_value=median(walks_moved),
        )
    )
    report(
        Result(
            "rescan.moved_inside",
            median(renames),
            "s",
            bound="<=",
            bound_value=_BOUND_MOVED,
            peer="bare scandir + stat",
            peer_value=median(walks_renamed),
        )
    )
    report(Result("rescan.moved.embedded_again", embedded_again, "photos", bound="<=", bound_value=0))


def _make_tree(root: Path) -> Path:
    for directory in range(_DIRECTORIES):
        folder = root / f"{directory:04}"
        folder.mkdir(parents=True)
        for file in range(_FILES):
            os.close(os.open(folder / f"{file:04}.jpg", os.O_CREAT | os.O_WRONLY))
    return root


def _sync(library: Library, folder: Folder) -> int:
    """Sync to the end; return how many photos changed."""
    results = [step for step in library.folders.sync(folder) if step is not None]
    return sum(result.added + result.updated + result.moved + result.removed for result in results)


def rescan(library: Library) -> float:
    (folder,) = library.folders.all()
    start = time.perf_counter()
    changed = _sync(library, folder)
    seconds = time.perf_counter() - start
    if changed:
        raise RuntimeError(f"{changed} photos changed between two looks")
    return seconds


def _move(library: Library, root: Path) -> float:
    """Move every file to the other watched folder and back, in turns; return the seconds both syncs take."""
    other = root.with_name("other")
    if not other.exists():
        other.mkdir()
        library.folders.add(other)
    full, empty = (root, other) if any(root.iterdir()) else (other, root)
    for directory in list(full.iterdir()):
        directory.rename(empty / directory.name)
    # The folder that the photos came to first: the other way round, each is looked for where it vanished.
    return _time_syncs(library, sorted(library.folders.all(), key=lambda folder: folder.path != os.fsencode(empty)))


def _rename(library: Library) -> float:
    """Rename every directory inside the watched folder that holds them; return the seconds its sync takes."""
    (folder,) = (folder for folder in library.folders.all() if folder.photos)
    place = Path(os.fsdecode(folder.path))
    for directory in list(place.iterdir()):
        directory.rename(place / f"{directory.name}-")
    return _time_syncs(library, [folder])


def _time_syncs(library: Library, folders: list[Folder]) -> float:
    moved, seconds = 0, 0.0
    for folder in folders:
        start = time.perf_counter()
        for step in library.folders.sync(folder):
            if step is not None:  # what follows writes the words for the search, when nobody waits
                seconds += time.perf_counter() - start
                moved += step.moved
    if moved != _DIRECTORIES * _FILES:
        raise RuntimeError(f"only {moved} photos were recognised")
    return seconds


def walk(root: bytes) -> float:
    start = time.perf_counter()
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    entry.stat()
    return time.perf_counter() - start


def _walk_both(root: Path) -> float:
    return walk(os.fsencode(root)) + walk(os.fsencode(root.with_name("other")))


def _count_opened_photos() -> list[object]:
    """Return a list that grows with every photo opened from now on, by whatever part of Python."""
    opened: list[object] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes) and os.fsencode(arguments[0]).endswith(b".jpg"):
            opened.append(arguments[0])

    sys.addaudithook(note)
    return opened
