"""The models that ever embedded a photo of this library, and what is kept of each."""

from __future__ import annotations

from sqlite_utils import Database

from photofind.core.catalog.embeddings import forget_embeddings
from photofind.core.catalog.kept_settings import KeptSettings
from photofind.core.records.models import KeptVectors
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

    def id_of(self, model: int) -> str:
        """Return the id of the model with a key."""
        return str(self._db.execute("SELECT model_id FROM model WHERE id = ?", [model]).fetchone()[0])

    def forget(self, model: int) -> int:
        """Delete all embeddings of a model and what was found out about it; return how many there were."""
        with self._db.atomic():
            self._settings.forget(MADE_BY.of(model))
            self._settings.forget(EMBED_FROM.of(model))
            return forget_embeddings(self._db, model)
