"""What a language knows of dates: the names of its months and days, and whether the day or the month comes first.

It is Babel's, of all regions where the language is spoken; and what Babel lacks: months as they are after “in”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel.core import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

from photofind.core.catalog.plain import forms

ENGLISH: Final = "en"
_BRITISH: Final = "en_GB"  # has “Sept”
_WIDTHS: Final = ("abbreviated", "wide")
# What stands between the parts of a date, and what may end one: “5 de marzo de 2018”, “5 марта 2018 г.”
BETWEEN: Final = frozenset(("of", "the", "de", "del", "di", "do", "da", "m", "nam", "พ", "ค", "ศ"))
YEARS: Final = frozenset(("г", "года", "году", "р", "року", "році", "d", "r", "roku", "gada"))

# The twelve months in the case in which they follow “in”, or as they are spelt out.
_MONTHS: Final = {
    "cs": "lednu, únoru, březnu, dubnu, květnu, červnu, červenci, srpnu, září, říjnu, listopadu, prosinci",
    "el": "Ιανουάριο, Φεβρουάριο, Μάρτιο, Απρίλιο, Μάιο, Ιούνιο, Ιούλιο, Αύγουστο, Σεπτέμβριο, Οκτώβριο, Νοέμβριο, "
    "Δεκέμβριο",
    "et": "jaanuaris, veebruaris, märtsis, aprillis, mais, juunis, juulis, augustis, septembris, oktoobris, novembris, "
    "detsembris",
    "fi": "tammikuussa, helmikuussa, maaliskuussa, huhtikuussa, toukokuussa, kesäkuussa, heinäkuussa, elokuussa, "
    "syyskuussa, lokakuussa, marraskuussa, joulukuussa",
    "hr": "siječnju, veljači, ožujku, travnju, svibnju, lipnju, srpnju, kolovozu, rujnu, listopadu, studenom, prosincu",
    "hu": "januárban, februárban, márciusban, áprilisban, májusban, júniusban, júliusban, augusztusban, "
    "szeptemberben, októberben, novemberben, decemberben",
    "lt": "sausį, vasarį, kovą, balandį, gegužę, birželį, liepą, rugpjūtį, rugsėjį, spalį, lapkritį, gruodį",
    "lv": "janvārī, februārī, martā, aprīlī, maijā, jūnijā, jūlijā, augustā, septembrī, oktobrī, novembrī, decembrī",
    "pl": "styczniu, lutym, marcu, kwietniu, maju, czerwcu, lipcu, sierpniu, wrześniu, październiku, listopadzie, "
    "grudniu",
    "ru": "январе, феврале, марте, апреле, мае, июне, июле, августе, сентябре, октябре, ноябре, декабре",
    "sk": "januári, februári, marci, apríli, máji, júni, júli, auguste, septembri, októbri, novembri, decembri",
    "sl": "januarju, februarju, marcu, aprilu, maju, juniju, juliju, avgustu, septembru, oktobru, novembru, decembru",
    "uk": "січні, лютому, березні, квітні, травні, червні, липні, серпні, вересні, жовтні, листопаді, грудні",
    "vi": "tháng giêng, tháng hai, tháng ba, tháng tư, tháng năm, tháng sáu, tháng bảy, tháng tám, tháng chín, "
    "tháng mười, tháng mười một, tháng mười hai",
}
_SHORT_MONTHS: Final = {"de": {"mrz": 3, "feber": 2}, "fr": {"fév": 2}, "vi": {"tháng một": 1, "tháng chạp": 12}}

# A name as its plain words.
Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateWords:
    """Names of months and days of the week; those of `whole` mean a month by themselves."""

    months: dict[Name, int]
    whole: frozenset[Name]
    weekdays: frozenset[Name]
    known: frozenset[str]
    is_day_first: bool
    is_thai: bool


@lru_cache(maxsize=8)
def date_words(language: str) -> DateWords:
    """Return what is known of dates in a language, given as de_AT, and in English."""
    own = _locale(language) or Locale.parse(ENGLISH)
    locales = [*_regions(own.language), Locale.parse(_BRITISH), Locale.parse(ENGLISH), own]
    months: dict[Name, int] = {}
    whole: set[Name] = set()
    for name, month, is_whole in [*_also(own.language), *(one for locale in locales for one in _months(locale))]:
        names = set(_keys(name))
        months.update(dict.fromkeys(names, month))
        whole.update(names if is_whole else ())
    weekdays = frozenset(key for locale in locales for name in _weekdays(locale) for key in _keys(name))
    known = BETWEEN | YEARS | {word for name in (*months, *weekdays) for word in name}
    return DateWords(months, frozenset(whole), weekdays, known, _is_day_first(own), own.language == "th")


def is_language(language: str) -> bool:
    """Tell whether it is known how dates are written in a language, given as de_AT."""
    return _locale(language) is not None


def _regions(language: str) -> Iterator[Locale]:
    """Yield a language as it is in all places; English is known as it is in two."""
    names = (name for name in locale_identifiers() if name.partition("_")[0] == language != ENGLISH)
    return map(Locale.parse, names)


def _months(locale: Locale) -> Iterator[tuple[str, int, bool]]:
    """Yield names of months and whether they are whole; also as Hebrew writes them, with its “in” before them."""
    before = re.search(r"[^\x00-\x7f](?=MMMM)", str(locale.date_formats["long"].pattern))
    for context in ("format", "stand-alone"):
        for width in _WIDTHS:
            for month, name in locale.months[context][width].items():
                yield name, month, width == "wide"
                if before:
                    yield before[0] + name, month, width == "wide"


def _weekdays(locale: Locale) -> Iterator[str]:
    return (name for width in _WIDTHS for name in locale.days["format"][width].values())


def _also(language: str) -> Iterator[tuple[str, int, bool]]:
    names = _MONTHS.get(language, "").split(", ")
    yield from ((name, month, True) for month, name in enumerate(names, 1) if name)
    yield from ((name, month, False) for name, month in _SHORT_MONTHS.get(language, {}).items())


def _keys(name: str) -> Iterable[Name]:
    for form in forms(name):
        words = form.decode().split()
        while words and words[0] in BETWEEN:
            del words[0]
        if not all(word.isdigit() for word in words):
            yield tuple(words)


def _locale(language: str) -> Locale | None:
    for name in (language, language.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _is_day_first(locale: Locale) -> bool:
    """Tell by how dates are written in figures; where the year comes first, by how they are written in words."""
    for width in ("short", "long"):
        pattern = re.sub(r"'[^']*'", "", str(locale.date_formats[width].pattern)).lower()
        day, month, year = (pattern.find(part) for part in "dmy")
        if year > min(day, month):
            break
    return day < month
