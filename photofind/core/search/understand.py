"""From what a person types to what photos' names and dates have to fit; what it looks like is another matter.

A date is always read as words too: “2018” is when a photo was taken, and a part of IMG_2018.
"""

from __future__ import annotations

from collections.abc import Sequence

from photofind.core.catalog.plain import forms
from photofind.core.records.query import MAX_CHARACTERS
from photofind.core.records.words import Forms, Term, Understood
from photofind.core.search.dates import find_dates, split_tokens
from photofind.core.search.small_words import small_words

_AT_WORDS = b" /"


def understand(text: str, language: str) -> Understood:
    """Return a query's terms and phrase; words are written in `language`, given as de_AT, or in English."""
    text = text[:MAX_CHARACTERS].strip()
    tokens = split_tokens(text)
    terms, place = [], 0
    for found in find_dates(tokens, language):
        terms += [Term((word,)) for word in _words(tokens[place : found.start])]
        terms.append(Term(tuple(_words(tokens[found.start : found.end])), found.taken))
        place = found.end
    terms += [Term((word,)) for word in _words(tokens[place:])]
    phrase = tuple(form.strip(_AT_WORDS) for form in forms(text))
    return Understood(_without_small(terms, language), phrase)


def _words(tokens: Sequence[str]) -> list[Forms]:
    """Return the words in tokens, without what stands before and after them; a token of nothing else is none."""
    words = (tuple(form.strip(_AT_WORDS) for form in forms(token)) for token in tokens)
    return [word for word in words if word[0]]


def _without_small(terms: Sequence[Term], language: str) -> tuple[Term, ...]:
    """Leave out the words that say nothing, unless there are no others, and those that come again."""
    small = small_words(language)
    told = [term for term in terms if term.taken or not any(form in small for form in term.words[0])]
    return tuple(dict.fromkeys(told or terms))
