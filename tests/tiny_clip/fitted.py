"""The tiny CLIP, fitted to this computer beforehand: for tests that are about something else than fitting."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photofind.core.encoders.engines import Engine, engines_dir
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.places import models_dir
from tests.made_once import MadeOnce
from tests.tiny_clip import TINY_CLIP


def fit_beforehand(made_once: MadeOnce, library: Path, engine: Engine = "ONNX fp32") -> None:
    """Put into a library's folder what fitting leaves there, with `engine` as the one that was decided for."""

    def fit(place: Path) -> None:
        from photofind.core.encoders.fitting import fit_model  # imports torch

        fit_model(TINY_CLIP, place / "engines", None, among=[engine])

    made = made_once.get(f"tiny CLIP in {engine}", fit)
    shutil.copytree(made / "engines", engines_dir(models_dir(library), read_model_folder(TINY_CLIP).spec.model_id))


@pytest.fixture
def tiny_clip_fits(made_once: MadeOnce, tmp_path: Path) -> None:
    """The tiny CLIP was fitted already for the library in `tmp_path / "library"`, which need not be there yet."""
    fit_beforehand(made_once, tmp_path / "library")
