"""The files beside photos that say something of them, as the last look at the disk found them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlite_utils import Database

# By path in its folder: size and mtime in nanoseconds.
Sidecars = dict[bytes, tuple[int, int]]
# A sidecar's name that is so long may be cut off, and its photo's goes on where it ends.
_MAY_BE_CUT_OFF: Final = 43


class KnownSidecars:
    """The rows of sidecars; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, folder_id: int, found: Sidecars, unseen: Iterable[bytes], rows_a_step: int) -> Iterator[None]:
        """Keep what sidecars a look found, and have the photos read again that other ones say something of.

        In steps; what is written in one is a transaction. Of the directories `unseen` nothing is known.
        """
        known = self._known(folder_id)
        yield  # of 100,000 sidecars, this takes 80 ms
        closed = tuple(directory + b"/" if directory else b"" for directory in unseen)
        changed = {path: row for path, row in found.items() if known.get(path) != row}
        removed = [path for path in known if path not in found and not path.startswith(closed)]
        for paths in _parts([*changed, *removed], rows_a_step):
            with self._db.atomic():
                self._write(folder_id, paths, changed)
            yield

    def _known(self, folder_id: int) -> Sidecars:
        rows = self._db.execute("SELECT path, size, mtime_ns FROM sidecar WHERE folder_id = ?", [folder_id])
        return {path: (size, mtime_ns) for path, size, mtime_ns in rows}

    def _write(self, folder_id: int, paths: list[bytes], changed: Mapping[bytes, tuple[int, int]]) -> None:
        execute = self._db.conn.executemany
        execute("DELETE FROM sidecar WHERE folder_id = ? AND path = ?", ((folder_id, path) for path in paths))
        execute(
            "INSERT INTO sidecar VALUES (?, ?, ?, ?)",
            ((folder_id, path, *changed[path]) for path in paths if path in changed),
        )
        execute(
            "UPDATE photo SET facts_version = 0 WHERE folder_id = ? AND path >= ? AND path < ? "
            "AND instr(substr(path, ?), x'2f') = 0 AND facts_version > 0",
            ((folder_id, *_photos_of(path), path.rfind(b"/") + 2) for path in paths),
        )


def _parts(paths: list[bytes], size: int) -> Iterator[list[bytes]]:
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


def _photos_of(path: bytes) -> tuple[bytes, bytes]:
    """Return the paths between which those of the photos lie that a sidecar may be about.

    `IMG.xmp` is about `IMG.jpg`, as `IMG.jpg.json` is, which may be about `IMG(1).jpg` and `IMG-edited.jpg` too;
    `.picasa.ini` is about all beside it.
    """
    directory, slash, name = path.rpartition(b"/")
    if name.lower().endswith(b"picasa.ini"):
        return directory + slash, directory + slash + b"\xff\xff"
    stem = name.partition(b".")[0].partition(b"(")[0]
    start = directory + slash + stem
    if len(name) - len(b".json") >= _MAY_BE_CUT_OFF:
        return start, start + b"\xff"
    return start + b"(", start + b"/"
