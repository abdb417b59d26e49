"""Walk a folder and yield the photos in it, directory by directory; nothing is opened, only listed.

Everything is bytes: a file name need not be text. Links to directories are not followed, so a
loop cannot trap the walk; links to files are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions, Filter
from photofind.core.disk.numbers import bounded, identity
from photofind.core.records.decoded import Fingerprint

# Cameras' own formats; shown and embedded through the preview that each carries.
RAW_SUFFIXES = frozenset(
    b".dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .raf .rw2 .orf .pef .srw .rwl .3fr .fff .iiq .erf .kdc "
    b".dcr .mrw .mos .x3f .gpr".split()
)
SUFFIXES = RAW_SUFFIXES | frozenset(
    b".jpg .jpeg .jpe .jfif .mpo .png .apng .psd .psb .gif .webp .bmp .dib .tif .tiff .heic .heif .hif .avif "
    b".ppm .pgm .pbm .pnm .jp2 .j2k .tga .ico .jxl".split()
)
# What other programs write beside photos: XMP, and Google Takeout's JSON.
SIDECAR_SUFFIXES = (b".xmp", b".json")
# What systems set on a file whose content is still on a server; opening it would fetch it (cardinal#231,
# sumatrapdf#5767): SF_DATALESS on macOS; OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS on Windows.
_SF_DATALESS = 0x40000000
_RECALL = 0x1000 | 0x40000 | 0x400000

# So many files at most are told of at once: who waits hears that a large directory on a slow drive goes on.
_FILES_A_PART = 500

# A file: its path relative to the root, its fingerprint, its device.
Found = tuple[bytes, Fingerprint, int]


@dataclass(slots=True)
class Directory:
    """One directory of a walk, or a part of a large one: its photos as a walk finds them.

    `sidecars` are what may say something of them: path, size, mtime in nanoseconds. `in_cloud` counts placeholders,
    which are left out unopened. `error` is set where the directory could not be listed to its end: what was known of
    it must then be kept.
    """

    path: bytes
    photos: list[Found] = field(default_factory=list)
    sidecars: list[tuple[bytes, int, int]] = field(default_factory=list)
    in_cloud: int = 0
    error: OSError | None = None


def is_photo_name(name: bytes) -> bool:
    """Tell whether a file of this name is taken for a photo."""
    return name[name.rfind(b".") :].lower() in SUFFIXES


def is_sidecar_name(name: bytes) -> bool:
    """Tell whether a file of this name may say something of a photo beside it."""
    return name[-5:].lower().endswith(SIDECAR_SUFFIXES)


def fingerprint(stat: os.stat_result) -> Fingerprint:
    """Return what tells two states of a file apart without opening it (restic#2179: mtime alone misses)."""
    return bounded(stat.st_size), bounded(stat.st_mtime_ns), bounded(stat.st_ctime_ns), identity(stat.st_ino)


def scan_folder(root: bytes, exclusions: Exclusions = DEFAULT_EXCLUSIONS) -> Iterator[Directory]:
    """Yield every directory under `root`, the root first, large ones in parts; one that cannot be read has `error`."""
    left_out = exclusions.filter_for(root)
    waiting = [b""]
    while waiting:
        path = waiting.pop()
        yield from _list(root, path, left_out, waiting)


def _list(root: bytes, path: bytes, left_out: Filter, below: list[bytes]) -> Iterator[Directory]:
    """Yield a directory in parts, add the directories in it to `below`; every file of a library comes by here."""
    part = Directory(path)
    prefix = path + b"/" if path else b""
    try:
        with os.scandir(os.path.join(root, path) if path else root) as entries:
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not left_out.skips(name, prefix + name):
                        below.append(prefix + name)
                elif is_photo_name(name) and not left_out.skips(name, prefix + name):
                    stat = _stat_file(entry)
                    if stat is None:
                        continue
                    if is_placeholder(stat):
                        part.in_cloud += 1
                        continue
                    part.photos.append((prefix + name, fingerprint(stat), identity(stat.st_dev)))
                    if len(part.photos) >= _FILES_A_PART:
                        yield part
                        part = Directory(path)
                elif is_sidecar_name(name) and (stat := _stat_file(entry)) is not None:
                    part.sidecars.append((prefix + name, *fingerprint(stat)[:2]))
    except OSError as error:
        part.error = error
    yield part


def is_placeholder(stat: os.stat_result) -> bool:
    """Tell whether a file's content is not on this computer."""
    flags, attributes = getattr(stat, "st_flags", 0), getattr(stat, "st_file_attributes", 0)
    return bool(flags & _SF_DATALESS or attributes & _RECALL)


def _stat_file(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    """Stat a regular file or a link to one; None for anything else, for what has just vanished, for a dead link."""
    try:
        return entry.stat() if entry.is_file() else None
    except FileNotFoundError:
        return None
    except OSError:
        if entry.is_symlink():  # in a circle, through a file, into a closed folder: nothing is wrong with its own
            return None
        raise
