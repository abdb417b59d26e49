"""One model at work in a library: its spec, its embeddings, its vector index, and its encoder once needed."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

from sqlite_utils import Database

from photofind.core import models
from photofind.core.embeddings import Embeddings
from photofind.core.encoders.encoder import Encoder
from photofind.core.places import models_dir
from photofind.core.records import Vectors
from photofind.core.vector_index import VectorIndex


class ModelInUse:
    """A model in a library; `reference` is its catalogue name or folder. The encoder is loaded on first use."""

    def __init__(self, db: Database, library: Path, reference: str, *, read_only: bool) -> None:
        self.reference = reference
        self._models_dir = models_dir(library)
        self._library = library
        self._read_only = read_only
        self.spec = models.describe(reference, self._models_dir)
        self.embeddings = Embeddings(db, self.spec, read_only=read_only)
        self._encoder: Encoder | None = None
        # The vector float32 [dim] of a text; kept, because people ask the same again while photos come in.
        self.encode_text = lru_cache(maxsize=256)(self._encode_text)

    @cached_property
    def index(self) -> VectorIndex:
        """The vector index, opened on first use: a model that is only being embedded for needs none."""
        directory = self._library / "vectors" / str(self.embeddings.model)
        return VectorIndex(directory, self.embeddings, read_only=self._read_only)

    @property
    def is_loaded(self) -> bool:
        """Whether the encoder is in memory."""
        return self._encoder is not None

    @property
    def encoder(self) -> Encoder:
        """The encoder; the first use loads it, which takes seconds for all but quick look."""
        if self._encoder is None:
            self._encoder = models.open_encoder(self.reference, self._models_dir)
        return self._encoder

    def _encode_text(self, text: str) -> Vectors:
        vector: Vectors = self.encoder.encode_texts([text])[0]
        return vector
