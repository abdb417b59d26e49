"""How fast every offered model is once it is fitted to this computer; written into the README's table.

Models have their true shape and random weights: speed does not depend on weights.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.models.offered import Model, downloadable
from photofind.core.places import models_dir
from tests import CHECKOUT
from tests.bench.fitted import fit
from tests.bench.models import make_model_folder
from tests.bench.report import Result, describe_machine, median, report

_README = CHECKOUT / "README.md"
_BEGIN, _END = "<!-- written by `make bench` -->", "<!-- until here -->"
_TEXTS = ("a dog on the beach", "children in the snow", "a red car at night", "a church by the lake", "birthday cake")
_ROUNDS = 4


@dataclass(frozen=True)
class Speed:
    """What a fitted model reaches: images a second, by single precision in torch too, and milliseconds for words."""

    model: Model
    engine: str
    images: float
    torch_images: float
    words: float | None


def main() -> None:
    """Fit and measure one model after the other, each with its files gone before the next."""
    speeds = []
    for model in downloadable():
        speed = _measure(model)
        speeds.append(speed)
        name = f"models.{model.name}.{speed.engine}"
        report(Result(name, speed.images, "images/s", peer="torch fp32", peer_value=speed.torch_images))
        if speed.words is not None:
            report(Result(f"models.{model.name}.words", speed.words, "ms"))
    _write(speeds)


def _measure(model: Model) -> Speed:
    with tempfile.TemporaryDirectory() as directory:
        folder = make_model_folder(Path(directory) / model.name, model.architecture)
        library = Path(directory) / "library"
        engines = fit(folder, library)
        knows_words = engines.texts is not None
        words = _measure_words(LearnedEncoder(folder, models_dir(library))) if knows_words else None
    return Speed(model, engines.images, engines.images_per_second, engines.rates["torch fp32"], words)


def _measure_words(encoder: LearnedEncoder) -> float:
    """Return the milliseconds of one text."""
    encoder.encode_texts(["warm up"])
    taken = []
    for text in _TEXTS * _ROUNDS:
        start = time.perf_counter()
        encoder.encode_texts([text])
        taken.append(1000 * (time.perf_counter() - start))
    return median(taken)


def _write(speeds: list[Speed]) -> None:
    """Put the table between its two marks in the README."""
    text = _README.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    table = [
        f"Photos a second on {describe_machine()}, without a graphics card; opening them comes on top.",
        "",
        "| name | fitted | by | torch fp32 | words |",
        "|---|---|---|---|---|",
        *(_row(speed) for speed in speeds),
    ]
    _README.write_text(f"{before}{_BEGIN}\n" + "\n".join(table) + f"\n{_END}{after}", "utf-8")


def _row(speed: Speed) -> str:
    words = "" if speed.words is None else f"{speed.words:.0f} ms"
    by = f"{speed.engine}, if it passes on your photos" if "INT8" in speed.engine else speed.engine
    return f"| `{speed.model.name}` | {speed.images:.1f} | {by} | {speed.torch_images:.1f} | {words} |"
