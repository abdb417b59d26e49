"""Which photos are picked: by photo id, so that a changed result never picks others.

A result may be a million photos: it is gone through by NumPy, never one by one.
"""

from __future__ import annotations

import numpy as np

from photofind.core.records.arrays import Ids


class Selection:
    """The picked photos, the current one (with the keyboard focus), and where a range starts."""

    def __init__(self) -> None:
        self._picked: set[int] = set()
        self.current: int | None = None
        self._anchor: int | None = None

    def __contains__(self, photo_id: int) -> bool:
        return photo_id in self._picked

    def __len__(self) -> int:
        return len(self._picked)

    def clear(self) -> None:
        """Pick nothing; the current photo stays."""
        self._picked.clear()

    def pick(self, photo_id: int) -> None:
        """Pick this photo alone."""
        self._picked = {photo_id}
        self.current = self._anchor = photo_id

    def toggle(self, photo_id: int) -> None:
        """Add this photo or take it away."""
        self._picked ^= {photo_id}
        self.current = self._anchor = photo_id

    def extend(self, photo_id: int, ids: Ids) -> None:
        """Pick all from where the range starts to this photo, in the order of `ids`."""
        end = int(np.flatnonzero(ids == photo_id)[0])
        found = np.flatnonzero(ids == (photo_id if self._anchor is None else self._anchor))
        start = int(found[0]) if len(found) else end
        self._picked = set(ids[min(start, end) : max(start, end) + 1].tolist())
        self.current = photo_id

    def pick_all(self, ids: Ids) -> None:
        """Pick every photo of the result, also those that are not loaded."""
        self._picked = set(ids.tolist())

    def keep(self, ids: Ids) -> None:
        """Forget photos that are no longer in the result."""
        picked = self._picked_ids()
        self._picked = set(picked[np.isin(picked, ids)].tolist())
        self.current = _if_among(self.current, ids)
        self._anchor = _if_among(self._anchor, ids)

    def ordered(self, ids: Ids) -> list[int]:
        """Return the picked photos in the order of the result."""
        return [int(photo_id) for photo_id in ids[np.isin(ids, self._picked_ids())].tolist()] if self._picked else []

    def _picked_ids(self) -> Ids:
        return np.fromiter(self._picked, np.int64, len(self._picked))


def _if_among(photo_id: int | None, ids: Ids) -> int | None:
    return photo_id if photo_id is not None and bool(np.any(ids == photo_id)) else None
