"""The words of photos as lines of bytes, 64 photos to a block, and how words are found in them.

    /photos/norway 2019/img 0042 jpg⇥canon eos 6d⇥␋oslo⇥norway⇥⏎

First name and folders, beginning with the watched one, then the camera, and behind the ␋ what the file says of
itself. Reading through all lines takes 3 ms for 100,000 photos, and finds any part of any name in any script.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from photofind.core.catalog.plain import forms, is_within_words
from photofind.core.records.arrays import Ids
from photofind.core.records.names import name_text
from photofind.core.records.words import Forms

LINES_A_BLOCK: Final = 64
# How well a word fits a photo: in it, as a word of it, as the very name.
PART, WHOLE, EXACT = 1, 2, 3
Fits = npt.NDArray[np.uint8]
_FIELD, _SAID, _END = b"\t", b"\v", b"\n"
_MARK = b"\x01"
_MOST_SAID = 1_000
# A part of a word that is shorter has to be its beginning.
SHORT: Final = 3
_MOST_ZEROS = 8
# A word that is in a sixteenth of the text as often as in a fifth of all lines.
_SAMPLED, _OFTEN = 16, 0.2
# Letters of .jpeg, .tiff and their like, and one more.
_LONGEST_ENDING = 5

_GAP, _LETTER, _DIGIT = 0, 1, 2
_KINDS = np.zeros(256, np.uint8)
_KINDS[ord("a") : ord("z") + 1] = _LETTER
_KINDS[0x80:] = _LETTER
_KINDS[ord("0") : ord("9") + 1] = _DIGIT


def photo_line(folder: bytes, path: bytes, camera: str | None, said: str | None) -> bytes:
    """Return a photo's line, without its end; `path` is relative to `folder`, `said` has one saying a line."""
    place = name_text(os.path.basename(folder) + b"/" + path)
    names = b"".join(b"/%b%b" % (form.lstrip(b"/"), _FIELD) for form in forms(place))
    return b"%b%b%b%b" % (names, _without_slashes(camera or ""), _SAID, _sayings(said or ""))


def _sayings(said: str) -> bytes:
    """Return what is kept of what a file says: the short before the long, so that it is a caption that is cut."""
    kept, length = [], 0
    for saying in sorted(said.split("\n"), key=len):
        kept.append(_without_slashes(saying[: _MOST_SAID - length]))
        length += len(saying)
        if length >= _MOST_SAID:
            break
    return b"".join(kept)


def _without_slashes(text: str) -> bytes:
    return b"".join(form + _FIELD for form in forms(text.replace("/", " ").replace("\\", " ")) if form.strip())


def _is_whole(block: bytes) -> bool:
    return block.count(_END) == LINES_A_BLOCK and block.endswith(_END)


def empty_lines() -> list[bytes]:
    """Return the lines of a block that no photo is in."""
    return [b""] * LINES_A_BLOCK


def join_lines(lines: Sequence[bytes]) -> bytes:
    """Return a block of lines."""
    return _END.join(lines) + _END


def split_lines(block: bytes) -> list[bytes]:
    """Return the lines of a block."""
    return block.split(_END)[:-1]


