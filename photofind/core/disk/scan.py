"""Walk a folder and yield the photos in it, directory by directory; nothing is opened, only listed.

Everything is bytes: a file name need not be text. Links to folders are followed once, so that a
loop cannot trap the walk, nor a photo be found twice; links to photos stand for photos.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from photofind.core.disk.crossings import Crossing, Crossings
from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions, Filter
from photofind.core.disk.numbers import bounded, can_be_held, identity
from photofind.core.disk.volumes import place_of
from photofind.core.records.decoded import Fingerprint
from photofind.core.sentences.sentence import Sentence

# Cameras' own formats; shown and embedded through the preview that each carries.
RAW_SUFFIXES = frozenset(
    b".dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .raf .rw2 .orf .pef .srw .rwl .3fr .fff .iiq .erf .kdc "
    b".dcr .mrw .mos .x3f .gpr".split()
)
SUFFIXES = RAW_SUFFIXES | frozenset(
    b".jpg .jpeg .jpe .jfif .mpo .png .apng .psd .psb .gif .webp .bmp .dib .tif .tiff .heic .heif .hif .avif "
    b".ppm .pgm .pbm .pnm .jp2 .j2k .tga .ico .jxl".split()
)
# What other programs write beside photos: XMP, Google Takeout's JSON, and Picasa's `.picasa.ini`.
SIDECAR_SUFFIXES = (b".xmp", b".json", b"picasa.ini")
# What systems set on a file whose content is still on a server; opening it would fetch it (cardinal#231,
# sumatrapdf#5767): SF_DATALESS on macOS; OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS on Windows.
_SF_DATALESS = 0x40000000
_RECALL = 0x1000 | 0x40000 | 0x400000
_TELLS_PLACEHOLDERS = any(hasattr(os.stat_result, name) for name in ("st_flags", "st_file_attributes"))

# So many files at most are told of at once: who waits hears that a large directory on a slow drive goes on.
_FILES_A_PART = 500

# A file: its path relative to the root, its fingerprint, its device.
Found = tuple[bytes, Fingerprint, int]


@dataclass(slots=True)
class Directory:
    """One directory of a walk, or a part of a large one: its photos as a walk finds them.

    `sidecars` are what may say something of them: path, size, mtime in nanoseconds. `in_cloud` counts placeholders,
    which are left out unopened. `error` is set where the directory could not be listed to its end: what was known of
    it must then be kept. `crossing` tells where the folder leads elsewhere; what is found there follows.
    """

    path: bytes
    photos: list[Found] = field(default_factory=list)
    sidecars: list[tuple[bytes, int, int]] = field(default_factory=list)
    in_cloud: int = 0
    error: OSError | None = None
    crossing: Crossing | None = None


def is_photo_name(name: bytes) -> bool:
    """Tell whether a file of this name is taken for a photo."""
    return name[name.rfind(b".") :].lower() in SUFFIXES


def is_sidecar_name(name: bytes) -> bool:
    """Tell whether a file of this name may say something of a photo beside it."""
    return name[-10:].lower().endswith(SIDECAR_SUFFIXES)


def fingerprint(stat: os.stat_result) -> Fingerprint:
    """Return what tells two states of a file apart without opening it (restic#2179: mtime alone misses)."""
    size, mtime_ns, ctime_ns, inode = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
    if can_be_held(size, mtime_ns, ctime_ns, inode):
        return size, mtime_ns, ctime_ns, inode
    return bounded(size), bounded(mtime_ns), bounded(ctime_ns), identity(inode)


def scan_folder(
    root: bytes, exclusions: Exclusions = DEFAULT_EXCLUSIONS, watched: Sequence[bytes] = ()
) -> Iterator[Directory]:
    """Yield every directory under `root`, the root first, large ones in parts; one that cannot be read has `error`.

    Then what links lead to, and what is mounted inside, each once: not what lies in a `watched` folder (real paths).
    """
    yield from _Walk(root, exclusions.filter_for(root), watched).run()  # not before it is asked: it may be elsewhere


class _Walk:
    """One walk: first the folder's own directories, then where it crosses to elsewhere, in the order of the paths."""

    def __init__(self, root: bytes, left_out: Filter, watched: Sequence[bytes]) -> None:
        self._root = root
        self._left_out = left_out
        self._crossings = Crossings(root, watched)
        self._linked: set[tuple[int, int]] = set()  # photos found below links, and in drives that are mounted inside
        self._elsewhere: list[bytes] = []
        self._linked_files: list[tuple[bytes, os.stat_result]] = []

    def run(self) -> Iterator[Directory]:
        yield from self._tree(b"")
        while self._elsewhere:
            found, self._elsewhere = sorted(self._elsewhere), []
            for path in found:
                yield from self._cross(path)
        # Those of one directory together: whoever compares them reads what is known of that only once.
        for path, stat in sorted(self._linked_files, key=lambda file: os.path.dirname(file[0])):
            yield self._linked_file(path, stat)

    def _tree(self, top: bytes) -> Iterator[Directory]:
        """Walk a directory and those in it, but for those that lead elsewhere."""
        self._crossings.enter(top)
        waiting = [top]
        while waiting:
            path = waiting.pop()
            if path != top and self._crossings.leads_elsewhere(path):
                self._elsewhere.append(path)
            else:
                yield from self._list(path, waiting)

    def _cross(self, path: bytes) -> Iterator[Directory]:
        crossing = self._crossings.look(path)
        if isinstance(crossing, Crossing):
            yield Directory(path, crossing=crossing)
            if crossing.volume is not None:
                yield from self._tree(path)
        elif crossing is not None and (is_photo_name(path) or is_sidecar_name(path)):
            self._linked_files.append((path, crossing))

    def _linked_file(self, path: bytes, stat: os.stat_result) -> Directory:
        """Take a link to a photo for one, but where the photo lies in a folder that was entered by a link."""
        if stat.st_ino and place_of(stat) in self._linked:
            return Directory(path, crossing=Crossing(path, why=Sentence("link_to_known_photo")))
        directory = Directory(path.rpartition(b"/")[0])
        if is_photo_name(path):
            _add_photo(directory, path, stat)
        else:
            _add_sidecar(directory, path, stat)
        return directory

    def _list(self, path: bytes, below: list[bytes]) -> Iterator[Directory]:
        """Yield a directory in parts, add the directories in it to `below`; every file of a library comes by here."""
        part = Directory(path)
        prefix = path + b"/" if path else b""
        skips, elsewhere = self._left_out.skips, self._elsewhere
        try:
            with os.scandir(os.path.join(self._root, path) if path else self._root) as entries:
                for entry in entries:
                    name = entry.name
                    if is_photo_name(name) and entry.is_file(follow_symlinks=False):
                        place = prefix + name
                        if not skips(name, place) and (stat := _stat_file(entry)):
                            _add_photo(part, place, stat)
                        if len(part.photos) >= _FILES_A_PART:
                            yield self._done(part)
                            part = Directory(path)
                    elif (is_link := entry.is_symlink()) or entry.is_dir(follow_symlinks=False):
                        if not skips(name, prefix + name):
                            (elsewhere if is_link else below).append(prefix + name)
                    elif is_sidecar_name(name) and entry.is_file(follow_symlinks=False) and (stat := _stat_file(entry)):
                        _add_sidecar(part, prefix + name, stat)
        except OSError as error:
            part.error = error
        yield self._done(part)

    def _done(self, part: Directory) -> Directory:
        if not self._crossings.is_own:
            self._linked.update((device, inode) for _, (_, _, _, inode), device in part.photos)
        return part


def _add_photo(directory: Directory, path: bytes, stat: os.stat_result) -> None:
    if is_placeholder(stat):
        directory.in_cloud += 1
    else:
        directory.photos.append((path, fingerprint(stat), identity(stat.st_dev)))


def _add_sidecar(directory: Directory, path: bytes, stat: os.stat_result) -> None:
    directory.sidecars.append((path, *fingerprint(stat)[:2]))


def is_placeholder(stat: os.stat_result) -> bool:
    """Tell whether a file's content is not on this computer."""
    if not _TELLS_PLACEHOLDERS:
        return False
    flags, attributes = getattr(stat, "st_flags", 0), getattr(stat, "st_file_attributes", 0)
    return bool(flags & _SF_DATALESS or attributes & _RECALL)


def _stat_file(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    """Stat a file that is no link; None for what has just vanished."""
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
