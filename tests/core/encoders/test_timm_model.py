"""A model that knows pictures only, as timm saves one: read, run by every engine, and never asked for words."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from timm.data.config import resolve_data_config
from timm.data.transforms_factory import create_transform

from photofind.core.encoders import fitting
from photofind.core.encoders.engines import ENGINES, Engine, engines_dir, read_engines
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.gate import EXACT, HALF, compare_images
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.torch_model import TorchModel
from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.photos.images import decode_photo
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.models import Spec
from tests.core.encoders import tiny_models
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.scenes import distinct_scenes, render

CONFIG, WEIGHTS = "config.json", "model.safetensors"
SCENES = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tiny_similar_model(tmp_path / "model")


def by_torch(folder: Path) -> LearnedEncoder:
    """Open a model that was not fitted to this computer."""
    return LearnedEncoder(folder, folder / "no models here", "cpu")


def change_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["pretrained_cfg"] |= {name: value for name, value in values.items() if name not in config}
    config |= {name: value for name, value in values.items() if name in config}
    (folder / CONFIG).write_text(json.dumps(config))


# What the folder says


def test_it_is_read_without_torch(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from photofind.core.models import offered as models; "
        f"print(models.describe({str(folder)!r}, Path()).dim, {{'torch', 'timm'}} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "32 set()"


@pytest.mark.parametrize(("trained_at", "size"), [(56, 56), (224, 224), (252, 224)])
def test_no_more_pixels_are_taken_than_a_thumbnail_has(tmp_path: Path, trained_at: int, size: int) -> None:
    folder = make_tiny_similar_model(tmp_path / "model", size=trained_at)
    spec = models.describe(str(folder), tmp_path)
    assert spec == Spec(spec.model_id, "model", dim=32, size=size, knows_words=False)
    assert spec.model_id.startswith("timm:")
    assert by_torch(folder).encode_images(np.zeros((1, size, size, 3), np.uint8)).shape == (1, 32)


def test_other_weights_or_another_config_are_another_model(tmp_path: Path) -> None:
    one, other = (make_tiny_similar_model(tmp_path / name, seed=seed) for seed, name in enumerate("ab"))
    moved = Path(shutil.copytree(one, tmp_path / "moved"))
    ids = [models.describe(str(folder), tmp_path).model_id for folder in (one, other, moved)]
    assert ids[0] == ids[2] != ids[1]
    change_config(moved, interpolation="bilinear")
    assert models.describe(str(moved), tmp_path).model_id != ids[0]


@pytest.mark.parametrize("config", ["", "{", "[]", "{}", '{"architecture": "x"}', '{"pretrained_cfg": 3}'])
def test_a_damaged_config_is_named(folder: Path, config: str) -> None:
    (folder / CONFIG).write_text(config)
    with pytest.raises(PhotofindError, match=r"config\.json” is damaged or not a config that timm wrote"):
        by_torch(folder)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"num_features": "many"}, "damaged or not a config"),
        ({"mean": [0.5]}, "damaged or not a config"),
        ({"interpolation": "random"}, "damaged or not a config"),
        ({"input_size": [3, 56, 84]}, "not square"),
        ({"crop_pct": 0.875}, "cuts pictures in a way that photofind cannot"),
        ({"crop_mode": "border"}, "cuts pictures in a way that photofind cannot"),
    ],
)
def test_what_would_be_computed_otherwise_than_in_training_is_refused(
    folder: Path, values: dict[str, object], reason: str
) -> None:
    change_config(folder, **values)
    with pytest.raises(PhotofindError, match=reason):
        by_torch(folder)


def test_cut_weights_are_named(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-4])
    with pytest.raises(PhotofindError, match="damaged or incomplete"):
        by_torch(folder)


def test_beside_the_files_of_open_clip_a_config_is_a_text_towers(folder: Path) -> None:
    for name in ("open_clip_config.json", "open_clip_model.safetensors"):
        shutil.copy(TINY_CLIP / name, folder)
    assert read_model_folder(folder).spec.model_id == read_model_folder(TINY_CLIP).spec.model_id
    (folder / "open_clip_config.json").unlink()
    with pytest.raises(PhotofindError, match=r"open_clip_config\.json” is missing"):
        read_model_folder(folder)


# What it computes


def test_files_equal_timm(tmp_path: Path) -> None:
    """From the file to the vector, by timm's own loading and transforms at the size that photofind takes."""
    folder = make_tiny_similar_model(tmp_path / "model", size=252)
    encoder = by_torch(folder)
    model: Any = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0, img_size=encoder.spec.size)
    size = (3, encoder.spec.size, encoder.spec.size)
    config = resolve_data_config({"input_size": size}, model=model)  # type: ignore[no-untyped-call]
    transform: Any = create_transform(**config)
    pixels, inputs = [], []
    for number, shape in enumerate([(640, 480), (300, 500), (256, 256)]):
        picture = render(distinct_scenes(np.random.default_rng(number), 1)[0], shape)
        picture.save(tmp_path / f"{number}.png")
        pixels.append(decode_photo(os.fsencode(tmp_path / f"{number}.png"), encoder.spec).pixels)
        inputs.append(transform(picture))
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(model.eval()(torch.stack(inputs)), dim=-1).numpy()
    cosines = np.sum(encoder.encode_images(np.stack(pixels)) * expected, axis=1)
    assert cosines.min() >= 0.9995


