"""The places of the test of library states: pictures, watched folders of them, and a drive that goes and comes back.

The drive is a real one where root may mount; else it is a folder that is renamed away.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from tests.mounts import mount, unmount
from tests.odd_names import ODD_NAMES

FORMATS = {"JPEG": b".jpg", "PNG": b".png", "WEBP": b".webp", "BMP": b".bmp", "GIF": b".gif", "TIFF": b".tif"}
DIRECTORIES = (b"", b"", b"a", b"a/b", b"c")
NAMES = (*ODD_NAMES.values(), *(b"photo %d.jpg" % number for number in range(len(ODD_NAMES))))


@cache
def picture(number: int) -> bytes:
    """Return an image file like no other: a patchwork, each number in another format."""
    patches = np.random.default_rng(number).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    made = io.BytesIO()
    image = Image.fromarray(patches).resize((64, 48), Image.Resampling.NEAREST)
    image.save(made, list(FORMATS)[number % len(FORMATS)])
    return made.getvalue()


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

    @property
    def aside(self) -> bytes:
        return self.path(b".being written")

    def free_name(self, pick: int) -> bytes | None:
        name = os.path.join(DIRECTORIES[pick % len(DIRECTORIES)], NAMES[pick % len(NAMES)])
        return None if os.path.lexists(self.path(name)) else name

    def file(self, pick: int) -> bytes | None:
        return sorted(self.files)[pick % len(self.files)] if self.files else None


class Drive(Place):
    """A watched folder that can be unplugged: its files are then at `hidden`, and `other` may be in its place."""

    def __init__(self, home: Path, is_real: bool) -> None:
        root, hidden = os.fsencode(home / "drive"), os.fsencode(home / "hidden")
        super().__init__(root, hidden if is_real else root)
        self.is_real = is_real
        self.is_plugged = True
        self.hidden, self.other = home / "hidden", home / "other"
        os.mkdir(root)
        if is_real:
            for volume in (self.hidden, self.other):
                volume.mkdir()
                mount("-t", "tmpfs", "photofind-test", volume)
            mount("--bind", self.hidden, os.fsdecode(root))
        self.other.mkdir(exist_ok=True)
        for number in range(3):
            (self.other / f"other {number}.jpg").write_bytes(picture(10_000 + number))

    def unplug(self, leaves: str) -> None:
        self.is_plugged = False
        root = Path(os.fsdecode(self.root))
        if self.is_real:
            unmount(root)
            if leaves == "another drive":
                mount("--bind", self.other, root)
            elif leaves == "nothing":
                root.rmdir()
            return
        root.rename(self.hidden)
        self.files_at = os.fsencode(self.hidden)
        if leaves == "another drive":
            self.other.rename(root)
        elif leaves == "an empty folder":
            root.mkdir()

    def plug(self) -> None:
        if self.is_plugged:
            return
        self.is_plugged = True
        root = Path(os.fsdecode(self.root))
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
        self.files_at = self.root
