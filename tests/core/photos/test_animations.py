"""An animation that begins with nothing is shown by a frame with something in it."""

from __future__ import annotations

import io
import time
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from photofind.core.photos import frames as frames_module
from photofind.core.photos.images import decode_bytes, open_image, open_thumbnail
from tests.image_files import encode
from tests.seen import BLUE, RED, SPEC, WHITE, assert_sides, is_seen, red_and_blue

SIZE = (120, 80)
BEGINNINGS: dict[str, Image.Image] = {
    "white": Image.new("RGBA", SIZE, "white"),
    "black": Image.new("RGBA", SIZE, "black"),
    "one colour": Image.new("RGBA", SIZE, (20, 120, 60)),
    "transparent": Image.new("RGBA", SIZE, (0, 0, 0, 0)),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 95},
    "GIF": {"disposal": 2},
    "PNG": {},
    "WEBP": {"lossless": True},
}


def animation(kind: str, frames: list[Image.Image]) -> bytes:
    if kind == "JXL":
        shown = np.stack([np.asarray(frame) for frame in frames])
        return bytes(imagecodecs.jpegxl_encode(shown, lossless=True))
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **OPTIONS[kind])


def faded(share: float) -> Image.Image:
    """Return the picture as it comes out of the dark."""
    return Image.blend(Image.new("RGB", SIZE), red_and_blue(), share).convert("RGBA")


@pytest.mark.parametrize("kind", [*OPTIONS, "JXL"])
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_begins_with_nothing_shows_its_first_picture(kind: str, beginning: str) -> None:
    nothing = BEGINNINGS[beginning]
    picture = red_and_blue().convert("RGBA")
    other = Image.new("RGBA", SIZE, "green")
    other.paste("yellow", (0, 0, 60, 80))
    assert_sides(animation(kind, [nothing, nothing, nothing, picture, other]), RED, BLUE)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_begins_with_seconds_of_nothing_shows_what_comes_then(kind: str) -> None:
    nothing = [BEGINNINGS["white"].copy() for _ in range(200)]
    for n, frame in enumerate(nothing):
        frame.putpixel((n % SIZE[0], 0), (200, 200, 200, 255))  # equal frames are put together
    assert_sides(animation(kind, [*nothing, red_and_blue().convert("RGBA")]), RED, BLUE)


@pytest.mark.parametrize("kind", [*OPTIONS, "JXL"])
def test_what_begins_with_a_picture_shows_it(kind: str) -> None:
    frames = [red_and_blue().convert("RGBA"), Image.new("RGBA", SIZE, "green"), faded(0.5)]
    assert_sides(animation(kind, frames), RED, BLUE)


@pytest.mark.parametrize("kind", [*OPTIONS, "JXL"])
def test_what_holds_nothing_shows_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGBA", SIZE, color) for color in ("white", "red", "blue")]
    assert_sides(animation(kind, frames), WHITE, WHITE)


@pytest.mark.parametrize("kind", OPTIONS)
def test_what_fades_in_is_shown_where_it_can_be_seen(kind: str) -> None:
    photo = decode_bytes(animation(kind, [faded(share / 40) for share in range(41)]), SPEC)
    for pixels in (photo.pixels, open_thumbnail(photo.thumbnail)):
        assert pixels[..., [0, 2]].max() > 40


def test_the_whole_picture_is_the_same_frame(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("photos") / "a.gif"
    path.write_bytes(animation("GIF", [BEGINNINGS["white"], red_and_blue().convert("RGBA")]))
    assert is_seen(open_image(bytes(path), 4_096), RED, BLUE)


def test_what_is_damaged_behind_the_first_frame_costs_nothing() -> None:
    data = animation("GIF", [BEGINNINGS["white"], red_and_blue().convert("RGBA")])
    assert_sides(data[: len(data) - 60], WHITE, WHITE)


def test_the_search_for_a_frame_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def endless() -> Any:
        while True:
            looked.append(time.monotonic())
            yield Image.new("RGB", SIZE, "white")

    assert frames_module.choose_frame(endless()) == 0
    assert len(looked) <= 1_002
    monkeypatch.setattr(frames_module, "_MOST_SECONDS", -1.0)
    looked.clear()
    assert frames_module.choose_frame(endless()) == 0
    assert len(looked) == 1


def test_pages_and_layers_are_no_animation() -> None:
    pages = [Image.new("RGB", SIZE, "white"), red_and_blue()]
    assert_sides(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]), WHITE, WHITE)
    out = io.BytesIO()
    pages[0].save(out, "MPO", save_all=True, append_images=pages[1:])
    assert_sides(out.getvalue(), WHITE, WHITE)
