"""What is found to be damaged, and how a library can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from photofind.core.sentences.sentence import Sentence

Way = Literal["rescue", "snapshot"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of damage, how often it was found, and whether it was repaired."""

    what: Sentence
    count: int
    repaired: bool
