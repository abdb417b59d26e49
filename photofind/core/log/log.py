"""The log of this process: begun once, found again by whoever names it, and passed on to child processes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from photofind.core.errors import PhotofindError, said_by
from photofind.core.log.log_file import LogFile
from photofind.core.sentences.sentence import Sentence

_FOLDER: Final = "logs"


@dataclass(frozen=True, slots=True)
class Log:
    """Where the processes of one photofind write what went wrong: a folder, and a file in it for each kind of them.

    `with_names`: file names and queries may be in it, and what is no mistake is told as well.
    """

    folder: Path
    with_names: bool = False

    @classmethod
    def of(cls, library: Path, *, with_names: bool) -> Log:
        """Return the log of a library; nothing is written yet."""
        return cls(library / _FOLDER, with_names)

    def begin(self, kind: str) -> None:
        """Have what this process tells written into the file of its kind, and nowhere else than before."""
        end_log()
        root = logging.getLogger()
        root.addHandler(LogFile(self.folder / f"{kind.replace(' ', '-')}.log", with_names=self.with_names))
        if self.with_names:
            root.setLevel(logging.INFO)


def end_log() -> None:
    """Write no log any more, in this process."""
    root = logging.getLogger()
    for handler in _files():
        root.removeHandler(handler)


def present_log() -> Log | None:
    """Return the log that this process writes, for its children; None where it writes none."""
    return next((Log(file.path.parent, file.with_names) for file in _files()), None)


def where_more_is() -> Sentence | None:
    """Say which file tells more of what has just been logged; None where none does."""
    return next((Sentence("log_says_more", log=file.path) for file in _files() if file.is_kept), None)


def log_to_open() -> Path:
    """Return this process's log file, which is there; PhotofindError where it cannot be."""
    for file in _files():
        try:
            file.make()
        except OSError as error:
            raise PhotofindError("log_unwritten", log=file.path, said=said_by(error)) from error
        return file.path
    raise PhotofindError("log_not_begun")


def _files() -> list[LogFile]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, LogFile)]
