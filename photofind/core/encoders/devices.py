"""Which device computes: found, named, and tried before it is trusted with a library."""

from __future__ import annotations

import ctypes.util
import io
import logging
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from photofind.core.atomic_file import write_atomically
from photofind.core.encoders.gate import EXACT, HALF, TEXTS, Agreement, compare_images
from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.encoders.torch_model import DeviceKind, Precision, TorchModel, first_line, import_torch
from photofind.core.encoders.trial_pictures import draw_pictures
from photofind.core.encoders.trials import compute_exact
from photofind.core.log.nameless import Plain
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
EXPECTED_FILE: Final = "expected.npy"
_PICTURES: Final = 16
# How near to what the CPU computes in single precision it must be, from the fastest to the most exact.
_BOUNDS: Final[dict[Precision, Agreement]] = {"fp16": HALF, "bf16": HALF, "fp32": EXACT}


class DeviceError(Exception):
    """A device that cannot be used; `reason` says why, in a few words."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


@cache
def may_have_gpu() -> bool:
    """Tell without torch whether a graphics card that it could use may be there."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return ctypes.util.find_library("nvcuda" if sys.platform == "win32" else "cuda") is not None


def find_gpu() -> DeviceKind | None:
    """Return the kind of graphics card that torch can use, or None; imports torch."""
    torch = import_torch()
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def name_device(kind: DeviceKind) -> str:
    """Return what people call a device; imports torch for CUDA only."""
    if kind == "cuda":
        return str(import_torch().cuda.get_device_name())
    return {"mps": "Apple GPU", "cpu": "CPU"}[kind]


def open_on_gpu(folder: ModelFolder, kind: DeviceKind, directory: Path) -> TorchModel:
    """Load a model on a graphics card, in half precision where that proves equal; DeviceError where nothing does.

    It is compared as the CPU's engines are (`gate`). What the CPU makes of a few pictures, and of the texts that they
    are ranked by, is kept in `directory`: computed once for these weights.
    """
    pictures = draw_pictures(_PICTURES, folder.spec.size)
    expected, texts = _expected(folder, pictures, directory)
    for precision, bound in _BOUNDS.items():
        model = None  # before the next one takes its place on the card
        try:
            model = TorchModel(folder, kind, precision)
            found = compare_images(expected, model.encode_images(pictures), texts)
        except (RuntimeError, MemoryError) as error:  # a driver or card that this torch was not built for
            raise DeviceError(Sentence("as_written", text=first_line(error))) from error
        if found.holds(bound):
            return model
        _log.warning("%s is not used on %s: scores off by %.1f %%", Plain(precision), Plain(kind), 100 * found.noise)
    raise DeviceError(Sentence("card_computes_wrongly"))


def _expected(folder: ModelFolder, pictures: Pixels, directory: Path) -> tuple[Vectors, Vectors]:
    """Return what the CPU makes of the pictures, and of the texts of the gate where the model knows words."""
    path = directory / EXPECTED_FILE
    try:
        stored: Vectors = np.load(path)
        if stored.shape == (_PICTURES + (len(TEXTS) if folder.text else 0), folder.spec.dim):
            return stored[:_PICTURES], stored[_PICTURES:]
    except (OSError, ValueError, EOFError) as error:
        _log.info("computed anew: %s", error)
    exact = compute_exact(folder, pictures)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        np.save(content, np.concatenate([exact.images, exact.texts]))
        write_atomically(path, content.getvalue())
    except OSError as error:
        _log.warning("computed at the next start again: %s", error)
    return exact.images, exact.texts
