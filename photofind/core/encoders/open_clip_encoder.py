"""Embed with any open_clip model that lies in a folder, on CUDA, MPS or CPU, whichever is there.

torch and open_clip are imported on first use only, because that takes seconds; the folder is loaded through
open_clip's `local-dir:`, which reaches no network.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from photofind.core.encoders.encoder import Spec
from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.errors import PhotofindError
from photofind.core.records import Pixels, Vectors

if TYPE_CHECKING:
    import torch

_log = logging.getLogger(__name__)

_BATCH: Final = 64  # pictures in one pass; more only takes memory
_EQUAL: Final = 0.999  # the cosine to the CPU's results that a device must reach to be used


class OpenClipEncoder:
    """An open_clip model on the best device; an `Encoder`. Loading takes seconds."""

    def __init__(self, path: Path) -> None:
        folder = read_model_folder(path)
        self._folder = folder
        self._model, self._tokenize = _load(folder)
        self._device, self._half = _cpu(), False
        self._settle(choose_device())

    @property
    def spec(self) -> Spec:
        """The model's spec."""
        return self._folder.spec

    @property
    def device(self) -> str:
        """Where it runs, as shown to the person."""
        return name_device(self._device)

    @property
    def engine(self) -> str:
        """What computes: torch in full or half precision."""
        return "torch fp16" if self._half else "torch fp32"

    def knows(self, text: str) -> bool:  # noqa: ARG002 - a learned model has a meaning for anything
        """Tell that any text has a meaning."""
        return True

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, size, size, 3]; return float32 [n, dim] of unit length."""
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        return np.concatenate([_none(self.spec.dim), *map(self._encode_batch, batches)])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts as typed, cut at the model's length; return float32 [n, dim] of unit length."""
        if not texts:
            return _none(self.spec.dim)
        tokens = self._tokenize(list(texts)).to(self._device)
        return self._compute(self._model.encode_text, tokens)

    def _encode_batch(self, images: Pixels) -> Vectors:
        import torch  # noqa: PLC0415 - the window is painted before torch is there

        # A copy only of pixels that torch may not share: those in read-only memory.
        pixels = torch.from_numpy(np.require(images, np.uint8, ["C", "W"])).to(self._device)
        mean, std = (torch.tensor(v, device=self._device).view(3, 1, 1) for v in (self._folder.mean, self._folder.std))
        return self._compute(self._model.encode_image, (pixels.permute(0, 3, 1, 2).float() / 255 - mean) / std)

    def _compute(self, encode: Any, inputs: torch.Tensor) -> Vectors:
        import torch  # noqa: PLC0415 - as above

        with torch.inference_mode(), torch.autocast(self._device.type, torch.float16, enabled=self._half):
            features = encode(inputs)
        vectors: Vectors = torch.nn.functional.normalize(features.float(), dim=-1).cpu().numpy()
        return vectors

    def _settle(self, device: torch.device) -> None:
        """Move to a device, in half precision if that gives what the CPU gives; where nothing does, stay."""
        if device.type == self._device.type:
            return
        expected = self._embed_samples()
        reason = "it computes wrongly"
        try:
            self._model.to(device)
            self._device = device
            for self._half in (True, False) if device.type == "cuda" else (False,):
                if np.all(np.sum(expected * self._embed_samples(), axis=1) >= _EQUAL):
                    return
        except RuntimeError as error:  # a driver or card that this torch was not built for, or no memory left
            reason = _first_line(error)
        _log.warning("%s cannot be used (%s), so the CPU is.", name_device(device), reason)
        self._model, self._tokenize = _load(self._folder)
        self._device, self._half = _cpu(), False

    def _embed_samples(self) -> Vectors:
        images = _sample_images(self.spec.size)
        return np.concatenate([self.encode_images(images), self.encode_texts(_SAMPLE_TEXTS)])


_SAMPLE_TEXTS: Final = ("red", "a dog on the beach", "a photo of a birthday party at night")


def _sample_images(size: int) -> Pixels:
    """Draw a few pictures of very different kinds, uint8 [4, size, size, 3]."""
    rng = np.random.default_rng(0)
    across = np.linspace(0, 255, size)
    gradient = np.stack(np.broadcast_arrays(across[:, None], across, across[::-1]), axis=-1)
    checks = np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((size // 8 + 1, size // 8 + 1, 1)))[:size, :size]
    noise = rng.integers(0, 256, (size, size, 3))
    return np.stack([gradient, checks, noise, np.full((size, size, 3), 30)]).astype(np.uint8)


def choose_device() -> torch.device:
    """Return the CUDA card, else Apple's, else the processor."""
    import torch  # noqa: PLC0415 - the window is painted before torch is there

    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _cpu() -> torch.device:
    import torch  # noqa: PLC0415 - as above

    return torch.device("cpu")


def name_device(device: torch.device) -> str:
    """Return what people call a device."""
    import torch  # noqa: PLC0415 - as above

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU", "cpu": "CPU"}.get(device.type, device.type)


def _load(folder: ModelFolder) -> tuple[Any, Any]:
    """Load model and tokenizer. Where there are safetensors, and there are, open_clip opens no pickle."""
    open_clip = _import_open_clip()
    name = f"local-dir:{folder.path}"
    try:
        model = open_clip.create_model(name, device="cpu", require_pretrained=True)
        return model.eval(), open_clip.get_tokenizer(name)
    except Exception as error:  # a foreign config leads open_clip to any kind of error
        raise PhotofindError(f"open_clip cannot load the model in {folder.path}: {_first_line(error)}") from error


def _import_open_clip() -> Any:
    # torch's threads must not burn a core while they wait: the decoder's processes need it.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _load_libraries()
    try:
        import open_clip  # noqa: PLC0415 - the window is painted before torch is there
    except (ImportError, RuntimeError, OSError) as error:  # RuntimeError: torchvision made for another torch
        raise PhotofindError(
            f"torch, torchvision and open_clip do not work together ({_first_line(error)}); this mends it: "
            "pip install --upgrade --force-reinstall torch torchvision open-clip-torch"
        ) from error
    return open_clip


def _load_libraries() -> None:
    """Load torch's large libraries ahead of its import, on Linux, without holding Python's lock.

    The import holds it while it loads them, and the window stands still for up to half a second;
    a foreign function does not. Where this fails, the import says why.
    """
    found = importlib.util.find_spec("torch")
    if sys.platform != "linux" or found is None or found.origin is None:
        return
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for name in ("torch_global_deps", "c10", "torch_cpu", "torch_cuda"):
        load(os.fsencode(Path(found.origin).parent / "lib" / f"lib{name}.so"), os.RTLD_NOW)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _none(dim: int) -> Vectors:
    return np.empty((0, dim), np.float32)
