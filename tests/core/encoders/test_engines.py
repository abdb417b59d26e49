"""Every engine finds the same scenes; what is not as good as single precision is not used; torch need not be there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save_file

from photofind.core.encoders import fitting, tower_files
from photofind.core.encoders.encoder import Encoder
from photofind.core.encoders.engines import ENGINES, Engine, Engines, engines_dir, read_engines, write_engines
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.gate import EIGHT_BITS, EXACT, HALF, Agreement, compare_both, compare_images, compare_texts
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.onnx_towers import TokenTable
from photofind.core.encoders.quantization import Recipe
from photofind.core.encoders.trials import ImageTrial, TextTrial, choose_images, choose_texts, measure
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Pixels, Vectors
from tests.power_cut import PowerCut
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.scenes import distinct_scenes, full_caption, render

MODEL_ID = read_model_folder(TINY_CLIP).spec.model_id
SCENES = 300


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models in which the tiny CLIP is fitted to this computer."""
    models_dir = tmp_path_factory.mktemp("models")
    fit_model(TINY_CLIP, engines_dir(models_dir, MODEL_ID), None)
    return models_dir


@pytest.fixture
def models_dir(fitted: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(fitted, tmp_path / "models"))


@pytest.fixture(scope="module")
def scenes() -> tuple[list[str], Pixels]:
    found = distinct_scenes(np.random.default_rng(11), SCENES)
    return [full_caption(scene) for scene in found], np.stack([np.asarray(render(s, (64, 64))) for s in found])


@pytest.fixture(scope="module")
def every_engine(tmp_path_factory: pytest.TempPathFactory) -> dict[Engine, Path]:
    """A folder of models for each engine, in which it is the one that was decided for."""
    found: dict[Engine, Path] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_bf16", lambda: True)  # where the processor has none, torch emulates it
        for name in ENGINES:
            found[name] = tmp_path_factory.mktemp(name.replace(" ", "-"))
            fit_model(TINY_CLIP, engines_dir(found[name], MODEL_ID), None, among=[name])
    return found


def recall(queries: Vectors, gallery: Vectors) -> float:
    return float(np.mean(np.argmax(queries @ gallery.T, axis=1) == np.arange(len(queries))))


def test_every_engine_finds_the_same_scenes(every_engine: dict[Engine, Path], scenes: tuple[list[str], Pixels]) -> None:
    captions, pictures = scenes
    found = {}
    for name, models_dir in every_engine.items():
        encoder = LearnedEncoder(TINY_CLIP, models_dir, "cpu")
        found[name] = recall(encoder.encode_texts(captions), encoder.encode_images(pictures))
        assert encoder.engine == name
    assert found["torch fp32"] > 0.9
    assert all(abs(share - found["torch fp32"]) <= 0.01 for share in found.values()), found


def test_texts_of_any_length_equal_torch(fitted: Path) -> None:
    texts = ["red", "a red circle on the left", "a " * 300 + "blue star", "", "größer 🙂"]
    by_torch, by_onnx = (LearnedEncoder(TINY_CLIP, place, "cpu") for place in (fitted / "nothing here", fitted))
    alone = np.concatenate([by_onnx.encode_texts([text]) for text in texts])
    for vectors in (by_onnx.encode_texts(texts), alone):
        assert np.sum(vectors * by_torch.encode_texts(texts), axis=1).min() > 0.97


def test_a_start_imports_neither_torch_nor_open_clip(fitted: Path) -> None:
    script = (
        "import sys, numpy\nfrom pathlib import Path\n"
        "from photofind.core.encoders.learned_encoder import LearnedEncoder\n"
        f"encoder = LearnedEncoder(Path({str(TINY_CLIP)!r}), Path({str(fitted)!r}), 'cpu')\n"
        "assert encoder.encode_texts(['a red circle']).shape == (1, 64)\n"
        "assert encoder.encode_images(numpy.zeros((3, 64, 64, 3), numpy.uint8)).shape == (3, 64)\n"
        "print([name for name in ('torch', 'open_clip', 'onnx', 'transformers') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_a_decision_torch_computes(tmp_path: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, tmp_path, "cpu")
    assert not encoder.is_loaded
    encoder.encode_images(np.zeros((1, 64, 64, 3), np.uint8))
    assert (encoder.engine, encoder.device, encoder.note) == ("torch fp32", "CPU", None)


def test_what_only_pictures_need_can_be_dropped(fitted: Path) -> None:
    encoder = LearnedEncoder(TINY_CLIP, fitted, "cpu")
    pictures = np.zeros((2, 64, 64, 3), np.uint8)
    before = encoder.encode_images(pictures)
    encoder.rest(60)
    is_kept = encoder.is_loaded
    encoder.rest(0)
    assert is_kept, "a picture came just now"
    assert not encoder.is_loaded
    encoder.encode_texts(["red"])
    assert not encoder.is_loaded, "words need no image side"
    assert np.array_equal(encoder.encode_images(pictures), before)


@pytest.mark.parametrize("name", ["images.onnx", "texts.onnx"])
@pytest.mark.parametrize("damage", ["missing", "cut", "zeroed"])
def test_damaged_files_are_never_a_traceback(models_dir: Path, name: str, damage: str) -> None:
    path = engines_dir(models_dir, MODEL_ID) / name
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else bytes(len(content)))
    encoder = LearnedEncoder(TINY_CLIP, models_dir, "cpu")
    assert encoder.encode_texts(["red"]).shape == (1, 64)
    assert encoder.encode_images(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 64)


