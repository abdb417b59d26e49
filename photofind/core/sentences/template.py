"""Templates: a text with {names} for what is put in, two of them where something is counted.

`{pip_install}` is put in by itself, as this Python is asked, and is no value of the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final, TypeVar

from photofind.core.sentences.installing import pip_install

Put = TypeVar("Put")
_BY_ITSELF: Final = "pip_install"


@dataclass(frozen=True, slots=True)
class Counted:
    """A text that depends on the number called `by`: `one` for 1, `many` for all others."""

    by: str
    one: str
    many: str


Template = str | Counted


def names_in(template: Template) -> set[str]:
    """Return the names of what is put into a template; a wrong one raises ValueError."""
    texts = (template.one, template.many) if isinstance(template, Counted) else (template,)
    counted = {template.by} if isinstance(template, Counted) else set()
    named = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
    return counted | named - {_BY_ITSELF}


def fill(text: str, values: Mapping[str, Put], show: Callable[[Put, str], str]) -> str:
    """Put values into a text; `show` writes one as the format behind its colon asks, "" where there is none.

    Raises KeyError for a name without a value, ValueError for a text that is no template.
    """
    parts = []
    for literal, name, form, _ in Formatter().parse(text):
        parts.append(literal)
        if name == _BY_ITSELF:
            parts.append(pip_install())
        elif name is not None:
            parts.append(show(values[name], form or ""))
    return "".join(parts)
