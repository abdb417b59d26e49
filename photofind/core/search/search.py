"""Searching: a query becomes ids of photos, and ids become what is shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.telling import Telling
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.errors import PhotofindError
from photofind.core.language import parse_language
from photofind.core.photos.images import open_thumbnail
from photofind.core.records.answers import SearchResult
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.records.photos import Photo
from photofind.core.records.query import Query
from photofind.core.records.searching import Searching
from photofind.core.search.date_words import is_language
from photofind.core.search.ranking import language_of, search_library
from photofind.core.settings import LANGUAGE
from photofind.core.vectors.vector_index import Graph, VectorIndex


class Search:
    """Answers queries over what has been embedded; every call may raise PhotofindError."""

    def __init__(self, catalog: Catalog, choice: ModelChoice, telling: Telling) -> None:
        self._catalog = catalog
        self._choice = choice
        self._telling = telling

    def answer(self, query: Query, picture: DecodedPhoto | None = None, *, at_once: bool = False) -> SearchResult:
        """Answer a query; `picture` is its picture, decoded as `decoding_spec` says.

        `at_once`: of a large library not all of the newest photos are there until `catch_up` says so.
        """
        with self._telling.reading():
            model = self._choice.model_for(query)
            if picture is None:
                return search_library(self._catalog, model, query, None, at_once=at_once)
            result = search_library(self._catalog, model, query, model.size(picture), at_once=at_once)
            return replace(result, picture=open_thumbnail(picture.thumbnail))

    @property
    def decoding_spec(self) -> Spec:
        """What a query's picture is decoded for: the model that answers words."""
        return self._choice.answering.spec

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order; ids that are gone are left out."""
        with self._telling.reading():
            return self._catalog.photos.get(photo_ids)

    # The language of queries

    @property
    def language(self) -> str:
        """The language and region in which dates are read beside English, as de_AT."""
        with self._telling.reading():
            return language_of(self._catalog)

    def set_language(self, language: str) -> None:
        """Read dates in another language, given as de_AT, de-at or de; PhotofindError for one that nobody knows."""
        known = parse_language(language)
        if known is None or not is_language(known):
            raise PhotofindError("language_unknown", language=language)
        with self._telling.writing():
            self._catalog.settings.set(LANGUAGE, known)

    # The vectors that are searched

    @property
    def index(self) -> VectorIndex:
        """The answering model's vector index; who serves a graph beside it looks after it."""
        with self._telling.reading():
            return self._choice.answering.index

    @property
    def graph_share(self) -> float | None:
        """How much of a graph is built by now; None while none is. Opens nothing: it is asked before all else."""
        with self._telling.reading():
            model = self._choice.answering
            return model.index.graph_share if model.has_index else None

    @property
    def searching(self) -> Searching:
        """What answers a search in the window, and why."""
        with self._telling.reading():
            return self._choice.answering.index.explain()

    def attach_graph(self, graph: Graph) -> None:
        """Let a graph over the answering model's vectors answer from now on, if it is one of this library."""
        with self._telling.reading():
            self._choice.answering.index.attach_graph(graph)

    def catch_up(self, seconds: float) -> bool:
        """Bring the indexes that answer up to date, each for about so long; tell whether they are."""
        with self._telling.writing():
            if not self._catalog.newest.catch_up(seconds):
                return False
            if not all(
                model.index.catch_up(seconds) and model.embeddings.catch_up(seconds) for model in self._choice.searched
            ):
                return False
            return self._catalog.is_read_only or self._catalog.words.catch_up(seconds)

    def make_codes(self, seconds: float) -> bool:
        """Make what large libraries are searched faster with, for about so long; tell whether all is made."""
        with self._telling.writing():
            return all(model.index.make_codes(seconds) for model in self._choice.searched)
