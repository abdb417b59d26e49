"""Where a watched folder leads elsewhere: by a link or junction, or to what is mounted inside it.

Each place is entered once, told by its device and inode, so that no link leads in a circle and no photo is found
twice; what is watched anyway is not entered by a link.
"""

from __future__ import annotations

import errno
import os
import stat as kinds
from collections.abc import Sequence
from dataclasses import dataclass

from photofind.core.disk.volumes import mounts_below, place_of, volume_of
from photofind.core.errors import said_by
from photofind.core.records.names import display_name
from photofind.core.sentences.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Crossing:
    """A path inside a folder that leads elsewhere; followed where it has a `volume`, the id of the file system there.

    `is_dead`: it is a link, and nothing is where it leads. `is_empty`: nothing is in the place, as in a bare mount
    point. `why` it is not followed, or not wholly; None for one that is dead and worth no word unless photos are known.
    """

    path: bytes
    is_link: bool = True
    volume: str | None = None
    is_dead: bool = False
    is_empty: bool = False
    why: Sentence | None = None


class Crossings:
    """Decides, during one walk of a folder, what of it leads elsewhere, and whether to follow (reads the disk).

    `is_own`: what is walked now is the folder's own tree.
    """

    def __init__(self, root: bytes, watched: Sequence[bytes]) -> None:
        self._root = root
        self._watched = {os.path.realpath(root), *watched}
        self._entered: dict[tuple[int, int], bytes] = {}
        self._devices: dict[bytes, int] = {}
        self._mounts: set[bytes] = set()
        self._volumes: dict[int, str] = {}
        self.is_own = True

    def enter(self, top: bytes) -> None:
        """Note that a tree is walked from here on; the folder's own comes first."""
        real = os.path.realpath(self._place(top))
        below = len(os.path.join(real, b""))
        self._mounts |= {os.path.join(top, mount[below:]) for mount in mounts_below(real)}
        self.is_own = not top
        try:
            self._note(top, os.stat(real))
        except OSError:
            return  # told when it is listed

    def leads_elsewhere(self, path: bytes) -> bool:
        """Tell whether a directory is a junction, has something mounted, or, below a link, was entered already.

        In the folder's own tree numbers alone leave nothing out: some file systems give one to several directories.
        """
        try:
            stat = os.lstat(self._place(path))
        except OSError:
            return False  # told when it is listed
        is_mount = path in self._mounts or self._devices.get(path.rpartition(b"/")[0], stat.st_dev) != stat.st_dev
        if is_mount or _is_junction(stat) or (not self.is_own and self._entered_as(stat) is not None):
            return True
        self._note(path, stat)
        return False

    def look(self, path: bytes) -> Crossing | os.stat_result | None:
        """Return what becomes of a path that leads elsewhere: the file it leads to, or a crossing; None for neither."""
        place = self._place(path)
        is_link = False
        try:
            lies = os.lstat(place)
            is_link = kinds.S_ISLNK(lies.st_mode) or _is_junction(lies)
            stat = os.stat(place)
        except OSError as error:
            if not is_link:
                return None
            if error.errno == errno.ELOOP:
                return Crossing(path, why=Sentence("link_in_a_circle"))
            return Crossing(path, is_dead=True, why=Sentence("link_leads_nowhere") if _leads_away(place) else None)
        if not kinds.S_ISDIR(stat.st_mode):
            return stat if kinds.S_ISREG(stat.st_mode) else None
        why = self._why_not(place, stat, is_link=is_link)
        if why is not None:
            return Crossing(path, is_link, why=why)
        return self._crossing(path, place, stat, is_link=is_link)

    def _why_not(self, place: bytes, stat: os.stat_result, *, is_link: bool) -> Sentence | None:
        """Return why a directory is not to be entered this way, None where it is."""
        entered = self._entered_as(stat)
        if entered is not None:
            return Sentence("link_to_known_folder", folder=display_name(self._place(entered)))
        real = os.path.realpath(place)
        for watched in self._watched if is_link else ():
            if os.path.join(real, b"").startswith(os.path.join(watched, b"")):
                return Sentence("link_into_watched_folder", folder=display_name(watched))
            if os.path.join(watched, b"").startswith(os.path.join(real, b"")):
                return Sentence("link_around_watched_folder", folder=display_name(watched))
        return None

    def _crossing(self, path: bytes, place: bytes, stat: os.stat_result, *, is_link: bool) -> Crossing:
        try:
            if stat.st_dev not in self._volumes:
                self._volumes[stat.st_dev] = volume_of(place).id
            with os.scandir(place) as entries:
                is_empty = next(entries, None) is None
        except OSError as error:
            return Crossing(path, is_link, is_dead=True, why=Sentence("folder_cannot_be_opened", said=said_by(error)))
        return Crossing(path, is_link, self._volumes[stat.st_dev], is_empty=is_empty)

    def _entered_as(self, stat: os.stat_result) -> bytes | None:
        return self._entered.get(place_of(stat)) if stat.st_ino else None

    def _note(self, path: bytes, stat: os.stat_result) -> None:
        self._entered.setdefault(place_of(stat), path)
        self._devices[path] = stat.st_dev

    def _place(self, path: bytes) -> bytes:
        return os.path.join(self._root, path) if path else self._root


def _leads_away(link: bytes) -> bool:
    """Tell whether a link leads out of its directory: what lies beside it is found anyway, and locks are such links."""
    try:
        return bool(os.path.dirname(os.readlink(link)))
    except OSError:
        return False


def _is_junction(stat: os.stat_result) -> bool:
    """Tell whether this is what Windows has in the place of links to directories."""
    return getattr(stat, "st_reparse_tag", 0) == getattr(kinds, "IO_REPARSE_TAG_MOUNT_POINT", -1)
