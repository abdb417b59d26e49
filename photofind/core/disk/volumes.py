"""Which drive a path lies on, so that a missing drive is told from deleted photos."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass

import psutil

from photofind.core.disk.numbers import identity

# File systems whose server does not tell of changes (watchdog#409, #504, #668).
_NETWORK_KIND = re.compile(
    r"(fuse\.)?(9p|afpfs|ceph\w*|cifs|davfs2?|gluster\w*|gvfsd-fuse|lustre|nfs\d?|rclone|s3fs|smb\w*|sshfs|virtiofs|webdav)",
    re.IGNORECASE,
)


_UNSTABLE_KIND = re.compile(r"fuse\..*|vfat|msdos|msdosfs|fat|exfat|9p", re.IGNORECASE)
# File systems that give their own number in `statvfs`, and such as cameras and sticks have.
_NUMBERED_KIND = re.compile(r"ext[234]|btrfs|zfs|bcachefs|tmpfs", re.IGNORECASE)
_PORTABLE_KIND = re.compile(r"vfat|msdos|msdosfs|fat|exfat|fuseblk|ntfs\w*|hfs\w*|udf|iso9660|tmpfs", re.IGNORECASE)
_UUIDS = "/dev/disk/by-uuid"


@dataclass(frozen=True, slots=True)
class Volume:
    """The file system a folder lies on, and the folder's place in it.

    `id` outlives a restart where the system gives one (ext4, btrfs, NTFS), else only a mount; then `has_own_id` is
    False, and another drive may have the same. `kind` is the file system's type as the system names it; `drive` is
    what a person calls the drive, empty for the system's own.
    """

    device: int
    inode: int
    id: str
    mount_point: bytes
    kind: str
    drive: str
    has_own_id: bool = True

    @property
    def is_portable(self) -> bool:
        """Whether it is of a kind that cards and sticks have, of which several are connected in one place in turn."""
        return _PORTABLE_KIND.fullmatch(self.kind) is not None

    @property
    def has_stable_inodes(self) -> bool:
        """Whether a file keeps its inode from one mount to the next, and while it is open.

        FAT has none, Linux deals numbers out for it; what a FUSE program gives is its own affair; Windows'
        directory listings give 0.
        """
        return sys.platform != "win32" and self.inode != 0 and _UNSTABLE_KIND.fullmatch(self.kind) is None


def volume_of(path: bytes) -> Volume:
    """Return what a folder lies on; OSError where it cannot be reached."""
    stat = os.stat(path)
    mount_point = _mount_point(path)
    kind = next((kind for place, kind in reversed(_mounts()) if place == mount_point), "")
    number, is_own = _number(path, stat, kind)
    return Volume(*place_of(stat), number, mount_point, kind, _drive_name(mount_point), is_own)


def _number(path: bytes, stat: os.stat_result, kind: str) -> tuple[str, bool]:
    """Name a file system, and tell whether that is its own name: not given by the order in which drives are connected.

    It is its UUID where the system tells it; the number in `statvfs` is made from the UUID by some
    (ext4, btrfs), by others from the device (FAT, XFS).
    """
    if sys.platform == "win32":
        return f"{stat.st_dev:x}", True
    number, uuid = os.statvfs(path).f_fsid, _uuid(stat.st_dev)
    return uuid or f"{number or stat.st_dev:x}", bool(uuid or (number and _NUMBERED_KIND.fullmatch(kind)))


def place_of(stat: os.stat_result) -> tuple[int, int]:
    """Return the device and inode of what was looked at, as a `Volume` and the rows of photos have them."""
    return identity(stat.st_dev), identity(stat.st_ino)


def mounts_below(path: bytes) -> frozenset[bytes]:
    """Return the places below a folder where other file systems are mounted."""
    below = os.path.join(path, b"")
    return frozenset(place for place, _ in _mounts() if place.startswith(below))


def is_network(kind: str) -> bool:
    """Tell whether a file system of this type is another computer's."""
    return _NETWORK_KIND.fullmatch(kind) is not None


def _mounts() -> list[tuple[bytes, str]]:
    return [(os.fsencode(part.mountpoint), part.fstype) for part in psutil.disk_partitions(all=True)]


def _mount_point(path: bytes) -> bytes:
    place = os.path.realpath(path)
    while not os.path.ismount(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    return place


def _uuid(device: int) -> str:
    try:
        with os.scandir(_UUIDS) as entries:
            return next((entry.name for entry in entries if entry.stat().st_rdev == device), "")
    except OSError:  # other systems have no such directory
        return ""


def _drive_name(mount_point: bytes) -> str:
    """Call a drive what file managers do: the last part of where it is mounted, or its letter."""
    if sys.platform == "win32":
        return os.fsdecode(mount_point).rstrip("\\")
    return os.fsdecode(os.path.basename(mount_point))
