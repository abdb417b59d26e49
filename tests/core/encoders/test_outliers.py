"""Eight bits are refused, or mended, where a few channels stand out: published models have them, random weights not."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from photofind.core.encoders import noise
from photofind.core.encoders.engines import Engine, Engines, engines_dir, read_engines
from photofind.core.encoders.export import export_images
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.gate import EIGHT_BITS, compare_images
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.quantization import quantize
from photofind.core.encoders.torch_model import load_model
from photofind.core.encoders.trial_pictures import draw_pictures
from tests.core.encoders import tiny_models
from tests.core.encoders.outliers import plant_outliers

VIT: dict[str, Any] = {"image_size": 64, "patch_size": 16, "width": 64, "head_width": 32, "layers": 4}
TEXT: dict[str, Any] = {"context_length": 32, "width": 64, "heads": 2, "layers": 3, "vocab_size": 49408}
EIGHT: list[Engine] = ["ONNX INT8"]
MENDED: list[Engine] = ["ONNX INT8", "ONNX INT8 mixed"]
_NOTHING = np.empty((0, 32), np.float32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A tiny CLIP whose picture tower is a transformer."""
    folder = tiny_models.write_config(tmp_path / "model", {"embed_dim": 32, "vision_cfg": VIT, "text_cfg": TEXT})
    tiny_models.write_weights(folder)
    return folder


def fit(model: Path, models_dir: Path, among: list[Engine]) -> tuple[Engines, LearnedEncoder]:
    encoder = LearnedEncoder(model, models_dir, "cpu")
    fit_model(model, engines_dir(models_dir, encoder.spec.model_id), None, among)
    engines = read_engines(engines_dir(models_dir, encoder.spec.model_id))
    assert engines is not None
    return engines, LearnedEncoder(model, models_dir, "cpu")


def test_without_outliers_eight_bits_are_exact_enough(model: Path, tmp_path: Path) -> None:
    engines, _ = fit(model, tmp_path, MENDED)
    assert (engines.images, engines.texts, engines.refused) == ("ONNX INT8", "ONNX INT8", {})


def test_outliers_of_pictures_refuse_eight_bits_throughout(model: Path, tmp_path: Path) -> None:
    plant_outliers(model, "visual.", 2)
    engines, encoder = fit(model, tmp_path, EIGHT)
    assert engines.images == encoder.engine == "torch fp32"
    assert "scores off by" in str(engines.reasons["ONNX INT8"])
    assert engines.texts == "ONNX INT8", "words have none"


@pytest.mark.parametrize("smooths", [True, False], ids=["smoothed", "left in full"])
def test_outliers_of_pictures_are_mended(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smooths: bool
) -> None:
    plant_outliers(model, "visual.", 2)
    exact = LearnedEncoder(model, tmp_path / "never fitted", "cpu")
    if not smooths:
        monkeypatch.setattr(noise, "_WORTH", 0.0)
    engines, encoder = fit(model, tmp_path, MENDED)
    assert engines.images == encoder.engine == "ONNX INT8 mixed"
    assert set(engines.refused) == {"ONNX INT8"}
    others = draw_pictures(96, 64)[64:]  # that took no part
    found = compare_images(exact.encode_images(others), encoder.encode_images(others), _NOTHING)
    assert found.noise <= EIGHT_BITS.noise


def test_what_projects_is_left_in_full_and_the_noisiest_of_the_blocks(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noise, "_WORTH", 0.0)
    plant_outliers(model, "visual.", 2)
    folder = read_model_folder(model)
    plain, mixed = tmp_path / "plain.onnx", tmp_path / "mixed.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, which `fit_model` silences too
        export_images(load_model(folder), folder, plain)
    noises = noise.measure_noise(plain, [{"images": draw_pictures(4, 64)}])
    quantize(plain, mixed, noise.make_recipe(noises, 1 / len(noises)))
    assert matrices(mixed) & {each.name for each in noises} == {
        "/visual/MatMul",
        "/visual/transformer/resblocks.2/mlp/c_proj/MatMul",
    }


def matrices(graph: Path) -> set[str]:
    return {node.name for node in onnx.load(graph).graph.node if node.op_type == "MatMul"}


def test_outliers_of_words_are_mended(model: Path, tmp_path: Path) -> None:
    plant_outliers(model, "transformer.", 1)
    engines, _ = fit(model, tmp_path / "eight", EIGHT)
    assert (engines.images, engines.texts) == ("ONNX INT8", "torch fp32")
    engines, _ = fit(model, tmp_path / "mended", MENDED)
    assert (engines.images, engines.texts) == ("ONNX INT8", "ONNX INT8 mixed")
