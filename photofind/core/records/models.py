"""Models: what one can do, and how one stands in a library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from photofind.core.sentences.sentence import Sentence

ResizeRule = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]
DeviceChoice = Literal["auto", "cuda", "mps", "cpu"]
# The name of the model that is built in; it is its reference too.
QUICK_LOOK: Final = "quick look"


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


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model that can be chosen: `name` is what `use_model` takes; sizes in bytes, 0 for what is built in.

    Photos are embedded for the one `in_use`; another one `answers` queries while a change runs. `loaded_bytes` are
    there from a download that has not ended. Of installed ones: `images_per_second` that it reaches alone on this
    computer's processor by `engine`, None before it was tried, and which others are too `inexact`; `to_embed` photos
    that lack its vector. `kept_vectors` are what the library keeps of it. One `for_similar` stands beside the others:
    it is `in_use` for Find similar, and `answers` once it has seen every photo.
    """

    name: str
    installed: bool
    in_use: bool
    license: Sentence
    download_bytes: int
    dim: int
    good_for: Sentence
    languages: Sentence | None = None
    loaded_bytes: int = 0
    images_per_second: float | None = None
    engine: str = ""
    inexact: Sentence | None = None
    to_embed: int = 0
    kept_vectors: int = 0
    kept_bytes: int = 0
    answers: bool = False
    for_similar: bool = False


@dataclass(frozen=True, slots=True)
class KeptVectors:
    """What the catalog keeps of a model: so many vectors, in bytes; `model_id` is what `forget` takes."""

    model_id: str
    name: str
    vectors: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Devices:
    """What is chosen, the graphics card that there is, if there is one, and the name of what is in use."""

    choice: DeviceChoice
    card: DeviceChoice | None
    card_name: str
    in_use: str

    @property
    def uses_card(self) -> bool:
        """Whether learned models run on the graphics card."""
        return self.card is not None and self.choice in ("auto", self.card)
