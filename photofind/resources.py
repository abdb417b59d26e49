"""Where photofind's own files are: icons, style sheet, translations, towns, desktop entry.

A checkout keeps `resources/` and `packaging/` beside the package; a wheel has both in `photofind/resources/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Return the path of a file or folder such as "icons/search.svg" or "packaging/….desktop"."""
    installed = _PACKAGE / "resources"
    if installed.is_dir():
        return installed / name
    checkout = _PACKAGE.parent
    return checkout / name if name.startswith("packaging/") else checkout / "resources" / name
