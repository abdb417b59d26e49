"""What every encoder is: two functions that make unit vectors, and a `Spec` that says what they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence


class Encoder(Protocol):
    """Make embeddings; used from one thread at a time."""

    @property
    def spec(self) -> Spec:
        """The model's spec."""
        ...

    @property
    def device(self) -> str:
        """Where it runs, as shown to the person: "CPU", "NVIDIA H200", "Apple GPU"."""
        ...

    @property
    def on_processor(self) -> bool:
        """Whether pictures are embedded by the processor, which a model is fitted to, not by a graphics card."""
        ...

    @property
    def engine(self) -> str:
        """What computes: "NumPy", "torch fp16", "ONNX INT8"."""
        ...

    @property
    def note(self) -> Sentence | None:
        """A sentence for the person where it does not run on the device that it should."""
        ...

    @property
    def is_loaded(self) -> bool:
        """Whether pictures can be embedded at once; else the first ones take seconds more."""
        ...

    def load_texts(self) -> None:
        """Load what words need ahead of the first ones; takes up to seconds."""
        ...

    def rest(self, seconds: float) -> None:
        """Drop from memory what only pictures need, where none was embedded for so long."""
        ...

    def knows(self, text: str) -> bool:
        """Tell whether the model has a meaning for any word of a text."""
        ...

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, size, size, 3]; return float32 [n, dim] of unit length."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; return float32 [n, dim] of unit length. PhotofindError where the model knows no words."""
        ...
