"""What a text asks for: its known words become looks, and the looks a vector among those of the pictures.

The vector is that of the ideal picture: "red" is one that is red everywhere, "red left" one whose left half
is red and whose right half is not. Words that name no look ("a", "photo", "of", "dog") are passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Final

import numpy as np

from photofind.core.encoders.quick_look_colours import COLOURS, TONES
from photofind.core.encoders.quick_look_space import GRID, LAYOUT_DIM, MOODS, join_blocks
from photofind.core.encoders.quick_look_words import (
    COLOUR_WORDS,
    PHRASES,
    PLACE_WORDS,
    TONE_PREFIXES,
    TONE_WORDS,
    Look,
)
from photofind.core.records.arrays import Vectors

_GERMAN_ENDINGS: Final = ("", "e", "em", "en", "er", "es")
_TOP: Final = np.repeat([1.0, 0.6, -0.6, -1.0], GRID)
_LEFT: Final = np.tile([1.0, 0.6, -0.6, -1.0], GRID)
_INNER: Final = np.outer([0, 1, 1, 0], [0, 1, 1, 0]).ravel()
# How much each cell of the grid speaks for a place (above 0) or against it; "" is anywhere.
_PLACES: Final = {
    "": np.ones(GRID * GRID),
    "top": _TOP,
    "bottom": -_TOP,
    "left": _LEFT,
    "right": -_LEFT,
    "centre": _INNER - (1 - _INNER) / 3,
    "around": 1.0 - _INNER,
}
# Where a place or a tone is asked for, the colour alone counts less.
_PLACED, _TONED = 0.5, 0.5


def knows(text: str) -> bool:
    """Return whether quick look understands any word of the text."""
    return bool(_read_looks(text))


def encode_text(text: str) -> Vectors:
    """Return the text's unit vector [DIM]; without a known word, at right angles to all pictures."""
    colours = np.zeros(len(COLOURS), np.float32)
    shades = np.zeros((len(COLOURS), len(TONES)), np.float32)
    places = np.zeros((GRID * GRID, len(COLOURS)), np.float32)
    moods = np.zeros(len(MOODS), np.float32)
    for look in _read_looks(text):
        cells = _PLACES[look.place] / np.linalg.norm(_PLACES[look.place])
        for name, share in look.colours.items():
            *tone, colour = name.split()
            c, strength = COLOURS.index(colour), np.sqrt(share) * (_TONED if tone else 1)
            colours[c] += strength * (_PLACED if look.place else 1)
            places[:, c] += strength * cells
            if tone:
                shades[c, TONES.index(tone[0])] += np.sqrt(share) / _TONED
        for mood, strength in look.moods.items():
            moods[MOODS.index(mood)] += strength
    layout = np.zeros(LAYOUT_DIM, np.float32)
    blocks = (block.reshape(1, -1) for block in (colours, shades, places, moods, layout))
    vector: Vectors = join_blocks(*blocks)[0]
    return vector


def _read_looks(text: str) -> list[Look]:
    """Return the looks a text names; a place belongs to the look before it, else to the one after it."""
    looks: list[Look] = []
    place = ""
    for meaning in _find_meanings(_split_words(text)):
        if not isinstance(meaning, str):
            looks += [look if look.place else replace(look, place=place) for look in meaning]
            place = ""
        elif looks and not looks[-1].place:
            looks[-1] = replace(looks[-1], place=meaning)
        else:
            place = meaning
    return looks


def _find_meanings(words: list[str]) -> Iterator[str | tuple[Look, ...]]:
    """Yield what the longest known phrases mean, from left to right: a place's name or looks."""
    vocabulary, longest = _vocabulary()
    start = 0
    while start < len(words):
        for length in range(longest, 0, -1):
            meaning = vocabulary.get(" ".join(words[start : start + length]))
            if meaning is not None:
                yield meaning
                start += length - 1
                break
        start += 1


def _split_words(text: str) -> list[str]:
    """Return a text's words in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


@cache
def _vocabulary() -> tuple[dict[str, str | tuple[Look, ...]], int]:
    """Return what each phrase means, and how many words the longest phrase has."""
    meanings: dict[str, str | tuple[Look, ...]] = {}
    for place, words in PLACE_WORDS.items():
        meanings |= dict.fromkeys(_split_words(words), place)
    for colour, words in COLOUR_WORDS.items():
        names = list(_spell_out(words))
        meanings |= dict.fromkeys(names, (Look({colour: 1}),))
        meanings |= {phrase: (Look({f"{tone} {colour}": 1}),) for tone, phrase in _tone_phrases(names)}
    for phrases, looks in PHRASES.items():
        meanings |= {" ".join(_split_words(phrase)): looks for phrase in phrases.split(",")}
    return meanings, max(phrase.count(" ") + 1 for phrase in meanings)


def _spell_out(words: str) -> Iterator[str]:
    for word in words.split():
        (stem,) = _split_words(word)
        yield from (stem + ending for ending in (_GERMAN_ENDINGS if word.endswith("*") else ("",)))


def _tone_phrases(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (tone, phrase) for all ways to tone a colour: "dark red", "rouge foncé", "dunkelrot"."""
    for tone, words in TONE_WORDS.items():
        for word, name in product(_split_words(words), names):
            yield tone, f"{word} {name}"
            yield tone, f"{name} {word}"
    for (prefix, tone), name in product(TONE_PREFIXES.items(), names):
        yield tone, prefix + name
