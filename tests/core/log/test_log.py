"""The log tells where a mistake is and nothing of whose photos they are, stays small, and is shared without tangle."""

from __future__ import annotations

import ast
import logging
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photofind.core.errors import PhotofindError
from photofind.core.log import log_file
from photofind.core.log.log import Log, end_log, log_to_open, present_log, where_more_is
from photofind.core.log.nameless import NamelessFormatter, Plain
from tests import CHECKOUT

SECRET = "Anna at the Äußere Alster"
ours = logging.getLogger("photofind.tests")
theirs = logging.getLogger("PIL.tests")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log.of(tmp_path / "library", with_names=False)
    log.begin("a command")
    yield log
    end_log()


def text(log: Log) -> str:
    return (log.folder / "a-command.log").read_text("utf-8")


def raise_deep(secret: str) -> None:
    try:
        Path(f"/nowhere/{secret}").read_bytes()
    except OSError as error:
        raise ValueError(f"about {secret}") from error


def test_nothing_is_written_before_there_is_something_to_tell(log: Log, tmp_path: Path) -> None:
    ours.info("too little to be told")
    assert not (tmp_path / "library").exists()
    assert where_more_is() is None


def test_a_mistake_is_told_by_where_it_is(log: Log) -> None:
    try:
        raise_deep(SECRET)
    except ValueError as error:
        ours.error("a mistake in %s, %d of %.1f, by %s: %s", SECRET, 3, 0.5, Plain("onnx"), error, exc_info=True)
    told = text(log)
    assert told.startswith("photofind ")
    assert "ERROR photofind.tests: a mistake in …, 3 of 0.5, by onnx: ValueError\n" in told
    assert "  ValueError\n    log/test_log.py:" in told
    assert "  FileNotFoundError ENOENT\n    log/test_log.py:" in told
    assert "raise_deep" in told
    assert str(where_more_is()) == f"The log “{log.folder / 'a-command.log'}” says more."
    assert SECRET not in told


ERRORS = [
    OSError(13, "Permission denied", SECRET),
    PhotofindError("folder_unknown", folder=SECRET),
    sqlite3.OperationalError(SECRET),
    KeyError(SECRET),
    UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("message", ["%s", "%r", "%-40s", "failed: %s"])
def test_no_error_tells_a_name(log: Log, error: Exception, message: str) -> None:
    ours.warning(message, error, exc_info=error)
    assert type(error).__name__ in text(log)
    assert "Alster" not in text(log)
    if isinstance(error, PhotofindError):
        assert "folder_unknown" in text(log)


def test_what_other_libraries_say_is_left_out(log: Log) -> None:
    theirs.warning(f"cannot read {SECRET}")
    logging.getLogger().error("cannot read %s", SECRET)
    logging.getLogger("photofinder").error("cannot read Alster")
    assert text(log).count("… (test_log.py:") == 3
    assert "Alster" not in text(log)


VALUES = st.recursive(
    st.text() | st.binary() | st.none() | st.booleans() | st.integers() | st.floats() | st.builds(Path, st.just("a")),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@given(values=st.lists(VALUES, max_size=3), marks=st.lists(st.sampled_from(["%s", "%r", "%d", "%"]), max_size=3))
def test_no_value_ends_the_program_or_is_told(values: list[object], marks: list[str]) -> None:
    record = logging.LogRecord("photofind.x", 30, __file__, 1, " ".join(marks), tuple(values), None)
    shown = NamelessFormatter("%(message)s").format(record)
    texts = [value for value in values if isinstance(value, str) and len(value) > 3]
    assert not any(value in shown for value in texts)


def test_asked_for_names_are_told(tmp_path: Path) -> None:
    log = Log.of(tmp_path, with_names=True)
    log.begin("a command")
    try:
        ours.info("looked at %s", SECRET)
    finally:
        end_log()
        logging.getLogger().setLevel(logging.WARNING)
    assert f"INFO photofind.tests: looked at {SECRET}" in text(log)


def test_the_log_stays_small_and_keeps_the_file_before(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_BYTES", 4_000)
    for number in range(500):
        ours.warning("line %d", number)
    newest, older = (log.folder / name for name in ("a-command.log", "a-command.old.log"))
    assert {path.name for path in log.folder.iterdir()} <= {newest.name, older.name, "setting-aside.lock"}
    assert max(newest.stat().st_size, older.stat().st_size) < 4_500
    assert newest.read_text().splitlines()[-1].endswith("line 499")
    assert all(path.read_text().startswith("photofind ") for path in (newest, older))


def test_a_log_that_cannot_be_set_aside_is_bounded_too(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, another program may have it open."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(log_file, "MOST_BYTES", 4_000)
    monkeypatch.setattr("photofind.core.log.log_file.os.replace", refuse)
    for number in range(500):
        ours.warning("line %d", number)
    assert (log.folder / "a-command.log").stat().st_size < 8_500
    assert where_more_is() is None, "nobody is sent to a file that says no more"


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("in the way")
    Log.of(tmp_path / "library", with_names=False).begin("a command")
    try:
        ours.error("lost")
        assert where_more_is() is None
        with pytest.raises(PhotofindError, match="cannot be written"):
            log_to_open()
    finally:
        end_log()
    with pytest.raises(PhotofindError, match="There is no log"):
        log_to_open()


def test_the_log_can_be_opened_before_anything_went_wrong(log: Log) -> None:
    assert log_to_open().read_text().startswith("photofind ")
    ours.warning("later")
    assert text(log).count("photofind 0") == 1


WRITER = """
import logging, sys
from pathlib import Path
from photofind.core.log import log_file
from photofind.core.log.log import Log
log_file.MOST_BYTES = 30_000
Log(Path(sys.argv[1])).begin("a command")
for number in range(300):
    logging.getLogger("photofind.x").warning("writer %d line %d of 300", int(sys.argv[2]), number)
"""


def test_processes_that_write_at_once_do_not_tangle_and_set_aside_once(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(number)]) for number in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    lines = [line for path in tmp_path.glob("*.log") for line in path.read_text().splitlines()]
    told = [line for line in lines if " WARNING photofind.x: writer " in line]
    assert all(re.fullmatch(r"[-0-9 :,]+ WARNING photofind.x: writer \d line \d+ of 300", line) for line in told)
    heads = [line for line in lines if line not in told]
    assert heads == [heads[0]] * len(heads), "there is nothing but whole lines and the files' heads"
    assert sum(path.stat().st_size for path in tmp_path.glob("*.log")) < 2 * 40_000


def test_a_child_of_a_process_without_a_log_writes_none() -> None:
    assert present_log() is None


def calls_of_log(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            levels = ("debug", "info", "warning", "error", "exception", "critical", "log")
            if isinstance(of, ast.Name) and of.id in ("_log", "logging") and node.func.attr in levels:
                yield node


def test_every_message_is_written_in_the_source() -> None:
    """A name that is put into the message itself would not be known for one."""
    found = 0
    for file in (CHECKOUT / "photofind").rglob("*.py"):
        for call in calls_of_log(ast.parse(file.read_text("utf-8"))):
            found += 1
            first = call.args[0]
            assert isinstance(first, ast.Constant), f"{file}:{call.lineno}"
            assert isinstance(first.value, str), f"{file}:{call.lineno}"
    assert found > 30
