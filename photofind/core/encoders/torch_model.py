"""A model run by torch, in one precision on one device: CUDA, Apple's GPU, or the CPU.

torch, open_clip and timm are imported on first use only, because that takes seconds; a folder is loaded through
their `local-dir:`, which reaches no network.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from photofind.core.encoders.model_folder import TIMM, ModelFolder
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Ids, Pixels, Vectors

if TYPE_CHECKING:
    import torch

Precision = Literal["fp32", "bf16", "fp16"]
DeviceKind = Literal["cuda", "mps", "cpu"]

_log = logging.getLogger(__name__)
# Pictures in one pass: more brings a processor nothing, and a graphics card takes what its memory holds.
_BATCH: Final[dict[DeviceKind, int]] = {"cpu": 64, "mps": 64, "cuda": 512}


class TorchModel:
    """A model's two towers in torch, or the only one. Loading takes seconds.

    A card that has too little memory gets smaller and smaller batches; MemoryError where one picture is too much.
    """

    def __init__(self, folder: ModelFolder, device: DeviceKind = "cpu", precision: Precision = "fp32") -> None:
        model = load_model(folder)
        import torch  # noqa: PLC0415 - the window is painted before torch is there

        self.folder = folder
        self.precision = precision
        self._batch = _BATCH[device]
        self._device = torch.device(device)
        self._dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        self.model = model.to(device=self._device, dtype=self._dtype)
        mean, std = (torch.tensor(values, device=self._device) for values in (folder.mean, folder.std))
        self._mean, self._std = mean.view(3, 1, 1), std.view(3, 1, 1)

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, size, size, 3]; return float32 [n, dim] of unit length."""
        done: list[Vectors] = []
        start = 0
        while start < len(images):
            part = images[start : start + self._batch]
            vectors = self._within_memory(lambda part=part: self._compute(self.model.encode_image, self._pixels(part)))  # type: ignore[misc]
            if vectors is not None:
                done.append(vectors)
                start += len(part)
            elif self._batch == 1:
                raise MemoryError
            else:
                self._batch = max(1, self._batch // 2)
                _log.info("too little memory; going on with batches of %d", self._batch)
        return np.concatenate([np.empty((0, self.folder.spec.dim), np.float32), *done])

    def encode_texts(self, tokens: Ids) -> Vectors:
        """Embed tokens int64 [n, length]; return float32 [n, dim] of unit length."""
        import torch  # noqa: PLC0415 - as above

        return self._compute(self._encode_tokens, torch.from_numpy(np.ascontiguousarray(tokens)).to(self._device))

    def _encode_tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        """Run the text tower; a causal one takes fewer tokens than it is for if positions and mask are cut too."""
        import torch  # noqa: PLC0415 - as above

        if not self.folder.require_text().is_causal:
            return self.model.encode_text(tokens)  # type: ignore[no-any-return]
        length = tokens.shape[1]
        prefix, tower = ("text.", self.model.text) if hasattr(self.model, "text") else ("", self.model)
        shorter = {
            f"{prefix}positional_embedding": tower.positional_embedding[:length],
            f"{prefix}attn_mask": tower.attn_mask[:length, :length],
        }
        outputs = torch.func.functional_call(self.model, shorter, kwargs={"text": tokens}, tie_weights=False)
        return outputs[1]  # type: ignore[no-any-return]  # the images' are outputs[0]

    def _within_memory(self, compute: Callable[[], Vectors]) -> Vectors | None:
        """Compute, or return None where the memory is too small for it; what was taken of it is given back."""
        try:
            return compute()
        except RuntimeError as error:
            if "out of memory" not in str(error):  # Apple's has no class of its own
                raise
        # Not above, where the traceback still holds the tensors that filled the memory.
        self._free()
        return None

    def close(self) -> None:
        """Let go of the model and its memory; it cannot be used any more."""
        self.model = None
        self._free()

    def _free(self) -> None:
        """Give memory of a card that is not used at the moment back to other programs."""
        import torch  # noqa: PLC0415 - as above

        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        elif self._device.type == "mps":
            torch.mps.empty_cache()

    def _pixels(self, images: Pixels) -> torch.Tensor:
        import torch  # noqa: PLC0415 - as above

        # A copy only of pixels that torch may not share: those in read-only memory.
        pixels = torch.from_numpy(np.require(images, np.uint8, ["C", "W"]))
        if self._device.type == "cuda":
            pixels = pixels.pin_memory()
        pixels = pixels.to(self._device, non_blocking=True).permute(0, 3, 1, 2)
        return ((pixels.float() / 255 - self._mean) / self._std).to(self._dtype)

    def _compute(self, encode: Any, inputs: torch.Tensor) -> Vectors:
        import torch  # noqa: PLC0415 - as above

        with torch.inference_mode():
            vectors: Vectors = torch.nn.functional.normalize(encode(inputs).float(), dim=-1).cpu().numpy()
        return vectors


def load_model(folder: ModelFolder) -> Any:
    """Load a model in single precision on the CPU; no pickle is opened."""
    load = _load_by_timm if folder.kind == TIMM else _load_by_open_clip
    try:
        return load(folder).eval().requires_grad_(False)
    except PhotofindError:
        raise
    except Exception as error:  # a foreign config leads both to any kind of error
        library, said = folder.kind.library, first_line(error)
        raise PhotofindError("model_cannot_load", library=library, folder=folder.path, said=said) from error


def _load_by_open_clip(folder: ModelFolder) -> Any:
    """Load what open_clip wrote; where there are safetensors, it opens nothing else."""
    return import_open_clip().create_model(f"local-dir:{folder.path}", device="cpu", require_pretrained=True)


def _load_by_timm(folder: ModelFolder) -> Any:
    import_torch()
    with _explaining_import():
        from photofind.core.encoders import timm_model  # noqa: PLC0415 - as above
    return timm_model.load_picture_model(folder)


def import_torch() -> Any:
    """Import torch, so that neither its import nor its threads hold up the window."""
    # torch's threads must not burn a core while they wait: the decoder's processes need it.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _load_libraries()
    with _explaining_import():
        import torch  # noqa: PLC0415 - the window is painted before torch is there
    return torch


def import_open_clip() -> Any:
    """Import open_clip, and torch with it."""
    import_torch()
    with _explaining_import():
        import open_clip  # noqa: PLC0415 - as above
    return open_clip


@contextmanager
def _explaining_import() -> Iterator[None]:
    try:
        yield
    except (ImportError, RuntimeError, OSError) as error:  # RuntimeError: torchvision made for another torch
        raise PhotofindError("torch_does_not_fit", said=first_line(error)) from error


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


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or its kind."""
    return (str(error).splitlines() or [type(error).__name__])[0]
