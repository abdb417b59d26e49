"""What a row says of its model: what it is, how fast it is here, what a change to it costs, what is kept of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from photofind.core.records.models import ModelState
from photofind.gui.look import words
from photofind.gui.look.sentences import say

# A line may end after the dot, not before it.
_DOT = "\N{NO-BREAK SPACE}· "


def describe(model: ModelState) -> str:
    """Return languages, then size and licence in a line of their own, as in: 605 MB to download · MIT."""
    languages, license = say(model.languages) if model.languages else "", say(model.license)
    if not model.download_bytes:
        return _join(languages, license)
    size = words.size(model.download_bytes)
    if not model.installed:
        size = _tr("{size} to download").format(size=size)
    return "\n".join(filter(None, (languages, _join(size.replace(" ", "\N{NO-BREAK SPACE}"), license))))


def costs(model: ModelState) -> str:
    """Return speed and time, and in a line of their own which engines are not exact enough to be used.

    As in: 48 photos/s on this computer, by ONNX INT8 · about 7 minutes for 20,000 photos.
    """
    speed = ""
    if model.images_per_second is not None:
        speed = _tr("{rate} photos/s on this computer").format(rate=words.decimal(model.images_per_second))
        if model.engine:
            speed = _tr("{speed}, by {engine}").format(speed=speed, engine=model.engine)
    inexact = say(model.inexact) if model.inexact else ""
    return "\n".join(filter(None, (_join(speed, _change(model)), inexact)))


def _change(model: ModelState) -> str:
    """Return what it takes until the model answers; nothing for one in use, and where that is not known."""
    if not model.installed or model.in_use or model.answers:
        return ""
    if not model.to_embed:
        return _tr("ready at once")
    if not model.images_per_second:
        return ""
    time, photos = words.duration(model.to_embed / model.images_per_second), words.photos(model.to_embed)
    return _tr("{time} for {photos}").format(time=time, photos=photos)


def keeps(model: ModelState) -> str:
    """Return what the library keeps of the model, as in: Keeps what it learned of 20,000 photos (31 MB)."""
    kept = _tr("Keeps what it learned of {photos} ({size})")
    return kept.format(photos=words.photos(model.kept_vectors), size=words.size(model.kept_bytes))


def _join(*parts: str) -> str:
    return _DOT.join(part for part in parts if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("model_summary", text)
