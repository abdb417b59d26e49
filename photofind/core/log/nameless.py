"""Log messages without what is the person's: by construction, as only what is known to name nothing is let through.

Through come the message as it is written in the source, numbers, and words marked `Plain`; of an error its kind, and
what number the system gave it; of a traceback the places in the code. All else is a name or may hold one.
"""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Iterator, Mapping
from numbers import Real
from pathlib import PurePath
from typing import Any, Final

from photofind.core.errors import PhotofindError

LEFT_OUT: Final = "…"
_OURS: Final = "photofind"
_MOST_FRAMES: Final = 40
_MOST_ERRORS: Final = 8


class Plain(str):
    """A word in a log message that is photofind's own, or a library's: it names nothing of the person's."""

    __slots__ = ()


class NamelessFormatter(logging.Formatter):
    """Formats records as any formatter does, but for names."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        record = logging.makeLogRecord(record.__dict__)  # others show the whole of it
        record.msg, record.args = _message(record), None
        record.exc_text = record.stack_info = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        """Return where an error came from, and those before it."""
        return "\n".join(line for error in _chain(ei[1]) for line in _lines(error))


def _message(record: logging.LogRecord) -> str:
    """Return the message of a record; other libraries write what they like into theirs."""
    if record.name.partition(".")[0] != _OURS or not isinstance(record.msg, str):
        return f"{LEFT_OUT} ({record.filename}:{record.lineno})"
    args = record.args
    if not args:
        return record.msg
    shown = {key: _shown(value) for key, value in args.items()} if isinstance(args, Mapping) else _all_shown(args)
    try:
        return record.msg % shown
    except (TypeError, ValueError):  # a number was asked for
        return record.msg


def _all_shown(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(_shown(value) for value in values)


def _shown(value: object) -> object:
    """Return what of a value may be read by others."""
    if value is None or isinstance(value, Real | Plain):
        return value
    return _kind(value) if isinstance(value, BaseException) else LEFT_OUT


def _kind(error: BaseException) -> str:
    """Name an error without its text."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, PhotofindError):
        return f"{name} {error.sentence.key}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} {errno.errorcode.get(error.errno, error.errno)}"
    return f"{name} {getattr(error, 'sqlite_errorname', '')}".rstrip()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came of, so many at most."""
    for _ in range(_MOST_ERRORS):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield f"  {_kind(error)}"
    for frame in traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES):
        yield f"    {'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
