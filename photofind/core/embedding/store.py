"""Embed decoded photos and keep them: thumbnails first, then rows and vectors in one transaction.

Nothing is embedded twice: a photo whose content is already known takes over the vector, and a
photo that vanished elsewhere takes its new place with its identity (DESIGN invariant 4).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.catalog.words import photo_words
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.records.arrays import Vectors
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.work import PendingPhoto, StoreResult
from photofind.core.sync.presence import has_left
from photofind.core.sync.sync import note_missing

Decoded = tuple[PendingPhoto, DecodedPhoto]
# Of a picture that lies about a hundred times over, it does not matter which copy moved.
_MOST_COPIES = 100


def store_photos(
    catalog: Catalog,
    thumbnails: Thumbnails,
    model: ModelInUse,
    decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | str | None]],
) -> StoreResult:
    """Embed, write and mark photos as done; a text in a photo's place is why it failed, None that it vanished."""
    there = catalog.existing([photo.id for photo, _ in decoded])  # their folder may have been removed meanwhile
    decoded = [(photo, result) for photo, result in decoded if photo.id in there]
    to_sync = note_missing(catalog, [photo.id for photo, result in decoded if result is None])
    failures = [(photo.id, result) for photo, result in decoded if isinstance(result, str)]
    photos = [(photo, result) for photo, result in decoded if isinstance(result, DecodedPhoto)]
    moved = {photo.id for photo, image in photos if _take_identity(catalog, photo, image)}
    photos = [(photo, image) for photo, image in photos if photo.id not in moved]
    known = {photo.id: model.embeddings.known_vector(image.content_hash) for photo, image in photos}
    vectors = {photo_id: vector for photo_id, vector in known.items() if vector is not None}
    fresh = [(photo, image) for photo, image in photos if photo.id not in vectors]
    made = model.encode_usable({image.content_hash: image.pixels for _, image in fresh})  # each content once
    vectors.update((photo.id, made[image.content_hash]) for photo, image in fresh if image.content_hash in made)
    failures += [
        (photo.id, f"The model {model.spec.name} could not make sense of this picture.")
        for photo, image in fresh
        if image.content_hash not in made
    ]
    done = [(photo, image) for photo, image in photos if photo.id in vectors]
    _put_thumbnails(catalog, thumbnails, done)
    with catalog.transaction():
        _write(catalog, model, done, vectors)
        catalog.fail(failures)
    return StoreResult(len(made), len(done) - len(made), len(moved), len(failures), to_sync)


def _put_thumbnails(catalog: Catalog, thumbnails: Thumbnails, done: Sequence[Decoded]) -> None:
    """Write thumbnails; those of photos that are only embedded again stay, and are what a sample of them compares."""
    marks = ",".join("?" * len(done))
    query = f"SELECT id, content_hash FROM photo WHERE again AND NOT changed AND id IN ({marks})"
    same = set(catalog.db.execute(query, [photo.id for photo, _ in done])) & {(p.id, i.content_hash) for p, i in done}
    known = {photo_id for photo_id, _ in same}
    if known:
        thumbnails.put_missing((photo.id, image.thumbnail) for photo, image in done if photo.id in known)
    if len(known) < len(done):
        thumbnails.put((photo.id, image.thumbnail) for photo, image in done if photo.id not in known)


def _take_identity(catalog: Catalog, photo: PendingPhoto, image: DecodedPhoto) -> bool:
    """Give a new row's place to the one vanished photo of the same content; ambiguous twins are left alone.

    A photo of another folder may have left before that folder is looked through again.
    """
    is_new = catalog.db.execute("SELECT content_hash IS NULL FROM photo WHERE id = ?", [photo.id]).fetchone()
    if is_new is None or not is_new[0]:
        return False
    rows = catalog.db.execute(
        "SELECT p.id, f.path, p.path, p.gone_since IS NOT NULL FROM photo p JOIN folder f ON f.id = p.folder_id "
        "WHERE p.content_hash = ? AND p.id != ? AND p.state != 2 "
        "AND (p.gone_since IS NOT NULL OR (f.online AND NOT p.missing)) LIMIT ?",
        [image.content_hash, photo.id, _MOST_COPIES],
    ).fetchall()
    vanished = [row[0] for row in rows if has_left(row[1], row[2], is_gone=bool(row[3]))]
    if len(vanished) != 1:
        return False
    old = vanished[0]
    with catalog.transaction():
        place = catalog.db.execute(
            "SELECT folder_id, path, size, mtime_ns, ctime_ns, inode, device FROM photo WHERE id = ?",
            [photo.id],
        ).fetchone()
        catalog.delete_photos([photo.id])
        catalog.db.execute(
            "UPDATE photo SET folder_id = ?, path = ?, size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, "
            "device = ?, gone_since = NULL, missing = 0, words_due = 1 WHERE id = ?",
            [*place, old],
        )
        catalog.refresh_words(_MOST_COPIES)
    return True


def _write(catalog: Catalog, model: ModelInUse, done: Sequence[Decoded], vectors: dict[int, Vectors]) -> None:
    if not done:
        return
    _drop_outdated(catalog, model, done)
    model.embeddings.put([photo.id for photo, _ in done], np.stack([vectors[photo.id] for photo, _ in done]))
    catalog.db.conn.executemany(
        "UPDATE photo SET state = 1, changed = 0, again = 0, words_due = 0, reason = NULL, flaw = ?, failed_since = ?, "
        "content_hash = ?, width = ?, height = ?, taken = ?, camera = ?, latitude = ?, longitude = ?, "
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
        image.flaw or None,
        time.time() if image.flaw else None,
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
