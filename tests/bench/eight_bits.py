"""What eight bits bring and cost: the ways that a tower's products can be left in full, with and without outliers.

Speeds are images for each second of the processor, so that what else runs counts little; noise is the gate's, over
drawn pictures ranked by random words. Models have their true shape and random weights, in which outliers are planted
where a learned model has its own: the noise of real weights is known only where they are.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from photofind.core.encoders.export import export_images
from photofind.core.encoders.gate import compare_images
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.noise import Noise, make_recipe, measure_noise
from photofind.core.encoders.onnx_towers import OnnxImages, save_optimized
from photofind.core.encoders.quantization import Recipe, quantize
from photofind.core.encoders.torch_model import TorchModel
from photofind.core.encoders.trial_pictures import draw_pictures
from photofind.core.records.arrays import Pixels, Vectors
from tests.bench.models import make_model_folder
from tests.bench.report import Result, interleave, report
from tests.core.encoders.outliers import plant_outliers

_ARCHITECTURES = ("ViT-B-32-256", "ViT-B-32-SigLIP2-256")
_OUTLIERS: dict[str, tuple[int, ...]] = {"plain": (), "outliers in fc2 of block 9": (9,), "of 8 to 11": (8, 9, 10, 11)}
_PICTURES, _WORDS, _BATCH, _ROUNDS, _MEASURED = 32, 50, 8, 4, 4
_EXACT = "ONNX fp32"

Encode = Callable[[Pixels], Vectors]


def main() -> None:
    """Measure each model with each kind of outliers, all variants in turns."""
    warnings.simplefilter("ignore")  # the exporter's
    for architecture in _ARCHITECTURES:
        for name, blocks in _OUTLIERS.items():
            with tempfile.TemporaryDirectory() as directory:
                model = make_model_folder(Path(directory) / "model", architecture)
                for block in blocks:
                    plant_outliers(model, "visual.", block, seed=block)
                _measure(f"eight_bits.{architecture}.{name}", model, Path(directory))


def _measure(name: str, model: Path, directory: Path) -> None:
    folder = read_model_folder(model)
    pictures = draw_pictures(_PICTURES, folder.spec.size)
    plain = directory / "plain.onnx"
    export_images(TorchModel(folder).model, folder, plain)
    noises = measure_noise(plain, [{"images": pictures[[place]]} for place in range(_MEASURED)])
    variants = {_EXACT: _open(plain, directory)}
    for way, recipe in _recipes(noises).items():
        quantize(plain, directory / "eight bits.onnx", recipe)
        variants[way] = _open(directory / "eight bits.onnx", directory)
    made = {way: encode(pictures) for way, encode in variants.items()}
    taken = interleave(_ROUNDS, *(partial(_time, encode, pictures[:_BATCH]) for encode in variants.values()))
    speeds = {way: _BATCH / min(seconds) for way, seconds in zip(variants, taken, strict=True)}
    words = np.random.default_rng(0).normal(size=(_WORDS, folder.spec.dim)).astype(np.float32)
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    for way, vectors in made.items():
        found = compare_images(made[_EXACT], vectors, words)
        report(Result(f"{name}.{way}.speed", speeds[way], "images/s", peer=_EXACT, peer_value=speeds[_EXACT]))
        report(Result(f"{name}.{way}.noise", 100 * found.noise, "%"))


def _recipes(noises: list[Noise]) -> dict[str, Recipe]:
    """Return what was tried, as it is put down in docs/decisions.md."""
    names = [noise.name for noise in noises]
    tail = {noise.name for noise in noises if not noise.is_in_block}
    ends = {name for name in names if "blocks.0/" in name or "blocks.11/" in name}
    worst = sorted((n for n in noises if n.is_in_block), key=lambda noise: -noise.plain)
    most = [noise.name for noise in worst[: round(len(worst) / 12)]]
    return {
        "all": Recipe(),
        "first and last block in full": Recipe(frozenset(ends)),
        "pool and projection in full": Recipe(frozenset(tail)),
        "and 1 of 12 products": Recipe(frozenset(tail.union(most))),
        "and smoothed": make_recipe(noises, 0),
        "smoothed, and 1 of 12 products": make_recipe(noises, 1 / 12),
        "smoothed, and 1 of 4 products": make_recipe(noises, 1 / 4),
    }


def _open(graph: Path, directory: Path) -> Encode:
    made = directory / "made.onnx"
    save_optimized(graph, made)
    tower = OnnxImages(made)
    made.unlink()
    return tower.encode_images


def _time(encode: Encode, pictures: Pixels) -> float:
    start = time.process_time()
    encode(pictures)
    return time.process_time() - start
