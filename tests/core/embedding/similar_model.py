"""What the tests of Find similar share: a library with a second model, and embedding for it as the program does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.library import Library
from photofind.core.photos.images import size_thumbnail
from photofind.core.records.models import ModelState
from photofind.core.records.query import Query
from tests.core.embedding.changing_models import ids, watch_scenes
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.inside import look_alikes_of


def see_photos(library: Library, most_steps: int = 1_000, batch: int = 8) -> list[int]:
    """Embed what is due for Find similar, in at most so many steps; return the photos in this order."""
    seen = []
    for _ in range(most_steps):
        if look_alikes_of(library).is_finished:
            break
        due = look_alikes_of(library).due(batch, ())
        spec = second(library).spec
        decoded = [(one, size_thumbnail(one.jpeg, one.size, spec)) for one in due]
        look_alikes_of(library).store(decoded)
        seen += [one.photo_id for one, pixels in decoded if pixels is not None]
    return seen


def second(library: Library) -> ModelInUse:
    """Return the model for Find similar."""
    model = look_alikes_of(library).model
    assert model is not None
    return model


def has_vector(library: Library, photo_id: int) -> bool:
    return second(library).embeddings.vector_of(photo_id) is not None


def asked(library: Library, photo_id: int) -> str:
    """Return which model finds what is like a photo."""
    return library.search.answer(Query(photo_id=photo_id)).model


def save_near_copy(photo: Path, copy: Path) -> Path:
    """Save a photo smaller, brighter and as another JPEG, as people pass photos on."""
    with Image.open(photo) as picture:
        smaller = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3))
    pixels = np.clip(np.asarray(smaller).astype(np.float32) * 1.08 + 4, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(copy, quality=70)
    return copy


PHOTOS = 20


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_similar_model(tmp_path_factory.mktemp("model") / "twins")


@pytest.fixture
def model(made: Path, tmp_path: Path) -> Path:
    """A model folder for Find similar, with random weights: of it, near-copies are near all the same."""
    return shutil.copytree(made, tmp_path / "twins")


@pytest.fixture
def scenes(library: Library, tmp_path: Path) -> Path:
    """Twenty scenes, embedded with quick look."""
    return watch_scenes(library, tmp_path / "scenes", PHOTOS)


@pytest.fixture
def ready(library: Library, scenes: Path, model: Path) -> Library:
    """The library with a model for Find similar that has seen all its photos."""
    library.models.use(str(model))
    see_photos(library)
    return library


def id_of(library: Library, name: str) -> int:
    return ids(library)[f"scenes/{name}"]


def state(library: Library, name: str | Path) -> ModelState:
    return next(model for model in library.models.all() if model.name == str(name))
