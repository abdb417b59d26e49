"""Which model answers and which one photos are embedded for: opening, choosing, taking over, forgetting."""

from __future__ import annotations

import logging
import os
import shutil
from functools import partial
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.look_alikes import LookAlikes
from photofind.core.embedding.model_in_use import ModelInUse, vectors_dir
from photofind.core.embedding.reembedding import Reembedding
from photofind.core.encoders.engines import engines_dir, unfinished_dir
from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.places import absolute, expanded, models_dir
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, KeptVectors, Spec
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence, in_a_row
from photofind.core.settings import ANSWERING, DEVICE, EMBED_FROM, FOLDER_OF, INDEXING, STANDS_IN
from photofind.core.steps import Steps, in_slices

_log = logging.getLogger(__name__)


class ModelChoice:
    """The models in use: `answering` queries, and `indexing`; they differ while a change of model runs.

    `reembedding` embeds known photos for the indexing model. `look_alikes` is a second model beside them, for Find
    similar, where the person wants one. `notice` is a sentence for the person where a chosen model could not be
    opened, else None; what it made until then finds similar photos still.
    """

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, directory: Path, *, read_only: bool) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._directory = directory
        self._read_only = read_only
        self.notice: Sentence | None = None
        self._kept: ModelInUse | None = None
        self.answering = self._open_answering()
        self._embed_for(self._open_indexing())
        self.look_alikes = LookAlikes(catalog, thumbnails, partial(self._open, for_similar=True))
        self.notice = in_a_row(self.notice, self.look_alikes.notice)

    def _open_answering(self) -> ModelInUse:
        """Open the model that answers; while it cannot be read, as on a drive that is away, quick look stands in."""
        try:
            return self._open(self._chosen)
        except PhotofindError as error:
            self._kept = self._open_kept(self._chosen)
            why = error.sentence
            self.notice = (
                Sentence("quick_look_for_words", why=why) if self._kept else Sentence("quick_look_instead", why=why)
            )
        return self._open(QUICK_LOOK)

    def _open_kept(self, reference: str) -> ModelInUse | None:
        """Open what is kept of a model that cannot be read, None where it is nothing."""
        spec = self._catalog.models.spec_of_kept(self._find(reference) or 0)
        return None if spec is None else self._open(reference, for_similar=True, spec=spec)

    def _open_indexing(self) -> ModelInUse:
        """Open the model of a change that goes on; where it can no longer be read, the change ends and says so."""
        reference = self._changing_to
        if reference is None:
            return self.answering
        try:
            return self._open(reference)
        except PhotofindError as error:
            self.notice = Sentence("model_instead", why=error.sentence, model=self.answering.spec.name)
        return self.answering

    def resume(self) -> None:
        """Have photos wait for the models that were opened; writes, so only for the library's one writer, at first."""
        for model in (self.answering, self.indexing, self.look_alikes.model):
            if model is not None:
                model.embeddings.enrol()
        if self._changing_to is None:
            self._stand_in(is_needed=self.answering.reference != self._chosen)
        elif self.indexing is self.answering:  # the other one can no longer be read
            self._embed_anew(self.answering, self.answering.reference)

    def _stand_in(self, *, is_needed: bool) -> None:
        """Have photos wait for the stand-in, or again for the model that was chosen and is back; the choice stays."""
        was_needed = self._catalog.settings.get(STANDS_IN)
        if is_needed or was_needed:
            with self._catalog.transaction():
                self._catalog.waiting.restart(self.answering.embeddings.model)
                self._catalog.settings.set(STANDS_IN, is_needed)

    @property
    def _changing_to(self) -> str | None:
        """The model that a change is on its way to, None where none is."""
        reference = self._catalog.settings.get(INDEXING)
        return None if reference in (self._chosen, self.answering.reference) else reference

    @property
    def _chosen(self) -> str:
        return self._catalog.settings.get(ANSWERING)

    def _open(self, reference: str, *, for_similar: bool = False, spec: Spec | None = None) -> ModelInUse:
        device, is_read_only = self.device(), self._read_only
        return ModelInUse(
            self._catalog,
            self._directory,
            reference,
            device,
            read_only=is_read_only,
            for_similar=for_similar,
            spec=spec,
        )

    @property
    def searched(self) -> list[ModelInUse]:
        """The models whose vectors are searched: the answering one, then those for Find similar."""
        models_searched = (self.answering, self.look_alikes.model, self._kept)
        return [model for model in models_searched if model is not None]

    def model_for(self, query: Query) -> ModelInUse:
        """Return the model that answers a query: never two for one answer."""
        return self.look_alikes.model_for(query) or self._kept_for(query) or self.answering

    def _kept_for(self, query: Query) -> ModelInUse | None:
        """Return what is kept of the chosen model, where that cannot be read and knows what is similar."""
        if self._kept is None or query.photo_id is None:
            return None
        return self._kept if self._kept.has_seen(query.photo_id, self._catalog.counts().embedded) else None

    def _embed_anew(self, model: ModelInUse, reference: str) -> None:
        with self._catalog.transaction():
            self._catalog.settings.set(INDEXING, reference)
            self._catalog.waiting.restart(model.embeddings.model)

    def _embed_for(self, model: ModelInUse) -> None:
        self.indexing = model
        self.reembedding = Reembedding(self._catalog, self._thumbnails, model)

    def device(self) -> DeviceChoice:
        """Return what is to embed pictures."""
        return self._catalog.settings.get(DEVICE)

    def use_device(self, device: DeviceChoice) -> None:
        """Have pictures embedded by another device from now on."""
        self._catalog.settings.set(DEVICE, device)
        for model in {self.indexing, *self.searched}:
            model.use_device(device)

    def distrust_refused(self, model: ModelInUse) -> list[str]:
        """Have embedded again what engines made that are refused now; return these.

        Vectors answer until they are replaced, except for the moments in which the index is filled again.
        """
        engines = model.engines()
        with self._catalog.transaction():
            refused = model.embeddings.distrust(engines.refused) if engines else []
            if refused and model is self.indexing:
                self._doubt_originals(model)
                self._catalog.waiting.restart(model.embeddings.model)
                self._embed_for(model)
            elif refused:
                self.look_alikes.look_again()
        return refused

    def _doubt_originals(self, model: ModelInUse) -> None:
        """Let a sample tell again whether thumbnails will do, where the refused engines may have told that not."""
        source = EMBED_FROM.of(model.embeddings.model)
        if self._catalog.settings.get(source) == "originals":
            self._catalog.settings.forget(source)

    # Changing

    def use(self, name_or_folder: str) -> ModelInUse:
        """Embed everything with another model, and return it; the one in use answers until that is done.

        A model that knows no words does not take its place, but finds similar photos beside it.
        """
        reference = _reference(name_or_folder)
        spec = models.describe(reference, models_dir(self._directory))
        if models.is_path(reference):
            self._catalog.settings.set(FOLDER_OF.of(spec.model_id), reference)
        if not spec.knows_words:
            return self.look_alikes.use(reference, is_ready=not self.lacking(reference))
        chosen = self._open(reference)
        chosen.embeddings.enrol()
        is_answering = chosen.spec.model_id == self.answering.spec.model_id
        model = self.answering if is_answering else chosen
        if is_answering and self.answering.reference != self._chosen:
            self._settle_for(self.answering)
        self._embed_anew(model, reference)
        self._embed_for(model)
        self.finish()
        return model

    def stop_using(self, name_or_folder: str) -> None:
        """Find similar photos without a model of its own again; PhotofindError where that is not what it does."""
        if not self.look_alikes.reference or _reference(name_or_folder) != self.look_alikes.reference:
            raise PhotofindError("model_not_for_similar", model=name_or_folder)
        self.look_alikes.stop()

    def cancel(self) -> None:
        """Go on with the model that answers; what was embedded for the other one is kept."""
        if self.indexing is not self.answering:
            self._embed_anew(self.answering, self.answering.reference)
            self._embed_for(self.answering)

    def adopt_installed(self) -> bool:
        """Use an installed one of the offered models if the person never chose one; tell whether that is new."""
        if self._catalog.settings.get(INDEXING) is not None:
            return False
        for model in models.downloadable():
            if not model.for_similar and _can_open(model, models_dir(self._directory)):
                self.use(model.name)
                return True
        return False

    def finish(self) -> bool:
        """Let the new model answer once nothing is pending for it; tell whether it has just taken over."""
        # What is on a drive that is away cannot be waited for: what thumbnails give must do until it is back.
        if self.indexing is self.answering or not self._catalog.waiting.is_empty() or not self.reembedding.is_done():
            return False
        self.answering.index.flush()
        # Once, whatever it takes: an answer before that would lack photos, or be empty.
        self.indexing.index.catch_up(float("inf"))
        self.answering = self.indexing
        self._settle_for(self.answering)
        return True

    def _settle_for(self, model: ModelInUse) -> None:
        """Have a model be the one that was chosen; nothing stands in for it."""
        self._catalog.settings.set(ANSWERING, model.reference)
        self._kept = None

    # What is kept

    def kept(self) -> list[KeptVectors]:
        """Return what is kept of each model that has embedded any photo."""
        return self._catalog.models.kept()

    def own_folders(self) -> dict[str, str]:
        """Return the folder that each of the person's own models was last used from, by the model's id."""
        return self._catalog.settings.all_of(FOLDER_OF)

    def lacking(self, reference: str) -> int:
        """Return how many photos would have to be embedded to use a model, installed or not."""
        return self._catalog.lacking.count(self._find(reference) or 0)

    def forgetting(self, reference: str) -> Steps[int]:
        """Delete a model's vectors and their caches, in slices; return how many there were.

        PhotofindError for one in use, also where it comes into use meanwhile. Broken off, what is left is still kept.
        """
        key = self._find(reference)
        if key is None:
            raise PhotofindError("model_not_kept", model=reference)
        self._refuse_in_use(key)
        if self._kept is not None and key == self._kept.embeddings.model:
            self._kept = None
        engines = engines_dir(models_dir(self._directory), self._catalog.models.id_of(key))
        for cache in (vectors_dir(self._directory, key), engines, unfinished_dir(engines)):  # first: they would not fit
            shutil.rmtree(cache, ignore_errors=True)  # what stays is of no use
        labels = self._catalog.models.labels(key)
        for share in in_slices(labels, partial(self._catalog.models.forget_some, key)):
            yield share
            self._refuse_in_use(key)
        self._catalog.models.forget(key)
        return len(labels)

    def _refuse_in_use(self, key: int) -> None:
        if key in (self.answering.embeddings.model, self.indexing.embeddings.model):
            raise PhotofindError("model_in_use")
        if key == self._find(self.look_alikes.reference):
            raise PhotofindError("similar_model_in_use")

    def _find(self, reference: str) -> int | None:
        """Return the key of the model of that id, name or folder, None where nothing was ever made with it."""
        try:
            model_id = models.describe(reference, models_dir(self._directory)).model_id
        except PhotofindError:  # not installed, an id, or a folder that is not there any more
            model_id = next((key for key, folder in self.own_folders().items() if folder == reference), reference)
        return self._catalog.models.find(model_id, or_name=model_id == reference)


def _reference(name_or_folder: str) -> str:
    """Return a model's name as it is offered, or its folder, absolute; PhotofindError where there is neither."""
    if models.is_path(name_or_folder):
        return os.path.normpath(absolute(expanded(name_or_folder)))
    return name_or_folder if name_or_folder in models.retired() else models.find(name_or_folder).name


def _can_open(model: models.Model, directory: Path) -> bool:
    if not models.is_installed(model, directory):
        return False
    try:
        models.describe(model.name, directory)
    except PhotofindError as error:
        _log.info("not used by itself: %s", error)
        return False
    return True
