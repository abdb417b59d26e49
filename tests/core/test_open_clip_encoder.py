"""The open_clip encoder gives what open_clip itself gives, and says in a sentence what it cannot load."""

import json
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from photofind.core.encoders import open_clip_encoder
from photofind.core.encoders.open_clip_encoder import OpenClipEncoder
from photofind.core.errors import PhotofindError
from photofind.core.images import decode_photo
from photofind.core.records import Pixels, Vectors
from tests.tiny_clip.scenes import distinct_scenes, render

TINY = Path(__file__).parents[1] / "tiny_clip"


@pytest.fixture(scope="module")
def encoder() -> OpenClipEncoder:
    return OpenClipEncoder(TINY)


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    scenes = distinct_scenes(np.random.default_rng(3), 6)
    return [render(s, size) for s, size in zip(scenes, [(640, 480), (90, 200), (64, 64)] * 2, strict=True)]


def copy_tiny(folder: Path) -> Path:
    folder.mkdir()
    for name in ("open_clip_config.json", "open_clip_model.safetensors"):
        shutil.copy(TINY / name, folder / name)
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


def resized(pictures: list[Image.Image], size: int) -> Pixels:
    """Size pictures by open_clip's own transforms, before they turn pixels into numbers."""
    _, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{TINY}")
    resize, crop = preprocess.transforms[:2]
    return np.stack([np.asarray(crop(resize(picture))) for picture in pictures])


def cosines(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(np.sum(left * right, axis=1))


def test_images_equal_open_clip(encoder: OpenClipEncoder, pictures: list[Image.Image]) -> None:
    vectors = encoder.encode_images(resized(pictures, encoder.spec.size))
    assert cosines(vectors, by_open_clip(TINY, pictures)).min() >= 0.9999


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
    encoder = OpenClipEncoder(folder)
    pixels = []
    for number, picture in enumerate(pictures):
        path = tmp_path / f"{number}.png"
        picture.save(path)
        pixels.append(decode_photo(os.fsencode(path), encoder.spec).pixels)
    assert cosines(encoder.encode_images(np.stack(pixels)), by_open_clip(folder, pictures)).min() >= 0.999


def test_texts_equal_open_clip(encoder: OpenClipEncoder) -> None:
    texts = ["a red circle on the left", "Blue  STAR", "größer & älter 🙂"]
    model = open_clip.create_model(f"local-dir:{TINY}").eval()
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(f"local-dir:{TINY}")(texts)
        expected: Vectors = model.encode_text(tokens, normalize=True).numpy()
    assert cosines(encoder.encode_texts(texts), expected).min() >= 0.9999


@pytest.mark.parametrize("text", ["", "   ", "🙂" * 3000, "a" * 10_000, "red circle " * 1000, "\x00\ud800", "&lt;<br>"])
def test_any_text_has_a_unit_vector(encoder: OpenClipEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode_texts([text])) == pytest.approx(1, abs=1e-5)


def test_vectors_are_float32_of_unit_length(encoder: OpenClipEncoder) -> None:
    size = encoder.spec.size
    images = np.random.default_rng(0).integers(0, 256, (70, size, size, 3)).astype(np.uint8)
    images[0], images[1] = 0, 255
    images.flags.writeable = False  # as pixels in memory that another process filled
    vectors = encoder.encode_images(images)
    assert vectors.shape == (70, encoder.spec.dim)
    assert vectors.dtype == np.dtype("float32")
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.allclose(vectors[65], encoder.encode_images(images[65:66])[0], atol=1e-5)


def test_nothing_in_nothing_out(encoder: OpenClipEncoder) -> None:
    size = encoder.spec.size
    assert encoder.encode_images(np.empty((0, size, size, 3), np.uint8)).shape == (0, encoder.spec.dim)
    assert encoder.encode_texts([]).shape == (0, encoder.spec.dim)


def test_it_says_where_it_runs(encoder: OpenClipEncoder) -> None:
    if torch.cuda.is_available():
        assert encoder.device == torch.cuda.get_device_name()
    elif not torch.backends.mps.is_available():
        assert (encoder.device, encoder.engine) == ("CPU", "torch fp32")


def test_a_device_that_fails_is_replaced_by_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's meta device stands for a card whose driver does not work: it refuses every result."""
    monkeypatch.setattr(open_clip_encoder, "choose_device", lambda: torch.device("meta"))
    encoder = OpenClipEncoder(TINY)
    assert encoder.device == "CPU"
    assert np.linalg.norm(encoder.encode_texts(["red"])) == pytest.approx(1, abs=1e-5)


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
    OpenClipEncoder(folder)
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(PhotofindError, match="no other kind of weights"):
        OpenClipEncoder(folder)
    assert not (tmp_path / "opened").exists()


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    folder = copy_tiny(tmp_path / "model")
    change_config(folder, "vision_cfg", layers=1)
    with pytest.raises(PhotofindError, match="cannot load the model in"):
        OpenClipEncoder(folder)


def test_a_broken_torch_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(PhotofindError, match="pip install"):
        OpenClipEncoder(TINY)
