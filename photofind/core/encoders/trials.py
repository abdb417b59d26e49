"""What comes of trying an engine, compared with single precision; which engines are kept follows from that alone."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from photofind.core.encoders.engines import Engine
from photofind.core.encoders.gate import EIGHT_BITS, TEXTS, Agreement, compare_both, compare_images, compare_texts
from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.encoders.text_tower import cut_tokens
from photofind.core.encoders.tokenizer import Tokenizer
from photofind.core.encoders.torch_model import TorchModel
from photofind.core.records.arrays import Ids, Pixels, Vectors
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
_BATCH: Final = 8
_ROUNDS: Final = 4
# torch takes three seconds to start and a gigabyte of memory: it must be so much faster to be worth it.
_TORCH_COSTS: Final = 1.25
_PLAIN: Final = "torch fp32"
_SAME: Final = Agreement(0.0, 0.0, 1.0)

Encode = Callable[[Pixels], Vectors]


@dataclass(frozen=True, slots=True)
class ImageTrial:
    """An engine that has run the image tower: what it made of the pictures, and how near that is to what is exact.

    `vectors` are float32 [n, dim], `rate` images a second once it is measured. One that is not exact enough has no
    `encode` any more, whose memory is free again.
    """

    engine: Engine
    encode: Encode | None
    vectors: Vectors
    agreement: Agreement
    rate: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether it may be used."""
        return self.encode is not None

    @property
    def refusal(self) -> Sentence:
        """How far it is off, as it is told of engines that are not exact enough."""
        found = self.agreement
        off, furthest, same = (100 * part for part in (found.noise, found.furthest, found.overlap))
        return Sentence("engine_inexact", engine=self.engine, off=off, furthest=furthest, same=same)


@dataclass(frozen=True, slots=True)
class TextTrial:
    """An engine that has run the text tower."""

    engine: Engine
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Exact:
    """What single precision makes of the trial pictures and of what people look for: vectors [n, dim] and [m, dim].

    A model that knows no words has no texts.
    """

    model: TorchModel
    pictures: Pixels
    images: Vectors
    tokens: Ids
    texts: Vectors

    def as_trial(self) -> ImageTrial:
        """Return single precision itself as one of the engines."""
        return ImageTrial(_PLAIN, self.model.encode_images, self.images, _SAME)

    def try_images(self, engine: Engine, encode: Encode, bound: Agreement) -> ImageTrial:
        """Run an engine over the pictures and compare what it makes."""
        made = encode(self.pictures)
        found = compare_images(self.images, made, self.texts)
        trial = ImageTrial(engine, encode if found.holds(bound) else None, made, found)
        if not trial.is_exact:
            _log.info("%s", trial.refusal)
        return trial

    def try_texts(self, engine: Engine, made: Vectors, images: Vectors, bound: Agreement) -> TextTrial:
        """Compare what an engine made of the texts, alone and beside the images [n, dim] that it is to find.

        Both may have the noise of eight bits, and together they are to have no more than one may.
        """
        is_exact = compare_texts(self.texts, made, self.images).holds(bound)
        both = compare_both((self.texts, self.images), (made, images))
        return TextTrial(engine, is_exact and (bound is not EIGHT_BITS or both.holds(bound)))


def compute_exact(folder: ModelFolder, pictures: Pixels) -> Exact:
    """Load a model in single precision and run it over the pictures uint8 [n, size, size, 3] and the texts."""
    model = TorchModel(folder)
    images = model.encode_images(pictures)
    if folder.text is None:
        return Exact(model, pictures, images, np.empty((0, 0), np.int64), np.empty((0, folder.spec.dim), np.float32))
    tokens = cut_tokens(Tokenizer(folder).encode(TEXTS), folder.text)
    return Exact(model, pictures, images, tokens, model.encode_texts(tokens))


def measure(tried: Sequence[ImageTrial], pictures: Pixels) -> list[ImageTrial]:
    """Return the trials with their rates, taken in turns, so that what else runs slows all alike; the best counts."""
    batch = pictures[:_BATCH]
    seconds: dict[Engine, list[float]] = defaultdict(list)
    for _ in range(_ROUNDS):
        for trial in tried:
            if trial.encode is not None:
                start = time.perf_counter()
                trial.encode(batch)
                seconds[trial.engine].append(time.perf_counter() - start)
    rates = {engine: len(batch) / min(taken) for engine, taken in seconds.items()}
    return [replace(trial, rate=rates.get(trial.engine, 0.0)) for trial in tried]


def choose_images(tried: Sequence[ImageTrial], among: Sequence[Engine]) -> ImageTrial:
    """Return the engine most worth its rate, of those named that are exact; single precision in torch without any."""
    exact = {trial.engine: trial for trial in tried if trial.is_exact}
    return max((exact[engine] for engine in among if engine in exact), key=_worth, default=exact[_PLAIN])


def choose_texts(tried: Sequence[TextTrial]) -> Engine:
    """Return the smallest text tower that is exact, the last one tried; single precision in torch without any."""
    return next((trial.engine for trial in reversed(tried) if trial.is_exact), _PLAIN)


def _worth(trial: ImageTrial) -> float:
    return trial.rate / (_TORCH_COSTS if trial.engine.startswith("torch") else 1)
