"""Whether a model knows the language of a query, as far as its letters tell (Immich#30902)."""

from __future__ import annotations

import unicodedata
from typing import Final

from photofind.core.models import offered as models
from photofind.core.sentences.sentence import Sentence

_ENGLISH_ONLY: Final = Sentence("knows_english")
_OFFERED: Final = ("recommended", "multilingual")


def language_note(reference: str, text: str) -> Sentence | None:
    """Return a sentence for words in letters that no English text has, where the model knows English only."""
    model = next((model for model in models.available() if model.name == reference), None)
    if model is None or model.languages != _ENGLISH_ONLY or not _is_foreign(text):
        return None
    one, other = _OFFERED
    return Sentence("words_not_english", model=model.name, one=one, other=other)


def _is_foreign(text: str) -> bool:
    """Tell whether most letters are of another script than the Latin one."""
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN")) for letter in letters)
    return foreign > len(letters) / 2
