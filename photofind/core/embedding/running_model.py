"""What others may know and ask of a model in use: how it runs on this computer, never its vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from photofind.core.encoders.engines import Engines
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence


class RunningModel(Protocol):
    """A model in use in a library; `reference` is its offered name or its folder. Used on the library's thread.

    Whatever tells how it runs opens what runs it, at its first use, which may raise PhotofindError.
    """

    @property
    def spec(self) -> Spec:
        """What it is called and takes."""
        ...

    @property
    def reference(self) -> str:
        """Its offered name or its folder."""
        ...

    @property
    def for_similar(self) -> bool:
        """Whether it stands beside the others, for Find similar alone."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where it lies; None for quick look, which is built in."""
        ...

    # How it runs

    @property
    def device(self) -> str:
        """Where it runs, as shown to the person."""
        ...

    @property
    def engine(self) -> str:
        """What computes, as shown to the person."""
        ...

    @property
    def inexact(self) -> dict[str, Sentence]:
        """Why engines of the processor are not used that are not exact enough; none where it does not embed."""
        ...

    @property
    def note(self) -> Sentence | None:
        """A sentence for the person where it does not run on the device that it should."""
        ...

    @property
    def on_processor(self) -> bool:
        """Whether pictures are embedded by the processor, which a model is fitted to, not by a graphics card."""
        ...

    def opens_card(self) -> bool:
        """Have a graphics card embed a picture, where one is to embed; tell whether it did: it may refuse."""
        ...

    @property
    def is_loaded(self) -> bool:
        """Whether pictures can be embedded at once."""
        ...

    @property
    def has_texts(self) -> bool:
        """Whether `load_texts` was called for what runs it now."""
        ...

    def load_texts(self) -> None:
        """Load what words need ahead of the first ones; takes up to seconds."""
        ...

    def rest(self, seconds: float) -> None:
        """Drop from memory what only pictures need, where none was embedded for so long."""
        ...

    # What fits it to this computer

    @property
    def engines_dir(self) -> Path:
        """Where that which fits it to this computer lies."""
        ...

    def engines(self) -> Engines | None:
        """Return how it was fitted to this computer, None where it was not yet."""
        ...

    def reload(self) -> None:
        """Open anew what runs it: that has changed."""
        ...