@pytest.mark.parametrize("change", [{"computer": "another"}, {"format": 0}, {"engines": {}}, {"files": {"x.onnx": 1}}])
def test_a_decision_for_another_computer_or_version_does_not_count(models_dir: Path, change: dict[str, object]) -> None:
    directory = engines_dir(models_dir, MODEL_ID)
    assert read_engines(directory) is not None
    stored = json.loads((directory / "engines.json").read_text())
    (directory / "engines.json").write_text(json.dumps(stored | change))
    assert read_engines(directory) is None


def test_a_former_versions_decision_serves_until_own_photos_decide_anew(models_dir: Path) -> None:
    """Its gate let more noise pass, so it counts as if no photo had taken part."""
    directory = engines_dir(models_dir, MODEL_ID)
    stored = json.loads((directory / "engines.json").read_text())
    stored["engines"] |= {"images": "ONNX INT8", "pictures": 200, "rates": {"ONNX INT8": 40.0}}
    stored["engines"]["refused"] = {"torch bf16": "cosine 0.9, lowest 0.8"}
    (directory / "engines.json").write_text(json.dumps(stored | {"format": 2}))
    engines = read_engines(directory)
    assert engines is not None
    assert (engines.images, engines.pictures) == ("ONNX INT8", 0)
    assert str(engines.reasons["torch bf16"]) == "cosine 0.9, lowest 0.8"
    assert LearnedEncoder(TINY_CLIP, models_dir, "cpu").engine == "ONNX INT8"


def test_a_decision_that_is_no_json_does_not_count(models_dir: Path) -> None:
    path = engines_dir(models_dir, MODEL_ID) / "engines.json"
    path.write_bytes(path.read_bytes()[:20])
    assert read_engines(path.parent) is None


def test_a_decision_is_read_as_it_was_written(tmp_path: Path) -> None:
    engines = Engines("ONNX INT8", "ONNX fp32", {"ONNX INT8": 40.0, "torch fp32": 10.0}, {"torch bf16": "slow"}, 200)
    write_engines(tmp_path, engines)
    assert read_engines(tmp_path) == engines
    assert engines.images_per_second == 40.0


