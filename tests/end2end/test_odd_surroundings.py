"""The program as a shell, a container or a launcher may start it: no home, no user, no room, no terminal.

Whatever it is, a cause outside photofind is told in a sentence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.core.sync.test_scan_and_sync import embed, sync

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="made of what Linux has")

# What a command does to a library is done here too, so that all of it runs where it is odd.
COMMANDS = [
    ["status"],
    ["status", "--json"],
    ["folders"],
    ["search", "red"],
    ["search", "\udcff 🏔"],
    ["problems"],
    ["models"],
    ["index"],
    ["check"],
    ["--help"],
]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of one folder with a name that is no text, embedded."""
    home = tmp_path_factory.mktemp("odd")
    photos = home / "photos \udcff"
    shutil.copytree(Path(__file__).parents[2] / "resources" / "icons" / "hicolor", photos)
    with Library(home / "library") as library:
        library.folders.add(photos)
        sync(library)
        embed(library)
    return home / "library"


def run(
    library: Path | str | None, command: Sequence[str | Path], changed: Mapping[str, str | None] = {}, shell: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, with `shell` put after it, in an environment that is changed; None takes a variable away."""
    environment = {key: value for key, value in os.environ.items() if key not in changed}
    environment |= {key: value for key, value in changed.items() if value is not None}
    start = [sys.executable, "-m", "photofind"]
    start += [] if library is None else ["--library", str(library)]
    line = ["sh", "-c", f'exec "$@" {shell}', "sh", *start, *command]
    done = subprocess.run(line, capture_output=True, timeout=120, env=environment)
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode(errors="replace")
    assert b"Exception ignored" not in done.stderr
    assert done.returncode in (0, 1), done
    return done


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one sentence of a command that was not done."""
    assert done.returncode == 1, done
    (line,) = done.stderr.decode().strip().splitlines()
    assert line.startswith("photofind: ")
    return line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_output_that_is_full_is_said(indexed: Path, command: list[str]) -> None:
    done = run(indexed, command, shell=">/dev/full")
    if done.returncode:
        assert "cannot be written where it is to go: No space left on device." in done.stderr.decode()
    else:
        assert run(indexed, command).stdout == b"", "it had nothing to print"


@pytest.mark.parametrize("shell", ["2>/dev/full", ">&-", "2>&-", "<&- >&- 2>&-", "| head -c 1 >/dev/null"])
@pytest.mark.parametrize("command", [["status"], ["index"]], ids=" ".join)
def test_what_nobody_reads_stops_no_work(indexed: Path, command: list[str], shell: str) -> None:
    assert run(indexed, command, shell=shell).returncode == 0


def test_a_closed_output_never_becomes_the_librarys_file(tmp_path: Path) -> None:
    """Files take the lowest number that is free, and what is printed goes to number one."""
    run(tmp_path / "library", ["index"], shell="<&- >&- 2>&-")
    run(tmp_path / "library", ["status"], shell="<&- >&- 2>&-")
    assert run(tmp_path / "library", ["check"]).stdout == b"The library is in order.\n"


LETTERS = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "nowhere.UTF-8"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"LANG": None, "LC_ALL": None},
]


@pytest.mark.parametrize("letters", LETTERS, ids=str)
def test_a_terminal_of_few_letters_is_told_all_the_same(indexed: Path, letters: dict[str, str | None]) -> None:
    for command in (["folders"], ["search", "größe"]):
        assert run(indexed, command, letters).returncode == 0
    assert "nosuchmodel" in told(run(indexed, ["models", "use", "nosuchmodel"], letters))


NO_HOME: dict[str, str | None] = {"HOME": None, "XDG_DATA_HOME": None, "PHOTOFIND_LIBRARY": None}


@pytest.fixture
def nobody() -> list[str | Path]:
    """What starts a program as a user whom the system does not know."""
    unshare: list[str | Path] = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("a user of its own takes rights that this user does not have")
    return unshare


def test_a_user_whom_the_system_does_not_know(indexed: Path, nobody: list[str | Path], tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in NO_HOME}
    for command in COMMANDS:
        line = [*nobody, sys.executable, "-m", "photofind", "--library", indexed, *command]
        done = subprocess.run(line, capture_output=True, timeout=120, env=environment, cwd=tmp_path)
        assert done.returncode == 0, done
        assert b"Traceback" not in done.stderr
    line = [*nobody, sys.executable, "-m", "photofind", "status"]
    done = subprocess.run(line, capture_output=True, timeout=120, env=environment, cwd=tmp_path)
    assert "The home folder in" in told(done)
    assert not list(tmp_path.iterdir()), "no folder called ~"


@pytest.mark.parametrize("home", ["/dev/null", "/proc/1"])
def test_a_home_that_is_none(home: str) -> None:
    assert "cannot be written" in told(run(None, ["status"], NO_HOME | {"HOME": home}))


@pytest.mark.parametrize("library", ["/dev/null", "/proc/photofind", "/etc/hostname", "~nosuchuser/x"])
@pytest.mark.parametrize("command", [["status"], ["index"]], ids=" ".join)
def test_a_library_where_none_can_be(library: str, command: list[str]) -> None:
    assert "ibrary" in told(run(library, command))


