"""A first pass over one byte a number: the same answers as without, and its file never gives wrong ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors import codes, exact, products
from photofind.core.vectors.exact import Comparison, find_nearest
from photofind.core.vectors.matrix import Matrix
from tests.core.vectors.shapes import SHAPES, clustered, uniform, with_copies

numkong = pytest.importorskip("numkong")
N, DIM = 3_000, 100
LABELS = np.arange(N) * 2 + 7
pytestmark = pytest.mark.skipif(not products.can_multiply_codes(), reason="this computer is not faster with codes")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let codes be worth it for few rows, and made and read in several steps and by several threads."""
    monkeypatch.setattr(codes, "_ROWS_A_STEP", 256)
    monkeypatch.setattr(exact, "CODES_FROM_ROWS", 500)
    monkeypatch.setattr(exact, "_CODES_FROM_SOME", 500)
    monkeypatch.setattr(products, "_BYTES_A_THREAD", 1 << 14)
    monkeypatch.setattr(products, "_PIECE_BYTES", 1 << 15)
    monkeypatch.setattr(products, "usable_cores", lambda: 2)


@pytest.fixture
def vectors() -> Vectors:
    return clustered(np.random.default_rng(5), N, DIM)


def filled(directory: Path, vectors: Vectors, labels: Ids = LABELS) -> Matrix:
    matrix = Matrix(directory, "l", "m", vectors.shape[1])
    matrix.append(labels, vectors)
    matrix.flush()
    return matrix


def coded(directory: Path, vectors: Vectors, labels: Ids = LABELS) -> Matrix:
    matrix = filled(directory, vectors, labels)
    assert matrix.make_codes(60)
    assert len(vectors) - 256 < len(matrix.codes) <= len(vectors)
    return matrix


def nearest(vectors: Vectors, query: Vectors, k: int, labels: Ids = LABELS) -> list[int]:
    """The same by a plain sort, equal ones in the order of their labels."""
    scores = np.vecdot(vectors, query)
    return [int(label) for label in labels[np.lexsort((labels, -scores))[:k]]]


