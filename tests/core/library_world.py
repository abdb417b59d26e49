"""The world of the test of library states: two watched folders, and what other programs do to the files in them.

What was done is noted in the model, the `files` of each place. Of libraries the world knows nothing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from tests.core.library_places import FORMATS, Drive, Photographed, Place, picture
from tests.mounts import can_mount, unmount_below

DAY_ONE = 1_600_000_000


class World:
    """An album, a drive and their files; `patterns` are what is left out.

    `pick` and `to` stand for a file or a free name of a place; where there is none, nothing is done.
    """

    album: Place
    drive: Drive

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="photofind-states-"))
        self.made = 0
        self.dates = 0
        self.patterns: tuple[str, ...] = ()
        self.has_links = False
        self.moved_between = False

    def begin(self, is_real: bool) -> None:
        """Make the folders, still empty; the drive is mounted if `is_real`."""
        album = os.fsencode(self.home / "album")
        os.mkdir(album)
        self.album = Place(album, album)
        self.drive = Drive(self.home, is_real)

    def end(self) -> None:
        if can_mount():
            unmount_below(self.home)
        shutil.rmtree(os.fsencode(self.home))

    @property
    def places(self) -> tuple[Place, Place]:
        return self.album, self.drive

    def is_excluded(self, name: bytes) -> bool:
        is_gif = "*.gif" in self.patterns and name.lower().endswith(b".gif")
        return is_gif or any(os.fsencode(pattern) in name.lower().split(b"/")[:-1] for pattern in self.patterns)

    def loosen_copies(self) -> None:
        files = {file for place in self.places for file in place.files.values()}
        copies = Counter(file.content for file in files)
        for file in files:
            file.is_loose |= copies[file.content] > 1

    # What the rest is made of

    def _new_picture(self) -> bytes:
        self.made += 1
        return picture(self.made)

    def _write(self, place: Place, name: bytes, content: bytes) -> None:
        """Put a new file in a place, as other programs do: under another name first."""
        path = place.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(place.aside, "wb") as file:
            file.write(content)
        self._date(place.aside)
        os.replace(place.aside, path)
        place.files[name] = Photographed(content)
        self._occupy(place, name)

    def _date(self, path: bytes) -> None:
        """Give a file a time of its own.

        A new one with the inode of one just deleted, written in the same tick of the clock, would pass for it.
        """
        self.dates += 1
        os.utime(path, (DAY_ONE + self.dates, DAY_ONE + self.dates))

    def _occupy(self, place: Place, name: bytes) -> None:
        """Note that a file has come to a path.

        Where another photo was before, which went on to the other folder or came from there since the
        last sync: the path then passes for the same photo with new content.
        """
        if self.moved_between and name in place.used:
            for file in [file for place in self.places for file in place.files.values()]:
                file.is_loose = True
        place.used.add(name)

    def _rename(self, place: Place, name: bytes, to: bytes) -> None:
        if place.files.get(to) is place.files[name]:
            return  # a file renamed over a hard link to itself stays where it is, says POSIX
        os.makedirs(os.path.dirname(place.path(to)), exist_ok=True)
        os.rename(place.path(name), place.path(to))
        file = place.files[to] = place.files.pop(name)
        file.is_loose |= self.is_excluded(name)
        self._occupy(place, to)

    # New content

    def fill(self, place: Place) -> None:
        """Put the first files in a place."""
        for number in range(3):
            self._write(place, b"first %d.jpg" % number, self._new_picture())
        Path(os.fsdecode(place.path(b"notes.txt"))).touch()

    def add(self, place: Place, pick: int) -> None:
        name = place.free_name(pick)
        if name is not None:
            content = self._new_picture()
            stem, ending = os.path.splitext(name)
            own = stem + list(FORMATS.values())[self.made % len(FORMATS)]
            self._write(place, name if os.path.lexists(place.path(own)) or len(own) > 250 else own, content)
            assert ending

    def write_slowly(self, place: Place, pick: int, when_half_is_there: Callable[[], None]) -> None:
        name = place.free_name(pick)
        if name is None:
            return
        content = self._new_picture()
        os.makedirs(os.path.dirname(place.path(name)), exist_ok=True)
        with open(place.path(name), "wb", buffering=0) as file:
            file.write(content[: len(content) // 2])
            when_half_is_there()
            file.write(content[len(content) // 2 :])
        self._date(place.path(name))
        place.files[name] = Photographed(content)
        self._occupy(place, name)

    def overwrite(self, place: Place, pick: int, in_place: bool) -> None:
        name = place.file(pick)
        if name is None:
            return
        if not in_place:
            self._write(place, name, self._new_picture())
            return
        file = place.files[name]
        file.content, file.photo_id = self._new_picture(), None
        with open(place.path(name), "wb") as opened:
            opened.write(file.content)
        self._date(place.path(name))

    # New names

    def rename(self, place: Place, pick: int, to: int) -> None:
        name, new = place.file(pick), place.free_name(to)
        if name is not None and new is not None:
            self._rename(place, name, new)

    def change_case(self, place: Place, pick: int) -> None:
        name = place.file(pick)
        if name is not None and not os.path.lexists(place.path(name.swapcase())):
            self._rename(place, name, name.swapcase())

    def swap(self, place: Place, pick: int, other: int) -> None:
        one, two = place.file(pick), place.file(other)
        if one is None or two is None or one == two:
            return
        os.rename(place.path(one), place.aside)
        os.rename(place.path(two), place.path(one))
        os.rename(place.aside, place.path(two))
        files = place.files
        files[one], files[two] = files[two], files[one]
        for name in (one, two):
            files[name].is_loose |= self.is_excluded(one) or self.is_excluded(two)
            self._occupy(place, name)

    def rename_in_a_chain(self, place: Place, picks: list[int], to: int, over: bool) -> None:
        """a → b → c → a new name, or over the last one, which is then lost."""
        names = list(dict.fromkeys(place.file(pick) for pick in picks))
        last = place.free_name(to)
        if None in names or (last is None and not over):
            return
        chain = [name for name in names if name is not None] + ([] if over or last is None else [last])
        for name, new in reversed(list(pairwise(chain))):
            self._rename(place, name, new)

    def move(self, source: Place, target: Place, pick: int, to: int) -> None:
        """Move a file to the other folder."""
        name, new = source.file(pick), target.free_name(to)
        if name is None or new is None:
            return
        os.makedirs(os.path.dirname(target.path(new)), exist_ok=True)
        shutil.move(os.fsdecode(source.path(name)), os.fsdecode(target.path(new)))
        file = target.files[new] = source.files.pop(name)
        # Across drives the content tells, if nothing else has it; a name that was known before is that photo again.
        # So is one whose place a hard link has taken: whose twin that is cannot be told, and it passes for new content.
        file.is_loose |= self.drive.is_real or self.has_links or new in target.used or self.is_excluded(name)
        self.moved_between = True
        self._occupy(target, new)

    def move_a_directory(self, place: Place, pick: int, number: int) -> None:
        directories = sorted({name.split(b"/")[0] for name in place.files if b"/" in name})
        new = b"moved %d" % number
        if not directories or os.path.lexists(place.path(new)):
            return
        old = directories[pick % len(directories)]
        os.rename(place.path(old), place.path(new))
        for name in [name for name in place.files if name.startswith(old + b"/")]:
            moved = new + name[len(old) :]
            place.files[moved] = place.files.pop(name)
            place.files[moved].is_loose |= self.is_excluded(name)
            self._occupy(place, moved)

    # Twins

    def copy(self, source: Place, target: Place, pick: int, to: int, delete: bool) -> None:
        name, new = source.file(pick), target.free_name(to)
        if name is None or new is None:
            return
        self._write(target, new, source.files[name].content)
        target.files[new].is_loose = True
        if delete:
            os.unlink(source.path(name))
            del source.files[name]

    def hard_link(self, source: Place, target: Place, pick: int, to: int, before: Callable[[], None]) -> None:
        name, new = source.file(pick), target.free_name(to)
        if name is None or new is None or (self.drive.is_real and source is not target):
            return
        before()
        self.has_links = True
        os.makedirs(os.path.dirname(target.path(new)), exist_ok=True)
        os.link(source.path(name), target.path(new))
        target.files[new] = source.files[name]
        target.files[new].is_loose = True
        target.used.add(new)

    # Deleted

    def delete(self, place: Place, picks: list[int]) -> None:
        for name in [place.file(pick) for pick in picks]:
            if name in place.files:
                os.unlink(place.path(name))
                del place.files[name]

    def delete_a_directory(self, place: Place, pick: int) -> None:
        directories = sorted({os.path.dirname(name) for name in place.files})
        if directories:
            chosen = directories[pick % len(directories)]
            for name in [name for name in place.files if os.path.dirname(name) == chosen]:
                os.unlink(place.path(name))
                del place.files[name]
