"""Embed decoded photos and keep them: thumbnails first, then rows and vectors in one transaction.

Nothing is embedded twice: a photo whose content is already known takes over the vector, and a
photo that vanished elsewhere takes its new place with its identity (DESIGN invariant 4).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from photofind.core.catalog import Catalog, PendingPhoto
from photofind.core.embeddings import usable
from photofind.core.images import DecodedPhoto
from photofind.core.model_in_use import ModelInUse
from photofind.core.records import Vectors
from photofind.core.sync import note_vanished
from photofind.core.thumbnails import Thumbnails
from photofind.core.words import photo_words

Decoded = tuple[PendingPhoto, DecodedPhoto]


@dataclass(frozen=True, slots=True)
class StoreResult:
    """How many photos were embedded, took over a known embedding, were recognised as moved, or failed."""

    embedded: int = 0
    reused: int = 0
    moved: int = 0
    failed: int = 0


def store_photos(
    catalog: Catalog,
    thumbnails: Thumbnails,
    model: ModelInUse,
    decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | str | None]],
) -> StoreResult:
    """Embed, write and mark photos as done; a text in a photo's place is why it failed, None that it vanished."""
    there = catalog.existing([photo.id for photo, _ in decoded])  # their folder may have been removed meanwhile
    decoded = [(photo, result) for photo, result in decoded if photo.id in there]
    note_vanished(catalog, [photo.id for photo, result in decoded if result is None])
    failures = [(photo.id, result) for photo, result in decoded if isinstance(result, str)]
    photos = [(photo, result) for photo, result in decoded if isinstance(result, DecodedPhoto)]
    moved = {photo.id for photo, image in photos if _take_identity(catalog, photo, image)}
    photos = [(photo, image) for photo, image in photos if photo.id not in moved]
    vectors = {photo.id: vector for photo, image in photos for vector in _known_vector(catalog, model, image)}
    fresh = [(photo, image) for photo, image in photos if photo.id not in vectors]
    if fresh:
        made = model.encoder.encode_images(np.stack([image.pixels for _, image in fresh]))
        good = usable(made)
        vectors.update((photo.id, made[n]) for n, (photo, _) in enumerate(fresh) if good[n])
        failures += [
            (photo.id, f"The model {model.spec.name} could not make sense of this picture.")
            for n, (photo, _) in enumerate(fresh)
            if not good[n]
        ]
    done = [(photo, image) for photo, image in photos if photo.id in vectors]
    thumbnails.put((photo.id, image.thumbnail) for photo, image in done)
    with catalog.transaction():
        _write(catalog, model, done, vectors)
        catalog.fail(failures)
    reused = len(photos) - len(fresh)
    return StoreResult(len(done) - reused, reused, len(moved), len(failures))


def _known_vector(catalog: Catalog, model: ModelInUse, image: DecodedPhoto) -> Iterator[Vectors]:
    """Yield the vector this model already made of exactly this content, if it did."""
    row = catalog.db.execute(
        "SELECT e.vector FROM photo p JOIN embedding e ON e.photo_id = p.id AND e.model = ? "
        "WHERE p.content_hash = ? LIMIT 1",
        [model.embeddings.model, image.content_hash],
    ).fetchone()
    if row is not None:
        yield np.frombuffer(row[0], np.float16).astype(np.float32)


def _take_identity(catalog: Catalog, photo: PendingPhoto, image: DecodedPhoto) -> bool:
    """Give a new row's place to the one vanished photo of the same content; ambiguous twins are left alone."""
    rows = catalog.db.execute(
        "SELECT p.id, f.path, p.path FROM photo p JOIN folder f ON f.id = p.folder_id "
        "WHERE p.content_hash = ? AND p.gone_since IS NOT NULL AND p.id != ? LIMIT 2",
        [image.content_hash, photo.id],
    ).fetchall()
    is_new = catalog.db.execute("SELECT content_hash IS NULL FROM photo WHERE id = ?", [photo.id]).fetchone()
    if len(rows) != 1 or is_new is None or not is_new[0] or os.path.lexists(os.path.join(*rows[0][1:])):
        return False
    old = rows[0][0]
    with catalog.transaction():
        place = catalog.db.execute(
            "SELECT folder_id, path, size, mtime_ns, ctime_ns, inode, device FROM photo WHERE id = ?",
            [photo.id],
        ).fetchone()
        words = catalog.db.execute("SELECT words FROM photo_words WHERE rowid = ?", [photo.id]).fetchone()
        catalog.delete_photos([photo.id])
        catalog.db.execute(
            "UPDATE photo SET folder_id = ?, path = ?, size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, "
            "device = ?, gone_since = NULL WHERE id = ?",
            [*place, old],
        )
        catalog.set_words([(old, words[0])])
    return True


def _write(catalog: Catalog, model: ModelInUse, done: Sequence[Decoded], vectors: dict[int, Vectors]) -> None:
    if not done:
        return
    _drop_outdated(catalog, model, done)
    model.embeddings.put([photo.id for photo, _ in done], np.stack([vectors[photo.id] for photo, _ in done]))
    catalog.db.conn.executemany(
        "UPDATE photo SET state = 1, changed = 0, reason = NULL, failed_since = NULL, content_hash = ?, "
        "width = ?, height = ?, taken = ?, camera = ?, latitude = ?, longitude = ?, "
        "sort_time = coalesce(?, sort_time) WHERE id = ?",
        (_row(photo, image) for photo, image in done),
    )
    catalog.set_words(_words(catalog, done))


def _drop_outdated(catalog: Catalog, model: ModelInUse, done: Sequence[Decoded]) -> None:
    """Delete other models' embeddings of photos whose content is no longer what they show."""
    changed = []
    for photo, image in done:
        row = catalog.db.execute("SELECT content_hash FROM photo WHERE id = ?", [photo.id]).fetchone()
        if row is not None and row[0] not in (None, image.content_hash):
            changed.append(photo.id)
    model.embeddings.remove_other_models(changed)


def _row(photo: PendingPhoto, image: DecodedPhoto) -> tuple[object, ...]:
    data = image.metadata
    return (
        image.content_hash,
        image.width,
        image.height,
        data.taken,
        data.camera,
        data.latitude,
        data.longitude,
        _sort_time(data.taken),
        photo.id,
    )


def _sort_time(taken: str | None) -> float | None:
    """Return the date taken as seconds since 1970 in local time, like the file times it is sorted among."""
    try:
        return datetime.fromisoformat(taken).timestamp() if taken else None
    except (OverflowError, OSError, ValueError):
        return None


def _words(catalog: Catalog, done: Sequence[Decoded]) -> Iterator[tuple[int, str]]:
    for photo, image in done:
        row = catalog.db.execute(
            "SELECT f.path, p.path FROM photo p JOIN folder f ON f.id = p.folder_id WHERE p.id = ?",
            [photo.id],
        ).fetchone()
        if row is not None:
            yield photo.id, photo_words(row[0], row[1], image.metadata.camera, image.metadata.taken)
