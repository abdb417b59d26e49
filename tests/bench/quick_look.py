"""How many decoded pictures quick look embeds a second on one core."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from photofind.core.encoders.quick_look import QuickLook
from tests.bench.report import Result, report

_SECONDS = 3.0
_PICTURES = 64


def main() -> None:
    """Measure in a child that is born on one core, so that no library makes threads for others."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        wall, cpu = pool.submit(_embed).result(60)
    report(Result("quick_look.one_core", wall, "images/s", bound=">=", bound_value=400))
    report(Result("quick_look.one_core.cpu_time", cpu, "images per CPU second"))


def _embed() -> tuple[float, float]:
    """Return the images a second by the clock and by processor time; on a quiet machine they are equal."""
    size = QuickLook.spec.size
    soft = np.random.default_rng(0).integers(0, 256, (_PICTURES, 8, 8, 3), np.uint8)
    pictures = np.kron(soft, np.ones((1, size // 8, size // 8, 1), np.uint8))
    encoder = QuickLook()
    encoder.encode_images(pictures)
    count, start, cpu_start = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < _SECONDS:
        encoder.encode_images(pictures)
        count += len(pictures)
    return count / (time.perf_counter() - start), count / (time.process_time() - cpu_start)
