"""Open an image file as a person sees it; the only user of Pillow.

One open gives everything photofind wants of a photo: upright sRGB pixels at a model's input
size, a thumbnail, and what is known of it. Runs in a child process (DESIGN invariant 6): the
bytes are not to be trusted, and the child has a memory and a time limit.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pi_heif
from PIL import Image, UnidentifiedImageError

from photofind.core.colors import to_srgb
from photofind.core.encoders.encoder import Spec
from photofind.core.errors import PhotofindError
from photofind.core.metadata import Metadata, read_metadata
from photofind.core.records import Pixels

THUMBNAIL_EDGE = 384
_THUMBNAIL_QUALITY = 82
_MAX_BYTES = 1 << 30
# Most pixels held at once: 60-megapixel photos and 160-megapixel panoramas pass, bombs do not.
_MAX_MEGAPIXELS = 180
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What can be scaled before its costly conversion to sRGB.
_SCALABLE_MODES = ("L", "RGB", "RGBA", "LA", "CMYK", "YCbCr")
_SIDEWAYS = frozenset(_TURNS[orientation] for orientation in (5, 6, 7, 8))
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}

pi_heif.register_heif_opener()
# Our own limit above is the one decision on size; Pillow's would warn about honest panoramas.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """All that one open of a photo gives.

    `pixels` uint8 [size, size, 3] for the model; `thumbnail` JPEG bytes, longest edge at most
    384 px; width and height upright, in pixels of the original; `content_hash` 16 bytes.
    """

    pixels: Pixels
    thumbnail: bytes
    width: int
    height: int
    content_hash: bytes
    metadata: Metadata


def decode_photo(source: bytes, spec: Spec) -> DecodedPhoto:
    """Decode the photo at path `source` for a model; PhotofindError says why a file cannot be used.

    FileNotFoundError passes through: a file that vanished is no problem of the file.
    """
    return decode_bytes(_read(source), spec)


def decode_bytes(data: bytes, spec: Spec) -> DecodedPhoto:
    """Decode an image file's content for a model; PhotofindError says why it cannot be used."""
    with _reasons(data):
        return _decode(data, spec)


def open_image(source: bytes, edge: int) -> Pixels:
    """Open the whole picture at path `source` as a person sees it, scaled down to at most `edge` pixels.

    Returns upright sRGB uint8 [h, w, 3]; raises what `decode_photo` raises.
    """
    data = _read(source)
    with _reasons(data):
        return _open_whole(data, edge)


def open_thumbnail(jpeg: bytes) -> Pixels:
    """Decode a thumbnail made by `decode_photo` into uint8 [h, w, 3]."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB"))


@contextmanager
def _reasons(data: bytes) -> Iterator[None]:
    """Turn what Pillow raises about a file's content into a reason for the person."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata in photos that look fine
            yield
    except PhotofindError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds, SyntaxError among them
        raise PhotofindError(_reason(data, error)) from error


def _read(path: bytes) -> bytes:
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > _MAX_BYTES:
                raise PhotofindError(f"The file is too big: {size / 1e9:.1f} GB.")
            data = file.read(size + 1)
    except PermissionError as error:
        raise PhotofindError("You have no permission to read this file.") from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PhotofindError(f"The file cannot be read: {error.strerror or error}.") from error
    if not data:
        raise PhotofindError("The file is empty.")
    return data


def _decode(data: bytes, spec: Spec) -> DecodedPhoto:
    with Image.open(io.BytesIO(data)) as image:
        size = image.size
        metadata = read_metadata(image)
        turn = _turn(image, metadata)
        image.draft(None, _draft_size(size, spec))
        _check_size(image.size)
        image.load()
        upright = to_srgb(_shrink(image, spec))
    if turn is not None:
        upright = upright.transpose(turn)
    width, height = size[::-1] if turn in _SIDEWAYS else size
    return DecodedPhoto(
        _fit(upright, (width, height), spec),
        _thumbnail(upright),
        width,
        height,
        hashlib.blake2b(data, digest_size=16).digest(),
        metadata,
    )


