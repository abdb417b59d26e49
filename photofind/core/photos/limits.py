"""How large a picture may be that is opened."""

from __future__ import annotations

from photofind.core.errors import PhotofindError

# Phones make photos of 200 megapixels (16,320 x 12,240). Measured at that size, under a decoder's limit of 4 GiB: HEIC
# takes 2.0 GiB of addresses, PNG with a palette and 16 bits or Lab in a TIFF, which cost most, 2.6.
MAX_MEGAPIXELS = 210


def check_size(size: tuple[int, int]) -> None:
    """Raise PhotofindError for more pixels than are held at once."""
    megapixels = size[0] * size[1] / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise PhotofindError("picture_too_large", megapixels=megapixels, most_megapixels=MAX_MEGAPIXELS)