class WordLines:
    """The lines of some blocks, given by their numbers; `photo_ids` are those of the lines [n], in their order."""

    def __init__(self, blocks: Sequence[tuple[int, bytes]]) -> None:
        blocks = [(number, block) for number, block in blocks if _is_whole(block)]
        self._text = b"".join([block for _, block in blocks])
        self._bytes = np.frombuffer(self._text, np.uint8)
        self._ends: Ids = np.flatnonzero(self._bytes == ord(_END))
        first = np.array([number for number, _ in blocks], np.int64) * LINES_A_BLOCK
        self.photo_ids: Ids = (first[:, np.newaxis] + np.arange(LINES_A_BLOCK)).ravel()

    def fit(self, word: Forms) -> Fits:
        """Return how well a word, in the best of its forms, fits each line [n]: 0, `PART`, `WHOLE` or `EXACT`."""
        found = np.zeros(len(self.photo_ids), np.uint8)
        for form in word:
            for fits, lines in enumerate(self._find(form), PART):
                found[lines] = np.maximum(found[lines], fits)
        return found

    def narrow(self, fits: Fits) -> tuple[WordLines, Fits]:
        """Return the blocks in which some line fits, and how well; all of them where those are most."""
        needed = np.flatnonzero(fits.reshape(-1, LINES_A_BLOCK).any(axis=1))
        if 2 * len(needed) * LINES_A_BLOCK > len(fits):
            return self, fits
        bounds = np.concatenate([[0], self._ends[LINES_A_BLOCK - 1 :: LINES_A_BLOCK] + 1])
        numbers = self.photo_ids[needed * LINES_A_BLOCK] // LINES_A_BLOCK
        parts = zip(numbers.tolist(), bounds[needed].tolist(), bounds[needed + 1].tolist(), strict=True)
        narrower = WordLines([(number, self._text[start:end]) for number, start, end in parts])
        return narrower, fits.reshape(-1, LINES_A_BLOCK)[needed].ravel()

    @cached_property
    def _said_from(self) -> Ids:
        """Where in the text each line has what the file says."""
        places = np.flatnonzero(self._bytes == ord(_SAID))
        found = np.full(len(self._ends), len(self._bytes), np.int64)
        found[np.searchsorted(self._ends, places)] = places
        return found

    def _find(self, form: bytes) -> tuple[Ids, Ids, Ids]:
        """Return the lines that a form is in as a part, as a whole word, and as the name."""
        places = self._places(form)
        if not len(places):
            return places, places, places
        lines = np.searchsorted(self._ends, places)
        before, after = _KINDS[self._bytes[places - 1]], _KINDS[self._bytes[places + len(form)]]
        text = form.decode()
        if not is_within_words(text):
            is_kept = places < self._said_from[lines]
            is_kept |= (before == _GAP) | (_KINDS[form[0]] == _GAP)
            if len(text) < SHORT:
                is_kept &= self._begins(places, form)
            places, lines, before, after = places[is_kept], lines[is_kept], before[is_kept], after[is_kept]
        is_whole = (before == _GAP) & (after == _GAP)
        places, whole = places[is_whole], lines[is_whole]
        return lines, whole, whole[self._are_names(places, places + len(form))]

    def _places(self, form: bytes) -> Ids:
        """Return where a form is in the text; where it is often, it is faster to write marks there."""
        sample = self._text.count(form, 0, len(self._text) // _SAMPLED)
        if sample * _SAMPLED < _OFTEN * len(self.photo_ids):
            return np.array([match.start() for match in re.finditer(re.escape(form), self._text)], np.int64)
        marked = np.frombuffer(self._text.replace(form, _MARK + form[1:]), np.uint8)
        return np.flatnonzero(marked == ord(_MARK))

    def _are_names(self, starts: Ids, ends: Ids) -> npt.NDArray[np.bool_]:
        """Tell which stretches are a name with or without its ending; folders may be before it."""
        is_name = self._bytes[ends] == ord(_FIELD)
        rest = np.flatnonzero(self._bytes[ends] == ord(" "))
        for length in range(1, _LONGEST_ENDING + 2):
            following = self._bytes[ends[rest] + length]
            is_name[rest[following == ord(_FIELD)]] = True
            rest = rest[_KINDS[following] != _GAP]
        return np.asarray(is_name & (self._bytes[starts - 1] == ord("/")))

    def _begins(self, places: Ids, form: bytes) -> npt.NDArray[np.bool_]:
        """Tell where a word begins, or letters after digits, or digits after letters, zeros before them or not."""
        kind, begins = _KINDS[form[0]], places.copy()
        after_zeros = np.arange(len(places)) if kind == _DIGIT else np.empty(0, np.int64)
        for _ in range(_MOST_ZEROS):
            after_zeros = after_zeros[self._bytes[begins[after_zeros] - 1] == ord("0")]
            begins[after_zeros] -= 1
        return np.asarray(_KINDS[self._bytes[begins - 1]] != kind)
