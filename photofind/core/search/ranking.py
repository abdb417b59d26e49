"""Answer one query: the vectors' nearest, the words' exact matches, and one order of both."""

from __future__ import annotations

import os
import time
from typing import Final

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.errors import PhotofindError
from photofind.core.language import system_language
from photofind.core.models.languages import language_note
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.arrays import Ids, Pixels, Vectors
from photofind.core.records.progress import Counts
from photofind.core.records.query import Query
from photofind.core.search.date_words import ENGLISH
from photofind.core.search.names import find_named
from photofind.core.search.query import clean_text, likely_line
from photofind.core.search.understand import understand, without_place
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import LANGUAGE
from photofind.core.vectors.vector_index import Asked

# Labels begin at 1.
_NO_LABEL = 0
# Likely photos are counted among as many of the nearest, whatever the limit; where all of those are, among all.
_LEAST_COUNTED = 1_000
# Of so many it is looked up whether they are still there, spread over all that are likely.
_MOST_LOOKED_UP = 2_000
_NONE: Final = np.empty(0, np.int64)


def search_library(
    catalog: Catalog, model: ModelInUse, query: Query, pixels: Pixels | None, *, at_once: bool
) -> SearchResult:
    """Answer a query with the answering model; without words, picture or photo: the newest photos, all of them.

    `at_once`: of a large library as many of the newest as are known by now.
    """
    start = time.perf_counter()
    text = clean_text(query.text)
    counts = catalog.counts()
    total = counts.embedded + counts.pending
    if query.photo_id is None and pixels is None and not text:
        ids = catalog.newest.at_once() if at_once else catalog.newest.all()
        return _newest(query, model, counts, ids, start)
    if query.photo_id is not None:
        vector = model.embeddings.vector_of(query.photo_id)
        if vector is None:
            raise PhotofindError("photo_not_indexed")
    elif pixels is not None:
        vector = model.encoder.encode_images(pixels[np.newaxis])[0]
    else:
        return _search_words(catalog, model, query, text, total, start)
    ids, scores, likely = _nearest(model, vector, query.limit, without=query.photo_id or 0)
    return _result(query, model, total, start, ids[: query.limit], scores[: query.limit], likely)


def language_of(catalog: Catalog) -> str:
    """Return the language of a library's queries: the one that is set, else the system's, else English."""
    return catalog.settings.get(LANGUAGE) or system_language() or ENGLISH


def _search_words(
    catalog: Catalog, model: ModelInUse, query: Query, text: str, total: int, start: float
) -> SearchResult:
    asked = without_place(query.text, catalog.folders.paths()) if os.path.isabs(query.text) else query.text
    named = find_named(catalog, understand(asked, language_of(catalog)))
    shown = named[: query.limit]
    known = model.encoder.knows(text)
    ids, scores, likely = np.empty(0, np.int64), np.empty(0, np.float32), 0
    named_scores = np.full(len(shown), np.nan, np.float32)
    note = language_note(model.reference, text)
    if known:
        vector = model.encode_text(text)
        named_scores = _scores(model, vector, shown)
        ids, scores, likely = _nearest(model, vector, query.limit, named=named)
    else:
        note = Sentence("words_unknown", model=model.spec.name.capitalize())
    whys = np.concatenate([np.full(len(shown), Why.NAME, np.uint8), np.full(len(ids), Why.LOOKS, np.uint8)])
    return SearchResult(
        query,
        np.concatenate([shown, ids])[: query.limit],
        np.concatenate([named_scores, scores])[: query.limit],
        whys[: query.limit],
        len(named) + likely,
        len(model.index),
        total,
        model.spec.name,
        time.perf_counter() - start,
        note,
        named=len(named),
    )


def _scores(model: ModelInUse, vector: Vectors, photo_ids: Ids) -> Vectors:
    """Return the cosines of photos, NaN where this model has not seen one: it came during a change of model."""
    label_of = model.embeddings.labels_of(photo_ids.tolist())
    labels = np.array([label_of.get(i, _NO_LABEL) for i in photo_ids.tolist()], np.int64)
    return model.index.scores_of(vector, labels)


def _nearest(
    model: ModelInUse, vector: Vectors, limit: int, *, without: int = 0, named: Ids = _NONE
) -> tuple[Ids, Vectors, int]:
    """Return ids and cosines of the nearest photos that are there, and how many of all are likely.

    Without one photo, and those that are named already: `limit` or more together with these.
    """
    asked = model.index.ask(vector)
    ids, scores = _nearest_there(model, asked, max(limit, _LEAST_COUNTED), without)
    line = likely_line(float(scores[0]) if len(scores) else 0.0, model.index.ordinary_scores(vector))
    is_likely, is_new = scores >= line, ~np.isin(ids, named)
    likely = int(np.count_nonzero(is_likely & is_new))
    if np.count_nonzero(is_likely[:_LEAST_COUNTED]) == _LEAST_COUNTED:
        likely = max(likely, _count_likely(model, asked, line, np.append(named, without)))
    return ids[is_new], scores[is_new], likely


def _nearest_there(model: ModelInUse, asked: Asked, limit: int, without: int) -> tuple[Ids, Vectors]:
    """Return ids and cosines of the nearest photos that are there; asks for more where many are hidden."""
    k = limit + 1
    while True:
        labels, scores = asked.nearest(k)
        ids = model.embeddings.photos_of(labels)
        keep = (ids != 0) & (ids != without)
        if np.count_nonzero(keep) >= limit or len(labels) < k:
            return ids[keep][:limit], scores[keep][:limit]
        k *= 2


def _count_likely(model: ModelInUse, asked: Asked, line: float, left_out: Ids) -> int:
    """Return how many photos that are there are likely, where they are many: it is told of some how many are there."""
    labels = asked.labels_from(line)
    some = labels
    if not model.embeddings.knows_photos and len(labels) > _MOST_LOOKED_UP:
        some = labels[np.linspace(0, len(labels) - 1, _MOST_LOOKED_UP).astype(np.int64)]
    ids = model.embeddings.photos_of(some)
    # A graph's cosines differ from these in their last digit: where all are just on the line, these may be none.
    share = np.count_nonzero((ids != 0) & ~np.isin(ids, left_out)) / max(1, len(some))
    return round(share * len(labels))


def _newest(query: Query, model: ModelInUse, counts: Counts, ids: Ids, start: float) -> SearchResult:
    """Return an answer in the order of time; for which the vectors need not be opened, so that it is there at once."""
    scores, whys = np.full(len(ids), np.nan, np.float32), np.full(len(ids), Why.NEWEST, np.uint8)
    total, seconds = counts.embedded + counts.pending, time.perf_counter() - start
    # While photos are embedded for another model, the counts are about that one.
    searched = len(model.index) if model.has_index else counts.embedded
    return SearchResult(query, ids, scores, whys, 0, searched, total, model.spec.name, seconds)


def _result(
    query: Query,
    model: ModelInUse,
    total: int,
    start: float,
    ids: Ids,
    scores: Vectors,
    likely: int,
) -> SearchResult:
    whys = np.full(len(ids), Why.LOOKS, np.uint8)
    seconds = time.perf_counter() - start
    return SearchResult(query, ids, scores, whys, likely, len(model.index), total, model.spec.name, seconds)
