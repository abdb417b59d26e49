"""Photos found by their names, folders, cameras, dates and what their files say: all of them, however many fit.

First those whose name the words are, then those in which every word is a whole word or the date fits, then those in
which some word is a part of one; each the newest first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.word_lines import EXACT, SHORT, WHOLE, Fits
from photofind.core.catalog.words import Lines
from photofind.core.records.arrays import Ids
from photofind.core.records.words import Term, Understood

# A shorter phrase is one word, and is looked for as that.
_LEAST_PHRASE = 3


def find_named(catalog: Catalog, asked: Understood) -> Ids:
    """Return the ids of all photos that fit by name or date, best first."""
    search = _Search(catalog, asked)
    found = [fitting for lines in catalog.words.read() for fitting in search.fit(lines)]
    fits_by_id = np.zeros(max((int(ids.max(initial=-1)) for ids, _ in found), default=-1) + 1, np.uint8)
    for ids, fits in found:
        fits_by_id[ids] = np.maximum(fits_by_id[ids], fits)
    ordered = catalog.newest.among(np.flatnonzero(fits_by_id))
    return ordered[np.argsort(EXACT - fits_by_id[ordered], kind="stable")]


class _Search:
    """One query; what was taken when is read once."""

    def __init__(self, catalog: Catalog, asked: Understood) -> None:
        # What is longer fits fewer photos, so that there is less to read through for the rest.
        self._terms = sorted(asked.terms, key=_length, reverse=True)
        self._phrase = asked.phrase
        self._taken = {term.taken: catalog.photos.taken(term.taken) for term in asked.terms if term.taken}

    def fit(self, lines: Lines) -> Iterator[tuple[Ids, Fits]]:
        """Yield ids and how well they fit, 0 where they do not; photos come more than once."""
        if not self._terms:
            return
        fitting, fits = self._fit_terms(lines)
        yield fitting.photo_ids, fits
        if self._is_phrase:
            lines = lines if self._begins_short else fitting
            yield lines.photo_ids, lines.fit(self._phrase)

    def _fit_terms(self, lines: Lines) -> tuple[Lines, Fits]:
        fits = np.full(len(lines.photo_ids), EXACT, np.uint8)
        for term in self._terms:
            lines, fits = lines.narrow(np.minimum(fits, self._fit_term(lines, term)))
        return lines, fits

    def _fit_term(self, lines: Lines, term: Term) -> Fits:
        fits = np.full(len(lines.photo_ids), EXACT if term.words else 0, np.uint8)
        for word in term.words:
            if fits.any():
                fits = np.minimum(fits, lines.fit(word))
        if term.taken:
            is_taken = _is_one_of(lines.photo_ids, self._taken[term.taken])
            fits = np.maximum(fits, np.where(is_taken, WHOLE, 0).astype(np.uint8))
        return fits

    @property
    def _is_phrase(self) -> bool:
        """Whether all that was typed is more than its one word."""
        is_word = [term.words for term in self._terms] == [(self._phrase,)]
        return not is_word and len(self._phrase[0].decode()) >= _LEAST_PHRASE

    @property
    def _begins_short(self) -> bool:
        """Whether the phrase may be where its first word, by itself, is not looked for: in the middle of another."""
        return any(len(form.split(maxsplit=1)[0].decode()) < SHORT for form in self._phrase)


def _length(term: Term) -> int:
    return max((len(form) for word in term.words for form in word), default=0)


def _is_one_of(photo_ids: Ids, some: Ids) -> npt.NDArray[np.bool_]:
    """Tell of each photo whether it is one of some."""
    is_one = np.zeros(max(photo_ids.max(initial=0), some.max(initial=0)) + 1, np.bool_)
    is_one[some] = True
    return is_one[photo_ids]
