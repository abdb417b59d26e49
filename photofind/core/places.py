"""Where things lie on this computer: the library folder and the person's Pictures folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from photofind.core.errors import PhotofindError

LIBRARY_VARIABLE = "PHOTOFIND_LIBRARY"


def library_dir() -> Path:
    """Return the library folder: `PHOTOFIND_LIBRARY` if set, else this user's data folder.

    PhotofindError where it would lie in a home that is not known: a folder called “~” is nobody's wish.
    """
    chosen = os.environ.get(LIBRARY_VARIABLE)
    folder = expanded(chosen) if chosen else _data_dir() / "library"
    if str(folder).startswith("~"):
        raise PhotofindError("home_unknown", library=folder)
    return absolute(folder)


def _data_dir() -> Path:
    try:
        return platformdirs.user_data_path("photofind", appauthor=False)
    except RuntimeError:  # no home is known
        return Path("~")


def expanded(path: Path | str) -> Path:
    """Return a path with the person's home in the place of its “~”; where none is known, it stays as it is written."""
    return Path(os.path.expanduser(path))


def absolute(path: Path) -> Path:
    """Return a full path; PhotofindError where it is told from a folder that was deleted while somebody was in it."""
    try:
        return path.absolute()
    except OSError as error:
        raise PhotofindError("present_folder_gone", path=path) from error


def home_dir() -> Path | None:
    """Return the person's home, or None where the system does not know it."""
    home = expanded("~")
    return home if home.is_absolute() else None


def models_dir(library: Path) -> Path:
    """Return where a library keeps the models that were downloaded for it."""
    return library / "models"


def pictures_dir() -> Path | None:
    """Return the person's Pictures folder as the system names it, or None where there is none."""
    try:
        pictures = platformdirs.user_pictures_path()
    except RuntimeError:  # no home is known
        return None
    return pictures if os.path.isdir(pictures) else None
