"""A query as a value: when two of them ask the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from photofind.core.records.query import Query


@pytest.mark.parametrize("query", [Query(), Query(text="red"), Query(picture=Path("/a.jpg")), Query(photo_id=3)])
def test_how_many_answers_are_wanted_is_no_part_of_the_question(query: Query) -> None:
    wanting_more = Query(query.text, query.picture, query.photo_id, limit=4000)
    assert query != wanting_more
    assert query.asks_the_same(wanting_more)
    assert wanting_more.asks_the_same(query)


@pytest.mark.parametrize("other", [Query(text="blue"), Query(photo_id=1), Query(picture=Path("/red.jpg")), Query()])
def test_other_words_pictures_or_photos_are_another_question(other: Query) -> None:
    assert not Query(text="red").asks_the_same(other)
    assert not other.asks_the_same(Query(text="red"))
