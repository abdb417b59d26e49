"""The models a person can choose from, with what each costs and keeps in this library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.encoders.engines import engines_dir, read_engines
from photofind.core.encoders.model_folder import is_model_folder
from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.models.installation import loaded_bytes
from photofind.core.records.models import KeptVectors, ModelState
from photofind.core.sentences.sentence import Sentence, in_a_row


def list_models(choice: ModelChoice, directory: Path) -> list[ModelState]:
    """Return the models: quick look, the folders of the person's own that are in use or have vectors kept, the rest.

    `directory` is where models are installed. Counts the photos that each installed one would have to embed.
    """
    kept = {each.model_id: each for each in choice.kept()}
    quick_look, *others = [_from_offered(model, directory) for model in models.available()]
    own = [_from_folder(folder) for folder in _own_folders(choice, kept)]
    names = {each.name for each in kept.values()}
    former = [_from_retired(model, directory) for model in models.retired().values()]
    former = [state for state in former if state.installed or state.name in names]
    return [_with_costs(state, choice, directory, kept) for state in (quick_look, *own, *others, *former)]


def _from_offered(model: models.Model, directory: Path) -> ModelState:
    return ModelState(
        model.name,
        models.is_installed(model, directory),
        False,
        model.licenses,
        model.download_bytes,
        model.dim,
        model.good_for,
        model.languages,
        loaded_bytes(model, directory),
        for_similar=model.for_similar,
    )


def _from_retired(model: models.Retired, directory: Path) -> ModelState:
    """Return one that was offered once; it is installed where it can be run still."""
    license, good_for = Sentence("as_written", text=model.license), Sentence("good_formerly", other=model.replaced_by)
    try:
        dim = models.describe(model.name, directory).dim
    except PhotofindError:
        return ModelState(model.name, False, False, license, 0, 0, good_for)
    return ModelState(model.name, True, False, license, 0, dim, good_for)


def _from_folder(folder: str) -> ModelState:
    is_there = is_model_folder(Path(folder))
    good_for = Sentence("good_own") if is_there else Sentence("good_own_not_there")
    return ModelState(folder, is_there, False, Sentence("license_own"), 0, 0, good_for)


def _own_folders(choice: ModelChoice, kept: dict[str, KeptVectors]) -> list[str]:
    in_use = [choice.answering.reference, choice.indexing.reference, choice.look_alikes.reference]
    used = [folder for model_id, folder in choice.own_folders().items() if model_id in kept]
    names = {model.name for model in models.available()} | models.retired().keys()
    return [folder for folder in dict.fromkeys([*in_use, *used]) if folder and folder not in names]


def _with_costs(state: ModelState, choice: ModelChoice, directory: Path, kept: dict[str, KeptVectors]) -> ModelState:
    is_for_similar = state.name == choice.look_alikes.reference
    state = replace(
        state,
        in_use=is_for_similar or state.name == choice.indexing.reference,
        answers=choice.look_alikes.is_ready if is_for_similar else state.name == choice.answering.reference,
        to_embed=choice.lacking(state.name) if state.installed else 0,
        for_similar=is_for_similar or state.for_similar,
    )
    try:
        spec = models.describe(state.name, directory)
    except PhotofindError:  # not installed, or damaged: it says so when it is chosen
        return _with_kept(state, _find_kept(state.name, choice, kept))
    engines = read_engines(engines_dir(directory, spec.model_id))
    state = replace(state, dim=spec.dim, for_similar=not spec.knows_words)
    if engines is not None:
        inexact = in_a_row(*engines.reasons.values())
        state = replace(state, images_per_second=engines.images_per_second, engine=engines.images, inexact=inexact)
    return _with_kept(state, kept.get(spec.model_id))


def _find_kept(name: str, choice: ModelChoice, kept: dict[str, KeptVectors]) -> KeptVectors | None:
    """Return what is kept of a model that is not there any more."""
    folders = choice.own_folders()
    return next((each for each in kept.values() if name in (each.name, folders.get(each.model_id))), None)


def _with_kept(state: ModelState, kept: KeptVectors | None) -> ModelState:
    return replace(state, kept_vectors=kept.vectors, kept_bytes=kept.bytes) if kept else state
