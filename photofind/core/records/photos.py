"""Photos and the folders they are in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

from photofind.core.records.arrays import Pixels
from photofind.core.records.names import display_name
from photofind.core.sentences.sentence import Sentence


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """A relative path in a watched folder that leads elsewhere and is not followed, and why."""

    path: bytes
    why: Sentence


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder; `path` is absolute, as `os.fsencode` bytes.

    `drive` is the name of the drive it lies on, empty for the system's own. `missing` photos were not
    there at the last look, but too many at once to be taken for deleted, or `away_inside`: with a link, or a drive
    inside the folder; `in_cloud` ones are placeholders
    whose content is not on this computer. `why_away` says why it is not online, where more is known than that.
    `links` are the relative paths of links to folders that are followed, `not_followed` what is not, of very many the
    first, and `more_not_followed` how many more. Two may have one path: drives that are connected there in turn.
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
    why_away: Sentence | None = None
    links: tuple[bytes, ...] = ()
    not_followed: tuple[NotFollowed, ...] = ()
    away_inside: int = 0
    more_not_followed: int = 0

    @property
    def shown(self) -> int:
        """How many photos a person sees: what could not be read is a problem, and told beside them."""
        return self.photos - self.failed

    @property
    def count_not_followed(self) -> int:
        """How many links and drives inside are not followed."""
        return len(self.not_followed) + self.more_not_followed

    @property
    def vanished(self) -> int:
        """How many photos are missing for no known reason: only the person can say whether they were deleted."""
        return self.missing - self.away_inside


class KnownPhoto(NamedTuple):
    """What is known of a photo's file, by its relative path; `ends` and `content_hash` once it has been opened."""

    path: bytes
    size: int
    mtime_ns: int
    ends: bytes | None
    content_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of the library as the grid and the command line show it.

    `path` is absolute, as bytes; width and height are upright pixels; `taken` is local time as ISO 8601 text, as
    exact as it is known, or None; `taken_from` is a `TakenFrom`, `zone` that time's distance from UTC, as +02:00;
    `online` is False while its folder, or the file, cannot be reached. `drive` is the name of the drive it lies on;
    `flaw` says what is damaged in it, None where nothing is.
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
    flaw: Sentence | None = None
    taken_from: str | None = None
    zone: str | None = None

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
    reason: Sentence
    since: float


# Where a page of problems ends: the kind, the folder, the row.
ProblemPlace = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """Some problems, where the next ones begin, None where there are no more, and how many there are in all.

    `unread` could not be read, of `partial` only a part, or they are folders that cannot be opened.
    """

    problems: list[Problem]
    next: ProblemPlace | None
    unread: int
    partial: int


@dataclass(frozen=True, slots=True)
class ExclusionPreview:
    """What exclusions would leave out: `dropped` of `total` known photos, and some of their paths."""

    dropped: int
    total: int
    examples: list[bytes]