def _open_whole(data: bytes, edge: int) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        turn = _turn(image, read_metadata(image))
        scale = min(1.0, edge / max(image.size))
        image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))
        _check_size(image.size)
        image.load()
        if image.mode in _SCALABLE_MODES:
            _scale_down(image, edge)
        upright = to_srgb(image)
    _scale_down(upright, edge)
    return np.asarray(upright if turn is None else upright.transpose(turn))


def _scale_down(image: Image.Image, edge: int) -> None:
    """Make an image's longer edge at most `edge`, in place."""
    image.thumbnail((edge, edge), Image.Resampling.BICUBIC, reducing_gap=3)


def _turn(image: Image.Image, metadata: Metadata) -> Image.Transpose | None:
    """Return what makes an image upright; Pillow turns TIFF by itself, and gives its size upright."""
    return None if image.format == "TIFF" else _TURNS.get(metadata.orientation)


def _check_size(size: tuple[int, int]) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > _MAX_MEGAPIXELS:
        raise PhotofindError(
            f"The picture is too large: {megapixels:.0f} megapixels; photofind opens up to {_MAX_MEGAPIXELS}."
        )


def _draft_size(size: tuple[int, int], spec: Spec) -> tuple[int, int]:
    """Return the least size that serves model and thumbnail; JPEG then decodes only as much (5x on 12 MP)."""
    need = max(spec.size / min(size), THUMBNAIL_EDGE / max(size))
    return math.ceil(size[0] * need), math.ceil(size[1] * need)


def _shrink(image: Image.Image, spec: Spec) -> Image.Image:
    """Box-average a large image to about three times what is needed, before any costly conversion."""
    if image.mode not in _SCALABLE_MODES:
        return image
    needed = _draft_size(image.size, spec)
    factor = min(image.width // (3 * needed[0]), image.height // (3 * needed[1]))
    if factor < 2:
        return image
    small = image.reduce(factor)
    small.info = image.info
    return small


def _fit(image: Image.Image, original: tuple[int, int], spec: Spec) -> Pixels:
    """Size an upright RGB image for a model as open_clip's own preprocess sizes its original.

    Returns uint8 [size, size, 3]. What is cut off is computed from the original's size: rounded
    from a smaller decode's it can be a whole pixel of the result away. Scaling and cutting are
    one step, so that a very long panorama never becomes a very long large image.
    """
    size, (width, height) = spec.size, original
    resample = _RESAMPLING[spec.interpolation]
    if spec.resize == "squash":
        return np.asarray(image.resize((size, size), resample))
    if spec.resize == "longest":
        return _fit_longest(image, original, spec)
    short = min(width, height)
    scaled = (int(size * width / short), int(size * height / short))
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    across, down = image.width / scaled[0], image.height / scaled[1]
    box = (left * across, top * down, (left + size) * across, (top + size) * down)
    return np.asarray(image.resize((size, size), resample, box=box))


def _fit_longest(image: Image.Image, original: tuple[int, int], spec: Spec) -> Pixels:
    scale = spec.size / max(original)
    scaled = (max(1, round(original[0] * scale)), max(1, round(original[1] * scale)))
    canvas = Image.new("RGB", (spec.size, spec.size), (spec.fill,) * 3)
    place = ((spec.size - scaled[0]) // 2, (spec.size - scaled[1]) // 2)
    canvas.paste(image.resize(scaled, _RESAMPLING[spec.interpolation]), place)
    return np.asarray(canvas)


def _thumbnail(image: Image.Image) -> bytes:
    small = image.copy()
    _scale_down(small, THUMBNAIL_EDGE)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return out.getvalue()


def _reason(data: bytes, error: Exception) -> str:
    if data.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return "JPEG XL pictures cannot be read yet; a JPEG or AVIF copy can."
    if isinstance(error, UnidentifiedImageError):
        return "This is not a picture that photofind can read."
    if isinstance(error, MemoryError):
        return "The picture needs more memory than photofind gives one file."
    if "truncated" in str(error).lower():
        return "The picture is damaged: the file ends too early."
    return f"The picture is damaged: {str(error).splitlines()[0] if str(error) else type(error).__name__}."
