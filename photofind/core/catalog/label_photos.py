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
        self._is_whole = False

    def knows(self, newest_label: int) -> bool:
        """Tell whether all is read, but for a few that came since."""
        return self._is_whole and newest_label - self._newest < _ROWS_A_STEP

    def catch_up(self, model: int, newest_label: int, seconds: float) -> bool:
        """Go on with reading for about so long; tell whether all is read, but for a few that came since."""
        deadline = time.monotonic() + seconds
        if self._newest < 0:
            self._newest = newest_label
        while not self.knows(newest_label):
            if self._is_whole:
                self._add_newer(model, newest_label)
            else:
                self._read_on(model)
            if time.monotonic() > deadline:
                break
        return self.knows(newest_label)

    def _read_on(self, model: int) -> None:
        query = (
            "SELECT photo_id, label FROM embedding INDEXED BY sqlite_autoindex_embedding_1 "
            "WHERE photo_id > ? AND model = ? ORDER BY photo_id LIMIT ?"
        )
        rows = self._db.execute(query, [self._passed, model, _ROWS_A_STEP]).fetchall()
        self._parts.append(np.array(rows, np.int64).reshape(-1, 2))
        if len(rows) < _ROWS_A_STEP:
            self._put_in_order()
        else:
            self._passed = rows[-1][0]

    def _put_in_order(self) -> None:
        photos, labels = np.concatenate(self._parts).T
        order = np.argsort(labels)
        order = order[labels[order] <= self._newest]  # those that came meanwhile are read with all that are newer
        self._labels, self._photos, self._parts, self._is_whole = labels[order], photos[order], [], True

    def photos_of(self, model: int, labels: Ids, newest_label: int) -> Ids:
        """Return the photo id of each label, 0 where nobody knows of it; only once all is read."""
        while newest_label > self._newest:
            self._add_newer(model, newest_label)
        if not len(self._labels):
            return np.zeros(len(labels), np.int64)
        places = np.minimum(np.searchsorted(self._labels, labels), len(self._labels) - 1)
        return np.where(self._labels[places] == labels, self._photos[places], 0)

    def _add_newer(self, model: int, newest_label: int) -> None:
        query = "SELECT label, photo_id FROM embedding WHERE model = ? AND label > ? ORDER BY label LIMIT ?"
        found = self._db.execute(query, [model, self._newest, _ROWS_A_STEP]).fetchall()
        labels, photos = np.array(found, np.int64).reshape(-1, 2).T
        self._labels, self._photos = np.concatenate([self._labels, labels]), np.concatenate([self._photos, photos])
        self._newest = newest_label if len(found) < _ROWS_A_STEP else int(labels[-1])
