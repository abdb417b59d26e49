"""photofind in its window: the real program as a process, used as a person would with mouse and keyboard."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from photofind.gui.look.theme import LIGHT, Role
from tests import CHECKOUT as _CHECKOUT
from tests.end2end.desktop import Desktop, end, wait_until
from tests.end2end.library_beside import LibraryBeside
from tests.end2end.shown_photos import Answer, find_grid, worst_difference
from tests.inside import thumbnails_of

SIZE = (1120, 760)
_ALIKE = 3.0
_DROP_FRAME = 16


@contextmanager
def running(
    desktop: Desktop, library: Path, screenshots: Path, *paths: Path, **settings: str
) -> Iterator[RunningProgram]:
    """Start photofind with paths and environment settings; end it, and check that it ended well."""
    program = RunningProgram(desktop, library, screenshots, paths, settings)
    try:
        yield program
        program.close()
    finally:
        end(program.process)


class RunningProgram(LibraryBeside):
    """One window on one library; `screenshots` is the folder for what was seen."""

    def __init__(
        self, desktop: Desktop, library: Path, screenshots: Path, paths: Sequence[Path], settings: Mapping[str, str]
    ) -> None:
        super().__init__(library)
        self.desktop = desktop
        self._screenshots = screenshots
        self._errors = library.with_suffix(".stderr")
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                self._command(*paths), stderr=errors, env={**desktop.environment, **settings}, cwd=_CHECKOUT
            )
        try:
            self.window = wait_until(lambda: desktop.windows(self.process.pid), "the window")[0]
            desktop.put(self.window, 0, 30, *SIZE)
            self.park_pointer()
        except BaseException:
            end(self.process)
            raise

    def _command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "photofind", "--library", str(self.library), *map(str, arguments)]

    def run_beside(self, *arguments: str | Path) -> bytes:
        """Start photofind once more while the window is open; return what it printed."""
        done = subprocess.run(
            self._command(*arguments), capture_output=True, timeout=60, env=self.desktop.environment, cwd=_CHECKOUT
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
        return done.stdout

    @property
    def log(self) -> str:
        """What all its processes have logged."""
        return "".join(file.read_text("utf-8") for file in (self.library / "logs").glob("*.log"))

    def close(self) -> None:
        """Ask the program to end; it does so within three seconds and has complained of nothing."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(3) == 0
        assert self._errors.read_text() == ""
        assert " ERROR " not in self.log

    def similar(self, picture: Path) -> Answer:
        """Return what the command line finds for a picture from outside."""
        found = json.loads(self.run_beside("similar", picture, "--limit", "1000", "--json"))
        ids = [hit["id"] for hit in found["hits"]]
        with self.reading() as library:
            return Answer(ids, found["likely"], thumbnails_of(library).get(ids))

    # What a person sees

    def look(self) -> Image.Image:
        return self.desktop.screenshot(self.window)

    def save(self, name: str) -> Image.Image:
        """Keep a screenshot for people to look at."""
        seen = self.look()
        seen.save(self._screenshots / f"{name}.png")
        return seen

    def wait_shown(self, expected: Answer, name: str) -> None:
        """Wait until the first photos on the screen are the first of `expected`; keep a screenshot."""
        try:
            wait_until(lambda: worst_difference(self.look(), expected) < _ALIKE, f"the photos of “{name}”")
        finally:
            self.save(name)

    def grid_top(self, expected: Answer) -> int:
        """Return how far down the photos begin."""
        return find_grid(self.look(), expected)[0].top()

    def accent_share(self, box: tuple[int, int, int, int]) -> float:
        """Return how much of a part of the window has the accent colour."""
        accent = np.array([int(LIGHT[Role.Highlight][i : i + 2], 16) for i in (1, 3, 5)])
        seen = np.asarray(self.look().crop(box), dtype=np.int16)
        return float((np.abs(seen - accent).max(axis=2) < 30).mean())

    # What a person does

    def park_pointer(self) -> None:
        """Put the pointer where it lights up nothing."""
        place = self.desktop.place(self.window)
        self.desktop.do("mousemove", place.left + 4, place.top + 4)

    def type(self, text: str) -> None:
        self.desktop.do("type", "--delay", 20, text)

    def press(self, *keys: str) -> None:
        self.desktop.do("key", "--delay", 40, *keys)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click at a place in the window."""
        place = self.desktop.place(self.window)
        self.desktop.do("mousemove", place.left + x, place.top + y, "click", button)

    def right_click_photo(self, expected: Answer, row: int) -> None:
        """Open the menu of the photo at a row."""
        middle = find_grid(self.look(), expected)[row].center()
        self.click(middle.x(), middle.y(), button=3)
        wait_until(lambda: len(self.desktop.windows(self.process.pid)) > 1, "the menu")

    def drop(self, address: str) -> None:
        """Drag something out of another program and let it go over the window."""
        command = [sys.executable, "-m", "tests.end2end.drag_source", address]
        source = subprocess.Popen(command, env=self.desktop.environment, cwd=_CHECKOUT)
        try:
            from_window = wait_until(lambda: self.desktop.windows(source.pid), "the other program")[0]
            self.desktop.put(from_window, 1300, 100, 160, 120)
            self.desktop.do("mousemove", *self.desktop.place(from_window).middle, "mousedown", 1)
            self._drag_over()
            self.desktop.do("mouseup", 1)
            wait_until(lambda: not self._invites_drop(), "the drop to be taken")
        finally:
            end(source)
        self.park_pointer()
        self.desktop.do("windowactivate", "--sync", self.window)

    def _drag_over(self) -> None:
        x, y = self.desktop.place(self.window).middle
        for step in (300, 200, 100, 50):
            self.desktop.do("mousemove", x + step, y)

        def move_and_look() -> bool:
            self.desktop.do("mousemove_relative", "--", -1, 0)
            return self._invites_drop()

        wait_until(move_and_look, "the window to invite the drop")
        self.save("drag over the window")

    def _invites_drop(self) -> bool:
        """Tell whether the dashed frame around the window is there."""
        _, height = SIZE
        return self.accent_share((_DROP_FRAME - 1, 60, _DROP_FRAME + 1, height - 60)) > 0.3
