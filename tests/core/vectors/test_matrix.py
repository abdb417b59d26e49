"""The matrix against plain arrays: whatever was stored, is still in memory, or was removed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.matrix import REMOVED, Matrix
from tests.core.vectors.test_vector_index import DIM, unit

VECTORS = unit(30)
LABELS = np.arange(30) * 3 + 5  # with gaps, as labels have
QUERY = unit(1, 99)[0]
STORED = 20


@pytest.fixture(params=["all stored", "some in memory", "all in memory", "read again"])
def matrix(request: pytest.FixtureRequest, tmp_path: Path) -> Matrix:
    """Thirty rows, in one or both of the places where rows can be."""
    filled = Matrix(tmp_path, "l", "m", DIM)
    first = {"all in memory": 0, "some in memory": STORED}.get(request.param, len(LABELS))
    if first:
        filled.append(LABELS[:first], VECTORS[:first])
        filled.flush()
    for row in range(first, len(LABELS)):
        filled.append(LABELS[row : row + 1], VECTORS[row : row + 1])
    return Matrix(tmp_path, "l", "m", DIM) if request.param == "read again" else filled


def expected(removed: list[int], start: int = 0) -> Vectors:
    scores: Vectors = VECTORS @ QUERY
    scores[removed] = REMOVED
    return scores[start:]


@pytest.mark.parametrize("removed", [[], [0], [29], [0, 7, 19, 20, 21, 29]])
@pytest.mark.parametrize("start", [0, 1, 8, STORED - 1, STORED, STORED + 1, 29, 30])
def test_scores_from_any_row_on_without_what_was_removed(matrix: Matrix, removed: list[int], start: int) -> None:
    matrix.remove(LABELS[removed])
    np.testing.assert_allclose(matrix.scores(QUERY, start), expected(removed, start), atol=1e-6)


@pytest.mark.parametrize("rows", [[], [0], [29], [3, 2, 2], [18, 19, 20, 21], [29, 0, 25, 5, 20], list(range(30))])
def test_any_rows_are_taken_in_the_order_asked_for(matrix: Matrix, rows: list[int]) -> None:
    asked = np.array(rows, np.int64)
    np.testing.assert_array_equal(matrix.take(asked), VECTORS[rows])
    np.testing.assert_allclose(matrix.scores_of(QUERY, asked), VECTORS[rows] @ QUERY, atol=1e-6)


def test_labels_lead_to_their_rows_and_others_to_none(matrix: Matrix) -> None:
    assert matrix.rows_of(LABELS).tolist() == list(range(30))
    assert matrix.rows_of(LABELS[[4, 29, 0]]).tolist() == [4, 29, 0]
    others = np.array([0, 4, 6, 91, 93, 10_000])
    assert matrix.rows_of(others).tolist() == []
    assert matrix.rows_of(np.array([6, 92, 93])).tolist() == [29]


def test_what_was_removed_is_counted_out(matrix: Matrix) -> None:
    assert (len(matrix), matrix.removed, matrix.newest_label) == (30, 0, 92)
    assert matrix.count_and_sum() == (30, int(LABELS.sum()))
    matrix.remove(np.array([5, 92, 6, 1_000]))  # of the last two there are no rows
    matrix.remove(np.array([5]))
    assert (len(matrix), matrix.removed, matrix.newest_label) == (30, 2, 92)
    assert matrix.count_and_sum() == (28, int(LABELS.sum()) - 97)
    np.testing.assert_array_equal(matrix.labels, LABELS)


@pytest.mark.parametrize("removed", [[], [0], [3, 19, 25]])
def test_a_graph_is_built_over_what_is_stored_and_not_removed(tmp_path: Path, removed: list[int]) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(LABELS[:STORED], VECTORS[:STORED])
    matrix.flush()
    matrix.append(LABELS[STORED:], VECTORS[STORED:])
    matrix.remove(LABELS[removed])
    assert matrix.kept_rows().tolist() == [row for row in range(STORED) if row not in removed]


def test_what_was_removed_is_remembered_with_its_number(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(LABELS, VECTORS)
    matrix.flush()
    matrix.remove(LABELS[[2, 3]])
    matrix.seq = 11
    matrix.flush()
    again = Matrix(tmp_path, "l", "m", DIM)
    assert (again.removed, again.seq, len(again)) == (2, 11, 30)
    np.testing.assert_allclose(again.scores(QUERY), expected([2, 3]), atol=1e-6)


def test_nothing_is_nothing(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    none: Ids = np.empty(0, np.int64)
    matrix.append(none, np.empty((0, DIM), np.float32))
    matrix.flush()
    assert list(tmp_path.iterdir()) == []
    assert (len(matrix), matrix.newest_label, matrix.count_and_sum()) == (0, 0, (0, 0))
    assert matrix.scores(QUERY).shape == (0,)
    assert matrix.rows_of(LABELS).shape == matrix.rows_of(none).shape == (0,)


def test_many_rows_are_written_without_being_told(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(np.arange(1, 2048), unit(2047))
    assert not (tmp_path / "manifest.json").exists()
    matrix.append(np.array([2048]), unit(1))
    assert len(Matrix(tmp_path, "l", "m", DIM)) == 2048


def test_a_reader_writes_nothing(tmp_path: Path) -> None:
    reader = Matrix(tmp_path / "nowhere", "l", "m", DIM, read_only=True)
    reader.append(LABELS, VECTORS)
    reader.flush()
    reader.clear()
    assert not (tmp_path / "nowhere").exists()
    assert len(reader) == 0


def test_thrown_away_it_is_empty_on_the_disk_too(matrix: Matrix, tmp_path: Path) -> None:
    matrix.flush()
    matrix.clear()
    assert list(tmp_path.iterdir()) == []
    matrix.append(LABELS[:3], VECTORS[:3])
    np.testing.assert_allclose(matrix.scores(QUERY), VECTORS[:3] @ QUERY, atol=1e-6)
    matrix.flush()
    assert len(Matrix(tmp_path, "l", "m", DIM)) == 3
