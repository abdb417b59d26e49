"""What the grid shows: the ids of a result, and an LRU of the tiles that were painted lately.

Tiles are kept by photo id, never by row, so one that arrives late cannot land on another photo.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, Signal

from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.arrays import Ids
from photofind.core.records.photos import Photo, Tile
from photofind.core.records.query import Query
from photofind.gui.folders.absence import Absence
from photofind.gui.needs import TileReader

_MAX_TILE_BYTES = 192 << 20
_ROW_BYTES = 1 << 10
# Not more at once: what scrolled past while these came is then never read.
_MAX_AWAITED = 300
NO_IDS: Ids = np.empty(0, dtype=np.int64)


class PhotoModel(QObject):
    """Holds one result; fetches rows and thumbnails when the grid asks for them."""

    tiles_arrived = Signal(object)

    def __init__(self, reader: TileReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self.result: SearchResult | None = None
        self.absence = Absence()
        self._tiles: OrderedDict[int, Tile] = OrderedDict()
        self._bytes = 0
        # Asked for and not come yet, gone from the library, shown but to be read again.
        self._awaited: set[int] = set()
        self._gone: set[int] = set()
        self._stale: set[int] = set()

    @property
    def ids(self) -> Ids:
        """The photo ids of the result, in order."""
        return NO_IDS if self.result is None else self.result.photo_ids

    def id_at(self, row: int) -> int:
        """Return the id of the photo at a row."""
        return int(self.ids[row])

    @property
    def query(self) -> Query | None:
        """The query that the shown result answers."""
        return None if self.result is None else self.result.query

    def show(self, result: SearchResult) -> None:
        """Show another result; tiles that are known already are kept."""
        self.result = result
        self._gone.clear()

    def row_of(self, photo_id: int | None) -> int | None:
        """Return where a photo is in the result, or None."""
        if photo_id is None:
            return None
        found = np.flatnonzero(self.ids == photo_id)
        return int(found[0]) if len(found) else None

    def score(self, row: int) -> float:
        """Return the score of a row; NaN where the order is not by score."""
        return float("nan") if self.result is None else float(self.result.scores[row])

    def found_by_name(self, row: int) -> bool:
        """Return whether the words were found in the photo's name, folder, date or camera."""
        return self.result is not None and int(self.result.whys[row]) == Why.NAME

    def tile(self, photo_id: int) -> Tile | None:
        """Return a photo's tile if it is there."""
        tile = self._tiles.get(photo_id)
        if tile is not None:
            self._tiles.move_to_end(photo_id)
        return tile

    def request(self, photo_ids: Iterable[int]) -> None:
        """Fetch the tiles of these photos that are not there, not awaited and not gone.

        While many are awaited nothing is asked; `tiles_arrived` is the time to ask again.
        """
        if len(self._awaited) > _MAX_AWAITED:
            return
        wanted = [
            photo_id
            for photo_id in photo_ids
            if (photo_id not in self._tiles or photo_id in self._stale)
            and photo_id not in self._awaited
            and photo_id not in self._gone
        ]
        wanted = wanted[:_MAX_AWAITED]
        if wanted:
            self._awaited.update(wanted)
            self._stale.difference_update(wanted)
            self._reader.request(wanted, lambda tiles: self._on_tiles(wanted, tiles))

    def request_photos(self, photo_ids: list[int], on_done: Callable[[list[Photo]], None]) -> None:
        """Read photos without their thumbnails, however many; nothing of them is kept."""
        self._reader.request_photos(photo_ids, on_done)

    def refresh_unfinished(self) -> None:
        """Read again the photos without a thumbnail and those that were gone; others stay."""
        self._gone.clear()
        self._stale.update(i for i, tile in self._tiles.items() if tile.thumbnail is None)

    def refresh_all(self) -> None:
        """Read every tile again when it is next painted: files may have changed."""
        self._gone.clear()
        self._stale.update(self._tiles)

    def _on_tiles(self, wanted: list[int], tiles: list[Tile]) -> None:
        arrived = {tile.photo.id for tile in tiles}
        self._awaited.difference_update(wanted)
        self._gone.update(set(wanted) - arrived)
        for tile in tiles:
            self._keep(tile)
        while self._bytes > _MAX_TILE_BYTES:
            dropped_id, dropped = self._tiles.popitem(last=False)
            self._bytes -= _cost(dropped)
            self._stale.discard(dropped_id)
        self.tiles_arrived.emit(arrived)

    def _keep(self, tile: Tile) -> None:
        old = self._tiles.pop(tile.photo.id, None)
        self._bytes += _cost(tile) - (0 if old is None else _cost(old))
        self._tiles[tile.photo.id] = tile


def _cost(tile: Tile) -> int:
    return _ROW_BYTES + (0 if tile.thumbnail is None else tile.thumbnail.nbytes)
