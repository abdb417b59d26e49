"""Whether a model knows the language of a query, as far as its letters tell (Immich#30902)."""

from __future__ import annotations

import unicodedata
from typing import Final

from photofind.core.models import offered as models

# In the words of offered.toml.
_ENGLISH_ONLY: Final = "English"
_OFFERED: Final = ("recommended", "more languages")


def language_note(reference: str, text: str) -> str:
    """Return a sentence for words in letters that no English text has, where the model knows English only; else ""."""
    model = next((model for model in models.available() if model.name == reference), None)
    if model is None or model.languages != _ENGLISH_ONLY or not _is_foreign(text):
        return ""
    one, other = _OFFERED
    return f"“{model.name}” knows English only; the models “{one}” and “{other}” know this language."


def _is_foreign(text: str) -> bool:
    """Tell whether most letters are of another script than the Latin one."""
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN")) for letter in letters)
    return foreign > len(letters) / 2
