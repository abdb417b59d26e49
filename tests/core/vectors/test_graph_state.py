"""Which graph is built, grown, loaded or left, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photofind.core.records.searching import Trial
from photofind.core.vectors import graph_state
from photofind.core.vectors.graph_state import GraphState
from photofind.core.vectors.hnsw import SavedGraph, graph_bytes
from tests.core.vectors.tried_graphs import PASSED, TOO_LITTLE, TOO_SLOW

ROWS, DIM = 100, 32


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    have_free(monkeypatch, 8 << 30)


def have_free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(graph_state, "available_memory", lambda: size)


def saved(trial: Trial | None, count: int = ROWS) -> SavedGraph:
    return SavedGraph("l", "m", DIM, count, count, 0, 1, "", trial)


NONE = GraphState(ROWS, DIM, None, None, None, has_failed=False)


def test_without_a_graph_one_is_built() -> None:
    assert NONE.is_due
    assert not NONE.may_answer
    assert NONE.explain().kind == "exact"
    assert "has built a graph" in str(NONE.explain().why)


def test_one_that_was_not_tried_is_tried_before_it_answers() -> None:
    state = replace(NONE, saved=saved(None))
    assert state.is_due
    assert not state.may_answer
    assert state.explain().kind == "exact"


def test_one_that_passed_answers_and_it_is_said_what_it_is_worth() -> None:
    state = replace(NONE, saved=saved(PASSED))
    assert state.may_answer
    assert not state.is_due
    told = state.explain()
    assert (told.kind, told.trial) == ("hnsw", PASSED)
    assert str(told.why) == (
        "A search goes by a graph, which finds 99.6 % of the 100 nearest photos in 2.5 ms; "
        "comparing every photo takes 12.2 ms."
    )


@pytest.mark.parametrize(
    ("trial", "why"),
    [(TOO_LITTLE, "finds only 98.9 % of the 100 nearest"), (TOO_SLOW, "takes 12.2 ms, and a graph would take 20.0 ms")],
    ids=["too little", "too slow"],
)
def test_one_that_did_not_pass_never_answers_and_it_is_said_why(trial: Trial, why: str) -> None:
    state = replace(NONE, saved=saved(trial))
    assert state.is_refused
    assert not state.may_answer
    assert not state.is_due, "it would come out the same"
    assert state.explain().kind == "exact"
    assert why in str(state.explain().why)
    assert replace(state, rows=2 * ROWS).is_due, "exact search takes twice as long by now"


@pytest.mark.parametrize(("covered", "is_due"), [(89, True), (90, False)])
def test_it_grows_when_it_lacks_a_tenth(covered: int, is_due: bool) -> None:
    assert replace(NONE, saved=saved(PASSED, covered)).is_due is is_due
    assert replace(NONE, saved=saved(PASSED), answering=covered).is_due is is_due, "of which some was removed"


def test_one_that_lacks_too_much_is_not_said_to_answer() -> None:
    assert replace(NONE, saved=saved(PASSED, 79)).explain().kind == "exact"


LARGE = replace(NONE, rows=1_000_000, dim=512)
LARGE_PASSED = replace(LARGE, saved=saved(replace(PASSED, rows=1_000_000), 1_000_000))


def test_a_graph_may_take_half_of_the_memory_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    have_free(monkeypatch, 2 * graph_bytes(1_000_000, 512))
    assert LARGE.is_due
    assert LARGE_PASSED.may_answer


def test_where_memory_is_short_none_is_built_or_loaded_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    have_free(monkeypatch, 2 * graph_bytes(1_000_000, 512) - 1)
    assert not LARGE.is_due
    assert not LARGE_PASSED.may_answer
    for state in (LARGE, LARGE_PASSED):
        assert state.explain().kind == "exact"
        why = str(state.explain().why)
        assert "a graph would take 2,316 MB of memory, which is more than half of the 4,632 MB" in why
    assert replace(LARGE_PASSED, answering=1_000_000).explain().kind == "hnsw", "it has its memory already"


def test_how_far_it_is_built_is_said() -> None:
    assert "40 % of it are done" in str(replace(NONE, share=0.4).explain().why)


def test_what_failed_is_not_tried_again_in_this_run_and_that_is_said() -> None:
    state = replace(NONE, saved=saved(PASSED), has_failed=True)
    assert not state.is_due
    assert not state.may_answer
    assert "the next start tries again" in str(state.explain().why)
