"""What is said of a photo beside its picture: in its tooltip, and by screen readers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.look import words
from photofind.gui.look.sentences import say


def describe(model: PhotoModel, row: int) -> str:
    """Return a row's name, date, score and what is the matter with it, a line each; nothing until it is loaded."""
    tile = model.tile(model.id_at(row))
    if tile is None:
        return ""
    score = words.score(model.score(row))
    lines = [
        tile.photo.name,
        words.date_taken(tile.photo),
        _tr("score {score}").format(score=score) if score else "",
        _tr("found by its name, folder, date, camera or words") if model.found_by_name(row) else "",
        model.absence.in_short(tile.photo),
        say(tile.photo.flaw) if tile.photo.flaw else "",
    ]
    return "\n".join(line for line in lines if line)


def _tr(text: str) -> str:
    return QCoreApplication.translate("photo_description", text)
