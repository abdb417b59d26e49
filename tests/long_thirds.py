"""The long tests in thirds, so that a change waits for one of them only: three commits in a row run all.

`@pytest.mark.long(seconds=…)` says about how long a test takes, `seconds={"a": 5, "b": 60}` how long with which
parameter; the thirds are alike by that, not by count.
"""

from __future__ import annotations

import subprocess

import pytest

from tests import CHECKOUT

THIRDS = 3
UNKNOWN = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--third",
        choices=("0", "1", "2", "commit"),
        help="of the long tests run this third only; “commit”: the one that the number of the commit chooses",
    )


def pytest_report_header(config: pytest.Config) -> str | list[str]:
    asked = config.getoption("third")
    if asked is None:
        return []
    third = chosen_third(asked)
    if third is None:
        return "long tests: all, as there is no commit to choose a third by"
    why = f", chosen by commit number {commit_number()}" if asked == "commit" else ""
    return f"long tests: third {third} of 0, 1 and 2{why}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    third = chosen_third(config.getoption("third"))
    if third is None:
        return
    seconds = {item.nodeid: seconds_of(item, mark) for item in items if (mark := item.get_closest_marker("long"))}
    thirds = split(seconds)
    other = [item for item in items if thirds.get(item.nodeid, third) != third]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if thirds.get(item.nodeid, third) == third]


def seconds_of(item: pytest.Item, mark: pytest.Mark) -> float:
    """Return about how long a long test takes; a minute where its mark does not say it."""
    seconds = mark.kwargs.get("seconds", UNKNOWN)
    if isinstance(seconds, dict) and isinstance(item, pytest.Function):
        seconds = next((seconds[value] for value in item.callspec.params.values() if value in seconds), UNKNOWN)
    return float(seconds)


def split(seconds: dict[str, float]) -> dict[str, int]:
    """Return the third of each test, by its name: the longest first, each to the third that has least so far."""
    taken = [0.0] * THIRDS
    thirds = {}
    for name in sorted(seconds, key=lambda name: (-seconds[name], name)):
        thirds[name] = taken.index(min(taken))
        taken[thirds[name]] += seconds[name]
    return thirds


def chosen_third(asked: str | None) -> int | None:
    """Return the third that was asked for; None for all of them."""
    if asked != "commit":
        return None if asked is None else int(asked)
    number = commit_number()
    return None if number is None else number % THIRDS


def commit_number() -> int | None:
    """Return how many commits lead to this one; its hash where the clone has not all of them, None where there is none.

    Commits in a row have numbers in a row, and no third is left out; hashes come as they come.
    """
    shallow = _git("rev-parse", "--is-shallow-repository")
    if shallow is None:
        return None
    found = _git("rev-list", "--count", "HEAD") if shallow == "false" else _git("rev-parse", "HEAD")
    return None if found is None else int(found, 10 if shallow == "false" else 16)


def _git(*arguments: str) -> str | None:
    # In a container the checkout may belong to another user than the one who runs the tests.
    command = ["git", "-c", f"safe.directory={CHECKOUT}", "-C", str(CHECKOUT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):  # no git, or no repository
        return None
    return done.stdout.strip()
