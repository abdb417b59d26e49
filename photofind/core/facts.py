"""Photos whose facts an older reader read, or whose names or sidecars are others now: read again, never embedded."""

from __future__ import annotations

from collections.abc import Sequence

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.telling import Telling
from photofind.core.records.decoded import Metadata
from photofind.core.records.work import PendingPhoto
from photofind.core.sentences.sentence import Sentence

Answer = Metadata | Sentence | None
# What the file's drive or its owner keeps back now may be had another time; these are the reader's own failures.
_FOR_GOOD = frozenset(("opening_takes_too_long", "opening_crashes", "opening_was_stopped", "picture_needs_memory"))
_WORDS_A_STEP = 1_000


class Facts:
    """What files say of photos that are embedded already; every call may raise PhotofindError.

    The owner takes what is `due`, has it read elsewhere, and hands it to `store`.
    """

    def __init__(self, catalog: Catalog, telling: Telling) -> None:
        self._catalog = catalog
        self._telling = telling

    @property
    def pending(self) -> int:
        """How many photos' facts are to be read again, those of away folders too."""
        with self._telling.reading():
            return self._catalog.facts.count_due()

    def due(self, limit: int, skip: Sequence[int]) -> list[PendingPhoto]:
        """Return photos whose facts can be read now, those in `skip` left out."""
        with self._telling.reading():
            return self._catalog.facts.due(limit, skip)

    def store(self, read: Sequence[tuple[PendingPhoto, Answer]]) -> list[PendingPhoto]:
        """Keep what was read, and what it changes of the words; return the photos that could not be read now."""
        with self._telling.writing(), self._catalog.transaction():
            there = self._catalog.photos.existing([photo.id for photo, _ in read])
            known = [(photo, answer) for photo, answer in read if photo.id in there]
            self._catalog.facts.learn([(p.id, answer) for p, answer in known if isinstance(answer, Metadata)])
            self._catalog.facts.note_read(photo.id for photo, answer in known if _is_for_good(answer))
            self._catalog.words.refresh(_WORDS_A_STEP)
        return [photo for photo, answer in known if not _is_settled(answer)]


def _is_settled(answer: Answer) -> bool:
    return isinstance(answer, Metadata) or _is_for_good(answer)


def _is_for_good(answer: Answer) -> bool:
    return isinstance(answer, Sentence) and answer.key in _FOR_GOOD
