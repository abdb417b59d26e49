"""A learned model as the rest of photofind knows it: words and pictures in, vectors out, on what this computer has.

Once the model was fitted to this computer (`fitting`), words are encoded by the CPU without torch, so that an answer is
there at once, busy as a graphics card may be. Pictures go to the graphics card where there is one, else to the fastest
engine of the CPU.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from photofind.core.encoders.devices import DeviceError, find_gpu, may_have_gpu, name_device, open_on_gpu
from photofind.core.encoders.engines import IMAGES_FILE, TEXTS_FILE, engines_dir, read_engines
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.onnx_towers import OnnxImages, OnnxTexts
from photofind.core.encoders.text_tower import cut_tokens, find_ends
from photofind.core.encoders.tokenizer import Tokenizer
from photofind.core.encoders.torch_model import DeviceKind, TorchModel, first_line
from photofind.core.errors import PhotofindError
from photofind.core.log.nameless import Plain
from photofind.core.records.arrays import Ids, Pixels, Vectors
from photofind.core.records.models import DeviceChoice, Spec
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
# A card that was lost, as after sleep, is tried so often again.
_SECOND_TRIES: Final = 1


class LearnedEncoder:
    """A model from a folder; an `Encoder`. Opening it loads nothing: each side is loaded when it is first used."""

    def __init__(self, path: Path, models_dir: Path, wanted: DeviceChoice = "auto") -> None:
        self._folder = read_model_folder(path)
        self._directory = engines_dir(models_dir, self.spec.model_id)
        self._engines = read_engines(self._directory)
        self._wanted = wanted
        self._tries_left = _SECOND_TRIES
        self._kind: DeviceKind | None = None
        self._images: OnnxImages | TorchModel | None = None
        self._images_at = 0.0
        self._texts: OnnxTexts | TorchModel | None = None
        self._tokenizer: Tokenizer | None = None
        self.note: Sentence | None = None

    @property
    def spec(self) -> Spec:
        """The model's spec."""
        return self._folder.spec

    @property
    def device(self) -> str:
        """Where pictures are embedded, as shown to the person."""
        return name_device(self._kind or self._choose_device())

    @property
    def on_processor(self) -> bool:
        """Whether the processor embeds pictures."""
        return (self._kind or self._choose_device()) == "cpu"

    @property
    def engine(self) -> str:
        """What embeds pictures: torch or ONNX Runtime, and its precision."""
        if isinstance(self._images, TorchModel):
            return f"torch {self._images.precision}"
        if self._images is None and self._choose_device() != "cpu":
            return "torch"
        return self._engines.images if self._engines else "torch fp32"

    @property
    def is_loaded(self) -> bool:
        """Whether the image side is in memory."""
        return self._images is not None

    def knows(self, text: str) -> bool:  # noqa: ARG002 - a model that knows words has a meaning for anything
        """Tell whether any text has a meaning."""
        return self.spec.knows_words

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, size, size, 3]; return float32 [n, dim] of unit length."""
        tower = self._images = self._images or self._open_images()
        self._images_at = time.monotonic()
        if self._kind == "cpu":
            return tower.encode_images(images)
        try:
            return tower.encode_images(images)
        except MemoryError:
            reason, tries = Sentence("card_lacks_memory"), 0
        except RuntimeError as error:
            reason, tries = Sentence("as_written", text=first_line(error)), self._tries_left
        # Here, because the traceback above would hold on to what fills the card.
        self._leave_card(reason, tries)
        return self.encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts as typed, cut at the model's length; return float32 [n, dim] of unit length.

        PhotofindError where the model knows no words.
        """
        text = self._folder.require_text()
        if not texts:
            return np.empty((0, self.spec.dim), np.float32)
        tower = self._texts = self._texts or self._open_texts()
        tokens = cut_tokens(self._tokens(texts), text)
        if isinstance(tower, OnnxTexts):
            return tower.encode(tokens, find_ends(tokens, text))
        return tower.encode_texts(tokens)

    def load_texts(self) -> None:
        """Load what words need; nothing where it is there, or the model knows none."""
        if not self.spec.knows_words:
            return
        self._tokens(())
        self._texts = self._texts or self._open_texts()

    def rest(self, seconds: float) -> None:
        """Drop from memory what only pictures need, where none came for so long; it is loaded again with the next."""
        if time.monotonic() - self._images_at < seconds:
            return
        images, self._images = self._images, None
        if isinstance(images, TorchModel) and images is not self._texts:
            images.close()

    def _tokens(self, texts: Sequence[str]) -> Ids:
        self._tokenizer = self._tokenizer or Tokenizer(self._folder)
        return self._tokenizer.encode(texts)

    def _require_unchanged(self) -> None:
        """Raise PhotofindError where other weights lie in the folder than those that vectors were made with."""
        if read_model_folder(self._folder.path).spec.model_id != self.spec.model_id:
            raise changed_model(self._folder.path)

    def _open_texts(self) -> OnnxTexts | TorchModel:
        self._require_unchanged()
        if self._engines is not None and self._engines.texts != "torch fp32":
            try:
                return OnnxTexts(self._directory / TEXTS_FILE, self._folder.weights)
            except PhotofindError as error:
                _log.warning("torch runs it instead: %s", error)
        if isinstance(self._images, TorchModel) and self._kind == "cpu" and self._images.precision == "fp32":
            return self._images
        return TorchModel(self._folder)

    def _open_images(self) -> OnnxImages | TorchModel:
        self._require_unchanged()
        self._kind = self._choose_device()
        if self._kind != "cpu":
            try:
                return open_on_gpu(self._folder, self._kind, self._directory)
            except DeviceError as error:
                self._say_why(error.reason)
                self._kind = "cpu"
        if self._engines is not None and self._engines.images.startswith("ONNX"):
            try:
                return OnnxImages(self._directory / IMAGES_FILE)
            except PhotofindError as error:
                _log.warning("torch runs it instead: %s", error)
        elif self._engines is not None and self._engines.images == "torch bf16":
            return TorchModel(self._folder, precision="bf16")
        return self._texts if isinstance(self._texts, TorchModel) else TorchModel(self._folder)

    def _choose_device(self) -> DeviceKind:
        """Return the card where there is one to be used; torch is asked only where there may be one."""
        if self._wanted == "cpu" or (self._wanted == "auto" and not may_have_gpu()):
            return "cpu"
        found = find_gpu()
        if self._wanted not in ("auto", found):
            self.note = Sentence("card_not_there")
            return "cpu"
        return found or "cpu"

    def _leave_card(self, reason: Sentence, tries: int) -> None:
        """Give up a card that failed, at once or for good."""
        _log.warning("%s failed: %s", Plain(self.device), reason)
        self._images = None
        if tries:
            self._tries_left -= 1
        else:
            self._say_why(reason)
            self._wanted = "cpu"

    def _say_why(self, reason: Sentence) -> None:
        """Say why the CPU is used: never without a word."""
        self.note = Sentence("card_unusable", device=self.device, why=reason)


def changed_model(folder: Path) -> PhotofindError:
    """Return what is said of a model that was replaced while it was in use."""
    return PhotofindError("model_changed", folder=folder)
