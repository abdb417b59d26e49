"""Channels that stand out far, as learned models have them and random weights do not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import load_file, save_file

_WEIGHTS: Final = "open_clip_model.safetensors"
COUNT: Final = 10
TIMES: Final = 60.0


def plant_outliers(model: Path, tower: str, block: int, seed: int = 0) -> None:
    """Make ten channels before the second layer of a block's MLP sixty times as large, and their weights smaller.

    `tower` is "visual." or what a text tower's names begin with. The model answers nearly as before: GELU of what is
    that large is the identity, or nothing.
    """
    weights = load_file(model / _WEIGHTS)
    place = next(n for n in weights if n.startswith(tower) and f"blocks.{block}.mlp." in n).partition(".mlp.")[0]
    first, second = ("c_fc", "c_proj") if f"{place}.mlp.c_fc.weight" in weights else ("fc1", "fc2")
    factors = np.ones(len(weights[f"{place}.mlp.{first}.bias"]), np.float32)
    factors[np.random.default_rng(seed).choice(len(factors), COUNT, replace=False)] = TIMES
    weights[f"{place}.mlp.{first}.weight"] *= factors[:, None]
    weights[f"{place}.mlp.{first}.bias"] *= factors
    weights[f"{place}.mlp.{second}.weight"] /= factors
    save_file(weights, model / _WEIGHTS)
