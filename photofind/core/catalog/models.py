"""The models that ever embedded a photo of this library, and what is kept of each."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from photofind.core.catalog.kept_settings import KeptSettings
from photofind.core.records.models import KeptVectors, Spec
from photofind.core.settings import EMBED_FROM, MADE_BY


class Models:
    """The rows of models; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._settings = KeptSettings(db)

    def kept(self) -> list[KeptVectors]:
        """Return what is kept of each model that has embedded any photo."""
        rows = self._db.execute(
            "SELECT m.model_id, m.name, count(*), count(*) * m.dim * 2 "  # half precision
            "FROM embedding e INDEXED BY embedding_by_model JOIN model m ON m.id = e.model GROUP BY e.model"
        )
        return [KeptVectors(*row) for row in rows]

    def find(self, model_id: str, *, or_name: bool) -> int | None:
        """Return the key of the model of that id, else, where asked for, of the newest one of that name."""
        rows = self._db.execute(
            "SELECT id FROM model WHERE model_id = ?1 OR (name = ?1 AND ?2) ORDER BY model_id = ?1, id",
            [model_id, or_name],
        ).fetchall()
        return int(rows[-1][0]) if rows else None

    def spec_of_kept(self, model: int) -> Spec | None:
        """Return what is known of the model with a key, None where nothing is kept of it; no picture is sized by it."""
        sql = (
            "SELECT model_id, name, dim FROM model WHERE id = ?1 AND EXISTS (SELECT 1 FROM embedding WHERE model = ?1)"
        )
        for model_id, name, dim in self._db.execute(sql, [model]):
            return Spec(model_id, name, dim, size=0, knows_words=False)
        return None

    def id_of(self, model: int) -> str:
        """Return the id of the model with a key."""
        return str(self._db.execute("SELECT model_id FROM model WHERE id = ?", [model]).fetchone()[0])

    def labels(self, model: int) -> list[int]:
        """Return the labels of all embeddings of a model."""
        return [int(row[0]) for row in self._db.execute("SELECT label FROM embedding WHERE model = ?", [model])]

    def forget_some(self, model: int, labels: Iterable[int]) -> None:
        """Delete some embeddings of a model that is not used.

        The log of removals stays as it was, numbers included: nobody reads this model's caches again, and 100,000
        removals would push those of all others out of it, whose caches would have to be made anew.
        """
        with self._db.atomic():
            newest = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'removed_vector'").fetchone()
            seq = int(newest[0]) if newest else 0
            self._db.conn.executemany(
                "DELETE FROM embedding WHERE label = ? AND model = ?", ((label, model) for label in labels)
            )
            self._db.execute("DELETE FROM removed_vector WHERE seq > ?", [seq])
            self._db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'removed_vector'", [seq])

    def forget(self, model: int) -> None:
        """Drop what was found out about a model."""
        with self._db.atomic():
            self._settings.forget(MADE_BY.of(model))
            self._settings.forget(EMBED_FROM.of(model))
