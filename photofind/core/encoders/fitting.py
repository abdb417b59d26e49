"""Fit a model to this computer's processor: export it, try every engine, keep the fastest that is true.

Takes about a minute and the memory of a few copies of the model, so it runs in a child process of its own.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

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
from photofind.core.encoders.gate import EIGHT_BITS, EXACT, HALF, Agreement
from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.encoders.noise import Feed
from photofind.core.encoders.onnx_towers import OnnxImages, OnnxTexts, TokenTable
from photofind.core.encoders.text_tower import find_ends
from photofind.core.encoders.torch_model import TorchModel, first_line
from photofind.core.encoders.tower_files import TowerFiles
from photofind.core.encoders.trial_pictures import draw_pictures
from photofind.core.encoders.trials import (
    Exact,
    ImageTrial,
    TextTrial,
    choose_images,
    choose_texts,
    compute_exact,
    measure,
)
from photofind.core.errors import PhotofindError
from photofind.core.log.nameless import Plain
from photofind.core.records.arrays import Pixels, Vectors

_log = logging.getLogger(__name__)
_COPIES: Final = 4  # of the weights, in all that is written while engines are tried
_DRAWN: Final = 64  # pictures, where there are none of the person's own
# What the noise of eight bits is measured with: few, for all that comes into every product is held in memory.
_MEASURED: Final = {IMAGES_FILE: 4, TEXTS_FILE: 16}
# Shares of the noisiest products that mixed precision leaves in full, tried one after the other.
_IN_FULL: Final = (0.0, 1 / 12, 1 / 4)
_ONNX: Final[tuple[tuple[Engine, Agreement], ...]] = (
    ("ONNX fp32", EXACT),
    ("ONNX INT8", EIGHT_BITS),
    ("ONNX INT8 mixed", EIGHT_BITS),
)

Trial = TypeVar("Trial", ImageTrial, TextTrial)


def fit_model(model: Path, target: Path, pictures: Pixels | None, among: Sequence[Engine] = ENGINES) -> Engines:
    """Decide the engines of the model folder `model`, among those named, and write them into the folder `target`.

    `pictures` of the person's own, uint8 [n, size, size, 3], are what they are tried on; None where there are too
    few. Raises PhotofindError where the model cannot be loaded, OSError where the disk is full.
    """
    folder = read_model_folder(model)
    part = unfinished_dir(target)
    shutil.rmtree(part, ignore_errors=True)  # what was left by one that was killed
    part.mkdir(parents=True)
    try:
        _require_room(folder, part)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's, about traces that are right here and its own age
            engines = _decide(folder, part, pictures, among)
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
            "too_full_to_fit",
            folder=part.parent,
            model=folder.spec.name,
            needed_mb=needed / 1e6,
            free_mb=free / 1e6,
        )


def _decide(folder: ModelFolder, part: Path, pictures: Pixels | None, among: Sequence[Engine]) -> Engines:
    """Try the engines; return the decision, its files in `part`."""
    exact = compute_exact(folder, draw_pictures(_DRAWN, folder.spec.size) if pictures is None else pictures)
    files = TowerFiles(folder, exact.model, part, lambda name: _feeds(folder, exact, name))
    tried = measure(_try_images(folder, exact, files, among), exact.pictures)
    images = choose_images(tried, among)
    texts = choose_texts(_try_texts(folder, exact, files, images.vectors, among)) if folder.text else None
    files.keep({IMAGES_FILE: images.engine, TEXTS_FILE: texts})
    return Engines(
        images.engine,
        texts,
        rates={trial.engine: trial.rate for trial in tried if trial.is_exact},
        refused={trial.engine: trial.refusal.to_text() for trial in tried if not trial.is_exact},
        pictures=0 if pictures is None else len(pictures),
    )


def _try_images(folder: ModelFolder, exact: Exact, files: TowerFiles, among: Sequence[Engine]) -> list[ImageTrial]:
    """Try the image tower in every engine named; single precision in torch comes first, and always does."""
    tried = [exact.as_trial()]
    if "torch bf16" in among and _has_bf16():
        tried.append(exact.try_images("torch bf16", TorchModel(folder, precision="bf16").encode_images, HALF))

    def try_one(engine: Engine, bound: Agreement, in_full: float) -> ImageTrial:
        return exact.try_images(engine, OnnxImages(files.make(engine, IMAGES_FILE, in_full)).encode_images, bound)

    return tried + _try_exported(among, try_one)


def _try_texts(
    folder: ModelFolder, exact: Exact, files: TowerFiles, images: Vectors, among: Sequence[Engine]
) -> list[TextTrial]:
    """Try the text tower in the engines named, beside the chosen one's images [n, dim]."""
    last = find_ends(exact.tokens, folder.require_text())

    def try_one(engine: Engine, bound: Agreement, in_full: float) -> TextTrial:
        made = OnnxTexts(files.make(engine, TEXTS_FILE, in_full), folder.weights).encode(exact.tokens, last)
        return exact.try_texts(engine, made, images, bound)

    return [trial for trial in _try_exported(among, try_one) if trial.engine in among]


def _feeds(folder: ModelFolder, exact: Exact, name: str) -> list[Feed]:
    """Return a few inputs of a tower, spread over what it is tried on."""
    count = len(exact.pictures if name == IMAGES_FILE else exact.tokens)
    chosen = np.linspace(0, count - 1, min(count, _MEASURED[name])).astype(int)
    if name == IMAGES_FILE:
        return [{"images": exact.pictures[[place]]} for place in chosen]
    rows, last = TokenTable(folder.weights).rows(exact.tokens), find_ends(exact.tokens, folder.require_text())
    return [{"tokens": rows[[place]], "last": last[[place]]} for place in chosen]


def _try_exported(among: Sequence[Engine], try_one: Callable[[Engine, Agreement, float], Trial]) -> list[Trial]:
    """Try the engines that a tower is exported for, until one is not to be had; of mixed ones the first that holds."""
    tried: list[Trial] = []
    for engine, bound in _exported(among):
        if engine == "ONNX INT8 mixed" and any(t.engine == "ONNX INT8" and t.is_exact for t in tried):
            break  # mixed only where eight bits throughout are not enough
        try:
            for in_full in _IN_FULL if engine == "ONNX INT8 mixed" else (0.0,):
                trial = try_one(engine, bound, in_full)
                if trial.is_exact:
                    break
            tried.append(trial)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - a model of a shape that cannot be exported: torch runs it
            # Not refused: that would say that what it made is not exact.
            _log.info("%s is not to be had: %s", Plain(engine), first_line(error))
            break
    return tried


def _exported(among: Sequence[Engine]) -> tuple[tuple[Engine, Agreement], ...]:
    """Return the engines that a tower is exported for, if any: eight bits are made from single precision."""
    wanted = tuple(each for each in _ONNX if each[0] in among)
    return wanted if wanted[:1] in ((), _ONNX[:1]) else (*_ONNX[:1], *wanted)


def _has_bf16() -> bool:
    """Tell whether the processor computes in bf16 itself; where it is emulated, it is slower than single precision."""
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16"))
