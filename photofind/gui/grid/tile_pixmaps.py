"""Thumbnails as the screen wants them: cut square, sized, corners rounded, kept for painting.

Scaling costs about a millisecond each, so it is done once per tile and size, within a budget
for each frame; until its turn comes, a tile is painted from its last size.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from PySide6.QtGui import QPixmap

from photofind.core.records.photos import Tile
from photofind.gui.look.pictures import rounded, to_image

RADIUS = 10
_MAX_PIXMAPS = 600
_FRAME_SECONDS = 0.006


class TilePixmaps:
    """An LRU of pixmaps by photo id; call `start_frame` before each painting."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Tile, int, QPixmap]] = OrderedDict()
        self._deadline = 0.0
        self.unfinished = False

    def start_frame(self) -> None:
        """Grant a new budget; `unfinished` then says whether another frame is needed."""
        self._deadline = time.perf_counter() + _FRAME_SECONDS
        self.unfinished = False

    def pixmap(self, tile: Tile, edge: int, scale: float) -> QPixmap | None:
        """Return the tile's pixmap for `edge` logical pixels, or None if its turn is to come."""
        if tile.thumbnail is None:
            return None
        device_edge = round(edge * scale)
        kept = self._kept.get(tile.photo.id)
        if kept is not None:
            self._kept.move_to_end(tile.photo.id)
            if kept[0] is tile and kept[1] == device_edge:
                return kept[2]
        if time.perf_counter() > self._deadline:
            self.unfinished = True
            return None if kept is None else kept[2]
        made = rounded(to_image(tile.thumbnail), device_edge, RADIUS * scale)
        self._kept[tile.photo.id] = (tile, device_edge, made)
        while len(self._kept) > _MAX_PIXMAPS:
            self._kept.popitem(last=False)
        return made
