"""The errors for causes outside the program."""

from __future__ import annotations

from pathlib import Path


class PhotofindError(Exception):
    """Say in one plain sentence what went wrong outside the program and what to do about it.

    The text is shown to the person as it is, in the window and on standard error; a bug in
    photofind itself is never raised as this class.
    """


class LibraryDamagedError(PhotofindError):
    """The catalog of the library in `directory` is damaged; `recovery.recover` mends it.

    `is_open`: it was noticed only while the library was in use, which must be closed before.
    """

    def __init__(self, directory: Path, *, is_open: bool = False) -> None:
        self.directory = directory
        way = (
            "close photofind and start it again: it then offers to mend it"
            if is_open
            else "“photofind check --repair” rescues what can be read, or goes back to the last snapshot"
        )
        super().__init__(f"The library “{directory}” is damaged; {way}. Your photos are not touched.")
