"""Walk a folder and yield the photos in it, directory by directory; nothing is opened, only listed.

Everything is bytes: a file name need not be text. Links to directories are not followed, so a
loop cannot trap the walk; links to files are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

SUFFIXES = frozenset(
    b".jpg .jpeg .jpe .jfif .png .gif .webp .bmp .dib .tif .tiff .heic .heif .hif .avif "
    b".ppm .pgm .pbm .pnm .jp2 .j2k .tga .ico .jxl".split()
)

# What no person keeps photos in: system folders, caches, and the insides of other photo programs.
SKIPPED_NAMES = frozenset(
    name.lower()
    for name in (
        b"@eaDir",
        b"#recycle",
        b"$RECYCLE.BIN",
        b"System Volume Information",
        b"lost+found",
        b"node_modules",
        b"__pycache__",
    )
)
SKIPPED_SUFFIXES = (b".photoslibrary", b".photolibrary", b".aplibrary", b".lrdata", b".lrlibrary")

# size in bytes, mtime and ctime in nanoseconds, inode: compared for equality, never for order.
Fingerprint = tuple[int, int, int, int]


@dataclass(slots=True)
class Directory:
    """One directory of a walk: its photos as (path relative to the root, fingerprint, device).

    `error` is set where the directory could not be listed to its end: what was known of it
    must then be kept.
    """

    path: bytes
    photos: list[tuple[bytes, Fingerprint, int]] = field(default_factory=list)
    error: OSError | None = None


def is_skipped_dir(name: bytes) -> bool:
    """Tell whether a directory of this name is left out: hidden, system or another program's."""
    lower = name.lower()
    return name.startswith(b".") or lower in SKIPPED_NAMES or lower.endswith(SKIPPED_SUFFIXES)


def is_photo_name(name: bytes) -> bool:
    """Tell whether a file of this name is taken for a photo."""
    return name[name.rfind(b".") :].lower() in SUFFIXES and not name.startswith(b".")


def fingerprint(stat: os.stat_result) -> Fingerprint:
    """Return what tells two states of a file apart without opening it (restic#2179: mtime alone misses)."""
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def scan_folder(root: bytes) -> Iterator[Directory]:
    """Yield every directory under `root`, the root first; a directory that cannot be read has `error`."""
    waiting = [b""]
    while waiting:
        directory = Directory(waiting.pop())
        try:
            waiting.extend(_list(root, directory))
        except OSError as error:
            directory.error = error
        yield directory


def _list(root: bytes, directory: Directory) -> list[bytes]:
    """Add a directory's photos to it and return the directories below; every file of a library comes by here."""
    below = []
    prefix = os.path.join(directory.path, b"")
    with os.scandir(os.path.join(root, directory.path) if directory.path else root) as entries:
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if not is_skipped_dir(name):
                    below.append(prefix + name)
            elif is_photo_name(name):
                stat = _stat_file(entry)
                if stat is not None:
                    directory.photos.append((prefix + name, fingerprint(stat), stat.st_dev))
    return below


def _stat_file(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    """Stat a regular file or a link to one; None for anything else and for what has just vanished."""
    try:
        return entry.stat() if entry.is_file() else None
    except FileNotFoundError:
        return None
