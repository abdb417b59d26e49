"""Which photos the nearest vectors are of is the same, read through or looked up, whatever is written in between."""

from __future__ import annotations

import random

import numpy as np
import pytest

from photofind.core.catalog import label_photos
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.embeddings import Embeddings
from photofind.core.records.models import Spec
from tests.core.catalog.test_newest import DONE, FAILED, add, write
from tests.inside import sql

VECTOR = np.eye(1, 8, dtype=np.float32)


def enrolled(catalog: Catalog, name: str) -> Embeddings:
    embeddings = catalog.embeddings(Spec(name, name, 8, 32))
    embeddings.enrol()
    return embeddings


def embed(catalog: Catalog, embeddings: Embeddings, photo_id: int) -> None:
    if photo_id in catalog.photos.existing([photo_id]):
        embeddings.put([photo_id], VECTOR)


def test_photos_of_labels_are_the_same_read_through_or_looked_up(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_photos, "_ROWS_A_STEP", 4)
    chance = random.Random(9)
    model, other = enrolled(catalog, "one"), enrolled(catalog, "other")
    ids = add(catalog, *(float(number) for number in range(30)))
    for photo_id in ids:
        embed(catalog, chance.choice([model, model, other]), photo_id)
    catalog.newest.all()  # somebody asks
    is_read = []
    for _ in range(120):
        photo_id = chance.choice(ids)
        match chance.randrange(6):
            case 0:
                ids += add(catalog, 1.0)
            case 1 | 2:
                embed(catalog, chance.choice([model, other]), photo_id)
            case 3:
                write(catalog, "UPDATE photo SET gone_since = ? WHERE id = ?", chance.choice([None, 1.0]), photo_id)
            case 4:
                write(catalog, "UPDATE photo SET state = ? WHERE id = ?", chance.choice([DONE, FAILED]), photo_id)
            case 5:
                catalog.photos.delete([photo_id])
        is_read.append(model.catch_up(-1))
        labels = np.arange(model.newest_label() + 3)
        looked_up = enrolled(catalog, "one").photos_of(labels)
        there = {label for label, _ in zip(*model_labels(catalog, model), strict=True)}
        asked = np.array([label for label in labels.tolist() if label in there], np.int64)
        assert model.photos_of(asked).tolist() == looked_up[asked].tolist()
    assert not is_read[0]
    assert is_read[-1]


def test_a_search_need_not_read_what_was_embedded_while_nobody_searched(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_photos, "_ROWS_A_STEP", 4)
    model, ids = enrolled(catalog, "one"), add(catalog, *([1.0] * 30))
    catalog.newest.all()
    while not model.catch_up(-1):
        pass
    for photo_id in ids:
        embed(catalog, model, photo_id)
    labels, statements = np.arange(1, 31), list[str]()

    def ask() -> int:
        """Search, and return how often labels were read through for that."""
        statements.clear()
        with sql(catalog).tracer(lambda text, _: statements.append(text)):
            assert model.photos_of(labels).tolist() == ids
        return sum("SELECT label, photo_id" in text for text in statements)

    assert ask() == 0  # they are looked up, until they are read through beside searches
    steps = 0
    while not model.catch_up(-1):
        steps += 1
    assert steps > 3
    assert model.knows_photos
    assert ask() <= 1


def model_labels(catalog: Catalog, model: Embeddings) -> tuple[list[int], list[int]]:
    """Return labels and photo ids of a model's embeddings."""
    labels = model.labels_of(sorted(catalog.photos.ids()))
    return [*labels.values()], [*labels]
