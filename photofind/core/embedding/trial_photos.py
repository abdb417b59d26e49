"""Some of the person's own photos, by their thumbnails: what an engine is tried on before it is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.photos.images import size_thumbnail
from photofind.core.records.arrays import Pixels
from photofind.core.records.models import Spec
from photofind.core.records.work import TrialThumbnail

_PHOTOS: Final = 200
# Where photos were removed, two places may lead to the same one.
_LEAST_SHARE: Final = 0.9


def trial_thumbnails(catalog: Catalog, thumbnails: Thumbnails) -> list[TrialThumbnail]:
    """Return 200 thumbnails spread over the library; none where there are not so many."""
    found = thumbnails.get(thumbnails.spread(_PHOTOS))
    if len(found) < _LEAST_SHARE * _PHOTOS:
        return []
    return [(found[photo_id], size) for photo_id, size in catalog.photos.sizes([*found])]


def size_thumbnails(thumbnails: Sequence[TrialThumbnail], spec: Spec) -> Pixels | None:
    """Size thumbnails for a model, uint8 [n, size, size, 3]; None where there are none."""
    sized = [size_thumbnail(jpeg, size, spec) for jpeg, size in thumbnails]
    pictures = [pixels for pixels in sized if pixels is not None]
    return np.stack(pictures) if pictures else None
