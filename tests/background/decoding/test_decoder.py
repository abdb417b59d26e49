from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from photofind.background import child_process
from photofind.background.decoding.child import Answer, ImageAnswer
from photofind.background.decoding.decoder import Decoder
from photofind.core.errors import PhotofindError
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from tests.background import child_work
from tests.pictures import grain, write_colors, write_photo

SPEC = Spec("test", "test", 8, 64)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(children=2, seconds_a_file=20)
    yield decoder
    decoder.stop()
    assert not [child for child in multiprocessing.active_children() if "decoder" in child.name]


def decode_all(decoder: Decoder, paths: list[Path]) -> dict[str, Answer]:
    answers: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()
    for path in paths:
        decoder.submit(os.fsencode(path), SPEC, lambda answer, name=path.name: answers.put((name, answer)))  # type: ignore[misc]
    return dict(answers.get(timeout=60) for _ in paths)


def children() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if "decoder" in child.name]


def test_good_bad_and_vanished_files_each_get_their_answer(decoder: Decoder, tmp_path: Path) -> None:
    good = sorted(write_colors(tmp_path).iterdir())
    (tmp_path / "text.jpg").write_text("a letter")
    answers = decode_all(decoder, [*good, tmp_path / "text.jpg", tmp_path / "nowhere.jpg"])
    assert all(isinstance(answers[path.name], DecodedPhoto) for path in good)
    assert str(answers["text.jpg"]) == "This is not a picture that photofind can read."
    assert answers["nowhere.jpg"] is None


def wait_for_work(decoder: Decoder, besides: int = 0) -> int:
    """Wait until a child has started and opens its file; return its process id."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in decoder._running:
            if child.is_ready and child.order is not None and child.process.pid != besides:
                time.sleep(0.1)
                return child.process.pid or 0
        time.sleep(0.02)
    raise AssertionError("no child took the file")


def test_a_child_that_is_killed_costs_nothing_and_twice_one_file(decoder: Decoder, tmp_path: Path) -> None:
    """The system may kill a child for want of memory while it has a photo with which nothing is wrong."""
    fifo = tmp_path / "endless.jpg"
    os.mkfifo(fifo)
    good = sorted(write_colors(tmp_path / "good").iterdir())
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    decoder.submit(os.fsencode(fifo), SPEC, answers.put)
    first = wait_for_work(decoder)
    os.kill(first, signal.SIGKILL)
    second = wait_for_work(decoder, besides=first)
    assert answers.empty()
    os.kill(second, signal.SIGKILL)
    assert "stopped twice from outside" in str(answers.get(timeout=60))
    assert all(isinstance(a, DecodedPhoto) for a in decode_all(decoder, good).values())


def test_a_good_photo_whose_child_is_killed_is_decoded_by_another(decoder: Decoder, tmp_path: Path) -> None:
    fifo = tmp_path / "slow.jpg"
    os.mkfifo(fifo)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    decoder.submit(os.fsencode(fifo), SPEC, answers.put)
    first = wait_for_work(decoder)
    write_photo(tmp_path / "good.jpg").replace(fifo)
    os.kill(first, signal.SIGKILL)
    assert isinstance(answers.get(timeout=60), DecodedPhoto)


def test_a_child_that_crashes_over_a_file_twice_says_that_the_file_is_damaged(decoder: Decoder, tmp_path: Path) -> None:
    fifo = tmp_path / "endless.jpg"
    os.mkfifo(fifo)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    decoder.submit(os.fsencode(fifo), SPEC, answers.put)
    first = wait_for_work(decoder)
    os.kill(first, signal.SIGSEGV)
    os.kill(wait_for_work(decoder, besides=first), signal.SIGSEGV)
    assert str(answers.get(timeout=60)) == "The picture is damaged: it made the decoder crash."


def test_children_that_die_while_idle_cost_nothing(decoder: Decoder, tmp_path: Path) -> None:
    good = sorted(write_colors(tmp_path).iterdir())
    decode_all(decoder, good)
    for _ in range(3):
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        assert all(isinstance(answer, DecodedPhoto) for answer in decode_all(decoder, good).values())


def test_where_no_decoder_can_start_photos_wait_and_people_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A program that is being updated, or a system without memory, says nothing about any photo."""
    photo = os.fsencode(write_photo(tmp_path / "good.jpg"))
    decoder = Decoder(children=1)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    with monkeypatch.context() as broken:
        broken.setattr("photofind.background.decoding.decoder.run_child", os.close)  # ends at once with an error
        decoder.submit(photo, SPEC, answers.put)
        with pytest.raises(PhotofindError, match="no decoder can be started"):
            decoder.decode_now(photo, SPEC, is_content=False)
        deaths, deadline = caplog.text.count("a decoder ended"), time.monotonic() + 60
        while caplog.text.count("a decoder ended") < deaths + 2:
            assert time.monotonic() < deadline, "no more children died over the photo that waits"
            time.sleep(0.02)
        assert answers.empty()
    assert isinstance(answers.get(timeout=60), DecodedPhoto)
    decoder.stop()


