"""Words in many languages need neither torch nor transformers once the model was fitted to this computer."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from photofind.core.encoders.engines import Engine, engines_dir, read_engines
from photofind.core.encoders.export import export_texts, quantize
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.torch_model import load_model
from photofind.core.records.arrays import Vectors
from tests.core.encoders import tiny_models
from tests.core.encoders.test_learned_encoder import write_xlm_r
from tests.tiny_tokenizers.texts import TEXTS

pytest.importorskip("transformers", reason='needs pip install "photofind[languages]"')


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny XLM-R with random weights, beside a picture tower."""
    folder = write_xlm_r(tmp_path_factory.mktemp("xlm-r") / "model")
    here = tiny_models.XLM_R["text_cfg"] | {"hf_model_name": str(folder), "hf_model_pretrained": False}
    tiny_models.write_weights(folder, text_cfg=here)
    return folder


def fit(model: Path, models_dir: Path, among: list[Engine]) -> LearnedEncoder:
    fit_model(model, engines_dir(models_dir, read_model_folder(model).spec.model_id), None, among=among)
    return LearnedEncoder(model, models_dir, "cpu")


@pytest.fixture(scope="module")
def models_dir(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models in which it is fitted, in single precision."""
    directory = tmp_path_factory.mktemp("models")
    fit(model, directory, ["ONNX fp32"])
    return directory


@pytest.fixture(scope="module")
def by_torch(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """What the model as it is makes of the texts."""
    return LearnedEncoder(model, tmp_path_factory.mktemp("not fitted"), "cpu").encode_texts(TEXTS)


def cosines(one: Vectors, other: Vectors) -> Vectors:
    return np.asarray(np.sum(one * other, axis=1))


def test_texts_of_any_length_equal_torch_alone_and_together(model: Path, models_dir: Path, by_torch: Vectors) -> None:
    encoder = LearnedEncoder(model, models_dir, "cpu")
    alone = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    assert cosines(encoder.encode_texts(TEXTS), by_torch).min() >= 0.9999
    assert cosines(alone, by_torch).min() >= 0.9999


def test_words_need_neither_torch_nor_transformers(model: Path, models_dir: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from photofind.core.encoders.learned_encoder import LearnedEncoder\n"
        f"encoder = LearnedEncoder(Path({str(model)!r}), Path({str(models_dir)!r}), 'cpu')\n"
        "assert encoder.encode_texts(['赤い車', 'un chien']).shape == (2, 16)\n"
        "print([name for name in ('torch', 'transformers', 'open_clip', 'onnx') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_eight_bits_pass_the_same_gate(model: Path, tmp_path: Path, by_torch: Vectors) -> None:
    encoder = fit(model, tmp_path, ["ONNX fp32", "ONNX INT8"])
    engines = read_engines(engines_dir(tmp_path, encoder.spec.model_id))
    assert engines is not None
    assert engines.texts == "ONNX INT8"
    assert 0.97 < cosines(encoder.encode_texts(TEXTS), by_torch).min() < 0.99999


@pytest.mark.filterwarnings("ignore")  # the exporter's, which `fit_model` silences too
def test_the_first_and_last_block_can_be_left_in_full(model: Path, tmp_path: Path) -> None:
    """The tiny one has no other."""
    plain, ends = tmp_path / "plain.onnx", tmp_path / "ends.onnx"
    export_texts(load_model(read_model_folder(model)), plain, length=None)
    quantize(plain, ends, keep_ends=True)
    left = {re.sub(r".*(layer\.\d).*", r"\1", name) for name in matrices(ends) if "dense" in name}
    assert left == {"layer.0", "layer.1"}


def matrices(path: Path) -> list[str]:
    return [node.name for node in onnx.load(path).graph.node if node.op_type == "MatMul"]
