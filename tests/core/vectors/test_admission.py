"""The trial of a graph: what it finds is held against exact answers, and how long it takes against theirs."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors import admission
from photofind.core.vectors.admission import try_graph
from photofind.core.vectors.exact import find_nearest
from photofind.core.vectors.matrix import Matrix
from tests.core.vectors.test_vector_index import DIM, unit

ROWS = 3_000
FIRST, *LATER = admission._EFS


class Half:
    """A graph that misses every second photo until it keeps `enough` candidates, and takes so many seconds."""

    def __init__(self, matrix: Matrix, enough: int, seconds: float) -> None:
        self.ef = 0
        self._matrix, self._enough, self._seconds = matrix, enough, seconds

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        time.sleep(self._seconds)
        labels, scores = find_nearest(self._matrix, vector, 2 * k)
        return (labels[:k], scores[:k]) if self.ef >= self._enough else (labels[::2][:k], scores[::2][:k])


@pytest.fixture
def matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matrix:
    """Three thousand rows; comparing all of them takes 20 ms."""
    return slow(fill(tmp_path, unit(ROWS)), monkeypatch)


def fill(directory: Path, vectors: Vectors) -> Matrix:
    matrix = Matrix(directory, "l", "m", vectors.shape[1])
    matrix.append(np.arange(1, len(vectors) + 1), vectors)
    matrix.flush()
    return matrix


def slow(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> Matrix:
    def find(*question: object) -> tuple[Ids, Vectors]:
        time.sleep(0.02)
        return find_nearest(*question)  # type: ignore[arg-type]

    monkeypatch.setattr(admission, "find_nearest", find)
    monkeypatch.setattr(admission, "_QUERIES", 4)
    return matrix


def rows(matrix: Matrix) -> Ids:
    return np.arange(len(matrix))


def test_one_that_finds_all_and_is_faster_passes(matrix: Matrix) -> None:
    trial = try_graph(Half(matrix, 0, 0.0), matrix, rows(matrix))
    assert trial.is_passed
    assert (trial.rows, trial.ef, trial.recall, trial.recall_all) == (ROWS, FIRST, 1, 1)
    assert trial.graph_ms < trial.exact_ms


def test_the_least_candidates_with_which_it_finds_enough_are_chosen(matrix: Matrix) -> None:
    graph = Half(matrix, LATER[1], 0.0)
    trial = try_graph(graph, matrix, rows(matrix))
    assert trial.is_passed
    assert trial.ef == graph.ef == LATER[1]


def test_one_that_never_finds_enough_does_not_pass(matrix: Matrix) -> None:
    trial = try_graph(Half(matrix, 1_000_000, 0.0), matrix, rows(matrix))
    assert not trial.is_passed
    assert trial.ef == LATER[-1]
    assert trial.recall == pytest.approx(0.5, abs=0.02)


def test_one_that_takes_longer_does_not_pass_and_more_candidates_are_not_tried(matrix: Matrix) -> None:
    for enough in (0, LATER[0]):
        trial = try_graph(Half(matrix, enough, 0.05), matrix, rows(matrix))
        assert not trial.is_passed
        assert trial.ef == FIRST


def test_one_that_cannot_answer_does_not_pass(matrix: Matrix) -> None:
    graph = Half(matrix, 0, 0.0)
    graph.search = lambda vector, k: None  # type: ignore[method-assign]
    trial = try_graph(graph, matrix, rows(matrix))
    assert not trial.is_passed
    assert trial.recall == 0


def test_any_copies_of_one_photo_are_as_good_as_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = slow(fill(tmp_path, np.repeat(unit(1), ROWS, axis=0)), monkeypatch)

    class Newest(Half):
        def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
            return np.arange(ROWS, ROWS - k, -1), matrix.scores(vector)[-k:]

    assert try_graph(Newest(matrix, 0, 0.0), matrix, rows(matrix)).is_passed


def test_words_lie_apart_from_the_pictures_and_yet_near_what_they_mean(matrix: Matrix) -> None:
    queries = admission._queries(matrix, rows(matrix))
    pictures, words = queries[:4], queries[4:]
    np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-3)
    nearest = [matrix.scores(query).max() for query in pictures], [matrix.scores(query).max() for query in words]
    assert min(nearest[0]) > 0.999, "a picture is one of the library"
    assert max(nearest[1]) < 0.9
    assert queries.shape == (8, DIM)
    assert (words @ words.T).mean() > (pictures @ pictures.T).mean() + 0.1, "all words have one offset"


def test_a_library_that_is_smaller_than_the_question_can_be_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = slow(fill(tmp_path, unit(7)), monkeypatch)
    assert try_graph(Half(matrix, 0, 0.0), matrix, rows(matrix)).recall == 1