def test_words_are_refused_in_one_sentence(folder: Path) -> None:
    encoder = by_torch(folder)
    assert not encoder.knows("red")
    encoder.load_texts()
    for texts in ([], ["red"]):
        with pytest.raises(
            PhotofindError, match="The model “model” knows no words, only what pictures look like; please"
        ):
            encoder.encode_texts(texts)


class Trap:
    """A pickle that shows when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_is_never_opened(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pytorch_model.bin", "model.bin", "model.pth", "a.pt"):
        (folder / name).write_bytes(pickle.dumps(Trap(tmp_path / "opened")))
    monkeypatch.setattr(torch, "load", lambda *args, **kwargs: pytest.fail("a pickle was opened"))
    change_config(folder, file=str(folder / "model.pth"), url=(folder / "model.pth").as_uri(), custom_load=True)
    by_torch(folder).encode_images(np.zeros((1, 56, 56, 3), np.uint8))
    found = read_model_folder(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(PhotofindError, match="timm cannot load the model"):
        TorchModel(found)
    with pytest.raises(PhotofindError, match="no other kind of weights"):
        by_torch(folder)
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"architecture": "no_such_model"}, "Unknown model"),
        ({"architecture": "hf-hub:timm/vit_small_patch14_dinov2.lvd142m"}, "Unknown model"),
        ({"model_args": {"embed_dim": 32, "depth": 3, "num_heads": 2, "img_size": 56}}, "Error"),
        ({"model_args": {"embed_dim": 48, "depth": 2, "num_heads": 2, "img_size": 56}}, "Error"),
        ({"num_features": 48}, "it makes vectors of 32 numbers, not of 48 as its config says"),
    ],
)
def test_weights_that_are_not_as_the_config_says_are_refused(
    folder: Path, values: dict[str, object], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *args: pytest.fail("the network was asked"))
    change_config(folder, **values)
    with pytest.raises(PhotofindError, match=f"timm cannot load the model in .*{reason}"):
        by_torch(folder).encode_images(np.zeros((1, 56, 56, 3), np.uint8))


def test_classes_that_it_was_trained_for_are_left_out(tmp_path: Path) -> None:
    torch.manual_seed(0)
    args: dict[str, Any] = {"embed_dim": 32, "depth": 2, "num_heads": 2, "img_size": 56}
    model = timm.create_model(tiny_models.SIMILAR, num_classes=7, **args)
    folder = tiny_models.save_dino(model, tmp_path / "model")
    assert by_torch(folder).encode_images(np.zeros((2, 56, 56, 3), np.uint8)).shape == (2, 32)


# What every engine finds


@pytest.fixture(scope="module")
def similar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_similar_model(tmp_path_factory.mktemp("similar") / "model")


@pytest.fixture(scope="module")
def every_engine(similar: Path) -> dict[Engine, Path]:
    """A folder of models for each engine, in which it is the one that was decided for."""
    found: dict[Engine, Path] = {}
    model_id = read_model_folder(similar).spec.model_id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "_has_bf16", lambda: True)  # where the processor has none, torch emulates it
        for name in ENGINES:
            found[name] = similar.parent / name
            fit_model(similar, engines_dir(found[name], model_id), None, among=[name])
    return found


def small_jpeg(picture: Image.Image) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=40)
    return Image.open(content)


def cropped(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((width // 50, height // 50, width - width // 50, height - height // 50))


def pixels_of(pictures: list[Image.Image], change: Callable[[Image.Image], Image.Image] | None = None) -> Pixels:
    changed = [change(picture) if change else picture for picture in pictures]
    return np.stack([np.asarray(picture.convert("RGB").resize((56, 56))) for picture in changed])


def test_every_engine_keeps_near_copies_together(similar: Path, every_engine: dict[Engine, Path]) -> None:
    """A picture's two near-copies come before all other pictures and their near-copies."""
    pictures = [render(scene, (224, 224)) for scene in distinct_scenes(np.random.default_rng(5), SCENES)]
    for name, models_dir in every_engine.items():
        encoder = LearnedEncoder(similar, models_dir, "cpu")
        originals = encoder.encode_images(pixels_of(pictures))
        assert encoder.engine == name
        copies = np.concatenate(
            [encoder.encode_images(pixels_of(pictures, change)) for change in (small_jpeg, cropped)]
        )
        scores = originals @ np.concatenate([originals, copies]).T
        np.fill_diagonal(scores, -1)
        best = np.sort(np.argsort(-scores, axis=1)[:, :2], axis=1)
        expected = np.arange(SCENES)[:, None] + [SCENES, 2 * SCENES]
        assert np.mean(best == expected) >= 0.95, name


