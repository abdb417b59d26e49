"""Pictures that the tests make: plain colours with some grain, so that no two files are alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COLORS = {
    "red": (200, 25, 30),
    "green": (35, 150, 45),
    "blue": (30, 60, 200),
    "yellow": (235, 215, 40),
    "purple": (120, 40, 150),
    "white": (245, 245, 245),
    "black": (12, 12, 12),
    "orange": (240, 130, 20),
}


# Noise takes longer to draw than a picture to open, so that of larger pictures is one piece of it, laid side by side.
_PIECE = 640


def grain(color: tuple[int, int, int], size: tuple[int, int] = (320, 240), seed: int = 0) -> Image.Image:
    """Return a picture of one colour with fine noise."""
    width, height = size
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 6, (min(height, _PIECE), min(width, _PIECE), 3))
    piece = np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)
    pieces = np.tile(piece, (-(-height // _PIECE), -(-width // _PIECE), 1))
    return Image.fromarray(np.ascontiguousarray(pieces[:height, :width]))


def write_photo(
    path: Path, color: tuple[int, int, int] = COLORS["red"], size: tuple[int, int] = (320, 240), seed: int = 0
) -> Path:
    """Write a picture of one colour, making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grain(color, size, seed).save(path)
    return path


def write_colors(folder: Path) -> Path:
    """Write one photo of each colour, named by it."""
    for seed, (name, color) in enumerate(COLORS.items()):
        write_photo(folder / f"{name}.jpg", color, seed=seed)
    return folder
