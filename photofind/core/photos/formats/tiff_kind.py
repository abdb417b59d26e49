"""What kind of pixels a TIFF holds, what that is called, and whether Pillow would show others."""

from __future__ import annotations

from dataclasses import dataclass

from PIL.ExifTags import Base

from photofind.core.photos.formats.tiff_tags import Tags, number, numbers

_EXTRA_SAMPLES, _SAMPLE_FORMAT, _CHROMA_SUBSAMPLING = 338, 339, 530
WHITE_IS_ZERO, GREY, RGB, PALETTE, CMYK, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
SIGNED, FLOAT = 2, 3
PREMULTIPLIED, ALPHA = 1, 2
_COLORS = {
    WHITE_IS_ZERO: "grey, white is zero",
    GREY: "grey",
    RGB: "RGB",
    PALETTE: "palette",
    CMYK: "CMYK",
    YCBCR: "YCbCr",
    LAB: "Lab",
    ICC_LAB: "ICC Lab",
    10: "ITU Lab",
    32_803: "sensor data",
    34_892: "linear sensor data",
    32_844: "LogL",
    32_845: "LogLuv",
}
_CHANNELS = {WHITE_IS_ZERO: 1, GREY: 1, PALETTE: 1, RGB: 3, CMYK: 4, YCBCR: 3, LAB: 3, ICC_LAB: 3}
_PLAIN = 1
# Pillow's libtiff is built without it, which shows only when the picture is loaded.
_WEBP = 50_001


@dataclass(frozen=True, slots=True)
class TiffKind:
    """A TIFF's tags that say how its pixels are to be understood; `extras`: what channels beside its colours are."""

    photometric: int
    bits: int
    samples: int
    sample_format: int
    extras: tuple[int, ...]
    compression: int
    is_planar: bool
    is_big_endian: bool
    is_subsampled: bool

    @classmethod
    def of(cls, tags: Tags, byte_order: bytes) -> TiffKind:
        """Return the kind that a directory's tags say."""
        samples = number(tags, Base.SamplesPerPixel, 1)
        subsampling = numbers(tags, _CHROMA_SUBSAMPLING) or (2, 2)
        return cls(
            number(tags, Base.PhotometricInterpretation, WHITE_IS_ZERO),
            number(tags, Base.BitsPerSample, 1),
            samples,
            number(tags, _SAMPLE_FORMAT, 1),
            numbers(tags, _EXTRA_SAMPLES),
            number(tags, Base.Compression, _PLAIN),
            samples > 1 and number(tags, Base.PlanarConfiguration, 1) == 2,
            byte_order == b"MM",
            any(step != 1 for step in subsampling),
        )

    @property
    def colors(self) -> int | None:
        """How many of the channels are colours; None where that is not known."""
        return _CHANNELS.get(self.photometric)

    @property
    def name(self) -> str:
        """What a person who makes such files would call it: “16-bit Lab in planes”."""
        depth = f"{self.bits}-bit {'float ' if self.sample_format == FLOAT else ''}"
        colors = _COLORS.get(self.photometric, f"colours of kind {self.photometric}")
        more = len(self.extras)
        extras = f", {more} more channel{'s' * (more > 1)}" if more else ""
        return depth + colors + extras + (", in planes" if self.is_planar else "") + self._packing

    @property
    def _packing(self) -> str:
        if self.photometric == YCBCR and self.is_subsampled:
            return ", with few colours"
        return "" if self.compression in (1, 5, 7, 8, 32_773, 32_946) else f", compression {self.compression}"

    @property
    def is_premultiplied(self) -> bool:
        """Whether its colours are multiplied with the channel behind them."""
        return self.extras[:1] == (PREMULTIPLIED,)

    @property
    def has_alpha(self) -> bool:
        """Whether it calls a channel alpha; Pillow takes one that nothing is said of for that."""
        return bool({PREMULTIPLIED, ALPHA} & set(self.extras))

    @property
    def is_misread_by_pillow(self) -> bool:
        """Whether Pillow, which opens it, would show other pixels, or only fail when it loads them."""
        is_packed = self.compression != _PLAIN
        is_turned_around = self.bits == 32 and self.is_big_endian and is_packed
        if is_turned_around or self.compression == _WEBP or (self.bits <= 16 and self.sample_format == SIGNED):
            return True
        if self.is_planar:
            return not (self._are_packed_planes_read if is_packed else self._are_plain_planes_read)
        if self.photometric == YCBCR and not is_packed:
            return self.is_subsampled
        return self.photometric in (WHITE_IS_ZERO, GREY) and self.is_premultiplied

    @property
    def _are_packed_planes_read(self) -> bool:
        if self.photometric in (RGB, CMYK):
            return (len(self.extras) == 1 and not self.is_premultiplied) or not any(self.extras)
        if self.photometric == YCBCR:
            return not self.extras
        return self.photometric in (WHITE_IS_ZERO, GREY) and not any(self.extras)

    @property
    def _are_plain_planes_read(self) -> bool:
        if self.bits != 8:
            return False
        return (self.photometric == RGB and self.extras in ((), (ALPHA,))) or (
            self.photometric == CMYK and not self.extras
        )
