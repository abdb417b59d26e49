"""Which photo each label of a model is of: read once, a slice at a time, and from then on by the labels that are newer.

A label is never given twice, so what was read stays true; that of an embedding that is no more is asked for by nobody.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from sqlite_utils import Database

from photofind.core.records.arrays import Ids

_ROWS_A_STEP: Final = 20_000


class LabelPhotos:
    """The labels of one model and their photos; works on the catalog's connection."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._parts: list[Ids] = []  # [n, 2]: photo and label, while they are read
        self._passed = 0  # photos up to this id were read
        self._newest = -1  # label
        self._labels: Ids = np.empty(0, np.int64)
        self._photos: Ids = np.empty(0, np.int64)
        self.is_whole = False

    def catch_up(self, model: int, newest_label: int, seconds: float) -> bool:
        """Go on with the first reading for about so long; tell whether all is read."""
        deadline = time.monotonic() + seconds
        if self._newest < 0:
            self._newest = newest_label
        query = (
            "SELECT photo_id, label FROM embedding INDEXED BY sqlite_autoindex_embedding_1 "
            "WHERE photo_id > ? AND model = ? ORDER BY photo_id LIMIT ?"
        )
        while not self.is_whole:
            rows = self._db.execute(query, [self._passed, model, _ROWS_A_STEP]).fetchall()
            self._parts.append(np.array(rows, np.int64).reshape(-1, 2))
            if len(rows) < _ROWS_A_STEP:
                self._put_in_order()
                break
            self._passed = rows[-1][0]
            if time.monotonic() > deadline:
                break
        return self.is_whole

    def _put_in_order(self) -> None:
        photos, labels = np.concatenate(self._parts).T
        order = np.argsort(labels)
        order = order[labels[order] <= self._newest]  # those that came meanwhile are read with all that are newer
        self._labels, self._photos, self._parts, self.is_whole = labels[order], photos[order], [], True

    def photos_of(self, model: int, labels: Ids, newest_label: int) -> Ids:
        """Return the photo id of each label, 0 where nobody knows of it; only once all is read."""
        if newest_label > self._newest:
            self._add_newer(model, newest_label)
        if not len(self._labels):
            return np.zeros(len(labels), np.int64)
        places = np.minimum(np.searchsorted(self._labels, labels), len(self._labels) - 1)
        return np.where(self._labels[places] == labels, self._photos[places], 0)

    def _add_newer(self, model: int, newest_label: int) -> None:
        query = "SELECT label, photo_id FROM embedding WHERE model = ? AND label > ? AND label <= ? ORDER BY label"
        found = self._db.execute(query, [model, self._newest, newest_label]).fetchall()
        labels, photos = np.array(found, np.int64).reshape(-1, 2).T
        self._labels, self._photos = np.concatenate([self._labels, labels]), np.concatenate([self._photos, photos])
        self._newest = newest_label
