"""Twenty thousand photos through the decoder: neither it nor its children grow."""

from __future__ import annotations

import logging
import os
import queue
from pathlib import Path
from statistics import median

import pytest

from photofind.background.decoder import Decoder
from photofind.background.decoder_child import Answer
from photofind.core.encoders.encoder import Spec
from photofind.core.images import DecodedPhoto
from tests.conftest import REAL_PHOTOS
from tests.pictures import grain

SPEC = Spec("test", "test", 8, 64)
FILES = 20_000
WARM = 2_000
# Two children are each replaced after 2,000: so many files hold young ones and old ones alike.
CYCLE = 4_000
STEP = 50
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


@pytest.mark.long
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="resident memory is read from /proc")
@pytest.mark.timeout(1200)
def test_memory_is_flat_over_twenty_thousand_photos(tmp_path: Path) -> None:
    paths = [os.fsencode(path) for path in write_photos(tmp_path)]
    decoder = Decoder(children=2)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    parent: list[int] = []
    children: list[int] = []
    try:
        for done in range(-100, FILES):  # a hundred on the way, about as many as indexing keeps there
            if done < FILES - 100:
                decoder.submit(paths[done % len(paths)], SPEC, answers.put)
            if done < 0:
                continue
            assert isinstance(answers.get(timeout=60), DecodedPhoto)
            if done % STEP == 0:
                parent.append(resident(os.getpid()))
                children.append(max(resident(child.process.pid or 0) for child in list(decoder._running)))
    finally:
        decoder.stop()
    for name, sizes in (("parent", parent), ("children", children)):
        warm = sizes[WARM // STEP :]
        first, last = (median(part) / MEGABYTE for part in (warm[: CYCLE // STEP], warm[-CYCLE // STEP :]))
        _log.info("%s: %.0f MB at first, %.0f at last, %d at most", name, first, last, max(sizes) // MEGABYTE)
        assert last < 1.1 * first, f"{name}: {first:.0f} MB at first, {last:.0f} at last"
