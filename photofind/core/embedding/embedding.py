"""What is to be embedded, and keeping it: photos opened for that, thumbnails, and thumbnails for Find similar."""

from __future__ import annotations

from collections.abc import Sequence

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnail_checks import mending_thumbnails
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.disk.reading import Read, in_place
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.embedding.running_model import RunningModel
from photofind.core.embedding.store import find_vanished, store_photos
from photofind.core.embedding.trial_photos import trial_thumbnails
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.records.progress import Counts
from photofind.core.records.work import DecodedThumbnail, DueThumbnail, PendingPhoto, StoreResult, TrialThumbnail
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps, finish


class Embedding:
    """The photos that wait for the indexing model; every call may raise PhotofindError.

    The owner takes what is `pending`, has it decoded elsewhere as `decoding_spec` says, and hands it to `store`.
    `look_alikes` are those that wait for the model for Find similar.
    """

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, choice: ModelChoice, telling: Telling) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._choice = choice
        self._telling = telling
        self.look_alikes = LookAlikesEmbedding(choice, telling)

    @property
    def decoding_spec(self) -> Spec:
        """What `store` and `store_from_thumbnails` want of decoded photos."""
        return self._choice.indexing.spec

    @property
    def counts(self) -> Counts:
        """How many photos stand where."""
        with self._telling.reading():
            return self._catalog.counts()

    def pending(self, limit: int, skip: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos to be opened and embedded, those in `skip` left out, newest first."""
        with self._telling.writing():
            return self._catalog.waiting.next(limit, skip, list(self._choice.reembedding.sample.photo_ids))

    def store(self, decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | Sentence | None]]) -> StoreResult:
        """Embed and keep decoded photos.

        A sentence in a photo's place is the reason why it could not be decoded, None says that its
        file has vanished.
        """
        return finish(self.storing(decoded))

    def storing(
        self, decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | Sentence | None]], read: Read = in_place
    ) -> Steps[StoreResult]:
        """Embed and keep decoded photos as `store` does, after `read` was asked for files that look the same."""
        with self._telling.writing():
            catalog, thumbnails, model = self._catalog, self._thumbnails, self._choice.indexing
            vanished = yield from find_vanished(catalog, decoded, read)
            result = mending_thumbnails(
                catalog, thumbnails, lambda: store_photos(catalog, thumbnails, model, decoded, vanished)
            )
            self._take_in()
        return result

    # From thumbnails

    def due_thumbnails(self, limit: int, skip: Sequence[int]) -> list[DueThumbnail]:
        """Return photos to be embedded from their thumbnails, those in `skip` left out; none where none can be now."""
        with self._telling.writing():
            return self._choice.reembedding.due(limit, skip)

    def store_from_thumbnails(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Embed decoded thumbnails; None in the place of pixels says that they could not be decoded."""
        with self._telling.writing():
            result = self._choice.reembedding.store(decoded)
            self._take_in()
        return result

    def _take_in(self) -> None:
        """Have new vectors searched, where it is the answering model's that were made."""
        if self._choice.indexing is self._choice.answering:
            self._choice.answering.index.catch_up(0)

    # Fitting a model to this computer

    def trial_thumbnails(self) -> list[TrialThumbnail]:
        """Return thumbnails to try a model on; none where there are too few photos."""
        with self._telling.reading():
            return trial_thumbnails(self._catalog, self._thumbnails)

    def distrust_refused(self, model: RunningModel) -> list[str]:
        """Have photos embedded again where an engine made vectors of a model that is refused now; return such ones."""
        with self._telling.writing():
            in_use = (self._choice.indexing, *self._choice.searched)
            known = next((each for each in in_use if each is model), None)
            return [] if known is None else self._choice.distrust_refused(known)


class LookAlikesEmbedding:
    """The photos that the model for Find similar has not seen; every call may raise PhotofindError."""

    def __init__(self, choice: ModelChoice, telling: Telling) -> None:
        self._choice = choice
        self._telling = telling

    @property
    def is_finished(self) -> bool:
        """Whether nothing is due, and nothing was written since that was found out."""
        with self._telling.reading():
            return self._choice.look_alikes.is_finished

    @property
    def is_ready(self) -> bool:
        """Whether the model has seen every photo once: from then on it answers."""
        with self._telling.reading():
            return self._choice.look_alikes.is_ready

    def due(self, limit: int, skip: Sequence[int]) -> list[DueThumbnail]:
        """Look at some more photos; return up to `limit` thumbnails to embed, those of photos in `skip` left out.

        None of them does not mean that nothing is due: `is_finished` tells.
        """
        with self._telling.writing():
            return self._choice.look_alikes.due(limit, skip)

    def store(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Embed decoded thumbnails; None in the place of pixels: it could not be decoded."""
        with self._telling.writing():
            return self._choice.look_alikes.store(decoded)

    def count(self) -> int:
        """Return how many photos the model has seen, those that were deleted lately too; counts and opens nothing."""
        with self._telling.reading():
            model = self._choice.look_alikes.model
            return len(model.index) if model is not None and model.has_index else 0
