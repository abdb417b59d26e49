"""The catalogue of models: which there are, which are installed, and how a name becomes an encoder.

A model is named by its catalogue name or by its folder; listing and describing models never imports torch.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from photofind.core.encoders.encoder import Encoder, Spec
from photofind.core.encoders.model_folder import is_model_folder, read_model_folder
from photofind.core.encoders.open_clip_encoder import OpenClipEncoder
from photofind.core.encoders.quick_look import QuickLook
from photofind.core.errors import PhotofindError

QUICK_LOOK: Final = QuickLook.spec.name


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue; architecture, pretrained, repo are open_clip's, empty for quick look."""

    name: str
    architecture: str
    pretrained: str
    repo: str
    license: str
    download_bytes: int
    dim: int
    languages: str
    good_for: str


_QUICK_LOOK: Final = Model(
    name=QUICK_LOOK,
    architecture="",
    pretrained="",
    repo="",
    license="MIT",
    download_bytes=0,
    dim=QuickLook.spec.dim,
    languages="English, German, French, Spanish, Italian",
    good_for="Colours and light, at once, without a download.",
)


@cache
def downloadable() -> tuple[Model, ...]:
    """Return the models that can be downloaded, the recommended one first."""
    text = resources.files("photofind.core").joinpath("models.toml").read_text("utf-8")
    return tuple(Model(**entry) for entry in tomllib.loads(text)["model"])


def available() -> list[Model]:
    """Return quick look and all models that can be downloaded."""
    return [_QUICK_LOOK, *downloadable()]


def find(name: str) -> Model:
    """Return the model of that name; raise PhotofindError where the catalogue has none."""
    for model in available():
        if model.name == name:
            return model
    names = ", ".join(model.name for model in available())
    raise PhotofindError(f"There is no model called “{name}”; there are: {names}, or the path of a model folder.")


def is_installed(model: Model, models_dir: Path) -> bool:
    """Tell whether a model can be used without a download."""
    return model.name == QUICK_LOOK or is_model_folder(models_dir / model.name)


def describe(name_or_folder: str, models_dir: Path) -> Spec:
    """Return a model's spec without loading it; raise PhotofindError where there is none to load."""
    if name_or_folder == QUICK_LOOK:
        return QuickLook.spec
    return read_model_folder(_locate(name_or_folder, models_dir)).spec


def open_encoder(name_or_folder: str, models_dir: Path) -> Encoder:
    """Load a model; takes seconds for all but quick look. Raise PhotofindError where it cannot be loaded."""
    if name_or_folder == QUICK_LOOK:
        return QuickLook()
    return OpenClipEncoder(_locate(name_or_folder, models_dir))


def _locate(name_or_folder: str, models_dir: Path) -> Path:
    """Return a model's folder; a name of the catalogue goes before a folder of that name."""
    path = Path(name_or_folder).expanduser()
    if name_or_folder not in (model.name for model in available()) and (path.name != name_or_folder or path.is_dir()):
        return path
    model = find(name_or_folder)
    if not is_installed(model, models_dir):
        raise PhotofindError(
            f"The model “{model.name}” is not installed; download it first: photofind models get {model.name}"
        )
    return models_dir / model.name
