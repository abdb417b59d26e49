"""What is to be done with photos, and what a step of it did."""

from __future__ import annotations

from dataclasses import dataclass

from photofind.core.records.arrays import Pixels
from photofind.core.records.decoded import Fingerprint


@dataclass(frozen=True, slots=True)
class PendingPhoto:
    """A photo that waits for its embedding; `path` is absolute, the fingerprint that of the last scan."""

    id: int
    path: bytes
    folder_id: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class DueThumbnail:
    """A photo to embed from its thumbnail; `size` is the original's upright width and height in pixels."""

    photo_id: int
    content_hash: bytes
    size: tuple[int, int]
    jpeg: bytes


DecodedThumbnail = tuple[DueThumbnail, Pixels | None]
# A JPEG, and its photo's upright width and height in pixels: what an engine is tried on.
TrialThumbnail = tuple[bytes, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class StoreResult:
    """How many photos were embedded, took over a known embedding, were recognised as moved, or failed.

    `to_sync`: folders of which files were not there any more.
    """

    embedded: int = 0
    reused: int = 0
    moved: int = 0
    failed: int = 0
    to_sync: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync changed, in photos; `online` is False where the folder could not be reached.

    `missing` photos were not there, but too many of them to be taken for deleted.
    """

    online: bool = True
    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0
    missing: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.updated or self.moved or self.removed or self.missing)
