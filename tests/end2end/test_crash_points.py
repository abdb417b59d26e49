"""Killed, or refused by the disk, at any one system call that writes: nothing that was finished is lost or done again.

strace delivers the fault at the Nth call of one kind, so that every point is met, and met again tomorrow
(SQLite's own tests fail every Nth operation the same way: “How SQLite Is Tested”, I/O error and crash testing).
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from photofind.core.library import Library
from photofind.core.records.care import Finding
from photofind.core.records.query import Query
from photofind.core.steps import finish
from photofind.core.vectors import vector_index
from photofind.core.vectors.hnsw import load_hnsw
from tests import CHECKOUT
from tests.end2end.finished_photos import Done, finished_photos, lost_or_done_again
from tests.inside import answering_of
from tests.pictures import COLORS, write_photo

if sys.platform == "win32":
    pytest.skip("there is no strace", allow_module_level=True)

from tests.end2end.crash_scenario import GRAPH_FROM_ROWS, STEPS, Task

WRITES = ("write", "pwrite64", "writev", "ftruncate", "fallocate", "rename", "renameat", "unlink", "unlinkat")
SYNCS = ("fsync", "fdatasync")
# The first slice of `photofind index`.
SLICE = 8

# Which call, and which one of these.
Point = tuple[str, int]
# Calls that a full or broken disk refuses.
# About how long it takes to fail at all calls of a step.
SECONDS = {"add": 65, "index": 140, "move": 16, "remove": 40, "rebuild": 12, "forget": 65}
REFUSABLE = ("write", "pwrite64", "writev", "ftruncate", "fallocate", *SYNCS)


class Processes:
    """Runs steps, under strace where asked to."""

    def __init__(self, place: Path) -> None:
        self._place = place
        command = [sys.executable, "-m", "tests.end2end.crash_scenario"]
        self._server = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self._server.communicate(timeout=20)

    def run(self, step: str, library: Path, photos: Path, *strace: str) -> tuple[int, str, int]:
        """Take a step; return the exit status, what was said, and how many pictures were encoded."""
        said, encoded = self._place / "said", self._place / "encoded"
        encoded.write_bytes(bytes(8))
        task = Task(step, str(library), str(photos), str(said), str(encoded))
        assert self._server.stdin is not None
        print(json.dumps(asdict(task)), file=self._server.stdin, flush=True)
        pid = self._read()
        tracer = self._attach(pid, strace) if strace else None
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
        status = self._read()
        if tracer is not None:
            tracer.communicate(timeout=20)
        return status, said.read_text(), int.from_bytes(encoded.read_bytes(), "little")

    def _read(self) -> int:
        assert self._server.stdout is not None
        return int(self._server.stdout.readline())

    def _attach(self, pid: int, options: tuple[str, ...]) -> subprocess.Popen[str]:
        command = ["strace", "-y", "-p", str(pid), "-o", str(self._place / "calls"), *options]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            subprocess.run(["kill", "-KILL", str(pid)], check=True)
            self._read()
            tracer.communicate(timeout=20)
            pytest.skip(f"this user may not trace processes: {said.strip()}")
        return tracer

    def points(self, library: Path) -> list[Point]:
        """Return the calls of the last run, traced whole, that changed or synced the library's files, in order."""
        seen: dict[str, int] = {}
        points = []
        for line in (self._place / "calls").read_text(errors="replace").splitlines():
            name = re.match(r"\w+", line)
            if name is None or name[0] not in WRITES + SYNCS:
                continue
            seen[name[0]] = seen.get(name[0], 0) + 1
            if str(library) in line:
                points.append((name[0], seen[name[0]]))
        return points


