"""Whether what lies at a place are the photos that are known, or others of the same names (reads the disk).

Cameras name the photos of every card alike, and burn some of one size; so the contents are compared, and a place is
taken for the known one only where more speaks for it than against it. What is not there speaks against it as long as
little is: a camera empties a card, but of another card few photos are the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from photofind.core.disk.scan import is_placeholder
from photofind.core.photos.ends import hash_of, read_ends
from photofind.core.records.photos import KnownPhoto

# A library of an earlier version knows whole contents only, of which so much is read at most.
_MOST_BYTES_READ_WHOLE = 64 << 20
# So many photos that have become others contradict a person; so many that are the same, and no other, are proof.
_TELLING = 10


@dataclass(slots=True)
class Likeness:
    """How many photos are what they were, have become others, may be either, and are not there.

    `of_one_size`: of all that are there, those with the size that they had.
    """

    alike: int = 0
    other: int = 0
    unsure: int = 0
    absent: int = 0
    of_one_size: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether the place is the known one: one photo that is the same is no proof where others are not."""
        return self.alike > self.other + self.absent or (self.other == 0 and self.alike >= _TELLING)

    @property
    def has_known_names(self) -> bool:
        """Whether anything lies where the photos should, as on another card of the same camera."""
        return self.alike + self.other + self.unsure > 0

    @property
    def is_likely(self) -> bool:
        """Whether the place may be taken for the known one where the person says so, who may be mistaken."""
        return self.of_one_size > 0 and (self.other < _TELLING or self.alike > self.other)


def compare(photos: Sequence[KnownPhoto], place: bytes) -> Likeness:
    """Compare the photos that should lie at a place with those that do."""
    found, budget = Likeness(), _MOST_BYTES_READ_WHOLE
    for photo in photos:
        path = os.path.join(place, photo.path)
        try:
            stat = os.stat(path)
        except OSError:
            found.absent += 1
            continue
        if stat.st_size != photo.size:
            found.other += 1
            continue
        found.of_one_size += 1
        is_alike = None if is_placeholder(stat) else _is_alike(photo, path, budget)
        budget -= photo.size if is_alike is not None and not photo.ends else 0
        if is_alike is None and not photo.content_hash and stat.st_mtime_ns == photo.mtime_ns:
            is_alike = True  # never opened: nothing better is known of it
        found.alike += is_alike is True
        found.other += is_alike is False
        found.unsure += is_alike is None
    return found


def _is_alike(photo: KnownPhoto, path: bytes, most_bytes: int) -> bool | None:
    """Compare contents; None where nothing is known of them, or they cannot be read."""
    try:
        if photo.ends:
            return read_ends(path) == photo.ends
        if photo.content_hash and photo.size <= most_bytes:
            with open(path, "rb") as file:
                return hash_of(file.read(photo.size + 1)) == photo.content_hash
    except OSError:
        return None
    return None
