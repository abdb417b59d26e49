"""Damage files in the ways that drives, copies and programs do; the same seed gives the same files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.image_files import encode
from tests.pictures import grain
from tests.raw_files import dng

KINDS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM", "TGA", "ICO")


def good_files(real: Path | None) -> list[tuple[str, bytes]]:
    """Return real photos where there are some, and one file of every kind that can be made, as (suffix, content)."""
    picture = grain((90, 140, 60), (240, 160))
    files = [(f".{kind.lower()}", encode(picture, kind)) for kind in KINDS]
    files.append((".jpg", encode(picture, "JPEG", progressive=True)))
    files.append((".tif", encode(picture, "TIFF", compression="tiff_lzw")))
    files.append((".png", encode(picture.convert("I").convert("I;16"))))
    files.append((".dng", dng(picture, picture.resize((120, 80)))))
    if real is not None:
        paths = [path for path in sorted(real.rglob("*")) if path.suffix and path.stat().st_size < 1_000_000]
        files += [(path.suffix.lower(), path.read_bytes()) for path in paths if path.suffix != ".xmp"]
    return files


def damaged(files: list[tuple[str, bytes]], cases: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many damaged files as (suffix, content)."""
    chance = random.Random(seed)
    for case in range(cases):
        suffix, content = files[case % len(files)]
        _, other = chance.choice(files)
        for _ in range(chance.choice((1, 1, 2, 5))):
            content = chance.choice(_WAYS)(chance, content, other)
        yield suffix, content


def _cut(chance: random.Random, content: bytes, _: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flip(chance: random.Random, content: bytes, _: bytes) -> bytes:
    changed = bytearray(content)
    for _n in range(chance.choice((1, 8, 64)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _splice(chance: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other) + 1) :]


def _zero_a_page(chance: random.Random, content: bytes, _: bytes) -> bytes:
    start = chance.randrange(max(1, len(content))) // 4096 * 4096
    return content[:start] + bytes(len(content[start : start + 4096])) + content[start + 4096 :]


def _change_the_head(chance: random.Random, content: bytes, _: bytes) -> bytes:
    head = bytearray(content[:512])
    for _n in range(4 if head else 0):
        head[chance.randrange(len(head))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    return bytes(head) + content[512:]


_WAYS = (_cut, _flip, _splice, _zero_a_page, _change_the_head)
