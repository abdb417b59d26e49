"""A sentence that photofind says, apart from the language it is said in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.template import Counted, fill, names_in

Value: TypeAlias = "str | int | float | Sentence | tuple[Sentence, ...]"
_AS_WRITTEN = "as_written"


@dataclass(frozen=True, slots=True, init=False)
class Sentence:
    """A key of the table and what is put into its text; several sentences as one value follow each other.

    Hashable, and small enough to pass between processes. As text, it is English.
    """

    key: str
    values: tuple[tuple[str, Value], ...]

    def __init__(self, key: str, /, **values: Value | Path) -> None:
        """Say `key`, which a test compares with the table, with the values that its text names."""
        object.__setattr__(self, "key", key)
        plain = ((name, str(value) if isinstance(value, Path) else value) for name, value in values.items())
        object.__setattr__(self, "values", tuple(plain))

    def __str__(self) -> str:
        """Return the English."""
        values = dict(self.values)
        template = ENGLISH[self.key]
        if isinstance(template, Counted):
            template = template.one if values[template.by] == 1 else template.many
        return fill(template, values, _in_english)

    def to_text(self) -> str:
        """Return the form that is stored: the key, with its values as JSON where there are any."""
        if self.key == _AS_WRITTEN:
            return str(self)
        values = {name: _to_json(value) for name, value in self.values}
        return f"{self.key} {json.dumps(values)}" if values else self.key


@lru_cache(maxsize=1024)  # of 100,000 photos that cannot be read, most say the same
def from_text(text: str) -> Sentence:
    """Return a sentence from its stored form; a text that is none, as of another version, is said as it is written."""
    text = text if isinstance(text, str) else ""  # damage may have made anything of it
    key, _, values = text.partition(" ")
    try:
        said = Sentence(key, **{name: _from_json(value) for name, value in json.loads(values or "{}").items()})
        is_known = names_in(ENGLISH[key]) == {name for name, _ in said.values} and bool(str(said))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        is_known = False
    return said if is_known else Sentence(_AS_WRITTEN, text=text)


def in_a_row(*sentences: Sentence | None) -> Sentence | None:
    """Return sentences one after the other, None where there is none."""
    said = tuple(sentence for sentence in sentences if sentence is not None)
    return Sentence("in_a_row", sentences=said) if len(said) > 1 else next(iter(said), None)


def _in_english(value: Value, form: str) -> str:
    if isinstance(value, tuple):
        return " ".join(str(sentence) for sentence in value)
    return format(value, form)


def _to_json(value: Value) -> Any:
    if isinstance(value, Sentence):
        return {"say": value.to_text()}
    return [sentence.to_text() for sentence in value] if isinstance(value, tuple) else value


def _from_json(value: Any) -> Value:
    match value:
        case {"say": str(text)}:
            return from_text(text)
        case [*texts] if all(isinstance(text, str) for text in texts):
            return tuple(from_text(text) for text in texts)
        case str() | int() | float():
            return value
    raise ValueError(value)
