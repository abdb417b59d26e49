"""Where things lie on this computer: the library folder and the person's Pictures folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

LIBRARY_VARIABLE = "PHOTOFIND_LIBRARY"


def library_dir() -> Path:
    """Return the library folder: `PHOTOFIND_LIBRARY` if set, else this user's data folder."""
    chosen = os.environ.get(LIBRARY_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_data_path("photofind", appauthor=False) / "library"


def models_dir(library: Path) -> Path:
    """Return where a library keeps the models that were downloaded for it."""
    return library / "models"


def pictures_dir() -> Path | None:
    """Return the person's Pictures folder as the system names it, or None where there is none."""
    pictures = platformdirs.user_pictures_path()
    return pictures if pictures.is_dir() else None
