"""Photos found by their names, folders, cameras, dates and what their files say: all of them, however many fit.

First those whose name the words are, then those in which every word is a whole word or the date fits, then those in
which some word is a part of one; each the newest first.
"""

from __future__ import annotations

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.word_lines import WHOLE, Fits
from photofind.core.catalog.words import Lines, Needed
from photofind.core.records.arrays import Ids
from photofind.core.records.words import Forms, Term, Understood

_EXACT = WHOLE + 1
# A shorter phrase is one word, and is looked for as that.
_LEAST_PHRASE = 3


def find_named(catalog: Catalog, asked: Understood) -> Ids:
    """Return the ids of all photos that fit by name or date, best first."""
    search = _Search(catalog, asked)
    found = [(lines.photo_ids, search.fit(lines)) for lines in catalog.words.read(search.needed)]
    ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in found)])
    fits = np.concatenate([np.empty(0, np.uint8), *(fits for _, fits in found)])
    fits_by_id = np.zeros(ids.max(initial=-1) + 1, np.uint8)
    fits_by_id[ids] = fits
    ordered = catalog.photos.in_order(np.flatnonzero(fits_by_id))
    return ordered[np.argsort(_EXACT - fits_by_id[ordered], kind="stable")]


class _Search:
    """One query; what was taken when is read once."""

    def __init__(self, catalog: Catalog, asked: Understood) -> None:
        self._asked = asked
        self._taken = {term.taken: catalog.photos.taken(term.taken) for term in asked.terms if term.taken}

    @property
    def needed(self) -> list[Needed]:
        """What a photo needs to fit each term: its words, or to be one of some photos."""
        nobody = np.empty(0, np.int64)
        return [(term.words, self._taken[term.taken] if term.taken else nobody) for term in self._asked.terms]

    def fit(self, lines: Lines) -> Fits:
        """Return how well each photo of some lines [n] fits, 0 where it does not."""
        fits = np.full(len(lines.photo_ids), WHOLE if self._asked.terms else 0, np.uint8)
        for term in self._asked.terms:
            if not fits.any():
                break
            fits = np.minimum(fits, self._fit_term(lines, term))
        phrase = lines.fit(self._asked.phrase) if self._is_phrase else fits
        if phrase.any():
            fits = np.maximum(fits, phrase)
            fits[lines.exact(_stripped(self._asked.phrase))] = _EXACT
        return fits

    def _fit_term(self, lines: Lines, term: Term) -> Fits:
        fits = np.full(len(lines.photo_ids), WHOLE if term.words else 0, np.uint8)
        for word in term.words:
            if fits.any():
                fits = np.minimum(fits, lines.fit(word))
        if term.taken:
            fits[np.isin(lines.photo_ids, self._taken[term.taken])] = WHOLE
        return fits

    @property
    def _is_phrase(self) -> bool:
        """Whether all that was typed is more than its one word."""
        is_word = self._asked.terms == (Term((self._asked.phrase,)),)
        return not is_word and len(self._asked.phrase[0].decode()) >= _LEAST_PHRASE


def _stripped(phrase: Forms) -> Forms:
    return tuple(form.strip(b" /") for form in phrase)
