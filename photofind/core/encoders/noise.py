"""How much noise eight bits make in each product of a tower, and what is done about it: smoothing, or full precision.

A few channels that stand out far, as learned models have them, leave all others a few of the 256 steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import helper

from photofind.core.encoders.onnx_towers import open_session
from photofind.core.encoders.quantization import Product, Recipe, find_products, round_weights
from photofind.core.records.arrays import Vectors

# What a tower takes, by the names of its inputs.
Feed = Mapping[str, Any]

# So much less noise must smoothing leave that it is worth one more pass over what comes in.
_WORTH: Final = 0.7
_LEAST: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of a product, as a share of what its results spread: as it is, and with what comes in `smoothed`."""

    name: str
    is_in_block: bool
    plain: float
    smoothed: float
    smoothing: Vectors

    @property
    def is_worth_smoothing(self) -> bool:
        """Whether that takes much of it away."""
        return self.smoothed < _WORTH * self.plain

    @property
    def left(self) -> float:
        """What there is of it in the end."""
        return self.smoothed if self.is_worth_smoothing else self.plain


def measure_noise(graph: Path, feeds: Sequence[Feed]) -> list[Noise]:
    """Run a tower in single precision over a few inputs, one after the other; return its products' noise."""
    model = onnx.load(graph)
    products = find_products(model)
    sources = list(dict.fromkeys(product.source for product in products))
    model.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in sources)
    watched = graph.with_name(f"watched {graph.name}")
    onnx.save(model, watched)
    session = open_session(watched)
    watched.unlink()
    seen: dict[str, list[Vectors]] = {name: [] for name in sources}
    for feed in feeds:
        for name, values in zip(sources, session.run(sources, feed), strict=True):
            seen[name].append(values.reshape(-1, values.shape[-1]))
    return [_measure(product, seen[product.source]) for product in products]


def make_recipe(noises: Sequence[Noise], share: float) -> Recipe:
    """Leave in full what pools and projects, and of the other products that share that makes the most noise."""
    has_blocks = any(noise.is_in_block for noise in noises)
    tail = {noise.name for noise in noises if has_blocks and not noise.is_in_block}
    rest = sorted((noise for noise in noises if noise.name not in tail), key=lambda noise: -noise.left)
    spared = {noise.name for noise in rest[: round(share * len(rest))]}
    smoothing = {noise.name: noise.smoothing for noise in rest if noise.is_worth_smoothing}
    return Recipe(frozenset(tail | spared), smoothing)


def _measure(product: Product, seen: Sequence[Vectors]) -> Noise:
    largest = np.maximum.reduce([np.abs(values).max(axis=0) for values in seen])
    smoothing = _smoothing(largest, np.abs(product.weights).max(axis=1))
    even = np.ones_like(smoothing)
    plain, smoothed = (_share(product.weights, seen, each) for each in (even, smoothing))
    return Noise(product.name, product.is_in_block, plain, smoothed, smoothing)


def _smoothing(inputs: Vectors, weights: Vectors) -> Vectors:
    """Return what each channel is to be divided by, float32 [rows], so that inputs and weights share the burden.

    By SmoothQuant (arXiv 2211.10438), half and half; but 1 at least, for what is small here may be large elsewhere.
    """
    ratio = np.sqrt(np.maximum(inputs, _LEAST) / np.maximum(weights, _LEAST))
    return np.asarray(np.maximum(ratio / np.median(ratio), 1), np.float32)


def _share(weights: Vectors, seen: Sequence[Vectors], smoothing: Vectors) -> float:
    """Return the noise of a product's columns as a share of their spread, root mean square over the columns."""
    rounded, scale = round_weights(weights * smoothing[:, None])
    wrong = np.concatenate([_in_steps(values / smoothing) @ (rounded * scale) for values in seen])
    right = np.concatenate([values @ weights for values in seen])
    noise, spread = np.square(wrong - right).mean(axis=0), right.var(axis=0)
    return float(np.sqrt(np.mean(noise / np.maximum(spread, _LEAST * spread.max() + 1e-30))))


def _in_steps(values: Vectors) -> Vectors:
    """Return values as ONNX's DynamicQuantizeLinear leaves them: 256 steps from the lowest to the highest."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    step = (high - low) / 255 or 1.0
    zero = np.round(-low / step)
    return np.asarray((np.clip(np.round(values / step) + zero, 0, 255) - zero) * step, np.float32)
