"""A desktop of its own under Xvfb: a window manager, a real mouse and keyboard, a clipboard, screenshots.

Every wait is for something that can be seen, with a bound; nothing here sleeps and hopes.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageGrab

SECONDS = 60.0
_TOOLS = ("Xvfb", "openbox", "xdotool", "xclip", "xprop", "xwininfo")
_SCREEN = (1600, 1000)

Found = TypeVar("Found")


def missing_tools() -> list[str]:
    """Return what this computer lacks to make a desktop."""
    return [tool for tool in _TOOLS if shutil.which(tool) is None]


def wait_until(look: Callable[[], Found], what: str, seconds: float = SECONDS) -> Found:
    """Look again and again until something is there; return it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.05)
    return found


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that the tests started, politely first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Place:
    """A window's inside on the screen, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.left + self.width // 2, self.top + self.height // 2


class Desktop:
    """One screen; `environment` is what programs on it are started with."""

    def __init__(self, home: Path) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self.environment = _environment(home)
        try:
            self.environment["DISPLAY"] = self._start_screen()
            self._start(["openbox", "--sm-disable"])
            wait_until(lambda: "_NET_SUPPORTED" in self._read("xprop", "-root"), "the window manager")
        except BaseException:
            self.close()
            raise

    def _start_screen(self) -> str:
        reading, writing = os.pipe()
        width, height = _SCREEN
        screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        self._processes.append(subprocess.Popen(screen, pass_fds=[writing], stderr=subprocess.DEVNULL))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert select.select([pipe], [], [], SECONDS)[0], "Xvfb did not start"
            return f":{pipe.readline().strip()}"

    def _start(self, command: list[str]) -> None:
        self._processes.append(
            subprocess.Popen(
                command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
            )
        )

    def close(self) -> None:
        """End the window manager, then the screen."""
        for process in reversed(self._processes):
            end(process)

    def _read(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, env=self.environment, timeout=SECONDS)
        return done.stdout.decode()

    def do(self, *arguments: str | int) -> None:
        """Have xdotool move the mouse, press keys, type."""
        command = ["xdotool", *map(str, arguments)]
        subprocess.run(command, check=True, env=self.environment, timeout=SECONDS)

    def windows(self, pid: int) -> list[str]:
        """Return the visible windows of a process: its main window, its menus."""
        return self._read("xdotool", "search", "--onlyvisible", "--pid", str(pid)).split()

    def place(self, window: str) -> Place:
        """Return where a window is."""
        said = self._read("xwininfo", "-id", window)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        found = [re.search(rf"{name}: +(-?\d+)", said) for name in names]
        return Place(*(int(match[1]) if match else 0 for match in found))

    def put(self, window: str, left: int, top: int, width: int, height: int) -> None:
        """Move and size a window, and wait until it is so."""
        self.do("windowsize", window, width, height, "windowmove", window, left, top)
        self.do("windowactivate", "--sync", window)

        def is_there() -> bool:
            place = self.place(window)
            # The window manager's frame lies around the inside.
            return (place.width, place.height) == (width, height) and abs(place.left - left) < 50

        wait_until(is_there, f"the window to be {width} × {height}")

    def screenshot(self, window: str) -> Image.Image:
        """Return what a person sees of a window, with all that lies over it."""
        place = self.place(window)
        screen = ImageGrab.grab(xdisplay=self.environment["DISPLAY"])
        return screen.crop((place.left, place.top, place.left + place.width, place.top + place.height))

    def copy(self, content: bytes, kind: str) -> None:
        """Put something on the clipboard, as another program would; `kind` is its MIME type."""
        command = ["xclip", "-selection", "clipboard", "-t", kind, "-i"]
        # xclip stays in the background to serve the clipboard; it ends with the screen.
        subprocess.run(
            command,
            input=content,
            check=True,
            env=self.environment,
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _environment(home: Path) -> dict[str, str]:
    """Return surroundings without anything of the person who runs the tests."""
    (home / "run").mkdir(parents=True, mode=0o700)
    kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "xcb",
    }
