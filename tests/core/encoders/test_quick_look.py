"""Quick look on drawn scenes: what a person would pick for a word comes first, and so do near-copies."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from photofind.core.encoders.encoder import Encoder
from photofind.core.encoders.quick_look import QuickLook
from photofind.core.encoders.quick_look_words import PHRASES
from photofind.core.records.arrays import Vectors

Colour = tuple[int, int, int]
ENCODER: Encoder = QuickLook()


def shade(top: Colour, bottom: Colour, seed: int = 0) -> Image.Image:
    """Return a 320 by 240 picture that fades from one colour to the other, with a camera's noise."""
    fade = np.linspace(0, 1, 240)[:, None, None]
    pixels = np.array(top) * (1 - fade) + np.array(bottom) * fade
    noise = np.random.default_rng(seed).normal(0, 6, (240, 320, 3))
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def landscape(sky: tuple[Colour, Colour], ground: tuple[Colour, Colour], seed: int) -> Image.Image:
    """Return a sky over a rough ground."""
    image = shade(*sky, seed)
    ridge = [(x, 120 + int(25 * np.sin(x / 40 + seed))) for x in range(0, 330, 10)]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon([*ridge, (320, 240), (0, 240)], fill=255)
    grain = np.random.default_rng(seed).normal(0, 25, (240, 320, 1))
    rough = np.clip(np.asarray(shade(*ground, seed)) + grain, 0, 255).astype(np.uint8)
    return Image.composite(Image.fromarray(rough).filter(ImageFilter.GaussianBlur(1)), image, mask)


def thing(colour: Colour, background: tuple[Colour, Colour], box: tuple[int, int, int, int]) -> Image.Image:
    """Return a round thing in front of a background."""
    image = shade(*background, seed=3)
    ImageDraw.Draw(image).ellipse(box, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(1.5))


def confetti() -> Image.Image:
    """Return gray paper snippets everywhere."""
    random = np.random.default_rng(1)
    image = shade((90, 92, 88), (100, 98, 96))
    for x, y in random.integers(0, 320, (900, 2)).tolist():
        level = int(random.integers(30, 230))
        ImageDraw.Draw(image).rectangle((x, y, x + 8, y + 8), fill=(level, level, level - 15))
    return image


SKY: tuple[Colour, Colour] = ((50, 110, 190), (150, 190, 230))
CLOUDS: tuple[Colour, Colour] = ((170, 174, 178), (215, 217, 219))
GRASS: tuple[Colour, Colour] = ((110, 140, 60), (60, 95, 35))
SOIL: tuple[Colour, Colour] = ((130, 100, 75), (85, 60, 42))
WALL: tuple[Colour, Colour] = ((150, 147, 142), (105, 102, 98))
BOX = (70, 40, 250, 220)

SCENES = {
    "red chair": thing((185, 35, 38), ((150, 70, 65), (120, 45, 42)), BOX),
    "skin": shade((215, 170, 145), (165, 115, 90)),
    "mountain under blue sky": landscape(SKY, SOIL, 1),
    "lake under clouds": landscape(CLOUDS, ((45, 95, 160), (25, 60, 110)), 2),
    "meadow under clouds": landscape(CLOUDS, GRASS, 4),
    "soil under clouds": landscape(CLOUDS, SOIL, 5),
    "forest": landscape(((70, 95, 50), (60, 90, 45)), ((50, 75, 35), (35, 55, 25)), 6),
    "night": thing((190, 150, 90), ((12, 12, 20), (5, 5, 8)), (140, 100, 170, 130)),
    "old photo": landscape(CLOUDS, SOIL, 7).convert("L").convert("RGB"),
    "yellow flower": thing((240, 205, 40), GRASS, BOX),
    "purple flower": thing((125, 70, 180), GRASS, BOX),
    "pink flower": thing((230, 115, 165), GRASS, BOX),
    "sunset": landscape(((110, 80, 140), (245, 140, 60)), ((35, 25, 30), (15, 12, 14)), 8),
    "cup on white": thing((120, 80, 50), ((250, 250, 250), (240, 240, 240)), (110, 70, 210, 170)),
    "street": landscape(CLOUDS, WALL, 9),
    "navy cloth": shade((22, 32, 84), (14, 22, 62)),
    "pale blue cloth": shade((178, 208, 240), (160, 196, 232)),
    "red ball left": thing((205, 30, 35), WALL, (10, 70, 110, 170)),
    "red ball right": thing((205, 30, 35), WALL, (210, 70, 310, 170)),
    "sea": shade((30, 120, 160), (20, 70, 130), 10),
    "silhouette": landscape(((250, 247, 235), (245, 238, 220)), ((25, 20, 16), (14, 12, 10)), 11),
    "confetti": confetti(),
}
NAMES = list(SCENES)


