"""The records that core, background and gui pass to each other: frozen, small, free of behaviour."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]


def display_name(path: bytes) -> str:
    """Return a printable form of a file name or path given as bytes.

    Bytes that are no text become �; control and bidi-override characters, which could make a
    name look like another one, become � too (DESIGN invariant 10).
    """
    text = path.decode("utf-8", "replace") if os.name == "posix" else os.fsdecode(path)
    if text.isprintable():  # nearly all are, and every photo's name comes by here
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder; `path` is absolute, as `os.fsencode` bytes.

    `drive` is the name of the drive it lies on, empty for the system's own. `missing` photos were not
    there at the last look, but too many at once to be taken for deleted; `in_cloud` ones are placeholders
    whose content is not on this computer.
    """

    id: int
    path: bytes
    online: bool
    photos: int
    pending: int
    failed: int
    drive: str = ""
    missing: int = 0
    in_cloud: int = 0


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of the library as the grid and the command line show it.

    `path` is absolute, as bytes; width and height are upright pixels; `taken` is local time
    as ISO 8601 text, or None; `online` is False while its folder, or the file, cannot be reached.
    `drive` is the name of the drive it lies on; `flaw` says what is damaged in it, empty where nothing is.
    """

    id: int
    path: bytes
    folder: bytes
    width: int | None
    height: int | None
    taken: str | None
    camera: str | None
    online: bool
    drive: str = ""
    flaw: str = ""

    @property
    def name(self) -> str:
        """The file's name for display."""
        return display_name(os.path.basename(self.path))


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo with its thumbnail: upright sRGB pixels [h, w, 3], or None where none is made yet."""

    photo: Photo
    thumbnail: Pixels | None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be indexed, why, and since when (seconds since 1970)."""

    path: bytes
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class ExclusionPreview:
    """What exclusions would leave out: `dropped` of `total` known photos, and some of their paths."""

    dropped: int
    total: int
    examples: list[bytes]


@dataclass(frozen=True, slots=True)
class Query:
    """What the person asks: words, a picture from outside, or one of the library's photos.

    At most one of the three is set; none at all asks for the newest photos.
    `picture` is a file's path or the bytes of an image file (a pasted image).
    """

    text: str = ""
    picture: Path | bytes | None = None
    photo_id: int | None = None
    limit: int = 1000


class Why(IntEnum):
    """Why a photo is among the hits."""

    LOOKS = 0  # the picture itself fits the query
    NAME = 1  # its name, folder, date or camera holds the words
    NEWEST = 2  # there was no query


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer: hits in order, best first; the first `likely` of them are likely matches.

    Arrays have equal length n: photo_ids int64, scores float32 (cosine, higher is better; NaN
    where the order is by date), whys uint8 (`Why`). `searched` of `total` readable photos were
    embedded when the answer was made; `seconds` is the time it took. `note` is a sentence for the person
    where the answer needs one, else empty. `picture` is a thumbnail of the query's picture, uint8
    [h, w, 3], where one was given.
    """

    query: Query
    photo_ids: Ids
    scores: Vectors
    whys: Pixels
    likely: int
    searched: int
    total: int
    model: str
    seconds: float
    note: str = ""
    picture: Pixels | None = None


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model that can be chosen: `name` is what `use_model` takes; sizes in bytes, 0 for what is built in.

    Photos are embedded for the one `in_use`; another one `answers` queries while a change runs. `loaded_bytes` are
    there from a download that has not ended. Of installed ones: `images_per_second` that it reaches alone on this
    computer's processor, None before it was tried; `to_embed` photos that lack its vector. `kept_vectors` are what
    the library keeps of it. One `for_similar` stands beside the others: it is `in_use` for Find similar, and
    `answers` once it has seen every photo.
    """

    name: str
    installed: bool
    in_use: bool
    license: str
    download_bytes: int
    dim: int
    good_for: str
    languages: str = ""
    loaded_bytes: int = 0
    images_per_second: float | None = None
    to_embed: int = 0
    kept_vectors: int = 0
    kept_bytes: int = 0
    answers: bool = False
    for_similar: bool = False


State = Literal[
    "opening", "scanning", "fitting", "loading", "embedding", "similar", "idle", "paused", "halted", "damaged"
]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the library stands; posted at most about ten times a second.

    `photos` = embedded + pending + failed. Rate and time left are None until they are known.
    `model` answers queries; `next_model` is the one being embedded for while a change of model
    runs, else None. The state is "similar" while photos are embedded for Find similar, as `similar` of
    them are; rate and time left are of that then. `note` is a sentence for the person while `state` is "halted" or
    "damaged", else empty.
    """

    state: State
    photos: int
    embedded: int
    pending: int
    failed: int
    offline: int
    images_per_second: float | None
    seconds_left: float | None
    device: str
    engine: str
    model: str
    next_model: str | None
    note: str = ""
    similar: int = 0
