"""A model as a folder, read here without torch: a config and the weights, as open_clip or timm writes them.

Weights are safetensors or nothing: other formats can run code when they are opened, so they never are.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from photofind.core.encoders.text_tower import TextTower, read_text_tower
from photofind.core.errors import PhotofindError, said_by
from photofind.core.records.models import Interpolation, ResizeRule, Spec


@dataclass(frozen=True, slots=True)
class FolderKind:
    """Which library wrote a model folder, and what its two files are called."""

    library: Literal["open_clip", "timm"]
    config_file: str
    weights_file: str


OPEN_CLIP: Final = FolderKind("open_clip", "open_clip_config.json", "open_clip_model.safetensors")
TIMM: Final = FolderKind("timm", "config.json", "model.safetensors")  # knows pictures only

_PIECE: Final = 4096  # bytes of each tensor that go into the model's id
_LARGEST_HEADER: Final = 100_000_000  # safetensors' own limit
_OPENAI_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
_OPENAI_STD: Final = (0.26862954, 0.26130258, 0.27577711)
# The most pixels a side that a model of timm's gets, whatever it was trained at: photos are shown to it as their
# thumbnails, whose shorter side is mostly 216 to 288, and DINOv2's own 518 pixels cost eight times the arithmetic.
_LARGEST_FROM_THUMBNAILS: Final = 224
_CROPS: Final[dict[str, ResizeRule]] = {"center": "shortest", "squash": "squash"}  # by timm's names


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What a model folder says about its model; mean and std are for RGB in 0..1, `text` is None without words."""

    path: Path
    kind: FolderKind
    spec: Spec
    mean: tuple[float, ...]
    std: tuple[float, ...]
    text: TextTower | None

    @property
    def weights(self) -> Path:
        """The file of the weights."""
        return self.path / self.kind.weights_file

    def require_text(self) -> TextTower:
        """Return the text tower; raise PhotofindError where the model knows no words."""
        if self.text is None:
            raise PhotofindError("model_knows_no_words", model=self.spec.name)
        return self.text


def is_model_folder(path: Path) -> bool:
    """Tell whether both files are there."""
    kind = _find_kind(path)
    return os.path.isfile(path / kind.config_file) and os.path.isfile(path / kind.weights_file)


def read_model_folder(path: Path, kind: FolderKind | None = None) -> ModelFolder:
    """Read a model's spec; raise PhotofindError where a file is missing, damaged or not for photofind.

    `kind` says which model is meant where files of several may lie.
    """
    path = path.absolute()
    kind = kind or _find_kind(path)
    _check_files(path, kind)
    read = _read_open_clips if kind == OPEN_CLIP else _read_timms
    try:
        return read(path, json.loads((path / kind.config_file).read_text("utf-8")))
    except OSError as error:
        raise PhotofindError("model_unreadable", folder=path, said=said_by(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PhotofindError("config_damaged", file=path / kind.config_file, library=kind.library) from error


def _find_kind(path: Path) -> FolderKind:
    """Return timm's kind only where nothing is open_clip's, beside whose files there may be a config.json too."""
    is_open_clips = any(os.path.exists(path / name) for name in (OPEN_CLIP.config_file, OPEN_CLIP.weights_file))
    return TIMM if not is_open_clips and os.path.isfile(path / TIMM.config_file) else OPEN_CLIP


def _check_files(path: Path, kind: FolderKind) -> None:
    if not os.path.isdir(path):
        raise PhotofindError("model_folder_not_there", folder=path)
    if not os.path.isfile(path / kind.config_file):
        raise PhotofindError("not_a_model_folder", folder=path, file=kind.config_file)
    if not os.path.isfile(path / kind.weights_file):
        raise PhotofindError("weights_missing", file=kind.weights_file, folder=path)


def _read_open_clips(path: Path, config: dict[str, Any]) -> ModelFolder:
    model, preprocess = config["model_cfg"], config.get("preprocess_cfg") or {}
    text = read_text_tower(path, model["text_cfg"])
    spec = Spec(
        model_id=f"open_clip:{_fingerprint(path / OPEN_CLIP.weights_file, [model, preprocess])}",
        name=path.name,
        dim=int(model["embed_dim"]),
        size=_square(path, model["vision_cfg"].get("image_size") or 224),
        resize=cast(ResizeRule, _choice(preprocess, "resize_mode", "shortest", "longest", "squash")),
        interpolation=cast(Interpolation, _choice(preprocess, "interpolation", "bicubic", "bilinear")),
        fill=int(preprocess.get("fill_color") or 0),
    )
    mean, std = (_per_channel(preprocess.get(k) or d) for k, d in (("mean", _OPENAI_MEAN), ("std", _OPENAI_STD)))
    return ModelFolder(path, OPEN_CLIP, spec, mean, std, text)


def _read_timms(path: Path, config: dict[str, Any]) -> ModelFolder:
    preprocess = config["pretrained_cfg"]
    if float(preprocess["crop_pct"]) != 1 or preprocess["crop_mode"] not in _CROPS:
        raise PhotofindError("model_cuts_oddly", folder=path)
    size = min(_square(path, preprocess["input_size"][1:]), _LARGEST_FROM_THUMBNAILS)
    spec = Spec(
        model_id=f"timm:{_fingerprint(path / TIMM.weights_file, [config, size])}",
        name=path.name,
        dim=int(config["num_features"]),
        size=size,
        resize=_CROPS[preprocess["crop_mode"]],
        interpolation=cast(Interpolation, _choice(preprocess, "interpolation", "bicubic", "bilinear")),
        knows_words=False,
    )
    return ModelFolder(path, TIMM, spec, _per_channel(preprocess["mean"]), _per_channel(preprocess["std"]), None)


def _square(path: Path, size: int | Sequence[int]) -> int:
    width, height = size if isinstance(size, Sequence) else (size, size)
    if width != height:
        raise PhotofindError("model_not_square", folder=path)
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


def _fingerprint(weights: Path, config: list[Any]) -> str:
    """Hash the config, the weights' header and 4 KiB from the middle of every tensor.

    Fine-tuning changes whole tensors, so this tells two checkpoints apart at a hundredth of the
    reading that a hash of the file takes. Names and places of files do not count.
    """
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
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
            file.seek(8 + header_length + max(start, (start + end - _PIECE) // 2))
            digest.update(file.read(min(_PIECE, end - start)))
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
    return PhotofindError("weights_damaged", file=weights)
