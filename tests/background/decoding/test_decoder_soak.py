"""Twenty thousand photos through the decoder: neither it nor its children grow."""

from __future__ import annotations

import logging
import os
import queue
from pathlib import Path
from statistics import median

import pytest

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from tests.conftest import REAL_PHOTOS
from tests.pictures import grain

SPEC = Spec("test", "test", 8, 64)
FILES = 20_000
WARM = 2_000
# So many are on the way at once, about as many as indexing keeps there.
ROUND = 100
# A child is replaced after 2,000 files: what it has after so many is compared with what it ends with.
YOUNG, OLD = range(500, 1_000), range(1_500, 2_001)
MEGABYTE = 1 << 20
_log = logging.getLogger(__name__)


def resident(pid: int) -> int:
    """Return a process's resident memory in bytes, 0 where it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 if "VmRSS:" in status else 0


def write_photos(folder: Path) -> list[Path]:
    """Write 300 small photos of four kinds; a real HEIC beside them where there is one."""
    paths = []
    for number in range(300):
        kind = ("jpg", "png", "webp", "avif")[number % 4 if number % 40 < 4 else number % 3]
        path = folder / f"{number}.{kind}"
        grain((number % 250, 90, 60), (320 + number, 240), seed=number).save(path)
        paths.append(path)
    return paths + (sorted(REAL_PHOTOS.rglob("IMG_5195.HEIC")) if REAL_PHOTOS.is_dir() else [])


@pytest.mark.long(seconds=130)
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="resident memory is read from /proc")
@pytest.mark.timeout(1200)
def test_memory_is_flat_over_twenty_thousand_photos(tmp_path: Path) -> None:
    paths = [os.fsencode(path) for path in write_photos(tmp_path)]
    decoder = Decoder(children=2)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    parent: list[int] = []
    children: list[tuple[int, int]] = []
    try:
        for done in range(0, FILES, ROUND):
            for number in range(done, done + ROUND):
                decoder.submit(paths[number % len(paths)], SPEC, answers.put)
            for _ in range(ROUND):
                assert isinstance(answers.get(timeout=60), DecodedPhoto)
            # At rest, so that a picture that is just being decoded counts nowhere.
            parent.append(resident(os.getpid()))
            children += [(child.files, resident(child.process.pid or 0)) for child in list(decoder._running)]
    finally:
        decoder.stop()
    half = (WARM + FILES) // 2 // ROUND
    _require_flat("parent", parent[WARM // ROUND : half], parent[half:])
    _require_flat("children", *([size for files, size in children if files in age] for age in (YOUNG, OLD)))


def _require_flat(name: str, early: list[int], late: list[int]) -> None:
    first, last = median(early) / MEGABYTE, median(late) / MEGABYTE
    _log.info("%s: %.0f MB at first, %.0f at last, %d at most", name, first, last, max(early + late) // MEGABYTE)
    assert last < 1.1 * first, f"{name}: {first:.0f} MB at first, {last:.0f} at last"