@pytest.mark.parametrize(
    "work",
    [
        child_work.answer_with_a_pickle,
        child_work.answer_with_other_pixels,
        child_work.answer_with_a_bomb,
        child_work.answer_unasked,
        child_work.answer_too_much,
        child_work.stop_midway,
    ],
)
def test_a_child_that_a_file_has_taken_over_costs_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[Connection], None]
) -> None:
    monkeypatch.setattr(child_process, "_STALL_SECONDS", 1)
    photo = write_photo(tmp_path / "evil.jpg")
    decoder = Decoder(children=1)
    with monkeypatch.context() as taken_over:
        taken_over.setattr("photofind.background.decoding.decoder.run_child", work)
        answer = decode_all(decoder, [photo])["evil.jpg"]
    assert str(answer) == "The picture is damaged: it made the decoder crash."
    assert os.listdir(tmp_path) == ["evil.jpg"]
    assert isinstance(decode_all(decoder, [photo])["evil.jpg"], DecodedPhoto)
    decoder.stop()


def test_a_picture_of_fifty_megabytes_waits_for_a_child_to_listen(decoder: Decoder, tmp_path: Path) -> None:
    data = write_photo(tmp_path / "a.png").read_bytes() + bytes(50_000_000)
    assert decoder.decode_now(data, SPEC, is_content=True).width == 320


def test_a_file_that_never_ends_is_given_up(tmp_path: Path) -> None:
    decoder = Decoder(children=1, seconds_a_file=2)
    fifo = tmp_path / "endless.jpg"
    os.mkfifo(fifo)
    good = write_photo(tmp_path / "good.jpg")
    answers = decode_all(decoder, [fifo, good])
    decoder.stop()
    assert "did not end within 2 seconds" in str(answers["endless.jpg"])
    assert isinstance(answers["good.jpg"], DecodedPhoto)


def test_the_persons_picture_goes_before_all_waiting_files(decoder: Decoder, tmp_path: Path) -> None:
    many = [write_photo(tmp_path / f"{n}.jpg", size=(3000, 2000), seed=n) for n in range(2)] * 40
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for path in many:
        decoder.submit(os.fsencode(path), SPEC, answers.put)
    picture = decoder.decode_now(os.fsencode(many[0]), SPEC, is_content=False)
    assert picture.width == 3000
    assert answers.qsize() < len(many) - 10
    for _ in many:
        answers.get(timeout=60)


def test_pasted_bytes_are_decoded_and_nonsense_is_refused(decoder: Decoder, tmp_path: Path) -> None:
    data = write_photo(tmp_path / "a.png").read_bytes()
    assert decoder.decode_now(data, SPEC, is_content=True).width == 320
    with pytest.raises(PhotofindError, match="not a picture"):
        decoder.decode_now(b"nonsense", SPEC, is_content=True)
    with pytest.raises(PhotofindError, match="no longer there"):
        decoder.decode_now(os.fsencode(tmp_path / "gone.png"), SPEC, is_content=False)


def test_a_child_has_a_memory_limit_and_low_priority(decoder: Decoder, tmp_path: Path) -> None:
    decoder.decode_now(os.fsencode(write_photo(tmp_path / "a.jpg")), SPEC, is_content=False)
    pid = children()[0]
    limits = Path(f"/proc/{pid}/limits").read_text()
    address_space = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert int(address_space.split()[3]) == 4 << 30
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


def test_stopping_in_the_middle_of_work_concludes_nothing_about_the_photos(tmp_path: Path) -> None:
    decoder = Decoder(children=2)
    path = os.fsencode(write_photo(tmp_path / "a.jpg", size=(4000, 3000)))
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for _ in range(50):
        decoder.submit(path, SPEC, answers.put)
    start = time.monotonic()
    decoder.stop()
    assert time.monotonic() - start < 3
    while not answers.empty():
        assert isinstance(answers.get(), DecodedPhoto)
    with pytest.raises(PhotofindError, match="closing"):
        decoder.submit(path, SPEC, answers.put)


def open_image(decoder: Decoder, path: Path, edge: int) -> ImageAnswer:
    answers: queue.SimpleQueue[ImageAnswer] = queue.SimpleQueue()
    decoder.open_image(os.fsencode(path), edge, answers.put)
    return answers.get(timeout=60)


def test_a_whole_picture_is_opened_upright_and_no_larger_than_asked(decoder: Decoder, tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    grain((200, 25, 30), (300, 200)).save(tmp_path / "a.jpg", exif=turned)
    whole = open_image(decoder, tmp_path / "a.jpg", 4096)
    assert isinstance(whole, np.ndarray)
    assert whole.shape == (300, 200, 3)
    assert whole[..., 0].mean() > 150
    small = open_image(decoder, tmp_path / "a.jpg", 60)
    assert isinstance(small, np.ndarray)
    assert small.shape == (60, 40, 3)


def test_a_picture_that_cannot_be_opened_is_answered_with_the_reason(decoder: Decoder, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("a letter")
    assert str(open_image(decoder, tmp_path / "text.jpg", 4096)) == "This is not a picture that photofind can read."
    assert open_image(decoder, tmp_path / "nowhere.jpg", 4096) is None