def test_killed_while_it_is_fitted_nothing_counts_and_the_next_time_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = engines_dir(tmp_path, MODEL_ID)
    script = (
        "from pathlib import Path\nfrom photofind.core.encoders.fitting import fit_model\n"
        f"fit_model(Path({str(TINY_CLIP)!r}), Path({str(target)!r}), None)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(tmp_path.rglob("*.onnx")) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.kill()
    child.wait()
    assert any(tmp_path.rglob("*.onnx"))
    assert read_engines(target) is None
    cut = PowerCut(monkeypatch)
    fit_model(TINY_CLIP, target, None)
    assert read_engines(target) is not None
    assert [name for name in cut.lost() if "tried" not in name] == [], "a power cut takes nothing of it either"
    assert sorted(path.suffix for path in target.iterdir()) == [".json", ".onnx", ".onnx"]
    assert list(target.parent.iterdir()) == [target]


def test_while_it_is_fitted_again_the_old_decision_serves(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = engines_dir(models_dir, MODEL_ID)
    before = read_engines(target)

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tower_files, "save_optimized", full)
    with pytest.raises(OSError, match="No space"):
        fit_model(TINY_CLIP, target, None)
    assert before is not None
    assert read_engines(target) == before


def test_what_computes_wrongly_is_refused_and_the_reason_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantized so badly that it finds other photos."""

    def spoil(source: Path, target: Path, recipe: Recipe) -> None:
        import onnx
        from onnx import numpy_helper

        model = onnx.load(source)
        rng = np.random.default_rng(0)
        for tensor in model.graph.initializer:
            values = numpy_helper.to_array(tensor)
            if values.ndim == 2 and values.dtype == np.float32:
                noisy = values + rng.normal(0, values.std(), values.shape)
                tensor.CopyFrom(numpy_helper.from_array(noisy.astype(np.float32), tensor.name))
        onnx.save(model, target)

    monkeypatch.setattr(tower_files, "quantize", spoil)
    engines = fit_model(TINY_CLIP, tmp_path, None)
    assert not {"ONNX INT8", "ONNX INT8 mixed"} & {engines.images, engines.texts}
    reasons = {engine: str(why) for engine, why in engines.reasons.items()}
    assert all("% of the best ten" in reasons[each] for each in ("ONNX INT8", "ONNX INT8 mixed"))


def test_eight_bits_that_need_some_products_in_full_have_a_name_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What eight bits throughout have made may have to be made again."""
    none_passes = ("ONNX INT8", Agreement(-1, -1, 1.1))
    exact, _, mixed = fitting._ONNX
    monkeypatch.setattr(fitting, "_ONNX", (exact, none_passes, mixed))
    engines = fit_model(TINY_CLIP, tmp_path / "engines", None, among=["ONNX INT8", "ONNX INT8 mixed"])
    assert (engines.images, engines.texts) == ("ONNX INT8 mixed", "ONNX INT8 mixed")
    assert set(engines.refused) == {"ONNX INT8"}


def test_weights_cut_short_while_they_are_in_use_are_a_sentence(fitted: Path, tmp_path: Path) -> None:
    """Mapped into memory, they would end the program."""
    model = tmp_path / "model"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    encoder = LearnedEncoder(model, fitted, "cpu")
    encoder.encode_texts(["red"])
    os.truncate(model / "open_clip_model.safetensors", 4096)
    with pytest.raises(PhotofindError, match="is damaged; please download or copy the model again"):
        encoder.encode_texts(["blue"])
    (model / "open_clip_model.safetensors").unlink()
    with pytest.raises(PhotofindError, match="cannot be read"):
        encoder.encode_texts(["blue"])


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_rows_of_the_token_table_are_those_of_the_weights(tmp_path: Path, dtype: type[np.floating[Any]]) -> None:
    table = np.random.default_rng(0).normal(size=(50, 12)).astype(dtype)
    other = np.zeros((3, 3), np.float32)
    save_file({"a": other, "token_embedding.weight": table, "z": other}, tmp_path / "w.safetensors")
    tokens = np.array([[3, 3, 49], [0, 7, 1]])
    assert np.array_equal(TokenTable(tmp_path / "w.safetensors").rows(tokens), table[tokens].astype(np.float32))


def test_rows_in_bf16_are_those_of_the_weights(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save_tensors

    table = torch.randn(20, 8).to(torch.bfloat16)
    save_tensors({"text.token_embedding.weight": table}, tmp_path / "w.safetensors")
    rows = TokenTable(tmp_path / "w.safetensors").rows(np.array([[2, 19]]))
    assert np.array_equal(rows[0], table[[2, 19]].float().numpy())


def test_an_image_tower_that_cannot_be_exported_is_run_by_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise ValueError("another attention")

    monkeypatch.setattr(tower_files, "export_images", refuse)
    engines = fit_model(TINY_CLIP, tmp_path / "engines", None)
    assert engines.images.startswith("torch")
    assert engines.texts in ("ONNX fp32", "ONNX INT8")
    assert not any(engine.startswith("ONNX") for engine in engines.refused), "nothing says that it would not be exact"


def trial(engine: Engine, rate: float, *, is_exact: bool = True) -> ImageTrial:
    nothing = np.empty((0, 64), np.float32)
    return ImageTrial(engine, (lambda pictures: nothing) if is_exact else None, nothing, Agreement(1, 1, 1), rate)


@pytest.mark.parametrize(("faster", "chosen"), [(1.1, "ONNX INT8"), (2.0, "torch fp32")])
def test_torch_must_be_much_faster_to_be_worth_its_start(faster: float, chosen: Engine) -> None:
    tried = [trial("torch fp32", 100 * faster), trial("ONNX fp32", 50), trial("ONNX INT8", 100)]
    assert choose_images(tried, ENGINES).engine == chosen


def test_only_what_is_exact_and_asked_for_is_chosen() -> None:
    tried = [trial("torch fp32", 10), trial("ONNX fp32", 20), trial("ONNX INT8", 0, is_exact=False)]
    assert choose_images(tried, ENGINES).engine == "ONNX fp32"
    assert choose_images(tried, ["torch bf16", "ONNX INT8"]).engine == "torch fp32"
    assert choose_texts([TextTrial("ONNX fp32", True), TextTrial("ONNX INT8", False)]) == "ONNX fp32"
    assert choose_texts([TextTrial("ONNX fp32", True), TextTrial("ONNX INT8", True)]) == "ONNX INT8"
    assert choose_texts([]) == "torch fp32"


def test_each_that_is_exact_is_measured_and_the_best_of_its_turns_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(float(tick) for tick in (0, 4, 4, 6, 6, 8, 8, 9, 9, 13, 13, 15, 15, 19, 19, 21))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    tried = [trial("torch fp32", 0), trial("torch bf16", 0, is_exact=False), trial("ONNX fp32", 0)]
    measured = measure(tried, np.zeros((20, 4, 4, 3), np.uint8))
    assert [each.rate for each in measured] == [8 / 2, 0, 8 / 1]


def test_a_disk_that_is_too_full_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(PhotofindError, match="too full to fit the model"):
        fit_model(TINY_CLIP, tmp_path / "engines", None)
    assert list(tmp_path.iterdir()) == []


def test_the_gate() -> None:
    rng = np.random.default_rng(0)
    images, texts = (unit(rng.normal(size=(n, 64))) for n in (200, 50))
    assert compare_images(images, images, texts).holds(EXACT)
    assert compare_texts(texts, texts, images).holds(EXACT)
    near, far = (unit(images + rng.normal(0, size, images.shape)) for size in (0.003, 0.05))
    assert compare_images(images, near, texts).holds(HALF)
    assert not compare_images(images, far, texts).holds(EIGHT_BITS)
    turned = images @ np.linalg.qr(rng.normal(size=(64, 64)))[0].astype(np.float32)
    assert compare_images(images, turned, texts).overlap < 0.5
    broken = near.copy()
    broken[3, 2] = np.nan
    assert not compare_images(images, broken, texts).holds(Agreement(100, 100, 0))


def test_what_all_pictures_share_hides_no_noise() -> None:
    """Pictures of a learned model lie in a narrow cone: by their angles they are nearly one, whatever makes them."""
    rng = np.random.default_rng(0)
    own, cone = rng.normal(size=(200, 64)), 12 * rng.normal(size=64)
    texts = unit(rng.normal(size=(50, 64)))
    exact, made = (unit(cone + own + off) for off in (0, rng.normal(0, 0.3, own.shape)))
    assert np.sum(exact * made, axis=1).min() > 0.999
    found = compare_images(exact, made, texts)
    assert 0.25 < found.noise < 0.35
    assert 0.25 < found.furthest < 0.5
    assert not found.holds(EIGHT_BITS)


def test_what_moves_all_scores_of_a_text_alike_is_no_noise() -> None:
    rng = np.random.default_rng(0)
    images, texts = (unit(rng.normal(size=(n, 64))) for n in (200, 50))
    moved = np.asarray(images + 0.01 * unit(rng.normal(size=64)[None])[0], np.float32)
    assert compare_images(images, moved, texts).noise < 1e-5
    assert compare_images(images, moved, texts).furthest == pytest.approx(0.01, rel=0.05)


def test_both_sides_together_have_more_noise_than_each() -> None:
    rng = np.random.default_rng(0)
    images, texts = (unit(rng.normal(size=(n, 64))) for n in (400, 50))
    near_images, near_texts = (unit(each + rng.normal(0, 0.006, each.shape)) for each in (images, texts))
    assert compare_images(images, near_images, texts).holds(EIGHT_BITS)
    assert compare_texts(texts, near_texts, images).holds(EIGHT_BITS)
    assert not compare_both((texts, images), (near_texts, near_images)).holds(EIGHT_BITS)


def test_without_words_likeness_to_oneself_counts_nothing() -> None:
    images = unit(np.random.default_rng(0).normal(size=(30, 64)))
    assert compare_images(images, images[::-1], np.empty((0, 64), np.float32)).noise > 1
    assert compare_images(images, images, np.empty((0, 64), np.float32)).holds(EXACT)


def unit(vectors: npt.NDArray[np.floating[Any]]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_it_is_an_encoder(fitted: Path) -> None:
    encoder: Encoder = LearnedEncoder(TINY_CLIP, fitted, "cpu")
    assert encoder.knows("anything")
    assert encoder.spec.model_id == MODEL_ID
