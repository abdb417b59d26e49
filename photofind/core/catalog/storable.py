"""What SQLite can keep of a value that comes from a file: an absurd one costs that value, never the photo."""

from __future__ import annotations

import math
import numbers
from dataclasses import fields
from typing import Any, Final

from photofind.core.records.decoded import Metadata
from photofind.core.records.facts import begin_of

_MOST: Final = (1 << 63) - 1


def storable(value: Any) -> Any:
    """Return a value as it is kept; None for a number that is none or too large, text without what UTF-8 lacks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, numbers.Integral):  # NumPy's too
        number = int(value)
        return number if -_MOST <= number <= _MOST else None
    if isinstance(value, numbers.Real):
        return _finite(value)
    return value


def storable_metadata(said: Metadata) -> Metadata:
    """Return all that a file says of its photo as it is kept; a date that is none is left out."""
    values = {field.name: _storable_all(getattr(said, field.name)) for field in fields(said)}
    return Metadata(**values | {"taken": values["taken"] if _is_date(values["taken"]) else None})


def _is_date(taken: str | None) -> bool:
    try:
        return taken is not None and bool(begin_of(taken))
    except ValueError:
        return False


def _storable_all(value: Any) -> Any:
    return tuple(map(storable, value)) if isinstance(value, tuple) else storable(value)


def _finite(value: numbers.Real) -> float | None:
    try:
        number = float(value)
    except (OverflowError, ZeroDivisionError):  # a fraction may hold anything
        return None
    return number if math.isfinite(number) else None
