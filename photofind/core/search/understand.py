"""From what a person types to what photos' names and dates have to fit; what it looks like is another matter.

A date is always read as words too: “2018” is when a photo was taken, and a part of IMG_2018.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from photofind.core.catalog.plain import forms
from photofind.core.records.names import name_text
from photofind.core.records.query import MAX_CHARACTERS
from photofind.core.records.words import Forms, Term, Understood
from photofind.core.search.dates import find_dates, split_tokens
from photofind.core.search.small_words import small_words

_AT_WORDS = b" /"
# As in IMG0042 and IMG_0042; of fewer signs there would be too many.
_TOGETHER, _APART = re.compile(rb"([a-z]{3})([0-9]{3})"), re.compile(rb"([a-z]{3}) ([0-9]{3})")


def understand(text: str, language: str) -> Understood:
    """Return a query's terms and phrase; words are written in `language`, given as de_AT, or in English."""
    text = text.strip()[:MAX_CHARACTERS]
    tokens = split_tokens(text)
    terms, place = [], 0
    for found in find_dates(tokens, language):
        terms += [Term((word,)) for word in _words(tokens[place : found.start])]
        terms.append(Term(tuple(_words(tokens[found.start : found.end])), found.taken))
        place = found.end
    terms += [Term((word,)) for word in _words(tokens[place:])]
    return Understood(_without_small(terms, language), _forms(text))


def without_place(path: str, folders: Iterable[bytes]) -> str:
    """Return the path of a photo as its name is kept: from its watched folder on; any other text as it is."""
    for folder in sorted(map(name_text, folders), reverse=True):
        if os.path.normcase(os.path.join(path, "")).startswith(os.path.normcase(os.path.join(folder, ""))):
            return path[len(os.path.dirname(folder)) :]
    return path


def _words(tokens: Sequence[str]) -> list[Forms]:
    """Return the words in tokens, without what stands before and after them; a token of nothing else is none."""
    words = (_forms(token) for token in tokens)
    return [word for word in words if word[0]]


def _forms(text: str) -> Forms:
    """Return the forms of words; what a camera's letters and its number are parted by may be more or less than that."""
    found = [form.strip(_AT_WORDS) for form in forms(text)]
    found += [_TOGETHER.sub(rb"\1 \2", form) for form in found] + [_APART.sub(rb"\1\2", form) for form in found]
    return tuple(dict.fromkeys(found))


def _without_small(terms: Sequence[Term], language: str) -> tuple[Term, ...]:
    """Leave out the words that say nothing, unless there are no others, and those that come again."""
    small = small_words(language)
    told = [term for term in terms if term.taken or not any(form in small for form in term.words[0])]
    return tuple(dict.fromkeys(told or terms))
