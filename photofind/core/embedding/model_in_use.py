"""One model at work in a library: its spec, its embeddings, its vector index, and its encoder once needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.embeddings import usable
from photofind.core.encoders.encoder import Encoder
from photofind.core.encoders.engines import Engines, engines_dir, read_engines
from photofind.core.encoders.learned_encoder import changed_model
from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.photos.images import size_thumbnail
from photofind.core.places import models_dir
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, Spec
from photofind.core.sentences.sentence import Sentence
from photofind.core.vectors.vector_index import VectorIndex

# While less of the photos has been seen, as after a large folder was added, the model for words finds more.
_LEAST_SEEN: Final = 0.9
Key = TypeVar("Key", int, bytes)


class ModelInUse:
    """A model in a library; `reference` is its offered name or its folder. The encoder is opened on first use.

    One `for_similar` stands beside those that photos are embedded for, and sees thumbnails only. Where `spec` is
    given, there is nothing to open: it is what is kept of a model, and has vectors alone.
    """

    def __init__(
        self,
        catalog: Catalog,
        library: Path,
        reference: str,
        device: DeviceChoice = "auto",
        *,
        read_only: bool,
        for_similar: bool = False,
        spec: Spec | None = None,
    ) -> None:
        self.reference = reference
        self.for_similar = for_similar
        self._device = device
        self._models_dir = models_dir(library)
        self._library = library
        self._read_only = read_only
        self.spec = spec or models.describe(reference, self._models_dir)
        self.embeddings = catalog.embeddings(self.spec, for_similar=for_similar)
        self._encoder: Encoder | None = None
        self.has_texts = False
        # The vector float32 [dim] of a text; kept, because people ask the same again while photos come in.
        self.encode_text = lru_cache(maxsize=256)(self._encode_text)

    @cached_property
    def index(self) -> VectorIndex:
        """The vector index, opened on first use: a model that is only being embedded for needs none."""
        directory = vectors_dir(self._library, self.embeddings.model)
        return VectorIndex(directory, self.embeddings, read_only=self._read_only)

    @property
    def has_index(self) -> bool:
        """Whether the vector index is open: to compare the checksum of a million vectors, 2 GB are read for that."""
        return "index" in vars(self)

    def flush(self) -> None:
        """Write what is only in memory to the vector index's caches."""
        if self.has_index:
            self.index.flush()

    @property
    def is_loaded(self) -> bool:
        """Whether pictures can be embedded at once."""
        return self._encoder is not None and self._encoder.is_loaded

    @property
    def encoder(self) -> Encoder:
        """The encoder; its first use for words, and for pictures, loads it, which may take seconds."""
        if self._encoder is None:
            encoder = models.open_encoder(self.reference, self._models_dir, self._device)
            if encoder.spec.model_id != self.spec.model_id:
                raise changed_model(Path(self.reference))
            self._encoder = encoder
        return self._encoder

    def has_seen(self, photo_id: int | None, photos: int) -> bool:
        """Tell whether it has a vector of a photo, if one is asked for, and of most of so many `photos`."""
        has_seen_it = photo_id is None or self.embeddings.vector_of(photo_id) is not None
        return has_seen_it and len(self.index) >= _LEAST_SEEN * photos

    def encode_usable(self, pictures: Mapping[Key, Pixels]) -> dict[Key, Vectors]:
        """Return the vectors float32 [dim] of pictures uint8 [size, size, 3], those that make none left out."""
        if not pictures:
            return {}
        made = self.encoder.encode_images(np.stack([*pictures.values()]))
        if self.encoder.on_processor:  # a graphics card is tried against the processor each time it is opened
            self.embeddings.note_engine(self.encoder.engine)
        return {key: vector for key, vector, is_good in zip(pictures, made, usable(made), strict=True) if is_good}

    def size(self, picture: DecodedPhoto) -> Pixels:
        """Return a query's picture, decoded for the model that answers words, as this model is to see it."""
        if not self.for_similar:
            return picture.pixels
        pixels = size_thumbnail(picture.thumbnail, (picture.width, picture.height), self.spec)
        if pixels is None:
            raise PhotofindError("picture_too_thin")
        return pixels

    def use_device(self, device: DeviceChoice) -> None:
        """Have pictures embedded elsewhere from now on."""
        self._device = device
        self.reload()

    # How it runs on this computer: what is told of it, as `RunningModel` says

    @property
    def device(self) -> str:
        """Where it runs, as shown to the person."""
        return self.encoder.device

    @property
    def engine(self) -> str:
        """What computes, as shown to the person."""
        return self.encoder.engine

    @property
    def inexact(self) -> dict[str, Sentence]:
        """Why engines of the processor are not used that are not exact enough; none where it does not embed."""
        engines = self.engines() if self.on_processor else None
        return {str(engine): why for engine, why in engines.reasons.items()} if engines else {}

    @property
    def note(self) -> Sentence | None:
        """A sentence for the person where it does not run on the device that it should, else None."""
        return self.encoder.note

    @property
    def on_processor(self) -> bool:
        """Whether pictures are embedded by the processor."""
        return self.encoder.on_processor

    def opens_card(self) -> bool:
        """Have a graphics card embed a picture, where one is to embed; tell whether it did: it may refuse."""
        if not self.on_processor:
            self.encoder.encode_images(np.zeros((1, self.spec.size, self.spec.size, 3), np.uint8))
        return not self.on_processor

    def load_texts(self) -> None:
        """Load what words need ahead of the first ones; takes up to seconds."""
        self.encoder.load_texts()
        self.has_texts = True

    def rest(self, seconds: float) -> None:
        """Drop from memory what only pictures need, where none was embedded for so long."""
        if self.is_loaded:
            self.encoder.rest(seconds)

    # What fits it to this computer

    @property
    def folder(self) -> Path | None:
        """Where the model lies; None for quick look, which is built in."""
        return None if self.reference == QUICK_LOOK else models.locate(self.reference, self._models_dir)

    @property
    def engines_dir(self) -> Path:
        """Where that which fits it to this computer lies."""
        return engines_dir(self._models_dir, self.spec.model_id)

    def engines(self) -> Engines | None:
        """Return how it was fitted to this computer, None where it was not yet."""
        return read_engines(self.engines_dir)

    def reload(self) -> None:
        """Open the encoder anew: what runs it has changed."""
        self._encoder, self.has_texts = None, False

    def _encode_text(self, text: str) -> Vectors:
        vector: Vectors = self.encoder.encode_texts([text])[0]
        return vector


def vectors_dir(library: Path, model: int) -> Path:
    """Return where a library keeps the caches of one model's vectors; `model` is its key in the catalog."""
    return library / "vectors" / str(model)
