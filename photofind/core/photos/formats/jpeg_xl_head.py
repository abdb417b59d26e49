"""The beginning of a JPEG XL codestream: size, animation, channels, colours, as ISO/IEC 18181-1 lays out its bits."""

from __future__ import annotations

from dataclasses import dataclass

from photofind.core.photos.formats.encoded_colors import PRIMARIES, SRGB_CURVE, WHITES, Point

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_ALPHA, _SPOT_COLOR, _BLACK, _CFA = 0, 2, 4, 5
_GREY, _XYB = 1, 2
_CUSTOM = 2


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of a JPEG XL: white and primaries as points (x, y), the curve by its number or its exponent `gamma`.

    `has_profile` is for what only libjxl can take out.
    """

    white: Point = WHITES[1]
    primaries: tuple[Point, ...] = PRIMARIES[1]
    curve: int = SRGB_CURVE
    gamma: float | None = None
    has_profile: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What a JPEG XL says first; the size is as its pixels are stored, before they are turned upright."""

    size: tuple[int, int]
    is_animated: bool = False
    bits: int = 8
    has_alpha: bool = False
    is_premultiplied: bool = False
    is_cmyk: bool = False
    is_lossy: bool = True
    colors: Colors = Colors()


class _Bits:
    """Bits of a codestream, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise OSError("image file is truncated")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def flag(self) -> bool:
        return bool(self.take(1))

    def choice(self, *ways: tuple[int, int]) -> int:
        """Take a number that is written in one of four ways: an offset, and so many bits to add."""
        offset, count = ways[self.take(2)]
        return offset + self.take(count)


def read_head(codestream: bytes) -> Head:
    """Read the head of a codestream; OSError where it ends within it."""
    bits = _Bits(codestream[2:4_096])
    size = _size(bits)
    if bits.flag():
        return Head(size)
    is_animated = bits.flag() and _skip_more(bits)
    depth = _depth(bits)
    bits.flag()  # whether 16 bits are enough for its buffers
    channels = [_extra(bits) for _ in range(bits.choice((0, 0), (1, 0), (2, 4), (1, 12)))]
    alphas = [is_premultiplied for kind, is_premultiplied in channels if kind == _ALPHA]
    is_cmyk = any(kind == _BLACK for kind, _ in channels)
    is_lossy = bits.flag()
    return Head(size, is_animated, depth, bool(alphas), any(alphas[:1]), is_cmyk, is_lossy, _colors(bits))


def _size(bits: _Bits) -> tuple[int, int]:
    unit = 8 if bits.flag() else 1

    def edge() -> int:
        return 8 * (1 + bits.take(5)) if unit == 8 else bits.choice((1, 9), (1, 13), (1, 18), (1, 30))

    height = edge()
    ratio = bits.take(3)
    return (height * _RATIOS[ratio][0] // _RATIOS[ratio][1] if ratio else edge()), height


def _skip_more(bits: _Bits) -> bool:
    """Pass over orientation, other sizes and a preview; return whether it is an animation."""
    bits.take(3)
    if bits.flag():
        _size(bits)
    if bits.flag():
        _skip_preview(bits)
    is_animated = bits.flag()
    if is_animated:
        bits.choice((100, 0), (1_000, 0), (1, 10), (1, 30))
        bits.choice((1, 0), (1_001, 0), (1, 8), (1, 10))
        bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
        bits.flag()
    return is_animated


def _skip_preview(bits: _Bits) -> None:
    ways = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.flag() else ((1, 6), (65, 8), (321, 10), (1_345, 12))
    bits.choice(*ways)
    if not bits.take(3):
        bits.choice(*ways)


def _depth(bits: _Bits) -> int:
    if not bits.flag():
        return bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
    depth = bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
    bits.take(4)
    return depth


def _extra(bits: _Bits) -> tuple[int, bool]:
    """Read what an extra channel is: its kind, and whether colours are multiplied with it."""
    if bits.flag():
        return _ALPHA, False
    kind = bits.choice(*_ENUM)
    _depth(bits)
    bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
    for _ in range(bits.choice((0, 0), (0, 4), (16, 5), (48, 10))):
        bits.take(8)
    if kind == _SPOT_COLOR:
        bits.take(64)
    if kind == _CFA:
        bits.choice((1, 0), (0, 2), (3, 4), (19, 8))
    return kind, kind == _ALPHA and bits.flag()


def _colors(bits: _Bits) -> Colors:
    if bits.flag():
        return Colors()
    has_profile = bits.flag()
    space = bits.choice(*_ENUM)
    if has_profile or space == _XYB:
        return Colors(has_profile=has_profile)
    number = bits.choice(*_ENUM)
    white = _point(bits) if number == _CUSTOM else WHITES.get(number, WHITES[1])
    primaries = PRIMARIES[1] if space == _GREY else _primaries(bits)
    if bits.flag():
        return Colors(white, primaries, gamma=bits.take(24) / 1e7)
    return Colors(white, primaries, bits.choice(*_ENUM))


def _primaries(bits: _Bits) -> tuple[Point, ...]:
    number = bits.choice(*_ENUM)
    return tuple(_point(bits) for _ in range(3)) if number == _CUSTOM else PRIMARIES.get(number, PRIMARIES[1])


def _point(bits: _Bits) -> Point:
    x, y = (bits.choice((0, 19), (524_288, 19), (1_048_576, 20), (2_097_152, 21)) for _ in "xy")
    return _signed(x) / 1e6, _signed(y) / 1e6


def _signed(number: int) -> int:
    return -(number // 2) - 1 if number % 2 else number // 2
