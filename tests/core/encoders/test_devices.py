"""A graphics card is tried before it is trusted, given up when it fails, and never left without a word.

There is none here: the card is the CPU behind another name, made to fail as cards do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from photofind.core.encoders import devices, learned_encoder, trials
from photofind.core.encoders.devices import DeviceError, open_on_gpu
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.encoders.torch_model import DeviceKind, Precision, TorchModel
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Pixels, Vectors
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.power_cut import PowerCut
from tests.tiny_clip import TINY_CLIP

# The real one: the tests' card takes its place.
REAL_FIND_GPU = devices.find_gpu
PICTURES = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3), dtype=np.uint8)


class Card(TorchModel):
    """A model on a card that does what it is told before each batch."""

    before: Callable[[int], None] = staticmethod(lambda batch: None)
    opened: list[Precision] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> None:
        super().__init__(folder, precision="fp32" if precision == "fp16" else precision)
        self.precision = precision
        if device != "cpu":
            Card.opened.append(precision)
            self.model.encode_image = self._told(self.model.encode_image)

    def _told(self, encode: Any) -> Any:
        def told(inputs: torch.Tensor) -> torch.Tensor:
            Card.before(len(inputs))
            return encode(inputs)  # type: ignore[no-any-return]

        return told


@pytest.fixture(autouse=True)
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a card into this computer."""
    Card.before, Card.opened = lambda batch: None, []
    for module in (devices, learned_encoder):
        monkeypatch.setattr(module, "find_gpu", lambda: "cuda", raising=False)
        monkeypatch.setattr(module, "may_have_gpu", lambda: True)
        monkeypatch.setattr(module, "name_device", lambda kind: {"cuda": "Test card"}.get(kind, "CPU"))
    put_in(monkeypatch, Card)


def put_in(monkeypatch: pytest.MonkeyPatch, card: Callable[..., TorchModel]) -> None:
    """Let a model be opened so, on the card and for what it is compared with."""
    for module in (devices, trials):
        monkeypatch.setattr(module, "TorchModel", card)


def by_cpu() -> Vectors:
    return TorchModel(read_model_folder(TINY_CLIP)).encode_images(PICTURES)


def same(vectors: Vectors) -> bool:
    return bool(np.sum(vectors * by_cpu(), axis=1).min() > 0.999)


