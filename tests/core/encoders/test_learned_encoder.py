"""The open_clip encoder gives what open_clip itself gives, and says in a sentence what it cannot load."""

import json
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.torch_model import TorchModel
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_photo
from photofind.core.records.arrays import Pixels, Vectors
from tests.core.encoders import tiny_models
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.scenes import distinct_scenes, render
from tests.tiny_tokenizers.texts import TEXTS


def by_torch(folder: Path) -> LearnedEncoder:
    """Open a model that was not fitted to this computer."""
    return LearnedEncoder(folder, folder / "no models here", "cpu")


@pytest.fixture(scope="module")
def encoder() -> LearnedEncoder:
    return by_torch(TINY_CLIP)


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    scenes = distinct_scenes(np.random.default_rng(3), 6)
    return [render(s, size) for s, size in zip(scenes, [(640, 480), (90, 200), (64, 64)] * 2, strict=True)]


def copy_tiny(folder: Path) -> Path:
    folder.mkdir()
    for name in ("open_clip_config.json", "open_clip_model.safetensors"):
        shutil.copy(TINY_CLIP / name, folder / name)
    return folder


def change_config(folder: Path, part: str, **values: object) -> None:
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    target = config["preprocess_cfg"] if part == "preprocess_cfg" else config["model_cfg"][part]
    target.update(values)
    path.write_text(json.dumps(config))


def by_open_clip(folder: Path, pictures: list[Image.Image]) -> Vectors:
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model.eval()
    with torch.inference_mode():
        inputs = torch.stack([preprocess(picture) for picture in pictures])
        vectors: Vectors = model.encode_image(inputs, normalize=True).numpy()
    return vectors


def encode(model: torch.nn.Module, tokens: torch.Tensor) -> Vectors:
    with torch.inference_mode():
        vectors: Vectors = model.encode_text(tokens, normalize=True).numpy()  # type: ignore[operator]
    return vectors


def resized(pictures: list[Image.Image], size: int) -> Pixels:
    """Size pictures by open_clip's own transforms, before they turn pixels into numbers."""
    _, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{TINY_CLIP}")
    resize, crop = preprocess.transforms[:2]
    return np.stack([np.asarray(crop(resize(picture))) for picture in pictures])


