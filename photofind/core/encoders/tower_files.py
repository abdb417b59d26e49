"""The files of a model's towers, made for each engine that is tried, until those that were chosen are kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from photofind.core.encoders.engines import IMAGES_FILE, Engine
from photofind.core.encoders.export import export_images, export_texts
from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.encoders.noise import Feed, Noise, make_recipe, measure_noise
from photofind.core.encoders.onnx_towers import save_optimized
from photofind.core.encoders.quantization import Recipe, quantize
from photofind.core.encoders.torch_model import TorchModel


class TowerFiles:
    """Towers of one model, exported from torch in single precision, by the name of their file and their engine.

    `feeds` has a few inputs of each tower, by the name of its file: what the noise of eight bits is measured with.
    """

    def __init__(
        self, folder: ModelFolder, exact: TorchModel, target: Path, feeds: Callable[[str], Sequence[Feed]]
    ) -> None:
        self._folder = folder
        self._exact = exact
        self._target = target
        self._feeds = feeds
        self._noise: dict[str, list[Noise]] = {}
        self._tried = target / "tried"
        self._tried.mkdir()

    def make(self, engine: Engine, name: str, in_full: float = 0.0) -> Path:
        """Write one tower for one engine as ONNX Runtime wants it: single precision first, the others are made of it.

        `in_full` is the share of the noisiest products that mixed ones leave as they are. Any kind of error where the
        model is of a shape that cannot be exported.
        """
        source = plain = self._tried / f"plain {name}"
        if engine == "ONNX fp32":
            self._export(name, plain)
        else:
            source = self._tried / f"exact {engine} {name}"
            quantize(plain, source, self._recipe(plain, name, in_full) if engine == "ONNX INT8 mixed" else Recipe())
        save_optimized(source, self._made(engine, name))
        return self._made(engine, name)

    def keep(self, chosen: Mapping[str, Engine | None]) -> None:
        """Put the files of the chosen engines in place, those that have one, and delete all others."""
        for name, engine in chosen.items():
            if engine is not None and engine.startswith("ONNX"):
                self._made(engine, name).replace(self._target / name)
        shutil.rmtree(self._tried)

    def _made(self, engine: Engine, name: str) -> Path:
        return self._tried / f"{engine} {name}"

    def _recipe(self, plain: Path, name: str, in_full: float) -> Recipe:
        if name not in self._noise:
            self._noise[name] = measure_noise(plain, self._feeds(name))
        return make_recipe(self._noise[name], in_full)

    def _export(self, name: str, path: Path) -> None:
        if name == IMAGES_FILE:
            export_images(self._exact.model, self._folder, path)
        else:
            text = self._folder.require_text()
            export_texts(self._exact.model, path, length=None if text.is_causal else text.context_length)
