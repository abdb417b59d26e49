"""The scenes that the tiny CLIP is trained and tested on: coloured shapes in five places on varied grounds.

A scene says what is where; its `look` seeds everything else (sizes, small shifts, shades, ground), so the
same things with another look are another picture of the same scene.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

COLOURS = {
    "red": (214, 36, 36),
    "green": (36, 150, 60),
    "blue": (40, 80, 220),
    "yellow": (246, 216, 40),
    "orange": (245, 130, 24),
    "purple": (140, 50, 170),
    "white": (248, 248, 248),
    "black": (14, 14, 14),
}
# Where a thing's centre lies, in edges of the picture's centre square, from the picture's centre.
PLACES = {
    "left": (-0.3, 0.0),
    "right": (0.3, 0.0),
    "top": (0.0, -0.3),
    "bottom": (0.0, 0.3),
    "centre": (0.0, 0.0),
}
PLACE_WORDS = {
    "left": ("on the left", "on the left side", "at the left"),
    "right": ("on the right", "on the right side", "at the right"),
    "top": ("at the top", "on top", "up at the top"),
    "bottom": ("at the bottom", "on the bottom", "down at the bottom"),
    "centre": ("in the centre", "in the middle", "in the center"),
}
# The nearest a ground may come to a thing's colour, in RGB steps: nothing is ever invisible.
CONTRAST = 85.0
MASK_EDGE = 1024

Polygon = list[tuple[float, float]]
Rgb = tuple[int, int, int]


def _regular(corners: int, radius: float = 1.0, inner: float | None = None) -> Polygon:
    """Return a regular polygon with one corner up; with `inner`, a star."""
    count = corners if inner is None else 2 * corners
    radii = [radius if inner is None or i % 2 == 0 else inner for i in range(count)]
    turns = [2 * math.pi * i / count for i in range(count)]
    return [(r * math.sin(t), -r * math.cos(t)) for r, t in zip(radii, turns, strict=True)]


def _box(half_width: float, half_height: float) -> Polygon:
    w, h = half_width, half_height
    return [(-w, -h), (w, -h), (w, h), (-w, h)]


# Each shape: polygons to fill within radius 1, one to cut out or none, and how far it may be turned, in
# degrees: a square turned too far would be a diamond.
SHAPES: dict[str, tuple[list[Polygon], Polygon | None, float]] = {
    "circle": ([_regular(72)], None, 0),
    "square": ([_box(0.8, 0.8)], None, 8),
    "triangle": ([_regular(3)], None, 12),
    "star": ([_regular(5, inner=0.42)], None, 20),
    "ring": ([_regular(72)], _regular(72, radius=0.55), 0),
    "cross": ([_box(1.0, 0.3), _box(0.3, 1.0)], None, 10),
    "diamond": ([[(0, -1), (0.66, 0), (0, 1), (-0.66, 0)]], None, 6),
    "bar": ([_box(1.0, 0.24)], None, 15),
}


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One coloured shape in one place; the words are keys of SHAPES, COLOURS and PLACES."""

    shape: str
    colour: str
    place: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One or two things in different places, and the seed of everything else."""

    things: tuple[Thing, ...]
    look: int

    @property
    def held_out(self) -> bool:
        """Whether training never sees these things: a tenth of all single things is kept back."""
        return any(_kept_back(thing) for thing in self.things)


def _kept_back(thing: Thing) -> bool:
    shape, colour = list(SHAPES).index(thing.shape), list(COLOURS).index(thing.colour)
    return (shape + 3 * colour + 2 * list(PLACES).index(thing.place)) % 10 == 0


def every_thing() -> list[Thing]:
    """Return all 320 things."""
    return [Thing(s, c, p) for s in SHAPES for c in COLOURS for p in PLACES]


def random_scene(rng: np.random.Generator) -> Scene:
    """Draw a scene: as often one thing as two."""
    places = rng.permutation(list(PLACES))[: int(rng.integers(1, 3))]
    things = [Thing(str(rng.choice(list(SHAPES))), str(rng.choice(list(COLOURS))), str(p)) for p in places]
    return Scene(tuple(sorted(things)), int(rng.integers(2**31)))


def distinct_scenes(rng: np.random.Generator, count: int) -> list[Scene]:
    """Draw scenes of which no two show the same things."""
    scenes: dict[tuple[Thing, ...], Scene] = {}
    while len(scenes) < count:
        scene = random_scene(rng)
        scenes.setdefault(scene.things, scene)
    return list(scenes.values())


def full_caption(scene: Scene) -> str:
    """Say what is where, in the plainest words: "a red circle on the left and a blue star at the top"."""
    return " and ".join(f"{_article(t.colour)} {t.colour} {t.shape} {PLACE_WORDS[t.place][0]}" for t in scene.things)


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """Say what is to be seen in one of many ways, now and then without the places."""
    style = rng.random()
    if style < 0.05 and len(scene.things) == 1:
        return str(rng.choice([scene.things[0].colour, scene.things[0].shape]))
    with_article, with_place = rng.random() < 0.7, style > 0.15
    parts = [_phrase(t, rng, with_article, with_place) for t in rng.permutation(np.array(scene.things, dtype=object))]
    opening = str(rng.choice(["", "", "", "a photo of ", "a picture of ", "there is "]))
    return opening + " and ".join(parts)


def _phrase(thing: Thing, rng: np.random.Generator, with_article: bool, with_place: bool) -> str:
    words = [_article(thing.colour)] if with_article else []
    words += [thing.colour, thing.shape]
    words += [str(rng.choice(PLACE_WORDS[thing.place]))] if with_place else []
    return " ".join(words)


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def render(scene: Scene, size: tuple[int, int]) -> Image.Image:
    """Draw a scene as an RGB picture of (width, height); all things lie within its centre square."""
    rng = np.random.default_rng(scene.look)
    shades = [_shade(COLOURS[t.colour], rng, 12) for t in scene.things]
    picture = _ground(rng, size, shades)
    largest = 0.34 if len(scene.things) == 1 else 0.28
    for thing, shade in zip(scene.things, shades, strict=True):
        edge = min(size)
        diameter = max(8, round(edge * rng.uniform(0.21, largest)))
        x, y = (size[i] / 2 + edge * (PLACES[thing.place][i] + rng.uniform(-0.03, 0.03)) for i in (0, 1))
        mask = _mask(thing.shape, diameter, rng)
        picture.paste(shade, (round(x - diameter / 2), round(y - diameter / 2)), mask)
    return picture


def _mask(shape: str, diameter: int, rng: np.random.Generator) -> Image.Image:
    """Draw a shape several times too large and shrink it: smooth edges."""
    polygons, hole, turn = SHAPES[shape]
    edge = min(4 * diameter, MASK_EDGE)
    angle = math.radians(rng.uniform(-turn, turn))
    mask = Image.new("L", (edge, edge), 0)
    draw = ImageDraw.Draw(mask)
    for polygon in polygons:
        draw.polygon(_place(polygon, angle, edge), fill=255)
    if hole is not None:
        draw.polygon(_place(hole, angle, edge), fill=0)
    return mask.resize((diameter, diameter), Image.Resampling.BICUBIC)


def _place(polygon: Polygon, angle: float, edge: int) -> Polygon:
    cos, sin, half = math.cos(angle), math.sin(angle), edge / 2
    return [(half + half * (x * cos - y * sin), half + half * (x * sin + y * cos)) for x, y in polygon]


def _shade(colour: Rgb, rng: np.random.Generator, spread: float) -> Rgb:
    r, g, b = np.clip(np.array(colour) + rng.uniform(-spread, spread, 3), 0, 255).astype(int)
    return int(r), int(g), int(b)


def _ground(rng: np.random.Generator, size: tuple[int, int], shades: list[Rgb]) -> Image.Image:
    """Draw a ground between two colours, neither of them near a thing's colour."""
    first, second = _ground_colours(rng, shades)
    weights = Image.fromarray((_pattern(rng) * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", size, first), Image.new("RGB", size, second), weights)


def _ground_colours(rng: np.random.Generator, shades: list[Rgb]) -> tuple[Rgb, Rgb]:
    for _ in range(200):
        grey = float(rng.uniform(10, 245))
        first = _shade((int(grey),) * 3, rng, 8 if rng.random() < 0.3 else 40)
        second = _shade(first, rng, 40)
        middle = np.mean([first, second], axis=0)
        if all(math.dist(ground, shade) > CONTRAST for ground in (first, second, middle) for shade in shades):
            return first, second
    return (128, 128, 128), (120, 120, 120)


def _pattern(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return how the two colours of a ground mix, [96, 96] in 0..1, in one of six ways."""
    y, x = np.mgrid[0:1:96j, 0:1:96j]
    turn, waves = rng.uniform(0, 2 * math.pi), rng.uniform(2, 12)
    along = (x - 0.5) * math.cos(turn) + (y - 0.5) * math.sin(turn)
    cells = Image.fromarray(rng.integers(0, 256, (6, 6)).astype(np.uint8))
    patterns = [
        np.ones_like(x),
        np.clip(along + 0.5, 0, 1),
        np.asarray(cells.resize((96, 96), Image.Resampling.BICUBIC)) / 255,
        0.5 + 0.5 * np.sin(2 * math.pi * waves * along),
        (np.floor(x * waves) + np.floor(y * waves)) % 2,
        rng.random(x.shape),
    ]
    return np.asarray(patterns[rng.integers(len(patterns))], np.float64)
