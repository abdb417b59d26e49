"""The settings that this catalog keeps; which there are is said in `core/settings`."""

from __future__ import annotations

import logging
from typing import TypeVar

from sqlite_utils import Database

from photofind.core.log.nameless import Plain
from photofind.core.settings import Family, Setting

_log = logging.getLogger(__name__)
T = TypeVar("T")


class KeptSettings:
    """Read and write settings; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, setting: Setting[T]) -> T:
        """Return a setting's value; its default where none was kept, or what was kept is no such value."""
        row = self._db.execute("SELECT value FROM setting WHERE key = ?", [setting.key]).fetchone()
        if row is None:
            return setting.default
        try:
            return setting.parse(str(row[0]))
        except ValueError as error:
            _log.warning("the setting “%s” is not used: %s", Plain(setting.key), error)
            return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Keep a value."""
        with self._db.atomic():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [setting.key, setting.format(value)])

    def forget(self, setting: Setting[T]) -> None:
        """Keep none, so that the default holds."""
        with self._db.atomic():
            self._db.execute("DELETE FROM setting WHERE key = ?", [setting.key])

    def all_of(self, family: Family[T]) -> dict[str, T]:
        """Return the values kept of a family, by what follows its prefix."""
        rows = self._db.execute(
            "SELECT substr(key, ?), value FROM setting WHERE key LIKE ?",
            [len(family.prefix) + 1, f"{family.prefix}%"],
        )
        return {model: family.parse(value) for model, value in rows}