class Life:
    """A library with a few photos on its way through the steps, each of which can be begun any number of times."""

    def __init__(self, place: Path) -> None:
        self.library, self.photos = place / "library", place / "photos"
        self._before, self._after = place / "before", place / "after"
        self._processes = Processes(place)
        self._begin()

    def _begin(self) -> None:
        self._steps = iter(STEPS)
        self.step = ""
        for left in (self.library, self.photos, self._before, self._after):
            shutil.rmtree(left, ignore_errors=True)
        for number, (name, color) in enumerate(COLORS.items()):
            write_photo(self.photos / f"{name}.jpg", color, seed=number)
            write_photo(self.photos / "trip" / f"{name} again.jpg", color, seed=100 + number)
        shutil.copy(self.photos / "red.jpg", self.photos / "trip" / "copy of red.jpg")

    def close(self) -> None:
        self._processes.close()

    def go_to(self, step: str) -> None:
        """Take all steps before this one, and this one once: note its calls, and what comes of it."""
        if self.step and STEPS.index(step) < STEPS.index(self.step):
            self._begin()  # where the tests are dealt out to several processes, they need not come in order
        while self.step != step:
            self.step = next(self._steps)
            replace(self._before, self._after)
            replace(self.library, self._before)
            self._change_disk()
            calls = ",".join(WRITES + SYNCS)
            status, said, self.encoded = self._run("-e", f"trace={calls}")
            assert status == 0, said
            self.points = self._processes.points(self.library)
            replace(self._after, self.library)
            self.outcome = self._look()

    def _change_disk(self) -> None:
        if self.step == "move":
            (self.photos / "blue.jpg").rename(self.photos / "bleu.jpg")
            (self.photos / "trip").rename(self.photos / "journey")
        elif self.step == "remove":
            (self.photos / "green.jpg").unlink()
            write_photo(self.photos / "black.jpg", COLORS["white"], seed=50)
            write_photo(self.photos / "new.jpg", COLORS["yellow"], seed=51)
        elif self.step == "rebuild":
            shutil.rmtree(self._before / "vectors")
            replace(self.library, self._before)

    def _run(self, *strace: str) -> tuple[int, str, int]:
        return self._processes.run(self.step, self.library, self.photos, *strace)

    def _look(self) -> dict[str, Any]:
        """Return what a person finds in the library."""
        library = Library(self.library)
        try:
            finish(library.care.tidying())
            assert library.search.catch_up(float("inf"))
            found = {text: library.search.answer(Query(text=text)) for text in ("", "red", "blue and white", "journey")}
            index = answering_of(library).index
            graph = load_hnsw(index.directory, index.library, index.spec.model_id, index.spec.dim)
            if graph is not None:
                index.attach_graph(graph)
            counts, folders = (
                library.embedding.counts,
                [(f.path, f.online, f.photos, f.pending) for f in library.folders.all()],
            )
            return {
                "counts": counts,
                "folders": folders,
                "index": (index.kind if self.step in ("rebuild", "forget") else "", len(index)),
                "found": {
                    text: [photo.path for photo in library.search.photos(result.photo_ids.tolist())]
                    for text, result in found.items()
                },
                "scores": {text: repr(result.scores.round(4).tolist()) for text, result in found.items()},
            }
        finally:
            library.close()

    def fail_at(self, point: Point, fault: str, last: str = "") -> tuple[int, str]:
        """Take the step with a fault, look at what it left, and take it again without; return how the first ended."""
        name, number = point
        replace(self.library, self._before)
        before = finished_photos(self.library)
        status, said, encoded = self._run("-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}{last}")
        assert "Traceback" not in said, said
        self._verify(before, encoded)
        return status, said

    def _verify(self, before: dict[int, Done], encoded: int) -> None:
        finished = finished_photos(self.library)
        assert self._check() == []
        status, said, encoded_again = self._run()
        assert status == 0 or "already in the library" in said or "is not in the library" in said, said
        if self.step != "forget":
            after = finished_photos(self.library)
            assert lost_or_done_again(before, after) == []
            assert lost_or_done_again(finished, after) == []
        assert encoded + encoded_again <= self.encoded + SLICE, "more than a slice was done again"
        assert self._look() == self.outcome

    def _check(self) -> list[Finding]:
        library = Library(self.library)
        try:
            library.search.catch_up(float("inf"))
            return library.care.check(repair=False)
        finally:
            library.close()


def replace(place: Path, source: Path) -> None:
    """Make a directory a copy of another, of nothing where that is not there."""
    shutil.rmtree(place, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, place)


def spread(points: list[Point], count: int) -> list[Point]:
    """Return some of the points, evenly spread, the first and the last among them."""
    count = min(count, len(points))
    return [points[round(i * (len(points) - 1) / max(1, count - 1))] for i in range(count)]


@pytest.fixture(scope="module")
def whole_life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    life = Life(tmp_path_factory.mktemp("life"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_index, "HNSW_FROM_ROWS", GRAPH_FROM_ROWS)
        yield life
    life.close()


@pytest.fixture(scope="module", params=STEPS)
def life(whole_life: Life, request: pytest.FixtureRequest) -> Life:
    """The library before each of the steps, in their order."""
    whole_life.go_to(request.param)
    return whole_life


def kill(life: Life, points: list[Point]) -> None:
    for point in points:
        status, said = life.fail_at(point, "signal=KILL")
        assert status == -signal.SIGKILL, f"{point} was not met: {said}"


def refuse(life: Life, points: list[Point], last: str) -> None:
    """Let calls fail as on a full or broken disk; `last` is "+" where all later ones fail too."""
    for point in points:
        error = "EIO" if point[0] in SYNCS else "ENOSPC"
        status, said = life.fail_at(point, f"error={error}", last)
        assert status in (0, 1), said
        assert "Traceback" not in said
        if status and not (last and point[0] == "write"):  # what it says is then refused too
            assert said.splitlines()[-1].startswith("photofind: "), said


def test_killed_at_a_write(life: Life) -> None:
    kill(life, spread(life.points, 4))


@pytest.mark.long(seconds=SECONDS)
@pytest.mark.timeout(1800)
def test_killed_at_every_write(life: Life) -> None:
    kill(life, life.points)


@pytest.mark.parametrize("last", ["", "+"], ids=["once", "from then on"])
def test_a_write_that_fails(life: Life, last: str) -> None:
    refuse(life, spread([point for point in life.points if point[0] in REFUSABLE], 2), last)


@pytest.mark.long(seconds=SECONDS)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("last", ["", "+"], ids=["once", "from then on"])
def test_every_write_that_fails(life: Life, last: str) -> None:
    refuse(life, [point for point in life.points if point[0] in REFUSABLE], last)