def test_a_library_in_the_home_is_there_whoever_puts_it_in(indexed: Path) -> None:
    done = run("~/library", ["folders"], {"HOME": str(indexed.parent)})
    assert b"photos \xff" in done.stdout


USER_PATHS = [
    (["folders", "add", "~nosuchuser"], "There is no folder"),
    (["folders", "remove", "~nosuchuser/x"], "is not in the library"),
    (["folders", "accept", "~nosuchuser"], "is not in the library"),
    (["folders", "locate", "~nosuchuser", "~nosuchuser"], "is not in the library"),
    (["similar", "~nosuchuser/x.jpg"], "There is no file"),
    (["models", "use", "~nosuchuser/x"], "There is no folder"),
    (["models", "get", "small", "--from", "~nosuchuser"], "There is no folder"),
]


@pytest.mark.parametrize(("command", "sentence"), USER_PATHS, ids=lambda value: str(value)[:30])
def test_the_home_of_nobody(indexed: Path, command: list[str], sentence: str) -> None:
    done = run(indexed, command)
    assert done.returncode == 1
    assert sentence in done.stderr.decode().splitlines()[-1]


def test_a_path_that_is_empty_is_not_the_present_folder(indexed: Path) -> None:
    line = [sys.executable, "-m", "photofind", "--library", str(indexed), "folders", "add", ""]
    done = subprocess.run(line, capture_output=True, timeout=120)
    assert done.returncode == 2
    assert b"the path is empty" in done.stderr


def test_a_present_folder_that_was_deleted(indexed: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && exec "$@"'
    for command in (["status"], ["search", "red"], ["index"], ["similar", str(indexed / "x.jpg")]):
        start = ["sh", "-c", line, "sh", sys.executable, "-m", "photofind", "--library", str(indexed), *command]
        gone.mkdir(exist_ok=True)
        done = subprocess.run(start, capture_output=True, timeout=120, env=os.environ | {"PYTHONPATH": os.getcwd()})
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert done.returncode == (command[0] == "similar")


# Where there is one, a window waits until somebody has read it.
NO_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
RELATIVE = [
    (["folders", "add", "x"], "“x”"),
    (["folders", "remove", "../x"], "“../x”"),
    (["folders", "locate", "/", "x"], "“x”"),
    (["similar", "x.jpg"], "“x.jpg”"),
    (["models", "use", "./x"], "“x”"),
    (["models", "get", "small", "--from", "x"], "“x”"),
    (["--library", "x", "status"], "“x”"),
    (["x.jpg"], "“x.jpg”"),
]


@pytest.mark.parametrize(("command", "path"), RELATIVE, ids=lambda value: " ".join(value))
def test_a_path_that_begins_in_a_deleted_folder_is_what_is_blamed(
    indexed: Path, tmp_path: Path, command: list[str], path: str
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && exec "$@"'
    start = ["sh", "-c", line, "sh", sys.executable, "-m", "photofind", "--library", str(indexed), *command]
    environment = {key: value for key, value in os.environ.items() if key not in NO_SCREEN}
    done = subprocess.run(start, capture_output=True, timeout=120, env=environment | {"PYTHONPATH": os.getcwd()})
    assert f"{path} leads nowhere: the folder you are in was deleted." in told(done)


def test_no_place_for_temporary_files(indexed: Path) -> None:
    for command in (["index"], ["search", "red"], ["check"]):
        assert run(indexed, command, {"TMPDIR": "/nonexistent", "TEMP": None, "TMP": None}).returncode == 0


NO_CONSOLE = "import sys\nsys.stdout = sys.stderr = None\nfrom photofind.cli import main\nmain()\n"


def test_without_a_console_a_command_does_its_work(indexed: Path) -> None:
    """As pythonw has none on Windows."""
    start = [sys.executable, "-c", NO_CONSOLE, "--library", str(indexed)]
    assert subprocess.run([*start, "index"], timeout=120).returncode == 0
    assert subprocess.run([*start, "models", "use", "nosuchmodel"], timeout=120).returncode == 1
    environment = {key: value for key, value in os.environ.items() if key not in NO_SCREEN}
    assert subprocess.run(start, timeout=120, env=environment).returncode == 1, "there is no display"


def test_without_a_console_the_window_opens_and_ends(indexed: Path) -> None:
    start = [sys.executable, "-c", NO_CONSOLE, "--library", str(indexed)]
    with subprocess.Popen(start, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}) as process:
        try:
            deadline = time.monotonic() + 60
            while not (indexed / "window.lock").exists():
                assert process.poll() is None, "it ended by itself"
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert not (indexed / "logs" / "window.log").exists()


def test_a_command_that_is_stopped_says_so(tmp_path: Path) -> None:
    """Ctrl+C is told in the same place as all else."""
    code = (
        "from photofind.cli import care, main\n"
        "def stop(*_):\n"
        "    raise KeyboardInterrupt\n"
        "care.read_library = stop\n"
        "main()\n"
    )
    start = [sys.executable, "-c", code, "--library", str(tmp_path), "status"]
    assert told(subprocess.run(start, capture_output=True, timeout=120)) == "photofind: stopped; what is done is kept."
