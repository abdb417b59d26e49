"""The one live query: sent to the worker, answered late or never, asked again when photos change."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from photofind.core.records.answers import SearchResult
from photofind.core.records.query import Query
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker

_MORE = 4


class Searches(QObject):
    """Asks queries and lets through only the answers to the newest."""

    answered = Signal(object)  # SearchResult
    failed = Signal(object, str)  # Query, sentence

    def __init__(self, worker: LibraryWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._query = Query()
        self._answer: SearchResult | None = None
        # Counts queries, not askings: an answer to the live query is welcome however often it was asked.
        self._number = 0

    def ask(self, query: Query) -> None:
        """Make this the live query."""
        self._query = query
        self._number += 1
        self.ask_again()

    def ask_again(self) -> None:
        """Ask the live query again, as photos may have been added or removed."""
        number, query = self._number, self._query
        self._worker.search(
            query,
            lambda result: self._on_done(number, result),
            in_words(lambda sentence: self._on_failed(number, query, sentence)),
        )

    def ask_for_more(self) -> None:
        """Ask the live query with a higher limit, if there may be more than was answered."""
        answer = self._answer
        if answer is not None and answer.query == self._query and len(answer.photo_ids) >= self._query.limit:
            self.ask(replace(self._query, limit=self._query.limit * _MORE))

    def _on_done(self, number: int, result: SearchResult) -> None:
        if number == self._number:
            self._answer = result
            self.answered.emit(result)

    def _on_failed(self, number: int, query: Query, sentence: str) -> None:
        if number == self._number:
            self.failed.emit(query, sentence)
