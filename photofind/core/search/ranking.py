"""Answer one query: the vectors' nearest, the words' exact matches, and one order of both."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.words import match_expression
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.errors import PhotofindError
from photofind.core.models.languages import language_note
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.arrays import Ids, Pixels, Vectors
from photofind.core.records.query import Query
from photofind.core.search.query import clean_text, count_likely
from photofind.core.sentences.sentence import Sentence

# A word that fits more than this share of the library ("IMG") tells nothing by itself.
_NAMED_SHARE = 0.2
_NAMED_FREE = 20
_NEWEST = 20_000
# Labels begin at 1.
_NO_LABEL = 0


def search_library(catalog: Catalog, model: ModelInUse, query: Query, pixels: Pixels | None) -> SearchResult:
    """Answer a query with the answering model; without words, picture or photo: the newest photos."""
    start = time.perf_counter()
    text = clean_text(query.text)
    counts = catalog.counts()
    total = counts.embedded + counts.pending
    if query.photo_id is None and pixels is None and not text:
        ids = catalog.photos.newest(_NEWEST)
        return _result(query, model, total, start, ids, np.full(len(ids), np.nan, np.float32), Why.NEWEST, 0)
    if query.photo_id is not None:
        vector = model.embeddings.vector_of(query.photo_id)
        if vector is None:
            raise PhotofindError("photo_not_indexed")
    elif pixels is not None:
        vector = model.encoder.encode_images(pixels[np.newaxis])[0]
    else:
        return _search_words(catalog, model, query, text, total, start)
    ids, scores = _nearest(model, vector, query.limit, without=query.photo_id or 0)
    likely = count_likely(scores, model.index.ordinary_scores(vector))
    return _result(query, model, total, start, ids, scores, Why.LOOKS, likely)


def _search_words(
    catalog: Catalog, model: ModelInUse, query: Query, text: str, total: int, start: float
) -> SearchResult:
    named = _named(catalog, text, total, query.limit)
    known = model.encoder.knows(text)
    vector = model.encode_text(text)
    named_ids, named_scores = _scored(model, vector, named)
    if not known:
        named_scores[:] = np.nan
    order = np.argsort(-np.nan_to_num(named_scores, nan=-1), kind="stable")
    named_ids, named_scores = named_ids[order], named_scores[order]
    ids, scores, likely = np.empty(0, np.int64), np.empty(0, np.float32), 0
    note = language_note(model.reference, text)
    if known:
        ids, scores = _nearest(model, vector, query.limit)
        likely = count_likely(scores, model.index.ordinary_scores(vector))
        keep = ~np.isin(ids, named_ids)
        likely = int(np.count_nonzero(keep[:likely]))
        ids, scores = ids[keep], scores[keep]
    else:
        note = Sentence("words_unknown", model=model.spec.name.capitalize())
    whys = np.concatenate([np.full(len(named_ids), Why.NAME, np.uint8), np.full(len(ids), Why.LOOKS, np.uint8)])
    return SearchResult(
        query,
        np.concatenate([named_ids, ids])[: query.limit],
        np.concatenate([named_scores, scores])[: query.limit],
        whys[: query.limit],
        min(len(named_ids) + likely, query.limit),
        len(model.index),
        total,
        model.spec.name,
        time.perf_counter() - start,
        note,
    )


def _named(catalog: Catalog, text: str, total: int, limit: int) -> list[int]:
    """Return ids of photos whose name, folder, date or camera hold all the words, unless that is nearly every one."""
    expression = match_expression(text)
    if not expression:
        return []
    most = max(_NAMED_FREE, int(_NAMED_SHARE * total))
    named = catalog.words.find(expression, min(most, limit) + 1)
    return named if len(named) <= most else []


def _scored(model: ModelInUse, vector: Vectors, photo_ids: Sequence[int]) -> tuple[Ids, Vectors]:
    """Return photos with their cosines, NaN where this model has not seen one: it came during a change of model."""
    label_of = model.embeddings.labels_of(photo_ids)
    labels = np.array([label_of.get(i, _NO_LABEL) for i in photo_ids], np.int64)
    return np.array(photo_ids, np.int64), model.index.scores_of(vector, labels)


def _nearest(model: ModelInUse, vector: Vectors, limit: int, without: int = 0) -> tuple[Ids, Vectors]:
    """Return ids and cosines of the nearest photos that are there; asks for more where many are hidden."""
    k = limit + 1
    while True:
        labels, scores = model.index.search(vector, k)
        ids = model.embeddings.photos_of(labels)
        keep = (ids != 0) & (ids != without)
        if np.count_nonzero(keep) >= limit or len(labels) < k:
            return ids[keep][:limit], scores[keep][:limit]
        k *= 2


def _result(
    query: Query,
    model: ModelInUse,
    total: int,
    start: float,
    ids: Ids,
    scores: Vectors,
    why: Why,
    likely: int,
) -> SearchResult:
    whys = np.full(len(ids), why, np.uint8)
    seconds = time.perf_counter() - start
    return SearchResult(query, ids, scores, whys, likely, len(model.index), total, model.spec.name, seconds)