def test_a_fitted_one_starts_without_torch(similar: Path, every_engine: dict[Engine, Path]) -> None:
    script = (
        "import sys, numpy\nfrom pathlib import Path\n"
        "from photofind.core.encoders.learned_encoder import LearnedEncoder\n"
        f"encoder = LearnedEncoder(Path({str(similar)!r}), Path({str(every_engine['ONNX INT8'])!r}), 'cpu')\n"
        "assert encoder.encode_images(numpy.zeros((3, 56, 56, 3), numpy.uint8)).shape == (3, 32)\n"
        "print([name for name in ('torch', 'timm', 'open_clip', 'onnx') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_decision_names_no_engine_for_words(similar: Path, every_engine: dict[Engine, Path]) -> None:
    directory = engines_dir(every_engine["ONNX INT8"], read_model_folder(similar).spec.model_id)
    engines = read_engines(directory)
    assert engines is not None
    assert (engines.images, engines.texts) == ("ONNX INT8", None)
    assert sorted(path.name for path in directory.iterdir()) == ["engines.json", "images.onnx"]


def test_the_gate_asks_what_is_similar_where_there_are_no_words() -> None:
    rng = np.random.default_rng(0)
    none = np.empty((0, 64), np.float32)
    images, others = (unit(rng.normal(size=(200, 64))) for _ in range(2))
    near, far = (unit(images + rng.normal(0, size, images.shape)) for size in (0.002, 0.05))
    assert compare_images(images, images, none).holds(EXACT)
    assert compare_images(images, near, none).holds(HALF)
    assert 0.3 < compare_images(images, far, none).overlap < 0.9
    assert compare_images(images, others, none).overlap < 0.09, "that each is most similar to itself says nothing"


def unit(vectors: Any) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
