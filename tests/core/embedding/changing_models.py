"""What the tests of changing the model share: a library of scenes, and embedding as the program does, in turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo, size_thumbnail
from photofind.core.records.arrays import Vectors
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, indexing_of, sql
from tests.tiny_clip.scenes import distinct_scenes, render

SAMPLE = 40


@dataclass
class Embedded:
    """Which photos were opened, and which were embedded from their thumbnail, in this order."""

    opened: list[int] = field(default_factory=list)
    from_thumbnail: list[int] = field(default_factory=list)


def write_scenes(folder: Path, count: int, size: tuple[int, int] = (640, 480), seed: int = 7) -> Path:
    """Write scenes as JPEG files 00.jpg, 01.jpg and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, scene in enumerate(distinct_scenes(np.random.default_rng(seed), count)):
        render(scene, size).save(folder / f"{number:02}.jpg", quality=90)
    return folder


def watch_scenes(library: Library, folder: Path, count: int = 60) -> Path:
    """Watch a new folder of so many scenes, embedded with the model in use."""
    library.folders.add(write_scenes(folder, count, seed=len(str(folder))))
    sync(library)
    embed(library)
    return folder


def embed_in_turns(library: Library, most_steps: int = 1_000, batch: int = 8) -> Embedded:
    """Embed what there is, from originals and thumbnails in turns, in at most so many steps."""
    done = Embedded()
    for _ in range(most_steps):
        photos = library.embedding.pending(batch)
        if photos:
            library.embedding.store([(photo, _decode(library, photo.path)) for photo in photos])
            done.opened += [photo.id for photo in photos]
        due = library.embedding.due_thumbnails(batch, ())
        before = library.embedding.counts.pending, stand_ins(library)
        spec = library.embedding.decoding_spec
        library.embedding.store_from_thumbnails([(one, size_thumbnail(one.jpeg, one.size, spec)) for one in due])
        if (library.embedding.counts.pending, stand_ins(library)) != before:
            done.from_thumbnail += [one.photo_id for one in due]
        if not photos and not due:
            break
    return done


def _decode(library: Library, path: bytes) -> DecodedPhoto | Sentence:
    try:
        return decode_photo(path, library.embedding.decoding_spec)
    except PhotofindError as error:
        return error.sentence


def change_to(library: Library, model: str | Path) -> Embedded:
    """Change the model and embed everything until it answers."""
    library.models.use(str(model))
    done = embed_in_turns(library)
    library.models.finish_change()
    assert answering_of(library) is indexing_of(library)
    return done


def stand_ins(library: Library) -> int:
    return int(sql(library).execute("SELECT count(*) FROM embedding WHERE stand_in").fetchone()[0])


def labels_given(library: Library) -> int:
    """Return how many embeddings were ever written."""
    return answering_of(library).embeddings.newest_label()


def vector(library: Library, photo_id: int) -> Vectors:
    found = indexing_of(library).embeddings.vector_of(photo_id)
    assert found is not None
    return found


def original_vector(library: Library, path: bytes) -> Vectors:
    pixels = decode_photo(path, library.embedding.decoding_spec).pixels
    made: Vectors = indexing_of(library).encoder.encode_images(pixels[np.newaxis])[0]
    return made


def ids(library: Library) -> dict[str, int]:
    """Return photo id by the last two parts of its path, of everything that is shown."""
    shown = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    return {"/".join(photo.path.decode().rsplit("/", 2)[1:]): photo.id for photo in shown}


def similar(library: Library, photo_id: int, count: int = 5) -> list[int]:
    library.search.catch_up(float("inf"))
    return [int(i) for i in library.search.answer(Query(photo_id=photo_id, limit=count)).photo_ids]
