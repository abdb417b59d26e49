"""The tiny CLIP finds scenes it was never trained on, in JPEG files, through photofind's own decoding."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.photos.images import decode_photo
from photofind.core.records.arrays import Vectors
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.scenes import Scene, distinct_scenes, full_caption, render

COUNT = 240
SIZES = [(640, 480), (480, 640), (1280, 853), (300, 300), (800, 450)]


@pytest.fixture(scope="module")
def encoder() -> LearnedEncoder:
    folder = TINY_CLIP
    return LearnedEncoder(folder, folder / "no models here", "cpu")


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Scenes with a thing in a place that training has never seen."""
    return [s for s in distinct_scenes(np.random.default_rng(7), 8 * COUNT) if s.held_out][:COUNT]


@pytest.fixture(scope="module")
def gallery(encoder: LearnedEncoder, scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    return embed_files(encoder, scenes, tmp_path_factory.mktemp("gallery"))


def embed_files(encoder: LearnedEncoder, scenes: list[Scene], folder: Path) -> Vectors:
    pixels = []
    for number, scene in enumerate(scenes):
        path = folder / f"{number}.jpg"
        size = (4000, 3000) if number % 60 == 0 else SIZES[number % len(SIZES)]
        render(scene, size).save(path, quality=60 + number % 36)
        pixels.append(decode_photo(os.fsencode(path), encoder.spec).pixels)
    return encoder.encode_images(np.stack(pixels))


def recall(queries: Vectors, gallery: Vectors) -> float:
    return float(np.mean(np.argmax(queries @ gallery.T, axis=1) == np.arange(len(gallery))))


def test_words_find_the_scene(encoder: LearnedEncoder, scenes: list[Scene], gallery: Vectors) -> None:
    assert len(scenes) == COUNT
    assert recall(encoder.encode_texts([full_caption(s) for s in scenes]), gallery) >= 0.9


def test_another_picture_of_the_scene_finds_it(
    encoder: LearnedEncoder, scenes: list[Scene], gallery: Vectors, tmp_path: Path
) -> None:
    others = [replace(scene, look=scene.look ^ 1) for scene in scenes]
    assert recall(embed_files(encoder, others, tmp_path), gallery) >= 0.9


def test_the_checkpoint_is_small() -> None:
    files = TINY_CLIP.glob("open_clip_*")
    assert sum(file.stat().st_size for file in files) <= 9_000_000
