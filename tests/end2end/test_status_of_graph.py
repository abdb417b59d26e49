"""`photofind status` says which kind of search answers in the window, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from photofind.cli.group import cli
from photofind.core.library import Library
from photofind.core.records.searching import Trial
from photofind.core.vectors import graph_state, vector_index
from tests.core.care.damaged_library import make_library
from tests.core.vectors.tried_graphs import PASSED, TOO_LITTLE, let_trial_be
from tests.inside import answering_of


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a graph over its 24 photos."""
    return make_library(tmp_path_factory.mktemp("made"))


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 4)


def status(library: Path, trial: Trial | None) -> tuple[dict[str, Any], str]:
    """Return what is told of the vector index, and the lines of text."""
    with Library(library, read_only=True) as opened:
        let_trial_be(answering_of(opened).index, trial)
    told = [CliRunner().invoke(cli, ["--library", str(library), "status", *json_]) for json_ in (["--json"], [])]
    assert [one.exit_code for one in told] == [0, 0], told
    return json.loads(told[0].stdout)["vector_index"], told[1].stdout


def test_a_graph_that_passed(library: Path) -> None:
    told, lines = status(library, PASSED)
    assert told["kind"] == "hnsw"
    assert told["trial"] == {
        "rows": 100,
        "ef": 2_002,
        "recall": 0.9962,
        "recall_all": 0.98,
        "graph_ms": 2.5,
        "exact_ms": 12.25,
    }
    assert told["why"] in lines
    assert "A search goes by a graph, which finds 99.6 % of the 100 nearest photos" in lines


def test_a_graph_that_finds_too_little(library: Path) -> None:
    told, lines = status(library, TOO_LITTLE)
    assert told["kind"] == "exact"
    assert told["trial"]["recall"] == 0.9899
    assert "a graph finds only 98.9 % of the 100 nearest" in lines


def test_a_graph_that_was_not_tried(library: Path) -> None:
    told, lines = status(library, None)
    assert (told["kind"], told["trial"]) == ("exact", None)
    assert "has built a graph" in lines


def test_a_graph_for_which_there_is_no_memory(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_state, "available_memory", lambda: 1_000)
    told, lines = status(library, PASSED)
    assert told["kind"] == "exact"
    assert "MB of memory, which is more than half" in lines
