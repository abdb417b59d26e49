"""The models that are offered: which there are, which are installed, and how a name becomes an encoder.

A model is named as it is offered or by its folder; listing and describing models never imports torch.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from photofind.core.encoders.encoder import Encoder
from photofind.core.encoders.engines import engines_dir, read_engines
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import OPEN_CLIP, is_model_folder, read_model_folder, require_packages
from photofind.core.encoders.quick_look import QuickLook
from photofind.core.errors import PhotofindError
from photofind.core.places import absolute, expanded
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, Spec
from photofind.core.sentences.sentence import Sentence, from_text


@dataclass(frozen=True, slots=True)
class Model:
    """An offered model; architecture, pretrained, repo are open_clip's or timm's, empty for quick look.

    `files` are those of its folder, each with its repository on the hub; `size` is the side in pixels of the
    pictures it takes, `download_bytes` that of its weights. One `for_similar` knows no words: it serves beside another.
    """

    name: str
    architecture: str
    pretrained: str
    repo: str
    files: tuple[tuple[str, str], ...]
    license: str
    download_bytes: int
    dim: int
    size: int
    languages: Sentence | None
    good_for: Sentence
    for_gpu: bool = False
    for_similar: bool = False
    retired: bool = False


_QUICK_LOOK: Final = Model(
    name=QUICK_LOOK,
    architecture="",
    pretrained="",
    repo="",
    files=(),
    license="MIT",
    download_bytes=0,
    dim=QuickLook.spec.dim,
    size=QuickLook.spec.size,
    languages=Sentence("knows_five"),
    good_for=Sentence("good_quick_look"),
)


@cache
def downloadable() -> tuple[Model, ...]:
    """Return the models that can be downloaded, the recommended one first, those no longer offered last."""
    text = resources.files("photofind.core.models").joinpath("offered.toml").read_text("utf-8")
    return tuple(_from_entry(entry) for entry in tomllib.loads(text)["model"])


def _from_entry(entry: dict[str, Any]) -> Model:
    """Join the files of an entry: the weights come last, so that what is wrong with the rest is known before."""
    tokenizer = entry.pop("tokenizer", {"repo": "", "files": []})
    config, weights = (entry["repo"], entry.pop("config", OPEN_CLIP.config_file)), (entry["repo"], entry.pop("file"))
    files = (config, *((tokenizer["repo"], file) for file in tokenizer["files"]), weights)
    good_for, languages = from_text(entry.pop("good_for")), entry.pop("languages", None)
    known = from_text(languages) if languages else None
    return Model(**entry, files=files, good_for=good_for, languages=known)


def available() -> list[Model]:
    """Return quick look and all models that can be downloaded."""
    return [_QUICK_LOOK, *downloadable()]


def offered(models_dir: Path) -> list[Model]:
    """Return the models to choose from: all but those that are retired and not installed."""
    return [model for model in available() if not model.retired or is_installed(model, models_dir)]


def find(name: str) -> Model:
    """Return the model of that name; raise PhotofindError where none is offered under it."""
    for model in available():
        if model.name == name:
            return model
    names = ", ".join(model.name for model in available() if not model.retired)
    raise PhotofindError("model_unknown", model=name, models=names)


def is_installed(model: Model, models_dir: Path) -> bool:
    """Tell whether a model can be used without a download."""
    return model.name == QUICK_LOOK or is_model_folder(models_dir / model.name)


def describe(name_or_folder: str, models_dir: Path) -> Spec:
    """Return a model's spec without loading it; raise PhotofindError where there is none to load."""
    if name_or_folder == QUICK_LOOK:
        return QuickLook.spec
    return read_model_folder(locate(name_or_folder, models_dir)).spec


def require_usable(name_or_folder: str, models_dir: Path) -> None:
    """Raise PhotofindError where there is no such model, or something is missing to run it on this computer."""
    if name_or_folder == QUICK_LOOK:
        return
    folder = read_model_folder(locate(name_or_folder, models_dir))
    engines = read_engines(engines_dir(models_dir, folder.spec.model_id))
    if engines is None or not engines.do_without_torch:
        require_packages(folder)


def open_encoder(name_or_folder: str, models_dir: Path, device: DeviceChoice = "auto") -> Encoder:
    """Open a model, which loads nothing yet. Raise PhotofindError where there is none to be loaded."""
    if name_or_folder == QUICK_LOOK:
        return QuickLook()
    return LearnedEncoder(locate(name_or_folder, models_dir), models_dir, device)


def is_path(name_or_folder: str) -> bool:
    """Tell a folder from a model's name: only a path has a separator, whatever lies in the present folder."""
    return any(separator in name_or_folder for separator in (os.sep, os.altsep) if separator)


def locate(name_or_folder: str, models_dir: Path) -> Path:
    """Return a model's folder."""
    if is_path(name_or_folder):
        return absolute(expanded(name_or_folder))
    model = find(name_or_folder)
    if not is_installed(model, models_dir):
        raise PhotofindError("model_not_installed", model=model.name, typed=quoted(model.name))
    return models_dir / model.name


def quoted(name: str) -> str:
    """Return a name as it is typed on a command line."""
    return f'"{name}"' if " " in name else name
