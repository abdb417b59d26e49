"""The models that are offered: which there are, which are installed, and how a name becomes an encoder.

A model is named as it is offered or by its folder; listing and describing models never imports torch.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from photofind.core.encoders.encoder import Encoder
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.encoders.model_folder import OPEN_CLIP, is_model_folder, read_model_folder
from photofind.core.encoders.quick_look import QuickLook
from photofind.core.errors import PhotofindError
from photofind.core.places import absolute, expanded
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, Spec
from photofind.core.sentences.sentence import Sentence, from_text

_TOLERANCE: Final = 0.005  # of the weights' size: safetensors' header, and numbers that are no parameters


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """What a file of a pinned commit is known by."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pinned:
    """A commit of a model's repository, and what is known of its files there, by their names."""

    commit: str
    files: Mapping[str, PinnedFile]


@dataclass(frozen=True, slots=True)
class Model:
    """An offered model; architecture, pretrained, repo are open_clip's or timm's, empty for quick look.

    `files` are those of its folder, each with its repository on the hub; `size` is the side in pixels of the
    pictures it takes, `download_bytes` that of its weights. One `for_similar` knows no words: it serves beside another.
    `license` is what the page of its repository says, `code_license` what its makers published it under, where that
    is another. Where it is `pinned`, nothing else is downloaded.
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
    code_license: str = ""
    pinned: Pinned | None = None

    def may_weigh(self, size: int) -> bool:
        """Tell whether weights of so many bytes may be this model's."""
        return abs(size - self.download_bytes) <= _TOLERANCE * self.download_bytes

    @property
    def licenses(self) -> Sentence:
        """The licence as it is shown: both, where they differ."""
        if self.code_license:
            return Sentence("licenses_differ", license=self.license, code_license=self.code_license)
        return Sentence("as_written", text=self.license)


@dataclass(frozen=True, slots=True)
class Retired:
    """A model that is not offered any more; installed ones that can be run go on working."""

    name: str
    license: str
    replaced_by: str


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
    """Return the models that can be downloaded, the recommended one first."""
    return tuple(_from_entry(entry) for entry in _read_table()["model"])


@cache
def retired() -> Mapping[str, Retired]:
    """Return the models that were offered once, by their names."""
    return {entry["name"]: Retired(**entry) for entry in _read_table()["retired"]}


def _read_table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(resources.files("photofind.core.models").joinpath("offered.toml").read_text("utf-8"))


def _from_entry(entry: dict[str, Any]) -> Model:
    """Join the files of an entry: the weights come last, so that what is wrong with the rest is known before."""
    tokenizer = entry.pop("tokenizer", {"repo": "", "files": []})
    config, weights = (entry["repo"], entry.pop("config", OPEN_CLIP.config_file)), (entry["repo"], entry.pop("file"))
    files = (config, *((tokenizer["repo"], file) for file in tokenizer["files"]), weights)
    good_for, languages = from_text(entry.pop("good_for")), entry.pop("languages", None)
    known = from_text(languages) if languages else None
    pinned = _from_pins(entry.pop("pinned", None))
    return Model(**entry, files=files, good_for=good_for, languages=known, pinned=pinned)


def _from_pins(entry: dict[str, Any] | None) -> Pinned | None:
    if entry is None:
        return None
    return Pinned(entry["commit"], {name: PinnedFile(**file) for name, file in entry["files"].items()})


def available() -> list[Model]:
    """Return quick look and all models that can be downloaded."""
    return [_QUICK_LOOK, *downloadable()]


def find(name: str) -> Model:
    """Return the model of that name; raise PhotofindError where none is offered under it."""
    for model in available():
        if model.name == name:
            return model
    if name in retired():
        raise _no_longer_offered(name)
    raise PhotofindError("model_unknown", model=name, models=", ".join(model.name for model in available()))


def _no_longer_offered(name: str) -> PhotofindError:
    other = retired()[name].replaced_by
    return PhotofindError("model_retired", model=name, other=other, typed=quoted(other))


def is_installed(model: Model, models_dir: Path) -> bool:
    """Tell whether a model can be used without a download."""
    return model.name == QUICK_LOOK or is_model_folder(models_dir / model.name)


def describe(name_or_folder: str, models_dir: Path) -> Spec:
    """Return a model's spec without loading it; raise PhotofindError where there is none to load."""
    if name_or_folder == QUICK_LOOK:
        return QuickLook.spec
    folder = locate(name_or_folder, models_dir)
    try:
        return read_model_folder(folder).spec
    except PhotofindError as error:
        if name_or_folder not in retired():
            raise
        raise _no_longer_offered(name_or_folder) from error  # what ails it cannot be mended by another download


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
    if name_or_folder in retired() and is_model_folder(models_dir / name_or_folder):
        return models_dir / name_or_folder
    model = find(name_or_folder)
    if not is_installed(model, models_dir):
        raise PhotofindError("model_not_installed", model=model.name, typed=quoted(model.name))
    return models_dir / model.name


def quoted(name: str) -> str:
    """Return a name as it is typed on a command line."""
    return f'"{name}"' if " " in name else name
