"""Models with random weights that are fitted to this computer: for all engines, or for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from photofind.core.encoders.engines import ENGINES, Engine, Engines, engines_dir
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.places import models_dir


def fit(model: Path, library: Path, among: Sequence[Engine] = ENGINES) -> Engines:
    """Fit a model for a library, by drawn pictures."""
    model_id = read_model_folder(model).spec.model_id
    return fit_model(model, engines_dir(models_dir(library), model_id), None, among)
