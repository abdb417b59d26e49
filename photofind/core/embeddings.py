"""The embeddings in the catalog: half-precision unit vectors by model and photo, what the vector index caches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photofind.core.encoders.encoder import Spec
from photofind.core.records import Ids, Vectors

_IDS_A_QUERY = 500


def usable(vectors: Vectors) -> npt.NDArray[np.bool_]:
    """Tell which rows of float32 [n, d] may be stored: finite and of unit length (hnswlib ranks NaN first)."""
    lengths = np.linalg.norm(vectors, axis=1)
    return np.asarray(np.isfinite(vectors).all(axis=1) & (np.abs(lengths - 1) < 0.01))


class Embeddings:
    """All embeddings of one model; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database, spec: Spec, *, read_only: bool = False) -> None:
        self._db = db
        self.spec = spec
        self.model = self._model_key(spec, read_only)

    def _model_key(self, spec: Spec, read_only: bool) -> int:
        known = self._db.execute("SELECT id FROM model WHERE model_id = ?", [spec.model_id]).fetchone()
        if known is not None or read_only:
            return int(known[0]) if known else 0
        with self._db.atomic():
            cursor = self._db.execute(
                "INSERT INTO model (model_id, name, dim) VALUES (?, ?, ?)",
                [spec.model_id, spec.name, spec.dim],
            )
            return int(cursor.lastrowid or 0)

    def put(self, photo_ids: Sequence[int], vectors: Vectors) -> Ids:
        """Store vectors float32 [n, dim] of photos, replacing older ones of any model; return new labels [n].

        A photo's older embeddings go with it: they show what its file no longer holds.
        """
        if not usable(vectors).all():
            raise ValueError("vectors must be finite and of unit length")
        labels = []
        with self._db.atomic():
            for photo_id, vector in zip(photo_ids, vectors.astype(np.float16), strict=True):
                self._db.execute("DELETE FROM embedding WHERE photo_id = ? AND model = ?", [photo_id, self.model])
                cursor = self._db.execute(
                    "INSERT INTO embedding (model, photo_id, vector) VALUES (?, ?, ?)",
                    [self.model, photo_id, vector.tobytes()],
                )
                labels.append(cursor.lastrowid or 0)
        return np.array(labels, np.int64)

    def remove_other_models(self, photo_ids: Sequence[int]) -> None:
        """Delete what other models made of photos whose file has changed."""
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM embedding WHERE photo_id = ? AND model != ?",
                ((i, self.model) for i in photo_ids),
            )

    def count(self) -> int:
        """Return how many photos have an embedding of this model."""
        row = self._db.execute("SELECT count(*) FROM embedding WHERE model = ?", [self.model]).fetchone()
        return int(row[0])

    def after(self, label: int, limit: int) -> tuple[Ids, Vectors]:
        """Return up to `limit` labels [n] above `label`, ascending, with their vectors float32 [n, dim]."""
        rows = self._db.execute(
            "SELECT label, vector FROM embedding WHERE model = ? AND label > ? ORDER BY label LIMIT ?",
            [self.model, label, limit],
        ).fetchall()
        labels = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        halves = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
        return labels, halves.reshape(len(rows), self.spec.dim).astype(np.float32)

    def removed_after(self, seq: int) -> tuple[int, Ids]:
        """Return the newest removal's number and the labels removed since number `seq`."""
        rows = self._db.execute(
            "SELECT seq, label FROM removed_vector WHERE model = ? AND seq > ? ORDER BY seq",
            [self.model, seq],
        ).fetchall()
        return (rows[-1][0] if rows else seq), np.fromiter((row[1] for row in rows), np.int64, len(rows))

    def vector_of(self, photo_id: int) -> Vectors | None:
        """Return a photo's vector float32 [dim], or None where it has none yet."""
        row = self._db.execute(
            "SELECT vector FROM embedding WHERE photo_id = ? AND model = ?", [photo_id, self.model]
        ).fetchone()
        return None if row is None else np.frombuffer(row[0], np.float16).astype(np.float32)

    def labels_of(self, photo_ids: Sequence[int]) -> dict[int, int]:
        """Return label by photo id for those photos that have an embedding."""
        found: dict[int, int] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            marks = ",".join("?" * len(part))
            found.update(
                self._db.execute(
                    f"SELECT photo_id, label FROM embedding WHERE model = ? AND photo_id IN ({marks})",
                    [self.model, *part],
                )
            )
        return found

    def photos_of(self, labels: Ids) -> Ids:
        """Return the photo id of each label, 0 where its photo is gone, hidden or removed."""
        found: dict[int, int] = {}
        for start in range(0, len(labels), _IDS_A_QUERY):
            part = labels[start : start + _IDS_A_QUERY].tolist()
            marks = ",".join("?" * len(part))
            found.update(
                self._db.execute(
                    "SELECT e.label, e.photo_id FROM embedding e JOIN photo p ON p.id = e.photo_id "
                    f"WHERE e.label IN ({marks}) AND p.gone_since IS NULL AND p.state != 2",
                    part,
                )
            )
        return np.fromiter((found.get(int(label), 0) for label in labels), np.int64, len(labels))