class Compared:
    """Counts the rows that are compared in full."""

    def __init__(self, matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        scores, scores_of = matrix.scores, matrix.scores_of

        def count_scores(vector: Vectors, start: int = 0) -> Vectors:
            self.rows += len(matrix) - start
            return scores(vector, start)

        def count_some(vector: Vectors, rows: Ids) -> Vectors:
            self.rows += len(rows)
            return scores_of(vector, rows)

        monkeypatch.setattr(matrix, "scores", count_scores)
        monkeypatch.setattr(matrix, "scores_of", count_some)


# Answers


@pytest.mark.parametrize("dim", [32, 100, 512])
@pytest.mark.parametrize("shape", SHAPES)
def test_answers_are_those_of_comparing_all(
    tmp_path: Path, shape: Callable[[np.random.Generator, int, int], Vectors], dim: int
) -> None:
    rng = np.random.default_rng(dim)
    rows = shape(rng, N, dim)
    matrix = coded(tmp_path, rows)
    for query in (rows[3], rows[8], shape(rng, 1, dim)[0], uniform(rng, 1, dim)[0]):
        for k in (1, 20, 290, 1_001, N, 2 * N):
            labels, scores = find_nearest(matrix, query, k)
            assert labels.tolist() == nearest(rows, query, k)
            np.testing.assert_array_equal(scores, np.sort(np.vecdot(rows, query))[::-1][:k])


@pytest.mark.parametrize("dim", [32, 100, 512])
@pytest.mark.parametrize("shape", SHAPES)
def test_all_from_a_cosine_on_are_those_of_comparing_all(
    tmp_path: Path, shape: Callable[[np.random.Generator, int, int], Vectors], dim: int
) -> None:
    rng = np.random.default_rng(dim)
    rows = shape(rng, N, dim)
    matrix = coded(tmp_path, rows)
    matrix.remove(LABELS[::7])
    some = np.flatnonzero(rng.random(N) < 0.8)
    for query in (rows[3], rows[8], shape(rng, 1, dim)[0], uniform(rng, 1, dim)[0]):
        scores = np.vecdot(rows, query)
        scores[::7] = -2
        for rank in (1, 40, 700, N // 2):
            line = float(np.sort(scores)[-rank]) - 1e-5
            expected = np.flatnonzero(scores >= line)
            assert Comparison(matrix, query).labels_from(line).tolist() == LABELS[expected].tolist()
            among = Comparison(matrix, query, some).labels_from(line)
            assert among.tolist() == LABELS[np.intersect1d(expected, some)].tolist()


def test_few_rows_are_compared_in_full_to_tell_all_from_a_cosine_on(
    tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = coded(tmp_path, vectors)
    compared = Compared(matrix, monkeypatch)
    assert 20 < len(Comparison(matrix, uniform(np.random.default_rng(1), 1, DIM)[0]).labels_from(0.05)) < N / 2
    assert compared.rows < N / 4


def test_few_rows_are_compared_in_full(tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = coded(tmp_path, vectors)
    compared = Compared(matrix, monkeypatch)
    find_nearest(matrix, uniform(np.random.default_rng(1), 1, DIM)[0], 20)
    assert 20 < compared.rows < N / 4


@pytest.mark.parametrize("share", [0.02, 0.2, 0.3, 0.5, 0.9])
def test_a_filter_never_costs_recall(tmp_path: Path, vectors: Vectors, share: float) -> None:
    matrix = coded(tmp_path, vectors)
    rng = np.random.default_rng(6)
    rows = np.sort(rng.choice(N, int(share * N), replace=False))
    for query in vectors[:5]:
        labels, _ = find_nearest(matrix, query, 20, rows)
        assert labels.tolist() == nearest(vectors[rows], query, 20, LABELS[rows])


def test_copies_come_in_the_order_of_their_labels_whatever_is_asked_for(tmp_path: Path) -> None:
    rows = with_copies(np.random.default_rng(3), N, DIM)
    matrix = coded(tmp_path, rows)
    all_labels = find_nearest(matrix, rows[0], N)[0].tolist()
    assert all_labels[: N // 2] == LABELS[::2].tolist()
    for k in (1, 7, 100, N // 2, N // 2 + 1):
        assert find_nearest(matrix, rows[0], k)[0].tolist() == all_labels[:k]


def test_what_is_not_coded_yet_is_found(tmp_path: Path, vectors: Vectors) -> None:
    matrix = coded(tmp_path, vectors[:-200], LABELS[:-200])
    matrix.append(LABELS[-200:-100], vectors[-200:-100])
    matrix.flush()
    matrix.append(LABELS[-100:], vectors[-100:])
    for row in (0, 2_700, N - 150, N - 1):
        assert find_nearest(matrix, vectors[row], 20)[0].tolist() == nearest(vectors, vectors[row], 20)


@pytest.mark.parametrize("left", [2_900, 150, 5])
def test_what_was_removed_is_not_found(tmp_path: Path, vectors: Vectors, left: int) -> None:
    matrix = coded(tmp_path, vectors)
    kept = np.sort(np.random.default_rng(8).choice(N, left, replace=False))
    matrix.remove(np.setdiff1d(LABELS, LABELS[kept]))
    for query in vectors[:5]:
        expected = nearest(vectors[kept], query, 200, LABELS[kept])
        assert find_nearest(matrix, query, 200)[0].tolist() == expected
        assert (
            find_nearest(matrix, query, 200, np.arange(N - 10))[0].tolist()
            == [label for label in nearest(vectors[kept], query, N, LABELS[kept]) if label < LABELS[N - 10]][:200]
        )


# The file


def is_used(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> bool:
    compared = Compared(matrix, monkeypatch)
    find_nearest(matrix, uniform(np.random.default_rng(1), 1, DIM)[0], 20)
    return compared.rows < N / 4


def test_codes_are_there_after_opening_again(tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    coded(tmp_path, vectors)
    for read_only in (False, True):
        matrix = Matrix(tmp_path, "l", "m", DIM, read_only=read_only)
        assert is_used(matrix, monkeypatch)
        assert find_nearest(matrix, vectors[9], 20)[0].tolist() == nearest(vectors, vectors[9], 20)


def test_a_library_of_before_learns_them_a_slice_at_a_time(
    tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, vectors)
    matrix = Matrix(tmp_path, "l", "m", DIM)
    slices = 0
    while not matrix.make_codes(0):
        slices += 1
        assert find_nearest(matrix, vectors[slices], 20)[0].tolist() == nearest(vectors, vectors[slices], 20)
    assert slices >= N // 256
    assert is_used(matrix, monkeypatch)


@pytest.mark.parametrize("name", ["codes", "scales", "codes.json"])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing", "empty"])
def test_damaged_codes_are_made_again(
    tmp_path: Path, vectors: Vectors, name: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded(tmp_path, vectors)
    file = tmp_path / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x10
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(data[: {"truncated": len(data) // 2, "flipped": len(data), "empty": 0}[damage]])
    matrix = Matrix(tmp_path, "l", "m", DIM)
    assert (len(matrix), len(matrix.codes)) == (N, 0)
    assert find_nearest(matrix, vectors[4], 20)[0].tolist() == nearest(vectors, vectors[4], 20)
    assert matrix.make_codes(60)
    assert is_used(matrix, monkeypatch)
    assert find_nearest(matrix, vectors[4], 20)[0].tolist() == nearest(vectors, vectors[4], 20)


def test_codes_of_other_vectors_are_not_taken(tmp_path: Path, vectors: Vectors) -> None:
    coded(tmp_path / "a", vectors)
    filled(tmp_path / "b", vectors[::-1].copy(), LABELS + 1)  # as after a rebuild that a crash cut off
    for name in ("codes", "scales", "codes.json"):
        shutil.copy(tmp_path / "a" / name, tmp_path / "b" / name)
    assert len(Matrix(tmp_path / "b", "l", "m", DIM).codes) == 0


def test_an_interrupted_append_is_written_over(tmp_path: Path, vectors: Vectors) -> None:
    coded(tmp_path, vectors[:1_000], LABELS[:1_000])
    for name in ("codes", "scales"):
        with open(tmp_path / name, "ab") as file:
            file.write(b"\x55" * 1_234)
    matrix = Matrix(tmp_path, "l", "m", DIM)
    assert len(matrix.codes) > 0
    matrix.append(LABELS[1_000:], vectors[1_000:])
    matrix.flush()
    matrix.make_codes(60)
    for opened in (matrix, Matrix(tmp_path, "l", "m", DIM)):
        assert len(opened.codes) > N - 256
        for row in (5, 900, 1_100, N - 400):
            assert find_nearest(opened, vectors[row], 20)[0].tolist() == nearest(vectors, vectors[row], 20)


def test_thrown_away_with_the_matrix_they_are_made_of_the_new_one(tmp_path: Path, vectors: Vectors) -> None:
    matrix = coded(tmp_path, vectors)
    matrix.clear()
    assert list(tmp_path.iterdir()) == []
    matrix.append(LABELS, vectors[::-1])
    matrix.flush()
    assert len(matrix.codes) == 0
    matrix.make_codes(60)
    assert find_nearest(matrix, vectors[4], 20)[0].tolist() == nearest(vectors[::-1], vectors[4], 20)


def test_a_reader_makes_none(tmp_path: Path, vectors: Vectors) -> None:
    filled(tmp_path, vectors)
    before = sorted(tmp_path.iterdir())
    reader = Matrix(tmp_path, "l", "m", DIM, read_only=True)
    assert reader.make_codes(60)
    assert sorted(tmp_path.iterdir()) == before
    assert find_nearest(reader, vectors[4], 20)[0].tolist() == nearest(vectors, vectors[4], 20)


def test_on_a_full_disk_there_are_none_and_answers_are_the_same(
    tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = filled(tmp_path, vectors)

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(codes, "append_rows", fail)
    assert matrix.make_codes(60)
    assert matrix.make_codes(0)
    assert find_nearest(matrix, vectors[4], 20)[0].tolist() == nearest(vectors, vectors[4], 20)


def test_where_numkong_multiplies_wrongly_it_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cdist = numkong.cdist

    def forget_the_last(query: object, rows: products.Codes, *args: object, out: Vectors) -> None:
        cdist(query, rows, *args, out=out)
        out[0, -1] = 0

    monkeypatch.setattr(numkong, "cdist", forget_the_last)
    rows = uniform(np.random.default_rng(2), N, DIM)
    matrix = filled(tmp_path, rows)
    matrix.make_codes(60)
    assert find_nearest(matrix, rows[-1], 1)[0].tolist() == [LABELS[-1]]
    assert len(matrix.codes) == 0


def test_without_numkong_answers_are_the_same(
    tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = (*vectors[:5], *uniform(np.random.default_rng(2), 5, DIM))
    matrix = coded(tmp_path, vectors)
    with_codes = [find_nearest(matrix, query, 100) for query in queries]
    monkeypatch.setattr(products, "numkong", None)
    without = Matrix(tmp_path, "l", "m", DIM)
    assert without.make_codes(60)
    assert len(without.codes) == 0
    for query, (labels, scores) in zip(queries, with_codes, strict=True):
        again = find_nearest(without, query, 100)
        assert again[0].tolist() == labels.tolist()
        assert again[1].tolist() == scores.tolist()
