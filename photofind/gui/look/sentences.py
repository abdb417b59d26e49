"""What core and background say, in the person's language: translated by key, else in English."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from photofind.core.log.nameless import Plain
from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.sentence import Sentence, Value
from photofind.core.sentences.template import Counted, fill

CONTEXT: Final = "sentences"
_NO_COUNT: Final = -1
_LARGEST_COUNT: Final = 2**31 - 1  # that Qt chooses a plural form by
_FORM: Final = re.compile(r"(?P<groups>,?)(?:\.(?P<digits>\d+)f)?")
_log = logging.getLogger(__name__)


def say(sentence: Sentence) -> str:
    """Return a sentence in the language of the window, with what is put into it."""
    template, count = ENGLISH[sentence.key], _NO_COUNT
    values = dict(sentence.values)
    if isinstance(template, Counted):
        count = min(_LARGEST_COUNT, int(str(values[template.by])))
    translated = QCoreApplication.translate(CONTEXT, sentence.key, "", count)
    if translated == sentence.key:  # so Qt says that there is no translation
        return fill(_english(template, count), values, _show)
    try:
        return fill(translated, values, _show)
    except (KeyError, ValueError):
        _log.warning("the translation of %s cannot be used: %s", Plain(sentence.key), translated)
        return fill(_english(template, count), values, _show)


def in_words(tell: Callable[[str], object]) -> Callable[[Sentence], None]:
    """Return what takes a sentence and tells it in the language of the window, as those ask for who answer."""

    def tell_in_words(sentence: Sentence) -> None:
        tell(say(sentence))

    return tell_in_words


def _english(template: str | Counted, count: int) -> str:
    if isinstance(template, Counted):
        return template.one if count == 1 else template.many
    return template


def _show(value: Value, form: str) -> str:
    """Return a value as it is put into a text: numbers that have a form as the person's locale writes them."""
    if isinstance(value, Sentence):
        return say(value)
    if isinstance(value, tuple):
        return " ".join(say(sentence) for sentence in value)
    return _number(value, form) if form and not isinstance(value, str) else str(value)


def _number(value: float, form: str) -> str:
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(form)
    locale = QLocale()
    if not found["groups"]:
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale.toString(float(value), "f", int(found["digits"] or 0))
