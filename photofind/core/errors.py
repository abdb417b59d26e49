"""The errors for causes outside the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from photofind.core.sentences.sentence import Sentence, Value


class PhotofindError(Exception):
    """Say in one plain sentence what went wrong outside the program and what to do about it.

    The window shows the sentence in the person's language, standard error in English, which `str` gives; a bug in
    photofind itself is never raised as this class.
    """

    def __init__(self, key: str, /, **values: Value | Path) -> None:
        """Say the sentence of that key, with the values that its text names."""
        self.sentence = Sentence(key, **values)
        super().__init__(self.sentence)

    @classmethod
    def saying(cls, sentence: Sentence) -> Self:
        """Make an error of a sentence that there is already."""
        return cls(sentence.key, **dict(sentence.values))

    def __str__(self) -> str:
        """Return the sentence in English."""
        return str(self.sentence)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass between processes, with all that a kind of it holds."""
        return _again, (type(self), self.sentence, self.__dict__)


def _again(kind: type[PhotofindError], sentence: Sentence, state: dict[str, Any]) -> PhotofindError:
    error = kind.__new__(kind, sentence)
    error.__dict__.update(state)
    return error


class LibraryDamagedError(PhotofindError):
    """The catalog of the library in `directory` is damaged; `recovery.recover` mends it.

    `is_open`: it was noticed only while the library was in use, which must be closed before.
    """

    def __init__(self, directory: Path, *, is_open: bool = False) -> None:
        if is_open:
            super().__init__("library_damaged_in_use", library=directory)
        else:
            super().__init__("library_damaged", library=directory)
        self.directory = directory


def said_by(error: OSError) -> str:
    """Return what the system says of an error, in its words."""
    return error.strerror or str(error)
