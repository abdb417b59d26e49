"""Sentences that photofind does not know, for tests that only pass one on."""

from __future__ import annotations

from photofind.core.errors import PhotofindError
from photofind.core.sentences.sentence import Sentence


def written(text: str) -> Sentence:
    return Sentence("as_written", text=text)


def written_error(text: str) -> PhotofindError:
    return PhotofindError("as_written", text=text)
