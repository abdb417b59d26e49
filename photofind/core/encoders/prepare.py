"""Decide how a model runs on this computer's processor: export it, measure every engine, keep the fastest that is true.

Takes about a minute and the memory of a few copies of the model, so it runs in a child process of its own.
"""

from __future__ import annotations

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from photofind.core.atomic_file import put_folder_in_place
from photofind.core.encoders.devices import EXPECTED_FILE
from photofind.core.encoders.engines import (
    ENGINES,
    IMAGES_FILE,
    TEXTS_FILE,
    Engine,
    Engines,
    unfinished_dir,
    write_engines,
)
from photofind.core.encoders.export import export_images, export_texts, quantize
from photofind.core.encoders.gate import EIGHT_BITS, EXACT, HALF, TEXTS, Agreement, compare_images, compare_texts
from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.encoders.onnx_towers import OnnxImages, OnnxTexts, save_optimized
from photofind.core.encoders.sample_pictures import draw_pictures
from photofind.core.encoders.text_tower import cut_tokens, find_ends
from photofind.core.encoders.tokenizer import Tokenizer
from photofind.core.encoders.torch_model import TorchModel, first_line
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Pixels, Vectors

_log = logging.getLogger(__name__)
_BATCH: Final = 8
_ROUNDS: Final = 4
_COPIES: Final = 3  # of the weights, in all that is written while engines are tried
# torch takes three seconds to start and a gigabyte of memory: it must be so much faster to be worth it.
_TORCH_COSTS: Final = 1.25
_DRAWN: Final = 64  # pictures, where there are none of the person's own
_ONNX: Final[tuple[tuple[Engine, Agreement], ...]] = (
    ("ONNX fp32", EXACT),
    ("ONNX INT8", EIGHT_BITS),
    ("ONNX INT8 mixed", EIGHT_BITS),
)

Encode = Callable[[Pixels], Vectors]


