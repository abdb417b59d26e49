"""What SQLite and the disk refuse becomes a sentence here, around every call of a library; damage is noted."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal

from photofind.core.catalog.database import explain, is_damage
from photofind.core.errors import PhotofindError, said_by
from photofind.core.log.nameless import Plain

_log = logging.getLogger(__name__)
_Done = Literal["opened", "read", "written"]


class Telling:
    """Raises PhotofindError in the place of what SQLite and the disk raise; its contexts may lie in one another.

    Made by `Library` for its catalog, used around each public call of the rooms' objects.
    """

    def __init__(self, catalog: Path) -> None:
        self._catalog = catalog
        self.has_seen_damage = False

    def opening(self) -> AbstractContextManager[None]:
        """Return a context for opening the library."""
        return self._telling("opened", is_open=False)

    def reading(self) -> AbstractContextManager[None]:
        """Return a context for calls that write nothing."""
        return self._telling("read")

    def writing(self) -> AbstractContextManager[None]:
        """Return a context for calls that may write."""
        return self._telling("written")

    @contextmanager
    def _telling(self, done: _Done, *, is_open: bool = True) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self.has_seen_damage = self.has_seen_damage or is_damage(error)
            raise explain(error, self._catalog, is_open=is_open) from error
        except OSError as error:
            _log.warning("the library was not %s", Plain(done), exc_info=error)
            raise _refusal(done, self._catalog.parent, said_by(error)) from error


def _refusal(done: _Done, library: Path, said: str) -> PhotofindError:
    match done:
        case "opened":
            return PhotofindError("library_unopened", library=library, said=said)
        case "read":
            return PhotofindError("library_unread", library=library, said=said)
        case "written":
            return PhotofindError("library_unwritten", library=library, said=said)
