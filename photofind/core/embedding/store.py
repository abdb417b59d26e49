"""Embed decoded photos and keep them: thumbnails first, then rows and vectors in one transaction.

Nothing is embedded twice: a photo whose content is already known takes over the vector, and a
photo that vanished elsewhere takes its new place with its identity (invariant 4).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import partial

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.facts import sort_time
from photofind.core.catalog.photos import Copy
from photofind.core.catalog.storable import storable_metadata
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.catalog.waiting import OpenedPhoto
from photofind.core.disk.reading import Read, first, once
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.records.arrays import Vectors
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.work import PendingPhoto, StoreResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps
from photofind.core.sync.presence import has_left

_log = logging.getLogger(__name__)
Decoded = tuple[PendingPhoto, DecodedPhoto]
# A photo, its folder, its path in that.
Place = tuple[int, bytes, bytes]
# Of a picture that lies about a hundred times over, it does not matter which copy moved.
_MOST_COPIES = 100


def store_photos(
    catalog: Catalog,
    thumbnails: Thumbnails,
    model: ModelInUse,
    decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | Sentence | None]],
    vanished: frozenset[Place],
) -> StoreResult:
    """Embed, write and mark photos as done; a sentence in a photo's place is why it failed, None that it vanished.

    `vanished`: photos of the same content whose files have left. A photo that has changed meanwhile stays pending.
    """
    # Meanwhile a folder may have been removed, or a sync may have found that a file is another one.
    due = catalog.waiting.still_due([photo for photo, _ in decoded])
    decoded = [(photo, result) for photo, result in decoded if photo.id in due]
    to_sync = catalog.scanned.note_missing([photo.id for photo, result in decoded if result is None])
    failures = [(photo.id, result) for photo, result in decoded if isinstance(result, Sentence)]
    photos = [(photo, result) for photo, result in decoded if isinstance(result, DecodedPhoto)]
    moved = _take_identities(catalog, photos, vanished)
    photos = [(photo, image) for photo, image in photos if photo.id not in moved]
    known = {photo.id: model.embeddings.known_vector(image.content_hash) for photo, image in photos}
    vectors = {photo_id: vector for photo_id, vector in known.items() if vector is not None}
    fresh = [(photo, image) for photo, image in photos if photo.id not in vectors]
    made = model.encode_usable({image.content_hash: image.pixels for _, image in fresh})  # each content once
    vectors.update((photo.id, made[image.content_hash]) for photo, image in fresh if image.content_hash in made)
    failures += [
        (photo.id, Sentence("picture_makes_no_sense", model=model.spec.name))
        for photo, image in fresh
        if image.content_hash not in made
    ]
    done = [(photo, image) for photo, image in photos if photo.id in vectors]
    _put_thumbnails(catalog, thumbnails, done)
    with catalog.transaction():
        _write(catalog, model, done, vectors)
        catalog.problems.fail(failures)
    return StoreResult(len(made), len(done) - len(made), len(moved), len(failures), to_sync)


def _put_thumbnails(catalog: Catalog, thumbnails: Thumbnails, done: Sequence[Decoded]) -> None:
    """Write thumbnails; those of photos that are only embedded again stay, and are what a sample of them compares."""
    stored = catalog.waiting.known_contents([photo.id for photo, _ in done])
    known = {photo_id for photo_id, _ in stored & {(photo.id, image.content_hash) for photo, image in done}}
    if known:
        thumbnails.put_missing((photo.id, image.thumbnail) for photo, image in done if photo.id in known)
    if len(known) < len(done):
        thumbnails.put((photo.id, image.thumbnail) for photo, image in done if photo.id not in known)


def find_vanished(
    catalog: Catalog, decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | Sentence | None]], read: Read
) -> Steps[frozenset[Place]]:
    """Return the photos of the same content as new ones whose files have left; where a disk is silent, none of its own.

    A photo of another folder may have left before that folder is looked through again.
    """
    copies: dict[bytes, dict[int, Copy]] = {}
    for photo, image in decoded:
        if isinstance(image, DecodedPhoto):
            for copy in _copies(catalog, photo, image):
                copies.setdefault(copy.folder, {})[copy.id] = copy
    vanished: list[Place] = []
    for folder, known in copies.items():
        try:
            vanished += (yield from first(read(folder, once(partial(_left, list(known.values())))))) or []
        except TimeoutError as error:
            _log.info("nothing known of what left a folder: %s", error)
    return frozenset(vanished)


def _left(copies: Sequence[Copy]) -> list[Place]:
    return [_place(copy) for copy in copies if has_left(copy.folder, copy.path, is_gone=copy.is_gone)]


def _place(copy: Copy) -> Place:
    return copy.id, copy.folder, copy.path


def _copies(catalog: Catalog, photo: PendingPhoto, image: DecodedPhoto) -> list[Copy]:
    """Return the photos that a new row may be; none of one that has been opened before."""
    if catalog.photos.contents([photo.id]) != {photo.id: None}:
        return []
    return catalog.photos.copies(image.content_hash, photo.id, _MOST_COPIES)


def _take_identities(catalog: Catalog, photos: Sequence[Decoded], vanished: frozenset[Place]) -> set[int]:
    """Give new rows' places to the vanished photos of the same content; return the rows.

    Each to the only one there is, if it still lies where its file was missed: ambiguous twins are left alone.
    """
    moved: set[int] = set()
    for photo, image in photos:
        left = [place for place in map(_place, _copies(catalog, photo, image)) if place in vanished]
        if len(left) != 1:
            continue
        ((old, _, _),) = left
        with catalog.transaction():
            catalog.scanned.take_place(old, place_of=photo.id)
            catalog.words.refresh(_MOST_COPIES)
        vanished -= set(left)
        moved.add(photo.id)
    return moved


def _write(catalog: Catalog, model: ModelInUse, done: Sequence[Decoded], vectors: dict[int, Vectors]) -> None:
    if not done:
        return
    _drop_outdated(catalog, model, done)
    model.embeddings.put([photo.id for photo, _ in done], np.stack([vectors[photo.id] for photo, _ in done]))
    catalog.waiting.end(_opened(photo, image) for photo, image in done)
    catalog.facts.write([(photo.id, image.metadata) for photo, image in done])
    catalog.words.write([photo.id for photo, _ in done])


def _drop_outdated(catalog: Catalog, model: ModelInUse, done: Sequence[Decoded]) -> None:
    """Delete other models' embeddings of photos whose content is no longer what they show."""
    known = catalog.photos.contents([photo.id for photo, _ in done])
    model.embeddings.remove_other_models(
        [photo.id for photo, image in done if known.get(photo.id) not in (None, image.content_hash)]
    )


def _opened(photo: PendingPhoto, image: DecodedPhoto) -> OpenedPhoto:
    data = storable_metadata(image.metadata)
    return OpenedPhoto(
        id=photo.id,
        flaw=image.flaw.to_text() if image.flaw else None,
        flawed_since=time.time() if image.flaw else None,
        content_hash=image.content_hash,
        ends=image.ends,
        width=image.width,
        height=image.height,
        taken=data.taken,
        camera=data.camera,
        latitude=data.latitude,
        longitude=data.longitude,
        sort_time=sort_time(data.taken),
    )
