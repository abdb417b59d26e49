"""Which names of months are dates by themselves, and which only beside a day or a year."""

from __future__ import annotations

import pytest

from photofind.core.search.dates import find_dates, split_tokens


def is_date(text: str, language: str) -> bool:
    tokens = split_tokens(text)
    return [(found.start, found.end) for found in find_dates(tokens, language)] == [(0, len(tokens))]


@pytest.mark.parametrize(
    ("language", "whole", "short"),
    [
        ("en_US", "February", "Feb"),
        ("de_DE", "Februar", "Feb"),
        ("de_AT", "Februar", "Feber"),
        ("de_DE", "März", "Mrz"),
        ("fr_FR", "février", "fév"),
        ("es_ES", "febrero", "feb"),
        ("nl_NL", "februari", "feb"),
        ("pl_PL", "lutym", "lut"),
        ("fi_FI", "helmikuussa", "helmi"),
    ],
)
def test_a_whole_name_is_a_month_and_a_short_one_may_be_anything(language: str, whole: str, short: str) -> None:
    assert is_date(whole, language)
    assert is_date(f"{whole} 2018", language)
    assert is_date(f"{short} 2018", language)
    assert not is_date(short, language)


@pytest.mark.parametrize("language", ["en_US", "de_DE", "ja_JP"])
def test_no_language_has_a_month_of_no_sense(language: str) -> None:
    assert not is_date("xxxx 2018", language)
