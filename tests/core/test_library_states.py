"""Whatever happens to photos, folders, drives and the program: what is shown is what a plain model says.

Hypothesis makes up the events; the library, its files, the photos and, where root may mount, the
drive are real. After each sync the rule "absence is not deletion" is checked, after each `settle`
that exactly the photos on the disk are shown, each as itself, found by its own looks, embedded once.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from PIL import Image

from photofind.core import presence
from photofind.core.catalog import PendingPhoto
from photofind.core.encoders.encoder import Spec
from photofind.core.errors import PhotofindError
from photofind.core.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.images import DecodedPhoto, decode_bytes, decode_photo, open_thumbnail
from photofind.core.library import Library
from photofind.core.records import Folder, Photo, Pixels, Query
from photofind.core.sync import SyncResult
from tests.mounts import can_mount, mount, unmount, unmount_below
from tests.odd_names import ODD_NAMES

DAY_ONE = 1_600_000_000
MEMORY = Path("/dev/shm")
TINY_CLIP = Path(__file__).parents[1] / "tiny_clip"
# From so many vanished photos on, and above the share, they are held back: few enough that a test gets there.
MOST_MISSING = 4
FORMATS = {"JPEG": b".jpg", "PNG": b".png", "WEBP": b".webp", "BMP": b".bmp", "GIF": b".gif", "TIFF": b".tif"}
DIRECTORIES = (b"", b"", b"a", b"a/b", b"c")
NAMES = (*ODD_NAMES.values(), *(b"photo %d.jpg" % number for number in range(len(ODD_NAMES))))
PICKS = st.integers(0, 1000)


@cache
def picture(number: int) -> bytes:
    """Return an image file like no other: a patchwork, each number in another format."""
    patches = np.random.default_rng(number).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    made = io.BytesIO()
    image = Image.fromarray(patches).resize((64, 48), Image.Resampling.NEAREST)
    image.save(made, list(FORMATS)[number % len(FORMATS)])
    return made.getvalue()


@cache
def decoded(content: bytes, spec: Spec) -> DecodedPhoto:
    return decode_bytes(content, spec)


@dataclass(eq=False)
class Photographed:
    """A file of the model; hard links are one file at several paths. `photo_id`: what it was known as when settled.

    `is_loose`: nobody could say which photo it became, so that any identity will do.
    """

    content: bytes
    photo_id: int | None = None
    is_loose: bool = False


@dataclass
class Place:
    """A watched folder: where it is watched, where its files are now, and what is in it."""

    root: bytes
    files_at: bytes
    files: dict[bytes, Photographed] = field(default_factory=dict)
    used: set[bytes] = field(default_factory=set)

    def path(self, name: bytes) -> bytes:
        return os.path.join(self.files_at, name)


class LibraryMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="photofind-states-"))
        self.made = 0
        self.dates = 0
        self.starts = 0
        self.patterns: tuple[str, ...] = ()
        self.plugged = True
        self.changed_model = False
        self.has_links = False
        self.moved_between = False
        # Written often and synced each time: in memory where there is such a place.
        self.starts_at = Path(tempfile.mkdtemp(prefix="photofind-states-", dir=MEMORY if MEMORY.is_dir() else None))
        self.library = Library(self.starts_at / "library 0")

    # The world

    @initialize(is_real=st.booleans())
    def begin(self, is_real: bool) -> None:
        self.is_real = is_real and can_mount()
        album, drive, hidden = (os.fsencode(self.home / name) for name in ("album", "drive", "hidden"))
        os.mkdir(album)
        os.mkdir(drive)
        self.album = Place(album, album)
        self.drive = Place(drive, hidden if self.is_real else drive)
        self.hidden, self.other = Path(os.fsdecode(hidden)), self.home / "other"
        if self.is_real:
            for volume in (self.hidden, self.other):
                volume.mkdir()
                mount("-t", "tmpfs", "photofind-test", volume)
            mount("--bind", self.hidden, os.fsdecode(drive))
        self.other.mkdir(exist_ok=True)
        for number in range(3):
            (self.other / f"other {number}.jpg").write_bytes(picture(10_000 + number))
        for place in (self.album, self.drive):
            self.library.add_folder(Path(os.fsdecode(place.root)))
            for number in range(3):
                self._write(place, b"first %d.jpg" % number, self._new_picture())
            Path(os.fsdecode(place.path(b"notes.txt"))).touch()
        self.settle()

    def teardown(self) -> None:
        try:
            if hasattr(self, "drive"):
                self.plug()
                self.settle()
        finally:
            self.library.close()
            if can_mount():
                unmount_below(self.home)
            shutil.rmtree(os.fsencode(self.home))
            shutil.rmtree(self.starts_at)

    def _new_picture(self) -> bytes:
        self.made += 1
        return picture(self.made)

    def _write(self, place: Place, name: bytes, content: bytes) -> None:
        """Put a new file in a place, as other programs do: under another name first."""
        path = place.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(self._aside(place), "wb") as file:
            file.write(content)
        self._date(self._aside(place))
        os.replace(self._aside(place), path)
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
            for file in [file for place in self._places for file in place.files.values()]:
                file.is_loose = True
        place.used.add(name)

    @staticmethod
    def _aside(place: Place) -> bytes:
        return place.path(b".being written")

    def _place(self, on_drive: bool) -> Place:
        return self.drive if on_drive else self.album

    def _free_name(self, place: Place, pick: int) -> bytes | None:
        name = os.path.join(DIRECTORIES[pick % len(DIRECTORIES)], NAMES[pick % len(NAMES)])
        return None if os.path.lexists(place.path(name)) else name

    @staticmethod
    def _file(place: Place, pick: int) -> bytes | None:
        return sorted(place.files)[pick % len(place.files)] if place.files else None

    def _rename(self, place: Place, name: bytes, to: bytes) -> None:
        if place.files.get(to) is place.files[name]:
            return  # a file renamed over a hard link to itself stays where it is, says POSIX
        os.makedirs(os.path.dirname(place.path(to)), exist_ok=True)
        os.rename(place.path(name), place.path(to))
        file = place.files[to] = place.files.pop(name)
        file.is_loose |= self._is_excluded(name)
        self._occupy(place, to)

    def _is_excluded(self, name: bytes) -> bool:
        is_gif = "*.gif" in self.patterns and name.lower().endswith(b".gif")
        return is_gif or any(os.fsencode(pattern) in name.lower().split(b"/")[:-1] for pattern in self.patterns)

    # Events: files

    @rule(on_drive=st.booleans(), pick=PICKS)
    def add(self, on_drive: bool, pick: int) -> None:
        place = self._place(on_drive)
        name = self._free_name(place, pick)
        if name is not None:
            content = self._new_picture()
            stem, ending = os.path.splitext(name)
            own = stem + list(FORMATS.values())[self.made % len(FORMATS)]
            self._write(place, name if os.path.lexists(place.path(own)) or len(own) > 250 else own, content)
            assert ending

    @rule(on_drive=st.booleans(), pick=PICKS)
    def write_slowly(self, on_drive: bool, pick: int) -> None:
        place = self._place(on_drive)
        name = self._free_name(place, pick)
        if name is None:
            return
        content = self._new_picture()
        os.makedirs(os.path.dirname(place.path(name)), exist_ok=True)
        with open(place.path(name), "wb", buffering=0) as file:
            file.write(content[: len(content) // 2])
            self._sync_and_embed()
            file.write(content[len(content) // 2 :])
        self._date(place.path(name))
        place.files[name] = Photographed(content)
        self._occupy(place, name)

    @rule(on_drive=st.booleans(), pick=PICKS, in_place=st.booleans())
    def overwrite(self, on_drive: bool, pick: int, in_place: bool) -> None:
        place = self._place(on_drive)
        name = self._file(place, pick)
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

    @rule(on_drive=st.booleans(), pick=PICKS, to=PICKS)
    def rename(self, on_drive: bool, pick: int, to: int) -> None:
        place = self._place(on_drive)
        name, new = self._file(place, pick), self._free_name(place, to)
        if name is not None and new is not None:
            self._rename(place, name, new)

    @rule(on_drive=st.booleans(), pick=PICKS)
    def change_case(self, on_drive: bool, pick: int) -> None:
        place = self._place(on_drive)
        name = self._file(place, pick)
        if name is not None and not os.path.lexists(place.path(name.swapcase())):
            self._rename(place, name, name.swapcase())

    @rule(on_drive=st.booleans(), pick=PICKS, other=PICKS)
    def swap(self, on_drive: bool, pick: int, other: int) -> None:
        place = self._place(on_drive)
        one, two = self._file(place, pick), self._file(place, other)
        if one is None or two is None or one == two:
            return
        os.rename(place.path(one), self._aside(place))
        os.rename(place.path(two), place.path(one))
        os.rename(self._aside(place), place.path(two))
        files = place.files
        files[one], files[two] = files[two], files[one]
        for name in (one, two):
            files[name].is_loose |= self._is_excluded(one) or self._is_excluded(two)
            self._occupy(place, name)

    @rule(on_drive=st.booleans(), picks=st.lists(PICKS, min_size=2, max_size=4), to=PICKS, over=st.booleans())
    def rename_in_a_chain(self, on_drive: bool, picks: list[int], to: int, over: bool) -> None:
        """a → b → c → a new name, or over the last one, which is then lost."""
        place = self._place(on_drive)
        names = list(dict.fromkeys(self._file(place, pick) for pick in picks))
        last = self._free_name(place, to)
        if None in names or (last is None and not over):
            return
        chain = [name for name in names if name is not None] + ([] if over or last is None else [last])
        for name, new in reversed(list(pairwise(chain))):
            self._rename(place, name, new)

    @rule(from_drive=st.booleans(), pick=PICKS, to=PICKS)
    def move_to_the_other_folder(self, from_drive: bool, pick: int, to: int) -> None:
        source, target = self._place(from_drive), self._place(not from_drive)
        name, new = self._file(source, pick), self._free_name(target, to)
        if name is None or new is None:
            return
        os.makedirs(os.path.dirname(target.path(new)), exist_ok=True)
        shutil.move(os.fsdecode(source.path(name)), os.fsdecode(target.path(new)))
        file = target.files[new] = source.files.pop(name)
        # Across drives the content tells, if nothing else has it; a name that was known before is that photo again.
        # So is one whose place a hard link has taken: whose twin that is cannot be told, and it passes for new content.
        file.is_loose |= self.is_real or self.has_links or new in target.used or self._is_excluded(name)
        self.moved_between = True
        self._occupy(target, new)

    @rule(on_drive=st.booleans(), pick=PICKS, number=PICKS)
    def move_a_directory(self, on_drive: bool, pick: int, number: int) -> None:
        place = self._place(on_drive)
        directories = sorted({name.split(b"/")[0] for name in place.files if b"/" in name})
        new = b"moved %d" % number
        if not directories or os.path.lexists(place.path(new)):
            return
        old = directories[pick % len(directories)]
        os.rename(place.path(old), place.path(new))
        for name in [name for name in place.files if name.startswith(old + b"/")]:
            moved = new + name[len(old) :]
            place.files[moved] = place.files.pop(name)
            place.files[moved].is_loose |= self._is_excluded(name)
            self._occupy(place, moved)

    @rule(from_drive=st.booleans(), to_drive=st.booleans(), pick=PICKS, to=PICKS, delete=st.booleans())
    def copy(self, from_drive: bool, to_drive: bool, pick: int, to: int, delete: bool) -> None:
        source, target = self._place(from_drive), self._place(to_drive)
        name, new = self._file(source, pick), self._free_name(target, to)
        if name is None or new is None:
            return
        self._write(target, new, source.files[name].content)
        target.files[new].is_loose = True
        if delete:
            os.unlink(source.path(name))
            del source.files[name]

    @rule(from_drive=st.booleans(), to_drive=st.booleans(), pick=PICKS, to=PICKS)
    def hard_link(self, from_drive: bool, to_drive: bool, pick: int, to: int) -> None:
        source, target = self._place(from_drive), self._place(to_drive)
        name, new = self._file(source, pick), self._free_name(target, to)
        if name is None or new is None or (self.is_real and source is not target):
            return
        self.settle()
        self.has_links = True
        os.makedirs(os.path.dirname(target.path(new)), exist_ok=True)
        os.link(source.path(name), target.path(new))
        target.files[new] = source.files[name]
        target.files[new].is_loose = True
        target.used.add(new)

    @rule(on_drive=st.booleans(), picks=st.lists(PICKS, min_size=1, max_size=8))
    def delete(self, on_drive: bool, picks: list[int]) -> None:
        place = self._place(on_drive)
        for name in [self._file(place, pick) for pick in picks]:
            if name in place.files:
                os.unlink(place.path(name))
                del place.files[name]

    @rule(on_drive=st.booleans(), pick=PICKS)
    def delete_a_directory(self, on_drive: bool, pick: int) -> None:
        place = self._place(on_drive)
        directories = sorted({os.path.dirname(name) for name in place.files})
        if directories:
            chosen = directories[pick % len(directories)]
            for name in [name for name in place.files if os.path.dirname(name) == chosen]:
                os.unlink(place.path(name))
                del place.files[name]

    # Events: drives and places

    @precondition(lambda self: self.plugged)
    @rule(leaves=st.sampled_from(["nothing", "an empty folder", "another drive"]))
    def unplug(self, leaves: str) -> None:
        self.plugged = False
        root = Path(os.fsdecode(self.drive.root))
        if self.is_real:
            unmount(root)
            if leaves == "another drive":
                mount("--bind", self.other, root)
            elif leaves == "nothing":
                root.rmdir()
            return
        root.rename(self.hidden)
        self.drive.files_at = os.fsencode(self.hidden)
        if leaves == "another drive":
            self.other.rename(root)
        elif leaves == "an empty folder":
            root.mkdir()

    @precondition(lambda self: not self.plugged)
    @rule()
    def plug(self) -> None:
        if self.plugged:
            return
        self.plugged = True
        root = Path(os.fsdecode(self.drive.root))
        if self.is_real:
            if os.path.ismount(root):
                unmount(root)
            root.mkdir(exist_ok=True)
            mount("--bind", self.hidden, root)
            return
        if root.exists():
            if any(root.iterdir()):
                root.rename(self.other)
            else:
                root.rmdir()
        self.hidden.rename(root)
        self.drive.files_at = self.drive.root

    @rule(number=PICKS)
    def move_and_locate_the_album(self, number: int) -> None:
        """Move the whole watched folder, and say where it is now."""
        place = self.album
        new = os.fsencode(self.home / f"album {number}")
        if os.path.lexists(new):
            return
        known = self._rows(self._folder(place))
        os.rename(place.root, new)
        is_known = any(self._has_size(os.path.join(new, path), size) for path, _, size in known.values())
        try:
            folder = self.library.locate_folder(place.root, Path(os.fsdecode(new)))
        except PhotofindError:
            assert known
            assert not is_known, "some photos of it lie there"
            os.rename(new, place.root)
        else:
            assert is_known or not known
            assert folder.path == new
            place.root = place.files_at = new

    # Events: the program

    @rule(pattern=st.sampled_from([(), ("a",), ("b", "c"), ("*.gif",)]))
    def exclude(self, pattern: tuple[str, ...]) -> None:
        self.settle()
        self.patterns = pattern
        wanted = Exclusions((*DEFAULT_EXCLUSIONS.patterns, *pattern))
        preview = self.library.preview_exclusions(wanted)
        rows = [path for place in self._places for path, *_ in self._rows(self._folder(place)).values()]
        assert preview.total == len(rows)
        assert preview.dropped == sum(map(self._is_excluded, rows))
        self.library.set_exclusions(wanted)

    @precondition(lambda self: not self.changed_model)
    @rule(chance=st.integers(0, 15))
    def change_the_model(self, chance: int) -> None:
        if chance == 7:  # it takes a second
            self.changed_model = True
            self.library.use_model(str(TINY_CLIP))

    @precondition(lambda self: self.changed_model)
    @rule()
    def change_the_model_back(self) -> None:
        self.library.use_model("quick look")

    @rule(during=st.sampled_from(["nothing", "a sync", "embedding"]), steps=st.integers(0, 4))
    def crash(self, during: str, steps: int) -> None:
        """Start anew on the files as they are at this moment."""
        if during == "a sync":
            half_done = self.library.sync(self._folder(self.drive))
            for _ in range(steps):
                next(half_done, None)
        elif during == "embedding":
            self.embed_some(1 + steps)
        self.starts += 1
        there = self.starts_at / f"library {self.starts}"
        shutil.copytree(self.library.directory, there, ignore=shutil.ignore_patterns("*.lock"))
        self.library.close()
        self.library = Library(there)
        assert self.library.notice == ""

    @rule()
    def quit_and_start(self) -> None:
        self.library.close()
        self.library = Library(self.library.directory)

    @rule(on_drive=st.booleans())
    def sync_one(self, on_drive: bool) -> None:
        self._sync(self._place(on_drive))

    @rule(count=st.integers(1, 5))
    def embed_some(self, count: int) -> None:
        """Embed before the next sync: a copy may pass for a photo that was renamed since the last one."""
        self._loosen_copies()
        self._embed_some(count)

    def _loosen_copies(self) -> None:
        files = {file for place in self._places for file in place.files.values()}
        copies = Counter(file.content for file in files)
        for file in files:
            file.is_loose |= copies[file.content] > 1

    # Checks

    @rule()
    def settle(self) -> None:
        """Sync and embed everything; then all must be as the model says."""
        self._sync_and_embed()
        self.moved_between = False
        self.library.finish_model_change()
        self._check_what_is_shown()
        self._check_search()
        assert self.library.check(repair=False) == []

    @property
    def _places(self) -> tuple[Place, Place]:
        return self.album, self.drive

    def _folder(self, place: Place) -> Folder:
        return next(folder for folder in self.library.folders() if folder.path == place.root)

    def _rows(self, folder: Folder) -> dict[int, tuple[bytes, int, int]]:
        """Return path, whether missing (1 held back, 2 undecided) and size of a folder's photos, gone ones left out."""
        rows = self.library.catalog.db.execute(
            "SELECT id, path, missing, size FROM photo WHERE folder_id = ? AND gone_since IS NULL", [folder.id]
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    @staticmethod
    def _has_size(path: bytes, size: int) -> bool:
        return os.path.isfile(path) and os.stat(path).st_size == size

    def _is_away(self, folder: Folder) -> bool:
        """Say what a person would: it is not there, it is empty, or it is another drive with nothing known on it."""
        known = self._rows(folder).values()
        if not os.path.isdir(folder.path):
            return True
        if not known:
            return False
        is_same = f"{os.statvfs(folder.path).f_fsid:x}" == self.library.catalog.folder_volume(folder.id)
        is_known = any(self._has_size(os.path.join(folder.path, path), size) for path, _, size in known)
        return not os.listdir(folder.path) or not (is_same or is_known)

    def _sync(self, place: Place) -> None:
        folder = self._folder(place)
        before, is_away = self._rows(folder), self._is_away(folder)
        (result,) = (step for step in self.library.sync(folder) if isinstance(step, SyncResult))
        after = self._rows(folder)
        assert result.online == self._folder(place).online == (not is_away)
        if is_away:
            assert after == before, "of a folder that is away, all stays as it was"
            return
        left_out = {photo_id for photo_id, row in before.items() if self._is_excluded(row[0])}
        there = {photo_id for photo_id, row in after.items() if not row[1]}
        lost = {
            photo_id
            for photo_id in before.keys() - left_out - there
            if not os.path.lexists(os.path.join(folder.path, before[photo_id][0]))
        }
        held = {photo_id for photo_id, row in before.items() if row[1] == 1} - left_out
        known = len(before) - len(left_out) - len(held)
        # Another file at the path of one that is held back says nothing of the others.
        is_back = any(after[photo_id][2] == before[photo_id][2] for photo_id in held & there)
        still_held = set() if is_back else held & lost
        lost -= still_held
        is_doubtful = 0 < len(lost) == known or (len(lost) >= MOST_MISSING and len(lost) > known * 0.2)
        expected = still_held | (lost if is_doubtful else set())
        assert {photo_id for photo_id, row in after.items() if row[1]} == expected

    def _sync_and_embed(self) -> None:
        for place in self._places:
            self._sync(place)
        while self._embed_some(7):
            pass

    def _embed_some(self, count: int) -> bool:
        """Embed some photos; nothing whose vector is known is encoded, and nothing twice."""
        answers = [(photo, self._decode(photo)) for photo in self.library.pending(count)]
        # What is no longer the file that the last sync found waits for the next one, as in the program.
        results = [
            (photo, answer)
            for photo, answer in answers
            if not isinstance(answer, DecodedPhoto) or answer.fingerprint == photo.fingerprint
        ]
        wanted = {result.content_hash for _, result in results if isinstance(result, DecodedPhoto)}
        rows = self.library.catalog.db.execute(
            "SELECT p.content_hash FROM photo p JOIN embedding e ON e.photo_id = p.id WHERE e.model = ?",
            [self.library.indexing.embeddings.model],
        )
        known = {row[0] for row in rows}
        assert self.library.store(results).embedded <= len(wanted - known)
        return bool(results)

    def _decode(self, photo: PendingPhoto) -> DecodedPhoto | str | None:
        try:
            return decode_photo(photo.path, self.library.decoding_spec)
        except FileNotFoundError:
            return None
        except PhotofindError as error:
            return str(error)

    def _check_what_is_shown(self) -> None:
        shown = self.library.photos(self.library.search(Query()).photo_ids.tolist())
        for place in self._places:
            folder = self._folder(place)
            here = {os.path.relpath(photo.path, place.root): photo for photo in shown if photo.folder == place.root}
            assert here.keys() == self._readable(folder), "what is away or held back is shown all the same"
            if folder.online:
                there = dict(self._on_disk(place.root))
                assert {path for path, photo in here.items() if photo.online} == there.keys()
                self._check_looks({here[path]: content for path, content in there.items()})
                if place is self.album or self.plugged:
                    self._check_identities(place, here)
            else:
                assert not any(photo.online for photo in here.values())
        still_there = [problem.path for problem in self.library.problems() if os.path.lexists(problem.path)]
        assert still_there == [], "half a photo is a problem until the rest has come"

    def _readable(self, folder: Folder) -> set[bytes]:
        """Return the paths of photos that are not gone and were read before."""
        rows = self.library.catalog.db.execute(
            "SELECT path FROM photo WHERE folder_id = ? AND gone_since IS NULL AND width NOT NULL AND state != 2",
            [folder.id],
        )
        return {row[0] for row in rows}

    def _on_disk(self, root: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and content of every photo in a folder that is not left out."""
        for directory, _, names in os.walk(root):
            for name in names:
                path = os.path.relpath(os.path.join(directory, name), root)
                if not name.startswith(b".") and name != b"notes.txt" and not self._is_excluded(path):
                    with open(os.path.join(root, path), "rb") as file:
                        yield path, file.read()

    def _check_looks(self, photos: dict[Photo, bytes]) -> None:
        thumbnails = self.library.thumbnails.get([photo.id for photo in photos])
        for photo, content in photos.items():
            expected = open_thumbnail(decoded(content, self.library.decoding_spec).thumbnail)
            assert np.array_equal(open_thumbnail(thumbnails[photo.id]), expected), "the thumbnail of another photo"
            assert photo.flaw == ""

    def _check_identities(self, place: Place, here: dict[bytes, Photo]) -> None:
        on_disk = {name for name in place.files if not self._is_excluded(name)}
        assert {path for path, photo in here.items() if photo.online} == on_disk
        for name in on_disk:
            file, photo_id = place.files[name], here[name].id
            assert file.is_loose or file.photo_id in (None, photo_id), "a photo has become another one"
            file.photo_id = photo_id

    def _check_search(self) -> None:
        """Search by every photo's own looks: it comes first, or an exact copy of it."""
        model = self.library.answering
        self.library.catch_up(float("inf"))
        by_id = {photo.id: photo for photo in self.library.photos(self.library.search(Query()).photo_ids.tolist())}
        for photo in by_id.values():
            if not photo.online or model.embeddings.vector_of(photo.id) is None:
                continue
            with open(photo.path, "rb") as file:
                content = file.read()
            pixels: Pixels = decoded(content, model.spec).pixels
            first = by_id[int(self.library.search(Query(picture=content, limit=1), pixels).photo_ids[0])]
            hashes = self.library.catalog.db.execute(
                "SELECT count(DISTINCT content_hash) FROM photo WHERE id IN (?, ?)", [photo.id, first.id]
            )
            assert hashes.fetchone()[0] == 1, "another photo is nearer to a photo's looks than the photo itself"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_MOST_MISSING_PHOTOS", MOST_MISSING)


STABLE = settings(
    max_examples=50,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to shrink what was found takes minutes; the long test does
)


def test_what_is_shown_is_what_is_there_whatever_happens() -> None:
    run_state_machine_as_test(LibraryMachine, settings=STABLE)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_what_is_shown_is_what_is_there_whatever_happens_for_long() -> None:
    run_state_machine_as_test(
        LibraryMachine,
        settings=settings(
            STABLE,
            max_examples=300,
            stateful_step_count=60,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
        ),
    )
