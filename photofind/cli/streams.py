"""Standard output and standard error as they may be given to photofind: closed, full, or of few letters."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from traceback import walk_tb
from typing import Any

import click

from photofind.core.errors import said_by
from photofind.core.sentences.sentence import Sentence


class _Forgiving:
    """Standard error: progress that cannot be written must not be why a work stops."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return int(self._stream.write(text))
        except OSError:  # full or closed: there is nowhere to tell it
            return len(text)

    def flush(self) -> None:
        with suppress(OSError):  # as above
            self._stream.flush()


def prepare_streams() -> None:
    """Let all that is printed go somewhere, whatever this process was started by."""
    if os.name == "posix":
        _open_closed_numbers()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started without a console, as pythonw does
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif isinstance(stream, io.TextIOWrapper):  # letters that the terminal does not know are told in others
            stream.reconfigure(errors="backslashreplace")
    if not isinstance(sys.stderr, _Forgiving):
        sys.stderr = _Forgiving(sys.stderr)


def _open_closed_numbers() -> None:
    """Open what was closed for us: or the next file, such as the library's, gets its number, and what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def refusal_of_output(error: Exception) -> Sentence | None:
    """Say that an error is standard output's, which takes nothing; None where it is another."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    if not isinstance(error, OSError) or all(frame.f_code is not click.echo.__code__ for frame in frames):
        return None
    return Sentence("output_unwritten", said=said_by(error))
