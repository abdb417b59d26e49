"""The embeddings in the catalog: half-precision unit vectors by model and photo, what the vector index caches."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.kept_settings import KeptSettings
from photofind.core.catalog.label_photos import LabelPhotos
from photofind.core.catalog.newest import Newest
from photofind.core.catalog.states import IS_DONE, IS_READABLE, IS_SHOWN, PhotoState
from photofind.core.catalog.watched import in_watched
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.models import Spec
from photofind.core.settings import LIBRARY, MADE_BY

_log = logging.getLogger(__name__)
_IDS_A_QUERY = 500
_MOST_COPIES = 10
# So many removals are remembered for caches that were not there; one that is further behind is made anew.
REMOVALS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class RemovalLog:
    """Which removals the catalog remembers: those after number `forgotten`, up to `newest`."""

    forgotten: int
    newest: int

    def knows_since(self, seq: int) -> bool:
        """Tell whether a cache that knows of removals up to `seq` can be told of all since."""
        return self.forgotten <= seq <= self.newest


@dataclass(frozen=True, slots=True)
class ReadVectors:
    """Labels [n], ascending, with their vectors float32 [n, dim]; read up to label `reached`, the last one if `is_all`.

    Rows that were damaged on the disk are left out.
    """

    labels: Ids
    vectors: Vectors
    reached: int
    is_all: bool


def usable(vectors: Vectors) -> npt.NDArray[np.bool_]:
    """Tell which rows of float32 [n, d] may be stored: finite and of unit length (hnswlib ranks NaN first)."""
    lengths = np.linalg.norm(vectors, axis=1)
    return np.asarray(np.isfinite(vectors).all(axis=1) & (np.abs(lengths - 1) < 0.01))


class Embeddings:
    """All embeddings of one model; works on the catalog's connection and in its transactions.

    No photo waits for those `for_similar`: one that is lost makes its photo due for that model alone.
    """

    def __init__(
        self, db: Database, spec: Spec, newest: Newest, *, read_only: bool = False, for_similar: bool = False
    ) -> None:
        self._db = db
        self._newest = newest
        self._label_photos = LabelPhotos(db)
        self._settings = KeptSettings(db)
        self._read_only = read_only
        self._for_similar = for_similar
        self.spec = spec
        self.model = self._key()

    def _key(self) -> int:
        row = self._db.execute("SELECT id FROM model WHERE model_id = ?", [self.spec.model_id]).fetchone()
        return int(row[0]) if row else 0

    def enrol(self) -> None:
        """Give the model a key, where it has none yet and `model` is 0; needed before anything is stored."""
        if self.model:
            return
        values = [self.spec.model_id, self.spec.name, self.spec.dim]
        with self._db.atomic():
            self._db.execute("INSERT OR IGNORE INTO model (model_id, name, dim) VALUES (?, ?, ?)", values)
        self.model = self._key()

    def put(self, photo_ids: Sequence[int], vectors: Vectors, *, stand_in: bool = False) -> Ids:
        """Store vectors float32 [n, dim] of photos, replacing this model's older ones; return new labels [n].

        A `stand_in` is searched like any other, and replaced when the photo's original can be opened.
        """
        if not usable(vectors).all():
            raise ValueError("vectors must be finite and of unit length")
        labels = []
        with self._db.atomic():
            for photo_id, vector in zip(photo_ids, vectors.astype(np.float16), strict=True):
                blob = vector.tobytes()
                self._db.execute("DELETE FROM embedding WHERE photo_id = ? AND model = ?", [photo_id, self.model])
                cursor = self._db.execute(
                    "INSERT INTO embedding (model, photo_id, vector, crc, stand_in) VALUES (?, ?, ?, ?, ?)",
                    [self.model, photo_id, blob, zlib.crc32(blob), stand_in],
                )
                labels.append(cursor.lastrowid or 0)
        return np.array(labels, np.int64)

    # Which engines made them

    def note_engine(self, engine: str) -> None:
        """Remember an engine that makes vectors, before they are stored."""
        known = self._engines()
        if engine not in known:
            self._settings.set(MADE_BY.of(self.model), known | {engine})

    def distrust(self, engines: Collection[str]) -> list[str]:
        """Take all vectors for stand-ins where one of these engines is known to have made any; return those that have.

        All, because which engine made which is not known; one makes nearly all.
        """
        distrusted = sorted(self._engines().intersection(engines))
        if not distrusted:
            return []
        with self._db.atomic():
            self._settings.set(MADE_BY.of(self.model), frozenset())
            changed = self._db.execute("UPDATE embedding SET stand_in = TRUE WHERE model = ?", [self.model])
        _log.info("%s made %d vectors, and is not trusted any more", " and ".join(distrusted), changed.rowcount)
        return distrusted if changed.rowcount else []

    def _engines(self) -> frozenset[str]:
        return self._settings.get(MADE_BY.of(self.model))

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

    def count_and_sum(self) -> tuple[int, int]:
        """Return how many embeddings there are and the sum of their labels."""
        row = self._db.execute("SELECT count(*), sum(label) FROM embedding WHERE model = ?", [self.model]).fetchone()
        return int(row[0]), int(row[1] or 0)

    def after(self, label: int, limit: int) -> ReadVectors:
        """Read up to `limit` embeddings with labels above `label`."""
        rows = self._db.execute(
            "SELECT label, CAST(vector AS BLOB), crc FROM embedding WHERE model = ? AND label > ? "
            "ORDER BY label LIMIT ?",
            [self.model, label, limit],
        ).fetchall()
        sound = [row for row in rows if self._is_sound(row[1], row[2])]
        if len(sound) < len(rows):
            self._drop_damaged({row[0] for row in rows} - {row[0] for row in sound})
        labels = np.fromiter((row[0] for row in sound), np.int64, len(sound))
        halves = np.frombuffer(b"".join(row[1] for row in sound), np.float16).reshape(len(sound), self.spec.dim)
        return ReadVectors(labels, halves.astype(np.float32), rows[-1][0] if rows else label, len(rows) < limit)

    def _is_sound(self, blob: object, crc: int) -> bool:
        return isinstance(blob, bytes) and len(blob) == 2 * self.spec.dim and zlib.crc32(blob) == crc

    def _drop_damaged(self, labels: Iterable[int]) -> None:
        """Delete embeddings that are not what was written, so that their photos are embedded again."""
        damaged = sorted(labels)
        _log.warning("%d embeddings are damaged on the disk; their photos are embedded again", len(damaged))
        if self._read_only:
            return
        with self._db.atomic():
            for label in damaged:
                if not self._for_similar:
                    self._db.execute(
                        f"UPDATE photo AS p SET state = {PhotoState.PENDING:d} WHERE {IS_DONE} AND p.id = "
                        "(SELECT photo_id FROM embedding WHERE label = ?)",
                        [label],
                    )
                self._db.execute("DELETE FROM embedding WHERE label = ?", [label])

    def library(self) -> str:
        """Return the identity of the catalog that these embeddings are in."""
        return self._settings.get(LIBRARY)

    def newest_label(self) -> int:
        """Return the highest label that any embedding ever had."""
        return self._highest("embedding")

    def _highest(self, table: str) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
        return int(row[0]) if row else 0

    def removal_log(self) -> RemovalLog:
        """Return which removals are remembered."""
        newest = self._highest("removed_vector")
        oldest = self._db.execute("SELECT min(seq) FROM removed_vector").fetchone()[0]
        return RemovalLog(newest if oldest is None else oldest - 1, newest)

    def removed_after(self, seq: int) -> tuple[int, Ids]:
        """Return the newest removal's number, of any model, and this model's labels removed since number `seq`."""
        newest = self._highest("removed_vector")
        rows = self._db.execute(
            "SELECT label FROM removed_vector WHERE model = ? AND seq > ? AND seq <= ?",
            [self.model, seq, newest],
        ).fetchall()
        return newest, np.fromiter((row[0] for row in rows), np.int64, len(rows))

    def forget_old_removals(self) -> None:
        """Keep the log of removals from growing for ever."""
        oldest = self.removal_log().newest - REMOVALS_KEPT
        with self._db.atomic():
            self._db.execute("DELETE FROM removed_vector WHERE seq <= ?", [oldest])

    def vector_of(self, photo_id: int) -> Vectors | None:
        """Return a photo's vector float32 [dim], or None where it has none yet."""
        return self._first_sound(
            "SELECT label, CAST(vector AS BLOB), crc FROM embedding WHERE model = ? AND photo_id = ?",
            [self.model, photo_id],
        )

    def known_vector(self, content_hash: bytes) -> Vectors | None:
        """Return the vector float32 [dim] already made of a photo with exactly this content, or None.

        Stand-ins do not count: they are there to be replaced.
        """
        # CROSS: the photo first. Left to itself, SQLite reads all of the model's embeddings, 60 ms for each 50,000.
        return self._first_sound(
            "SELECT e.label, CAST(e.vector AS BLOB), e.crc FROM photo p "
            "CROSS JOIN embedding e ON e.photo_id = p.id AND e.model = ? "
            f"WHERE p.content_hash = ? AND NOT e.stand_in LIMIT {_MOST_COPIES}",
            [self.model, content_hash],
        )

    def _first_sound(self, query: str, parameters: Sequence[object]) -> Vectors | None:
        rows = self._db.execute(query, parameters).fetchall()
        sound = [row for row in rows if self._is_sound(row[1], row[2])]
        if len(sound) < len(rows):
            self._drop_damaged({row[0] for row in rows} - {row[0] for row in sound})
        return np.frombuffer(sound[0][1], np.float16).astype(np.float32) if sound else None

    def labels_of(self, photo_ids: Sequence[int]) -> dict[int, int]:
        """Return label by photo id for those photos that have an embedding."""
        found: dict[int, int] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            found.update(
                self._db.execute(
                    f"SELECT photo_id, label FROM embedding WHERE model = ? AND photo_id IN ({marks(part)})",
                    [self.model, *part],
                )
            )
        return found

    def catch_up(self, seconds: float) -> bool:
        """Go on with reading which photo each label is of, for about so long; tell whether nothing is left.

        Only where somebody asks again and again: for one query it would take too long.
        """
        if not self._newest.is_asked:
            return True
        return self._label_photos.catch_up(self.model, self.newest_label(), seconds)

    @property
    def knows_photos(self) -> bool:
        """Whether it is known, and not looked up, which photo each label is of."""
        return self._label_photos.knows(self.newest_label()) and self._newest.is_whole

    def photos_of(self, labels: Ids) -> Ids:
        """Return the photo id of each label, 0 where its photo is gone, hidden or removed."""
        if not self.knows_photos:
            return self._look_up_photos(labels)
        photos = self._label_photos.photos_of(self.model, labels, self.newest_label())
        return np.where(self._newest.has(photos), photos, 0)

    def _look_up_photos(self, labels: Ids) -> Ids:
        found: dict[int, int] = {}
        is_watched = in_watched(self._db)
        for start in range(0, len(labels), _IDS_A_QUERY):
            part = labels[start : start + _IDS_A_QUERY].tolist()
            found.update(
                self._db.execute(
                    "SELECT e.label, e.photo_id FROM embedding e JOIN photo p ON p.id = e.photo_id "
                    f"WHERE e.label IN ({marks(part)}) AND {IS_SHOWN} AND {IS_READABLE} AND {is_watched}",
                    part,
                )
            )
        return np.fromiter((found.get(int(label), 0) for label in labels), np.int64, len(labels))
