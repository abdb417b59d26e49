"""What it costs to pass a decoded photo between two processes as a fixed record, against a pickle of it."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable

import numpy as np

from photofind.background.decoding.child import REPLIES
from photofind.core.records.decoded import DecodedPhoto, Metadata
from tests.bench.report import Result, interleave, median, report

_ROUNDS, _MESSAGES = 9, 1_000
_THUMBNAIL_BYTES = 25_000
_BOUND = 1.5


def main() -> None:
    """Write and read the same photo both ways, in turns."""
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 256, (224, 224, 3), np.uint8)
    metadata = Metadata("2020-01-02T03:04:05", "Canon EOS 80D", 59.91, 10.75)
    photo = DecodedPhoto(
        pixels, chance.bytes(_THUMBNAIL_BYTES), 6000, 4000, bytes(16), metadata, fingerprint=(1, 2, 3, 4)
    )
    records, pickles = interleave(
        _ROUNDS,
        lambda: _seconds(lambda: REPLIES.unpack(REPLIES.pack(photo))),
        lambda: _seconds(lambda: pickle.loads(pickle.dumps(photo))),
    )
    report(
        Result(
            "wire.photo",
            median(records),
            "s",
            bound="<=",
            bound_value=_BOUND,
            peer="pickle",
            peer_value=median(pickles),
        )
    )


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor's time that one message takes."""
    start = time.process_time()
    for _ in range(_MESSAGES):
        work()
    return (time.process_time() - start) / _MESSAGES
