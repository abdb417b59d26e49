"""What every encoder is: a `Spec` that says what it takes, and two functions that make unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from photofind.core.records import Pixels, Vectors

ResizeRule = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]


@dataclass(frozen=True, slots=True)
class Spec:
    """What a model is called and how a picture must be sized for it.

    `model_id` is stored with every vector and never shared by two models whose vectors differ;
    `name` is what people read. `size` is the edge of the square input in pixels. The resize
    rules are open_clip's: "shortest" scales the shorter edge to `size` and cuts the centre,
    "longest" scales the longer edge and pads with `fill`, "squash" ignores the aspect ratio.
    A model that does not know words compares pictures only.
    """

    model_id: str
    name: str
    dim: int
    size: int
    resize: ResizeRule = "shortest"
    interpolation: Interpolation = "bicubic"
    fill: int = 0
    knows_words: bool = True


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
    def note(self) -> str:
        """A sentence for the person where it does not run on the device that it should, else empty."""
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
