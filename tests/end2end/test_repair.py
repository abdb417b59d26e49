from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.care.damaged_catalog import destroy, leaf_pages
from tests.core.care.damaged_library import make_library
from tests.end2end.test_command_line import Program


@pytest.fixture
def damaged(tmp_path: Path) -> Program:
    """A library with 24 photos, a page of whose catalog is damaged."""
    directory = make_library(tmp_path)
    destroy(directory, leaf_pages(directory, "embedding")[0])
    return Program(directory)


def test_check_finds_a_damaged_catalog_and_mends_it(damaged: Program) -> None:
    finding = {"what": "the catalog file is damaged", "count": 1, "repaired": False}
    done = damaged.run("check", "--json", status=1)
    assert json.loads(done.stdout) == {"ok": False, "findings": [finding]}
    assert b"photofind check --repair" in done.stderr
    done = damaged.run("check", "--repair", "--json")
    assert json.loads(done.stdout)["findings"][0] == {**finding, "repaired": True}
    assert b"What could be read was rescued: 24 photos" in done.stderr
    assert damaged.json("check") == {"ok": True, "findings": []}
    assert 0 < damaged.json("index")["embedded"] < 24
    assert damaged.json("check") == {"ok": True, "findings": []}


@pytest.mark.parametrize("command", [["search", "green"], ["status"], ["index"], ["folders"]])
def test_every_command_says_in_one_sentence_that_the_library_is_damaged(damaged: Program, command: list[str]) -> None:
    assert "is damaged; “photofind check --repair” rescues" in damaged.refusal(*command)
