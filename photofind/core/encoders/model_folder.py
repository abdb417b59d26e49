"""A model as a folder: `open_clip_config.json` + `open_clip_model.safetensors`, read here without torch.

Weights are safetensors or nothing: other formats can run code when they are opened, so they never are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from photofind.core.encoders.encoder import Interpolation, ResizeRule, Spec
from photofind.core.encoders.text_tower import TextTower, read_text_tower
from photofind.core.errors import PhotofindError

CONFIG_FILE: Final = "open_clip_config.json"
WEIGHTS_FILE: Final = "open_clip_model.safetensors"

_SAMPLE: Final = 4096  # bytes of each tensor that go into the model's id
_LARGEST_HEADER: Final = 100_000_000  # safetensors' own limit
_OPENAI_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
_OPENAI_STD: Final = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What a model folder says about its model; mean and std are for RGB in 0..1."""

    path: Path
    spec: Spec
    mean: tuple[float, ...]
    std: tuple[float, ...]
    text: TextTower


def is_model_folder(path: Path) -> bool:
    """Tell whether both files are there."""
    return (path / CONFIG_FILE).is_file() and (path / WEIGHTS_FILE).is_file()


def read_model_folder(path: Path) -> ModelFolder:
    """Read a model's spec; raise PhotofindError where a file is missing, damaged or not for photofind."""
    path = path.absolute()
    _check_files(path)
    try:
        config = json.loads((path / CONFIG_FILE).read_text("utf-8"))
        model, preprocess = config["model_cfg"], config.get("preprocess_cfg") or {}
        text = read_text_tower(path, model["text_cfg"])
        spec = Spec(
            model_id=f"open_clip:{_fingerprint(path / WEIGHTS_FILE, model, preprocess)}",
            name=path.name,
            dim=int(model["embed_dim"]),
            size=_input_size(path, model["vision_cfg"]),
            resize=cast(ResizeRule, _choice(preprocess, "resize_mode", "shortest", "longest", "squash")),
            interpolation=cast(Interpolation, _choice(preprocess, "interpolation", "bicubic", "bilinear")),
            fill=int(preprocess.get("fill_color") or 0),
        )
        mean, std = (_per_channel(preprocess.get(k) or d) for k, d in (("mean", _OPENAI_MEAN), ("std", _OPENAI_STD)))
    except OSError as error:
        raise PhotofindError(f"The model in {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PhotofindError(f"{path / CONFIG_FILE} is damaged or not a config that open_clip wrote.") from error
    return ModelFolder(path, spec, mean, std, text)


def _check_files(path: Path) -> None:
    if not path.is_dir():
        raise PhotofindError(f"There is no folder {path}.")
    if not (path / CONFIG_FILE).is_file():
        raise PhotofindError(f"{path} is not a model folder: the file {CONFIG_FILE} is missing.")
    if not (path / WEIGHTS_FILE).is_file():
        raise PhotofindError(
            f"The file {WEIGHTS_FILE} is missing in {path}; photofind opens no other kind of weights, "
            "because those can run code."
        )


def _input_size(path: Path, vision: dict[str, Any]) -> int:
    size = vision.get("image_size") or 224
    width, height = size if isinstance(size, list) else (size, size)
    if width != height:
        raise PhotofindError(f"The model in {path} takes pictures that are not square; please choose another model.")
    return int(width)


def _choice(preprocess: dict[str, Any], key: str, default: str, *others: str) -> str:
    value = preprocess.get(key) or default
    if value not in (default, *others):
        raise ValueError(value)
    return str(value)


def _per_channel(value: float | Sequence[float]) -> tuple[float, ...]:
    channels = value if isinstance(value, Sequence) else [value] * 3
    red, green, blue = (float(channel) for channel in channels)
    return red, green, blue


def _fingerprint(weights: Path, model: dict[str, Any], preprocess: dict[str, Any]) -> str:
    """Hash the config, the weights' header and 4 KiB from the middle of every tensor.

    Fine-tuning changes whole tensors, so this tells two checkpoints apart at a hundredth of the
    reading that a hash of the file takes. Names and places of files do not count.
    """
    digest = hashlib.sha256(json.dumps([model, preprocess], sort_keys=True).encode())
    with weights.open("rb") as file:
        header_length = int.from_bytes(file.read(8), "little")
        if header_length > _LARGEST_HEADER:
            raise _damaged(weights)
        header = file.read(header_length)
        digest.update(header)
        offsets = _tensor_offsets(weights, header)
        if 8 + header_length + max((end for _, end in offsets), default=0) != weights.stat().st_size:
            raise _damaged(weights)
        for start, end in sorted(offsets):
            file.seek(8 + header_length + max(start, (start + end - _SAMPLE) // 2))
            digest.update(file.read(min(_SAMPLE, end - start)))
    return digest.hexdigest()[:32]


def _tensor_offsets(weights: Path, header: bytes) -> list[tuple[int, int]]:
    try:
        tensors = json.loads(header)
        return [
            (int(t["data_offsets"][0]), int(t["data_offsets"][1])) for n, t in tensors.items() if n != "__metadata__"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _damaged(weights) from error


def _damaged(weights: Path) -> PhotofindError:
    return PhotofindError(f"The file {weights} is damaged or incomplete; please download or copy the model again.")
