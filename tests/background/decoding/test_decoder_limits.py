"""Bombs and endless decodes end by limit, and each costs its own file only."""

from __future__ import annotations

import os
import queue
import time
from pathlib import Path

import numpy as np
import pytest

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from tests.heic_files import heic
from tests.image_files import bomb, png_of_zeros
from tests.pictures import write_photo

SPEC = Spec("test", "test", 8, 64)


def decode(decoder: Decoder, path: Path) -> Answer:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    decoder.submit(os.fsencode(path), SPEC, answers.put)
    return answers.get(timeout=120)


def child_status(decoder: Decoder, field: str) -> int:
    """Return a field of /proc/PID/status of the only child, in bytes."""
    status = Path(f"/proc/{decoder._running[0].process.pid}/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) * 1024


def test_a_bomb_costs_one_file_and_hardly_any_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    good = write_photo(tmp_path / "good.jpg")
    decoder = Decoder(children=1)
    try:
        assert isinstance(decode(decoder, good), DecodedPhoto)
        child = decoder._running[0].process.pid
        assert "too large: 400 megapixels" in str(decode(decoder, tmp_path / "bomb.png"))
        assert isinstance(decode(decoder, good), DecodedPhoto)
        assert decoder._running[0].process.pid == child
        if os.path.exists("/proc/self/status"):
            assert child_status(decoder, "VmHWM") < 200 << 20
    finally:
        decoder.stop()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux limits a process's memory")
def test_a_picture_that_eats_memory_meets_the_limit_and_costs_one_file(tmp_path: Path) -> None:
    """144 megapixels are allowed, but not what they need under a limit that the test sets lower than 4 GiB."""
    import resource

    (tmp_path / "eater.png").write_bytes(png_of_zeros(12_000, 8, 6))
    good = write_photo(tmp_path / "good.jpg")
    decoder = Decoder(children=1)
    try:
        assert isinstance(decode(decoder, good), DecodedPhoto)
        child = decoder._running[0].process.pid
        assert child is not None
        limit = child_status(decoder, "VmSize") + (256 << 20)
        resource.prlimit(child, resource.RLIMIT_AS, (limit, limit))
        answer = decode(decoder, tmp_path / "eater.png")
        assert str(answer) == "The picture needs more memory than photofind gives one file."
        assert child_status(decoder, "VmPeak") <= limit
        assert isinstance(decode(decoder, good), DecodedPhoto)
        assert decoder._running[0].process.pid == child
    finally:
        decoder.stop()


def test_a_decode_that_takes_too_long_is_ended_and_costs_one_file(tmp_path: Path) -> None:
    """170 megapixels in 16 bits of red, green, blue and alpha take several seconds."""
    (tmp_path / "slow.png").write_bytes(png_of_zeros(13_000, 16, 6))
    good = write_photo(tmp_path / "good.jpg")
    decoder = Decoder(children=1, seconds_a_file=1)
    try:
        start = time.monotonic()
        assert str(decode(decoder, tmp_path / "slow.png")) == "Opening the picture did not end within 1 second."
        assert time.monotonic() - start < 20
        decoder._seconds_a_file = 60  # on a busy computer a sound one takes more than a second too
        assert isinstance(decode(decoder, good), DecodedPhoto)
    finally:
        decoder.stop()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux limits a process's memory")
@pytest.mark.parametrize(("across", "down", "width", "height"), [(2, 2, 1_024, 1_024), (32, 24, 16_320, 12_240)])
def test_a_heic_of_200_megapixels_is_read_within_the_limit(
    across: int, down: int, width: int, height: int, tmp_path: Path
) -> None:
    (tmp_path / "huge.heic").write_bytes(heic(across, down, width, height))
    decoder = Decoder(children=1)
    try:
        photo = decode(decoder, tmp_path / "huge.heic")
        assert isinstance(photo, DecodedPhoto), photo
        assert (photo.width, photo.height, photo.flaw) == (width, height, None)
        # Of every tile a quarter is blue, the rest red.
        assert np.abs(photo.pixels.mean((0, 1)) - (160, 40, 80)).max() < 12
        assert child_status(decoder, "VmPeak") < 3 << 30
    finally:
        decoder.stop()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux limits a process's memory")
def test_a_heic_of_more_tiles_than_libheif_allows_by_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "tiles.heic").write_bytes(heic(40, 30, 12_000, 9_000))
    decoder = Decoder(children=1)
    try:
        photo = decode(decoder, tmp_path / "tiles.heic")
        assert isinstance(photo, DecodedPhoto), photo
        assert photo.width == 12_000
    finally:
        decoder.stop()


def test_a_heic_that_calls_itself_larger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge.heic").write_bytes(heic(32, 32, 16_384, 16_384))
    decoder = Decoder(children=1)
    try:
        assert str(decode(decoder, tmp_path / "huge.heic")) == (
            "The picture is too large: 268 megapixels; photofind opens up to 210."
        )
    finally:
        decoder.stop()
