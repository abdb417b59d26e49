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
from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.encoders.text_tower import cut_tokens
from photofind.core.encoders.tokenizer import Tokenizer
from photofind.core.encoders.torch_model import DeviceKind, Precision, TorchModel, first_line, import_torch
from photofind.core.encoders.trial_pictures import draw_pictures
from photofind.core.log.nameless import Plain
from photofind.core.records.arrays import Vectors
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
EXPECTED_FILE: Final = "expected.npy"
_PICTURES: Final = 4
_TEXTS: Final = ("red", "a dog on the beach", "a photo of a birthday party at night")
# The cosine to what the CPU computes in single precision that every trial must reach.
_EQUAL: Final[dict[Precision, float]] = {"fp16": 0.999, "bf16": 0.999, "fp32": 0.9999}


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

    What the CPU makes of a few pictures and texts is kept in `directory`: computed once for these weights.
    """
    expected = _expected(folder, directory)
    precisions: tuple[Precision, ...] = ("fp16", "bf16", "fp32")
    for precision in precisions:
        model = None  # before the next one takes its place on the card
        try:
            model = TorchModel(folder, kind, precision)
            found = _embed_trials(model)
        except (RuntimeError, MemoryError) as error:  # a driver or card that this torch was not built for
            raise DeviceError(Sentence("as_written", text=first_line(error))) from error
        lowest = float(np.sum(expected * found, axis=1).min())
        if lowest >= _EQUAL[precision]:
            return model
        _log.warning("%s is not used on %s: cosine %.5f to the CPU", Plain(precision), Plain(kind), lowest)
    raise DeviceError(Sentence("card_computes_wrongly"))


def _expected(folder: ModelFolder, directory: Path) -> Vectors:
    path = directory / EXPECTED_FILE
    try:
        expected: Vectors = np.load(path)
        if expected.shape == (_PICTURES + (len(_TEXTS) if folder.text else 0), folder.spec.dim):
            return expected
    except (OSError, ValueError, EOFError) as error:
        _log.info("computed anew: %s", error)
    expected = _embed_trials(TorchModel(folder))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        np.save(content, expected)
        write_atomically(path, content.getvalue())
    except OSError as error:
        _log.warning("computed at the next start again: %s", error)
    return expected


def _embed_trials(model: TorchModel) -> Vectors:
    folder = model.folder
    images = model.encode_images(draw_pictures(_PICTURES, folder.spec.size))
    if folder.text is None:
        return images
    tokens = cut_tokens(Tokenizer(folder).encode(_TEXTS), folder.text)
    return np.concatenate([images, model.encode_texts(tokens)])