def cosines(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(np.sum(left * right, axis=1))


def test_images_equal_open_clip(encoder: LearnedEncoder, pictures: list[Image.Image]) -> None:
    vectors = encoder.encode_images(resized(pictures, encoder.spec.size))
    assert cosines(vectors, by_open_clip(TINY_CLIP, pictures)).min() >= 0.9999


@pytest.mark.parametrize(
    "preprocess",
    [
        {"resize_mode": "squash", "interpolation": "bilinear"},
        {"resize_mode": "longest", "fill_color": 90},
        {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    ],
)
def test_files_equal_open_clip_however_the_model_wants_them(
    preprocess: dict[str, object], pictures: list[Image.Image], tmp_path: Path
) -> None:
    folder = copy_tiny(tmp_path / "model")
    change_config(folder, "preprocess_cfg", **preprocess)
    encoder = by_torch(folder)
    pixels = []
    for number, picture in enumerate(pictures):
        path = tmp_path / f"{number}.png"
        picture.save(path)
        pixels.append(decode_photo(os.fsencode(path), encoder.spec).pixels)
    assert cosines(encoder.encode_images(np.stack(pixels)), by_open_clip(folder, pictures)).min() >= 0.999


def test_texts_equal_open_clip(encoder: LearnedEncoder) -> None:
    texts = ["a red circle on the left", "Blue  STAR", "größer & älter 🙂"]
    model = open_clip.create_model(f"local-dir:{TINY_CLIP}").eval()
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(f"local-dir:{TINY_CLIP}")(texts)
        expected: Vectors = model.encode_text(tokens, normalize=True).numpy()
    assert cosines(encoder.encode_texts(texts), expected).min() >= 0.9999


@pytest.mark.parametrize("model_cfg", [tiny_models.CLIP, tiny_models.PE], ids=["CLIP", "PE"])
def test_short_texts_run_short_and_give_the_same(tmp_path: Path, model_cfg: dict[str, object]) -> None:
    texts = ["a dog", "a child on the beach at night", ""]
    model = tiny_models.write_weights(tiny_models.write_config(tmp_path / "model", model_cfg))
    lengths = []
    encoder = by_torch(tmp_path / "model")
    encoder.load_texts()
    tower = encoder._texts
    assert isinstance(tower, TorchModel)
    tower.model.get_submodule(
        "transformer" if model_cfg is tiny_models.CLIP else "text.transformer"
    ).register_forward_pre_hook(lambda _, inputs: lengths.append(inputs[0].shape[1]))
    found = [encoder.encode_texts(texts), encoder.encode_texts(["red " * 99])]
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path / 'model'}")([*texts, "red " * 99])
    assert np.abs(np.concatenate(found) - encode(model, tokens)).max() <= 1e-5
    assert lengths == [9, 32]


@pytest.mark.parametrize(("config", "words"), [(tiny_models.SIGLIP2, "gemma"), (tiny_models.SIGLIP_I18N, "t5")])
def test_siglips_texts_and_pictures_equal_open_clip(
    tmp_path: Path, pictures: list[Image.Image], config: dict[str, Any], words: str
) -> None:
    folder = tiny_models.write_config(tmp_path / "model", config, words)
    model = tiny_models.write_weights(folder)
    encoder = by_torch(folder)
    tokens = torch.tensor(json.loads((tiny_models.TOKENIZERS / words / "tokens.json").read_text()))
    assert np.abs(encoder.encode_texts(TEXTS) - encode(model, tokens)).max() <= 1e-5
    pixels = np.stack([np.asarray(picture.resize((160, 160))) for picture in pictures])
    preprocessed = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.inference_mode():
        expected = model.encode_image(preprocessed, normalize=True).numpy()  # type: ignore[operator]
    assert cosines(encoder.encode_images(pixels), expected).min() >= 0.9999


@pytest.mark.parametrize("text", ["", "   ", "🙂" * 3000, "a" * 10_000, "red circle " * 1000, "\x00\ud800", "&lt;<br>"])
def test_any_text_has_a_unit_vector(encoder: LearnedEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode_texts([text])) == pytest.approx(1, abs=1e-5)


def test_vectors_are_float32_of_unit_length(encoder: LearnedEncoder) -> None:
    size = encoder.spec.size
    images = np.random.default_rng(0).integers(0, 256, (70, size, size, 3)).astype(np.uint8)
    images[0], images[1] = 0, 255
    images.flags.writeable = False  # as pixels in memory that another process filled
    vectors = encoder.encode_images(images)
    assert vectors.shape == (70, encoder.spec.dim)
    assert vectors.dtype == np.dtype("float32")
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.allclose(vectors[65], encoder.encode_images(images[65:66])[0], atol=1e-5)


def test_nothing_in_nothing_out(encoder: LearnedEncoder) -> None:
    size = encoder.spec.size
    assert encoder.encode_images(np.empty((0, size, size, 3), np.uint8)).shape == (0, encoder.spec.dim)
    assert encoder.encode_texts([]).shape == (0, encoder.spec.dim)


class Trap:
    """A pickle that shows when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    folder = copy_tiny(tmp_path / "model")
    for name in ("open_clip_pytorch_model.bin", "a.bin", "model.pth"):
        (folder / name).write_bytes(pickle.dumps(Trap(tmp_path / "opened")))
    by_torch(folder).encode_texts(["red"])
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(PhotofindError, match="no other kind of weights"):
        by_torch(folder)
    assert not (tmp_path / "opened").exists()


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    folder = copy_tiny(tmp_path / "model")
    change_config(folder, "vision_cfg", layers=1)
    with pytest.raises(PhotofindError, match="cannot load the model in"):
        by_torch(folder).encode_texts(["red"])


def test_a_broken_torch_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(PhotofindError, match="pip install "):
        by_torch(TINY_CLIP).encode_texts(["red"])


def test_weights_that_were_replaced_meanwhile_are_refused(tmp_path: Path) -> None:
    folder = copy_tiny(tmp_path / "model")
    encoder = by_torch(folder)
    encoder.encode_texts(["red"])
    weights = folder / "open_clip_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2 :] = content[len(content) // 2 :][::-1]
    weights.write_bytes(content)
    with pytest.raises(PhotofindError, match="has changed; please choose it again"):
        encoder.encode_images(np.zeros((1, 64, 64, 3), np.uint8))
