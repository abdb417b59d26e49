"""What Google Takeout's JSON beside a photo says."""

from __future__ import annotations

import json
import logging
from typing import Any

from photofind.core.photos.facts.dates import from_seconds
from photofind.core.photos.facts.said import Said, as_number, as_position
from photofind.core.records.facts import TakenFrom

_log = logging.getLogger(__name__)
_MOST_PEOPLE = 200


def read_takeout(data: bytes) -> Said:
    """Return what the JSON says; nothing where it cannot be read, or is about something else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        _log.info("JSON cannot be read: %s", error)
        return Said()
    said = Said()
    if not isinstance(document, dict):
        return said
    seconds = as_number(_in(document, "photoTakenTime", "timestamp"))
    said.date(TakenFrom.SIDECAR, from_seconds(seconds) if seconds else None)
    said.captions += [text] if isinstance(text := document.get("description"), str) and text.strip() else []
    people = document.get("people")
    for person in people[:_MOST_PEOPLE] if isinstance(people, list) else []:
        name = _in(person, "name")
        said.people += [name] if isinstance(name, str) and name.strip() else []
    places = (_in(document, key) for key in ("geoDataExif", "geoData"))
    said.position = next((place for one in places if (place := _position(one))), None)
    return said


def _position(place: Any) -> tuple[float, float] | None:
    return as_position(as_number(_in(place, "latitude")), as_number(_in(place, "longitude")))


def _in(value: Any, *keys: str) -> Any:
    """Return what is at a place in a document, None where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
