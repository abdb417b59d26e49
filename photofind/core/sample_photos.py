"""Some of the person's own photos, by their thumbnails: what an engine is tried on before it is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from photofind.core.catalog import Catalog
from photofind.core.encoders.encoder import Spec
from photofind.core.images import fit_thumbnail
from photofind.core.records import Pixels
from photofind.core.thumbnails import Thumbnails

_PHOTOS: Final = 200
# A JPEG, and its photo's upright width and height in pixels.
SampleThumbnail = tuple[bytes, tuple[int, int]]


def sample_thumbnails(catalog: Catalog, thumbnails: Thumbnails) -> list[SampleThumbnail]:
    """Return the thumbnails of 200 photos spread over the library; none where there are not so many."""
    newest = catalog.db.execute("SELECT max(id) FROM photo").fetchone()[0] or 0
    rows = [
        catalog.db.execute(
            "SELECT id, width, height FROM photo WHERE id >= ? AND gone_since IS NULL AND state = 1 "
            "ORDER BY id LIMIT 1",
            [int(start)],
        ).fetchone()
        for start in np.linspace(1, newest, _PHOTOS)
    ]
    sizes = {int(row[0]): (int(row[1]), int(row[2])) for row in rows if row is not None}
    found = thumbnails.get(list(sizes))
    # Where photos were removed, two places may have led to the same one.
    if len(found) < 0.9 * _PHOTOS:
        return []
    return [(jpeg, sizes[photo_id]) for photo_id, jpeg in found.items()]


def size_thumbnails(thumbnails: Sequence[SampleThumbnail], spec: Spec) -> Pixels | None:
    """Size thumbnails for a model, uint8 [n, size, size, 3]; None where there are none."""
    sized = [fit_thumbnail(jpeg, size, spec) for jpeg, size in thumbnails]
    pictures = [pixels for pixels in sized if pixels is not None]
    return np.stack(pictures) if pictures else None
