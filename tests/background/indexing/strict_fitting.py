"""Fitting, as the child does it, with a gate that no eight bits pass: as the person's own photos may be."""

from __future__ import annotations

from pathlib import Path

from photofind.background.indexing.engine_builder import _fit
from photofind.core.encoders import fitting, tower_files
from photofind.core.encoders.gate import EXACT, Agreement
from photofind.core.records.work import TrialThumbnail


def fit(folder: Path, target: Path, thumbnails: list[TrialThumbnail]) -> None:
    """Fit the model in `folder`, to single precision; runs in a child process."""
    fitting._ONNX = (("ONNX fp32", EXACT), ("ONNX INT8", Agreement(-1, -1, 1.1)))  # type: ignore[misc]
    fitting._has_bf16 = lambda: False
    _fit(folder, target, thumbnails)


def fit_without_quantizer(folder: Path, target: Path, thumbnails: list[TrialThumbnail]) -> None:
    """Fit the model in `folder` where there is no memory for eight bits; runs in a child process."""

    def quantize(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    setattr(tower_files, "quantize", quantize)  # noqa: B010 - it is another module's
    fit(folder, target, thumbnails)