def prepare(model: Path, target: Path, pictures: Pixels | None, among: Sequence[Engine] = ENGINES) -> Engines:
    """Decide the engines of the model folder `model`, among those named, and write them into the folder `target`.

    `pictures` of the person's own, uint8 [n, size, size, 3], are what they are tried on; None where there are too
    few. Raises PhotofindError where the model cannot be loaded, OSError where the disk is full.
    """
    folder = read_model_folder(model)
    part = unfinished_dir(target)
    shutil.rmtree(part, ignore_errors=True)  # what was left by one that was killed
    (part / "tried").mkdir(parents=True)
    try:
        _require_room(folder, part)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's, about traces that are right here and its own age
            engines = _Preparation(folder, part, pictures).decide(among)
        shutil.rmtree(part / "tried")
        if (target / EXPECTED_FILE).exists():
            shutil.copy(target / EXPECTED_FILE, part)
        write_engines(part, engines)
        put_folder_in_place(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return engines


def _require_room(folder: ModelFolder, part: Path) -> None:
    """Raise PhotofindError where the disk is too full: a disk that fills on the way would decide for torch."""
    needed = _COPIES * folder.weights.stat().st_size
    free = shutil.disk_usage(part).free
    if free < needed:
        raise PhotofindError(
            f"The disk of {part.parent} is too full to fit the model {folder.spec.name} to this computer: that needs "
            f"{needed / 1e6:,.0f} MB for a while, and {free / 1e6:,.0f} MB are free."
        )


class _Preparation:
    """What is known while the decision is made."""

    def __init__(self, folder: ModelFolder, target: Path, pictures: Pixels | None) -> None:
        self._folder, self._target = folder, target
        self._own = 0 if pictures is None else len(pictures)
        self._pictures = draw_pictures(_DRAWN, folder.spec.size) if pictures is None else pictures
        self._exact = TorchModel(folder)
        self._exact_images = self._exact.encode_images(self._pictures)
        if folder.text is None:
            self._tokens, self._exact_texts = np.empty((0, 0), np.int64), np.empty((0, folder.spec.dim), np.float32)
        else:
            self._tokens = cut_tokens(Tokenizer(folder).encode(TEXTS), folder.text)
            self._exact_texts = self._exact.encode_texts(self._tokens)
        self._refused: dict[Engine, str] = {}

    def decide(self, among: Sequence[Engine]) -> Engines:
        """Try the engines; return the decision, its files in place. Single precision in torch always does."""
        candidates: dict[Engine, Encode] = {"torch fp32": self._exact.encode_images}
        vectors: dict[Engine, Vectors] = {"torch fp32": self._exact_images}
        if "torch bf16" in among and _has_bf16():
            half = TorchModel(self._folder, precision="bf16")
            self._try_images("torch bf16", half.encode_images, HALF, candidates, vectors)
        for engine, bound in _exported(among):
            if not self._try_exported(engine, bound, candidates, vectors):
                break
        rates = self._measure(candidates)
        plain: Engine = "torch fp32"
        worth = {engine: rate / (_TORCH_COSTS if engine.startswith("torch") else 1) for engine, rate in rates.items()}
        images = max((engine for engine in among if engine in rates), key=worth.__getitem__, default=plain)
        texts = self._decide_texts(vectors[images], among)
        self._keep(images, IMAGES_FILE)
        self._keep(texts, TEXTS_FILE)
        return Engines(images, texts, rates, self._refused, self._own)

    def _try_images(
        self,
        engine: Engine,
        encode: Encode,
        bound: Agreement,
        candidates: dict[Engine, Encode],
        vectors: dict[Engine, Vectors],
    ) -> None:
        made = encode(self._pictures)
        found = compare_images(self._exact_images, made, self._exact_texts)
        if found.holds(bound):
            candidates[engine], vectors[engine] = encode, made
        else:
            self._refuse(engine, found)

    def _try_exported(
        self, engine: Engine, bound: Agreement, candidates: dict[Engine, Encode], vectors: dict[Engine, Vectors]
    ) -> bool:
        """Try an image tower in ONNX, if it can be had; mixed precision only where eight bits throughout fail."""
        if engine == "ONNX INT8 mixed" and "ONNX INT8" in candidates:
            return True
        try:
            encode = OnnxImages(self._make(engine, IMAGES_FILE)).encode_images
            self._try_images(engine, encode, bound, candidates, vectors)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - a model of a shape that cannot be exported: torch runs it
            # Not refused: that would say that what it made is not exact.
            _log.info("%s is not to be had: %s", engine, first_line(error))
            return False
        return True

    def _decide_texts(self, images: Vectors, among: Sequence[Engine]) -> Engine | None:
        """Return the smallest text tower that is true beside the chosen images; torch where none can be exported."""
        if self._folder.text is None:
            return None
        last = find_ends(self._tokens, self._folder.text)
        best: Engine = "torch fp32"
        for engine, bound in _exported(among):
            if best == "ONNX INT8":
                break
            try:
                path = self._make(engine, TEXTS_FILE)
                made = OnnxTexts(path, self._folder.weights).encode(self._tokens, last)
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                _log.info("no text tower in ONNX: %s", first_line(error))
                return best
            if engine in among and compare_texts(self._exact_texts, made, images).holds(bound):
                best = engine
        return best

    def _make(self, engine: Engine, name: str) -> Path:
        """Write one tower for one engine, as ONNX Runtime wants it; eight bits are made from single precision."""
        source = plain = self._target / "tried" / f"plain {name}"
        if engine == "ONNX fp32":
            self._export(name, plain)
        else:
            source = self._target / "tried" / f"exact {engine} {name}"
            quantize(plain, source, keep_ends=engine == "ONNX INT8 mixed")
        save_optimized(source, self._tried(engine, name))
        return self._tried(engine, name)

    def _export(self, name: str, path: Path) -> None:
        if name == IMAGES_FILE:
            export_images(self._exact.model, self._folder, path)
        else:
            text = self._folder.require_text()
            export_texts(self._exact.model, path, length=None if text.may_be_cut else text.context_length)

    def _tried(self, engine: Engine, name: str) -> Path:
        return self._target / "tried" / f"{engine} {name}"

    def _keep(self, engine: Engine | None, name: str) -> None:
        """Put the file of an engine that was chosen in place, if it has one."""
        if engine is not None and engine.startswith("ONNX"):
            self._tried(engine, name).replace(self._target / name)

    def _measure(self, candidates: dict[Engine, Encode]) -> dict[Engine, float]:
        """Return images a second of each engine, in turns, so that what else runs slows all alike; the best counts."""
        batch = self._pictures[:_BATCH]
        seconds: dict[Engine, list[float]] = {engine: [] for engine in candidates}
        for _ in range(_ROUNDS):
            for engine, encode in candidates.items():
                start = time.perf_counter()
                encode(batch)
                seconds[engine].append(time.perf_counter() - start)
        return {engine: len(batch) / min(taken) for engine, taken in seconds.items()}

    def _refuse(self, engine: Engine, found: Agreement) -> None:
        why = f"cosine {found.mean:.4f}, lowest {found.lowest:.4f}, {found.overlap:.0%} of the best ten photos the same"
        _log.info("%s is not used: %s", engine, why)
        self._refused[engine] = why


def _exported(among: Sequence[Engine]) -> tuple[tuple[Engine, Agreement], ...]:
    """Return the engines that a tower is exported for, if any: eight bits are made from single precision."""
    wanted = tuple(each for each in _ONNX if each[0] in among)
    return wanted if wanted[:1] in ((), _ONNX[:1]) else (*_ONNX[:1], *wanted)


def _has_bf16() -> bool:
    """Tell whether the processor computes in bf16 itself; where it is emulated, it is slower than single precision."""
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16"))