def vary(colour: Colour, random: np.random.Generator) -> Colour:
    red, green, blue = np.clip(np.array(colour) + random.integers(-35, 36, 3), 0, 255).tolist()
    return red, green, blue


def any_landscape(seed: int) -> Image.Image:
    """Return a landscape of the usual colours, each a little different."""
    random = np.random.default_rng(seed)
    sky, ground = (SKY, CLOUDS)[seed % 2], (SOIL, GRASS, WALL)[seed % 3]
    top, horizon, middle, front = (vary(colour, random) for colour in (*sky, *ground))
    return landscape((top, horizon), (middle, front), seed)


def encode(*images: Image.Image) -> Vectors:
    spec = ENCODER.spec
    sized = [image.resize((spec.size, spec.size), Image.Resampling.BILINEAR) for image in images]
    return ENCODER.encode_images(np.stack([np.asarray(image) for image in sized]))


PICTURES = encode(*SCENES.values())


def scores(text: str) -> npt.NDArray[np.float32]:
    return np.asarray(PICTURES @ ENCODER.encode_texts([text])[0])


def first(text: str, count: int = 1) -> set[str]:
    return {NAMES[i] for i in np.argsort(-scores(text))[:count]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red", {"red chair"}),
        ("blue sky", {"mountain under blue sky"}),
        ("dark", {"night"}),
        ("black and white", {"old photo"}),
        ("green", {"forest", "meadow under clouds", "yellow flower", "purple flower", "pink flower"}),
        ("yellow", {"yellow flower"}),
        ("purple", {"purple flower"}),
        ("pink", {"pink flower"}),
        ("blue", {"navy cloth", "pale blue cloth", "sea", "mountain under blue sky", "lake under clouds"}),
        ("dark blue", {"navy cloth"}),
        ("light blue", {"pale blue cloth"}),
        ("brown", {"soil under clouds"}),
        ("white background", {"cup on white"}),
        ("sunset", {"sunset"}),
        ("forest", {"forest"}),
        ("green bottom", {"meadow under clouds"}),
        ("red ball on the left", {"red ball left"}),
        ("red ball on the right", {"red ball right"}),
        ("purple and green", {"purple flower"}),
        ("busy", {"confetti"}),
        ("high contrast", {"silhouette"}),
    ],
)
def test_the_right_photos_come_first(text: str, expected: set[str]) -> None:
    assert first(text, len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("RED!", "red"),
        ("a photo of a red thing", "red"),
        ("rote", "red"),
        ("rouge", "red"),
        ("rojo", "red"),
        ("rosso", "red"),
        ("grün", "green"),
        ("dunkelblau", "dark blue"),
        ("bleu foncé", "dark blue"),
        ("azul oscuro", "dark blue"),
        ("black-and-white", "black and white"),
        ("b&w", "black and white"),
        ("schwarzweiß", "black and white"),
        ("grey", "gray"),
        ("violet", "purple"),
        ("cielo azul", "blue sky"),
    ],
)
def test_other_words_for_the_same_look_mean_the_same(text: str, same: str) -> None:
    assert ENCODER.knows(text)
    np.testing.assert_array_equal(*ENCODER.encode_texts([text, same]))


