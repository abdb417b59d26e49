"""Damaged files of every kind through the real decoder: every one ends, and the parent never notices."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path

import pytest

from photofind.background.decoding.child import MEMORY_LIMIT_BYTES, Answer
from photofind.background.decoding.decoder import Decoder
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence
from tests.background.decoding.damaged_files import damaged, good_files
from tests.conftest import REAL_PHOTOS

SPEC = Spec("test", "test", 8, 64)


class MemoryWatch:
    """Remember the highest VmPeak of the decoder's children, by looking ten times a second."""

    def __init__(self, decoder: Decoder) -> None:
        self.highest = 0
        self._decoder = decoder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            for child in list(self._decoder._running):
                try:
                    status = Path(f"/proc/{child.process.pid}/status").read_text()
                except OSError:  # it has just been replaced, or this is no Linux
                    continue
                if "VmPeak" in status:
                    self.highest = max(self.highest, int(status.split("VmPeak:")[1].split()[0]) * 1024)


def fuzz(folder: Path, cases: int, seed: int) -> None:
    real = REAL_PHOTOS if REAL_PHOTOS.is_dir() else None
    decoder = Decoder(children=2, seconds_a_file=30)
    answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
    watch = MemoryWatch(decoder)
    ends: dict[int, Answer] = {}
    try:
        for case, (suffix, content) in enumerate(damaged(good_files(real), cases, seed)):
            path = folder / f"{case}{suffix}"
            path.write_bytes(content)
            decoder.submit(os.fsencode(path), SPEC, lambda answer, case=case: answers.put((case, answer)))  # type: ignore[misc]
        for _ in range(cases):
            case, answer = answers.get(timeout=120)
            ends[case] = answer
    finally:
        watch.stop()
        decoder.stop()
    reasons = {str(answer) for answer in ends.values() if isinstance(answer, Sentence)}
    assert len(ends) == cases
    assert all(isinstance(answer, DecodedPhoto | Sentence) for answer in ends.values())
    assert all(reason.endswith(".") and "\n" not in reason and len(reason) < 200 for reason in reasons)
    # Both ends of the scale must have been met: files that are still shown and files that are refused.
    assert any(isinstance(answer, DecodedPhoto) and answer.flaw for answer in ends.values())
    assert len(reasons) > 1
    assert watch.highest <= MEMORY_LIMIT_BYTES


def test_sixty_damaged_files_end_with_a_photo_or_a_reason(tmp_path: Path) -> None:
    fuzz(tmp_path, 60, seed=1)


@pytest.mark.long(seconds=25)
def test_a_thousand_damaged_files_end_with_a_photo_or_a_reason(tmp_path: Path) -> None:
    fuzz(tmp_path, 1000, seed=2)