def test_a_card_that_computes_rightly_is_used_in_half_precision(tmp_path: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    assert same(encoder.encode_images(PICTURES))
    assert (encoder.device, encoder.engine, encoder.note) == ("Test card", "torch fp16", None)


def test_the_cpus_answer_is_computed_once_for_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = read_model_folder(TINY_CLIP)
    open_on_gpu(folder, "cuda", tmp_path)
    made: list[str] = []

    def note(folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> Card:
        made.append(device)
        return Card(folder, device, precision)

    put_in(monkeypatch, note)
    open_on_gpu(folder, "cuda", tmp_path)
    assert made == ["cuda"]


def test_a_power_cut_does_not_take_the_cpus_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = PowerCut(monkeypatch)
    open_on_gpu(read_model_folder(TINY_CLIP), "cuda", tmp_path)
    assert (tmp_path / "expected.npy").exists()
    assert cut.lost() == []


@pytest.mark.parametrize("content", [b"", b"no array"])
def test_a_damaged_answer_is_computed_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "expected.npy").write_bytes(content)
    open_on_gpu(read_model_folder(TINY_CLIP), "cuda", tmp_path)
    assert np.load(tmp_path / "expected.npy").shape == (66, 64)


def test_a_model_without_words_is_tried_by_pictures_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_tiny_similar_model(tmp_path / "model", size=56)
    pictures = PICTURES[:, :56, :56]
    expected = TorchModel(read_model_folder(folder)).encode_images(pictures)
    encoder = LearnedEncoder(folder, tmp_path)
    assert np.sum(encoder.encode_images(pictures) * expected, axis=1).min() > 0.999
    assert (encoder.device, encoder.engine, encoder.note) == ("Test card", "torch fp16", None)
    (stored,) = tmp_path.rglob("expected.npy")
    assert np.load(stored).shape == (16, 32)
    written = stored.stat().st_mtime_ns
    LearnedEncoder(folder, tmp_path).encode_images(pictures)
    assert stored.stat().st_mtime_ns == written, "it is computed once"


def spoil(card: TorchModel, wrong: tuple[Precision, ...]) -> None:
    if card.precision in wrong:
        with torch.no_grad():
            for weights in card.model.parameters():
                weights.add_(torch.randn_like(weights) * weights.std(correction=0) * 0.3)


@pytest.mark.parametrize(("wrong", "used"), [(("fp16",), "bf16"), (("fp16", "bf16"), "fp32")])
def test_a_precision_that_computes_wrongly_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: tuple[Precision, ...], used: str
) -> None:
    class Wrong(Card):
        def __init__(self, folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> None:
            super().__init__(folder, device, precision)
            spoil(self, wrong)

    put_in(monkeypatch, Wrong)
    assert open_on_gpu(read_model_folder(TINY_CLIP), "cuda", tmp_path).precision == used


def test_what_all_pictures_share_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As learned vectors lie in a narrow cone, where a cosine of 0.9999 may have half of what sets them apart wrong."""

    class Narrow(Card):
        def __init__(self, folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> None:
            super().__init__(folder, device, precision)
            self.noise = 0.02 if device != "cpu" and precision == "fp16" else 0.0

        def encode_images(self, images: Pixels) -> Vectors:
            vectors = super().encode_images(images)
            off = np.random.default_rng(1).normal(0, self.noise / 8, vectors.shape)
            shared = vectors / 20 + np.eye(1, vectors.shape[1]) + off
            return np.asarray(shared / np.linalg.norm(shared, axis=1, keepdims=True), np.float32)

    put_in(monkeypatch, Narrow)
    assert open_on_gpu(read_model_folder(TINY_CLIP), "cuda", tmp_path).precision == "bf16"


def test_a_card_that_always_computes_wrongly_is_not_used_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Card):
        def encode_images(self, images: Pixels) -> Vectors:
            vectors = super().encode_images(images)
            return vectors if self not in spoiled else np.roll(vectors, 1, axis=1)

        def __init__(self, folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> None:
            super().__init__(folder, device, precision)
            if device != "cpu":
                spoiled.append(self)

    spoiled: list[TorchModel] = []
    put_in(monkeypatch, Wrong)
    with pytest.raises(DeviceError, match="computes wrongly"):
        open_on_gpu(read_model_folder(TINY_CLIP), "cuda", tmp_path)
    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    assert same(encoder.encode_images(PICTURES))
    assert encoder.device == "CPU"
    assert str(encoder.note) == "Test card cannot be used (it computes wrongly), so the CPU is."


def test_a_card_that_this_torch_was_not_built_for_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> TorchModel:
        if device == "cpu":
            return TorchModel(folder)
        raise RuntimeError("CUDA error: no kernel image is available\nmore that nobody reads")

    put_in(monkeypatch, refuse)
    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    assert same(encoder.encode_images(PICTURES))
    assert str(encoder.note) == "Test card cannot be used (CUDA error: no kernel image is available), so the CPU is."


def test_too_little_memory_makes_batches_smaller(tmp_path: Path) -> None:
    sizes: list[int] = []

    def fits(batch: int) -> None:
        if batch > 2:
            raise torch.OutOfMemoryError("out of memory")
        sizes.append(batch)

    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    encoder.encode_images(PICTURES[:1])
    Card.before = fits
    assert same(encoder.encode_images(PICTURES))
    assert (max(sizes), sum(sizes), encoder.device) == (2, 9, "Test card")


def test_not_even_one_picture_fits_so_the_cpu_goes_on(tmp_path: Path) -> None:
    def full(batch: int) -> None:
        raise torch.OutOfMemoryError("out of memory")

    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    encoder.encode_images(PICTURES[:1])
    Card.before = full
    assert same(encoder.encode_images(PICTURES))
    assert str(encoder.note) == "Test card cannot be used (it has too little memory), so the CPU is."
    assert len(Card.opened) == 1, "it is not tried again"


@pytest.mark.parametrize("failures", [1, 2])
def test_a_card_lost_after_sleep_is_tried_once_again(tmp_path: Path, failures: int) -> None:
    left = [failures]

    def lose(batch: int) -> None:
        if left[0] > 0 and batch == len(PICTURES):
            left[0] -= 1
            raise RuntimeError("CUDA error: the launch failed")

    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    encoder.encode_images(PICTURES[:1])
    Card.before = lose
    assert same(encoder.encode_images(PICTURES))
    assert encoder.device == ("Test card" if failures == 1 else "CPU")
    assert ("launch failed" in str(encoder.note)) == (failures == 2)


def test_a_mistake_on_the_cpu_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path, "cpu")
    with pytest.raises(RuntimeError):
        encoder.encode_images(np.zeros((1, 7, 7, 3), np.uint8))


def test_words_do_not_depend_on_the_card(tmp_path: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    encoder.encode_images(PICTURES[:1])
    before = encoder.encode_texts(["a red circle"])
    Card.before = lambda batch: (_ for _ in ()).throw(RuntimeError("CUDA error: the launch failed"))
    assert np.array_equal(encoder.encode_texts(["a red circle"]), before)


def test_too_little_memory_on_the_cpu_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: TorchModel, images: Pixels) -> Vectors:
        raise MemoryError

    encoder = LearnedEncoder(TINY_CLIP, tmp_path, "cpu")
    encoder.encode_images(PICTURES[:1])
    monkeypatch.setattr(TorchModel, "encode_images", full)
    with pytest.raises(MemoryError):
        encoder.encode_images(PICTURES)


def test_the_person_may_choose_the_cpu(tmp_path: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path, "cpu")
    encoder.encode_images(PICTURES)
    assert (encoder.device, encoder.note, Card.opened) == ("CPU", None, [])


def test_a_chosen_card_that_is_not_there_is_said(tmp_path: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path, "mps")
    encoder.encode_images(PICTURES)
    assert encoder.device == "CPU"
    assert str(encoder.note) == "The graphics card that was chosen is not there, so the CPU is used."


def test_a_broken_torch_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(PhotofindError, match="pip install "):
        REAL_FIND_GPU()


def test_a_full_memory_of_apples_makes_batches_smaller_too(tmp_path: Path) -> None:
    def full(batch: int) -> None:
        if batch > 4:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)")

    encoder = LearnedEncoder(TINY_CLIP, tmp_path)
    encoder.encode_images(PICTURES[:1])
    Card.before = full
    assert same(encoder.encode_images(PICTURES))
    assert (encoder.device, len(Card.opened)) == ("Test card", 1)