@pytest.mark.parametrize(
    ("text", "with_it", "without_it"),
    [("red", "red chair", "meadow under clouds"), ("green", "forest", "sunset"), ("dark", "night", "street")],
)
def test_scores_tell_with_from_without(text: str, with_it: str, without_it: str) -> None:
    assert scores(text)[NAMES.index(with_it)] > 0.5
    assert scores(text)[NAMES.index(without_it)] < 0.15


def test_skin_and_soil_are_not_red() -> None:
    red = scores("red")
    assert red[NAMES.index("red ball left")] > 2 * red[NAMES.index("skin")]
    assert red[NAMES.index("red ball left")] > 2 * red[NAMES.index("soil under clouds")]


def recompress(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file).convert("RGB")


@pytest.mark.parametrize(
    "change",
    [
        recompress,
        lambda image: image.resize((110, 82)),
        lambda image: image.crop((16, 12, 320, 240)),
        lambda image: image.crop((8, 6, 312, 234)),
        lambda image: ImageEnhance.Brightness(image).enhance(1.1),
        lambda image: ImageEnhance.Brightness(image).enhance(0.9),
    ],
    ids=["JPEG", "resized", "corner cut off", "edges cut off", "brighter", "darker"],
)
def test_near_copies_are_nearer_than_any_other_photo(change: Callable[[Image.Image], Image.Image]) -> None:
    # Many more of the same kind, so that there is something to be mistaken for.
    distractors = encode(*(any_landscape(seed) for seed in range(100, 180)))
    library = np.concatenate([PICTURES, distractors])
    nearest = np.argmax(encode(*map(change, SCENES.values())) @ library.T, axis=1)
    assert [NAMES[i] if i < len(NAMES) else "a distractor" for i in nearest] == NAMES


def test_pictures_give_unit_vectors_whatever_they_show() -> None:
    size = ENCODER.spec.size
    random = np.random.default_rng(0).integers(0, 256, (3, size, size, 3), np.uint8)
    flat = np.stack([np.full((size, size, 3), level, np.uint8) for level in (0, 128, 255)])
    vectors = ENCODER.encode_images(np.concatenate([random, flat]))
    assert vectors.shape == (6, ENCODER.spec.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_nothing_gives_no_vectors() -> None:
    size, dim = ENCODER.spec.size, ENCODER.spec.dim
    assert ENCODER.encode_images(np.empty((0, size, size, 3), np.uint8)).shape == (0, dim)
    assert ENCODER.encode_texts([]).shape == (0, dim)


def test_the_same_picture_gives_the_same_vector_in_any_company() -> None:
    np.testing.assert_array_equal(encode(*SCENES.values()), PICTURES)
    alone = np.concatenate([encode(image) for image in SCENES.values()])
    np.testing.assert_allclose(alone, PICTURES, atol=1e-6)


@pytest.mark.parametrize("text", ["", "   ", "my aunt's dog", "😀🎉", "zxqw " * 2000, "左の猫", "left"])
def test_a_text_without_a_known_word_fits_no_picture(text: str) -> None:
    assert not ENCODER.knows(text)
    (vector,) = ENCODER.encode_texts([text])
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert np.abs(PICTURES @ vector).max() < 1e-6


def test_a_very_long_text_is_read_to_its_end() -> None:
    text = "zxqw " * 2000 + "red"
    assert ENCODER.knows(text)
    np.testing.assert_array_equal(*ENCODER.encode_texts([text, "red"]))


@pytest.mark.parametrize("text", ["red", "red top red bottom", "dark bright", "foggy 😀", "red " * 2500])
def test_known_texts_give_unit_vectors(text: str) -> None:
    (vector,) = ENCODER.encode_texts([text])
    assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-5)
    assert np.isfinite(vector).all()


@pytest.mark.parametrize("phrase", [phrase for phrases in PHRASES for phrase in phrases.split(", ")])
def test_every_phrase_fits_some_picture(phrase: str) -> None:
    assert ENCODER.knows(phrase)
    assert scores(phrase).max() > 0.05
