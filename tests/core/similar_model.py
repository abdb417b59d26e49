"""What the tests of Find similar share: a library with a second model, and embedding for it as the program does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from photofind.core.images import fit_thumbnail
from photofind.core.library import Library
from photofind.core.model_in_use import ModelInUse
from photofind.core.records import Query


def see_photos(library: Library, most_steps: int = 1_000, batch: int = 8) -> list[int]:
    """Embed what is due for Find similar, in at most so many steps; return the photos in this order."""
    seen = []
    for _ in range(most_steps):
        if library.look_alikes.is_settled:
            break
        due = library.look_alikes.due(batch, ())
        spec = second(library).spec
        decoded = [(one, fit_thumbnail(one.jpeg, one.size, spec)) for one in due]
        library.look_alikes.store(decoded)
        seen += [one.photo_id for one, pixels in decoded if pixels is not None]
    return seen


def second(library: Library) -> ModelInUse:
    """Return the model for Find similar."""
    model = library.look_alikes.model
    assert model is not None
    return model


def has_vector(library: Library, photo_id: int) -> bool:
    return second(library).embeddings.vector_of(photo_id) is not None


def asked(library: Library, photo_id: int) -> str:
    """Return which model finds what is like a photo."""
    return library.search(Query(photo_id=photo_id)).model


def save_near_copy(photo: Path, copy: Path) -> Path:
    """Save a photo smaller, brighter and as another JPEG, as people pass photos on."""
    with Image.open(photo) as picture:
        smaller = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3))
    pixels = np.clip(np.asarray(smaller).astype(np.float32) * 1.08 + 4, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(copy, quality=70)
    return copy
