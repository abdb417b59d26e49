"""Settings are read as older photofinds wrote them, come back as they were kept, and are worth nothing when damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photofind.core import settings
from photofind.core.catalog.catalog import Catalog
from photofind.core.settings import (
    ANSWERING,
    DEVICE,
    EMBED_FROM,
    ENDED,
    EXCLUSIONS,
    FOLDER_OF,
    INDEXING,
    LANGUAGE,
    LIBRARY,
    MADE_BY,
    MISSING_SHARE,
    SIMILAR,
    SIMILAR_KEY,
    SIMILAR_READY,
    STANDS_IN,
    WORDS_TO,
    Family,
    Setting,
)
from tests.inside import sql

# As they lie in libraries that are out there: setting, key, text, and what that means.
KEPT: list[tuple[Setting[Any], str, str, object]] = [
    (LIBRARY, "library", "0af3", "0af3"),
    (ENDED, "ended", "77c1", "77c1"),
    (ANSWERING, "answering", "/home/me/my model", "/home/me/my model"),
    (INDEXING, "indexing", "quick look", "quick look"),
    (DEVICE, "device", "cuda", "cuda"),
    (LANGUAGE, "language", "de_AT", "de_AT"),
    (LANGUAGE, "language", "", None),
    (WORDS_TO, "words_to", "2048", 2048),
    (WORDS_TO, "words_to", "", None),
    (EXCLUSIONS, "exclusions", '{"patterns": ["*.tmp"], "folders": []}', '{"patterns": ["*.tmp"], "folders": []}'),
    (MISSING_SHARE, "missing_share", "0.7", 0.7),
    (STANDS_IN, "stands_in", "1", True),
    (STANDS_IN, "stands_in", "", False),
    (SIMILAR, "similar", "DINOv2 small", "DINOv2 small"),
    (SIMILAR_KEY, "similar_key", "3", 3),
    (SIMILAR_KEY, "similar_key", "", None),
    (SIMILAR_READY, "similar_ready", "3", 3),
    (SIMILAR_READY, "similar_ready", "", None),
    (FOLDER_OF.of("clip-1"), "folder of clip-1", "/home/me/my model", "/home/me/my model"),
    (MADE_BY.of(2), "made_by:2", '["ONNX fp32", "torch"]', frozenset({"ONNX fp32", "torch"})),
    (EMBED_FROM.of(2), "embed_from:2", "thumbnails", "thumbnails"),
    (EMBED_FROM.of(2), "embed_from:2", "originals", "originals"),
]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize(("setting", "key", "text", "value"), KEPT)
def test_what_older_libraries_keep_is_read_and_written_the_same(
    catalog: Catalog, setting: Setting[Any], key: str, text: str, value: object
) -> None:
    sql(catalog).execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [key, text])
    assert catalog.settings.get(setting) == value
    catalog.settings.set(setting, value)
    assert sql(catalog).execute("SELECT value FROM setting WHERE key = ?", [key]).fetchall() == [(text,)]
    catalog.settings.forget(setting)
    assert catalog.settings.get(setting) == setting.default


def test_every_setting_is_among_them_and_none_has_the_key_of_another() -> None:
    there = [value for value in vars(settings).values() if isinstance(value, Setting | Family)]
    keys = [one.key if isinstance(one, Setting) else one.prefix for one in there]
    assert not [(key, other) for key in keys for other in keys if key is not other and key.startswith(f"{other}:")]
    assert len(set(keys)) == len(keys)
    assert all(any(key.startswith(known) for _, key, _, _ in KEPT) for known in keys)


@pytest.mark.parametrize(
    ("setting", "damaged"),
    [
        (MISSING_SHARE, "0.�7"),
        (DEVICE, "abacus"),
        (SIMILAR_KEY, "three"),
        (MADE_BY.of(2), '["ONNX fp'),
        (EMBED_FROM.of(2), "dreams"),
    ],
)
def test_a_damaged_setting_costs_no_more_than_itself(catalog: Catalog, setting: Setting[Any], damaged: str) -> None:
    sql(catalog).execute("INSERT INTO setting VALUES (?, ?)", [setting.key, damaged])
    assert catalog.settings.get(setting) == setting.default


def test_a_family_is_read_by_model(catalog: Catalog) -> None:
    catalog.settings.set(FOLDER_OF.of("clip-1"), "/a")
    catalog.settings.set(FOLDER_OF.of("clip-2"), "/b")
    catalog.settings.set(ANSWERING, "/a")
    assert catalog.settings.all_of(FOLDER_OF) == {"clip-1": "/a", "clip-2": "/b"}
