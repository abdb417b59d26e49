"""The library of the test of library states, checked against the world: at each sync, and when all is settled."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_bytes, decode_photo, open_thumbnail
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.records.photos import Folder, Photo
from photofind.core.records.query import Query
from photofind.core.records.work import PendingPhoto, SyncResult
from photofind.core.sentences.sentence import Sentence
from tests.core.library_places import Place
from tests.core.library_world import World
from tests.inside import answering_of, catalog_of, indexing_of, sql, thumbnails_of

MEMORY = Path("/dev/shm")
# From so many vanished photos on, and above the share, they are held back: few enough that a test gets there.
MOST_MISSING = 4


@cache
def decoded(content: bytes, spec: Spec) -> DecodedPhoto:
    return decode_bytes(content, spec)


def has_size(path: bytes, size: int) -> bool:
    return os.path.isfile(path) and os.stat(path).st_size == size


class CheckedLibrary:
    def __init__(self, world: World) -> None:
        self.world = world
        self.starts = 0
        # Written often and synced each time: in memory where there is such a place.
        self.starts_at = Path(tempfile.mkdtemp(prefix="photofind-states-", dir=MEMORY if MEMORY.is_dir() else None))
        self.library = Library(self.starts_at / "library 0")

    def start_on_a_copy(self) -> None:
        """Start anew on the files as they are at this moment."""
        self.starts += 1
        there = self.starts_at / f"library {self.starts}"
        shutil.copytree(self.library.directory, there, ignore=shutil.ignore_patterns("*.lock"))
        self.library.close()
        self.library = Library(there)
        assert self.library.notice is None

    def quit_and_start(self) -> None:
        self.library.close()
        self.library = Library(self.library.directory)

    def end(self) -> None:
        self.library.close()
        shutil.rmtree(self.starts_at)

    def settle(self) -> None:
        """Sync and embed everything; then all must be as the model says."""
        self.sync_and_embed()
        self.world.moved_between = False
        self.library.models.finish_change()
        self._check_what_is_shown()
        self._check_search()
        assert self.library.care.check(repair=False) == []

    def folder(self, place: Place) -> Folder:
        return next(folder for folder in self.library.folders.all() if folder.path == place.root)

    def rows(self, folder: Folder) -> dict[int, tuple[bytes, int, int]]:
        """Return path, whether missing (1 held back, 2 undecided) and size of a folder's photos, gone ones left out."""
        rows = sql(self.library).execute(
            "SELECT id, path, missing, size FROM photo WHERE folder_id = ? AND gone_since IS NULL", [folder.id]
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def _files(self, folder: Folder) -> dict[int, tuple[int, int]]:
        """Return size and time of the file that each photo of a folder was when it was last seen."""
        rows = sql(self.library).execute("SELECT id, size, mtime_ns FROM photo WHERE folder_id = ?", [folder.id])
        return {row[0]: (row[1], row[2]) for row in rows}

    # Sync

    def _is_away(self, folder: Folder) -> bool:
        """Say what a person would: it is not there, it is empty, or it is another drive with nothing known on it."""
        known = self.rows(folder).values()
        if not os.path.isdir(folder.path):
            return True
        if not known:
            return False
        is_same = f"{os.statvfs(folder.path).f_fsid:x}" == catalog_of(self.library).folders.volume(folder.id)
        is_known = any(has_size(os.path.join(folder.path, path), size) for path, _, size in known)
        return not os.listdir(folder.path) or not (is_same or is_known)

    def sync(self, place: Place) -> None:
        folder = self.folder(place)
        before, files_before, is_away = self.rows(folder), self._files(folder), self._is_away(folder)
        (result,) = (step for step in self.library.folders.sync(folder) if isinstance(step, SyncResult))
        after = self.rows(folder)
        assert result.online == self.folder(place).online == (not is_away)
        if is_away:
            assert after == before, "of a folder that is away, all stays as it was"
            return
        left_out = {photo_id for photo_id, row in before.items() if self.world.is_excluded(row[0])}
        there = {photo_id for photo_id, row in after.items() if not row[1]}
        lost = {
            photo_id
            for photo_id in before.keys() - left_out - there
            if not os.path.lexists(os.path.join(folder.path, before[photo_id][0]))
        }
        held = {photo_id for photo_id, row in before.items() if row[1] == 1} - left_out
        known = len(before) - len(left_out) - len(held)
        # Another file at the path of one that is held back says nothing of the others.
        files_after = self._files(folder)
        is_back = any(files_after[photo_id] == files_before[photo_id] for photo_id in held & there)
        still_held = set() if is_back else held & lost
        lost -= still_held
        is_doubtful = 0 < len(lost) == known or (len(lost) >= MOST_MISSING and len(lost) > known * 0.2)
        expected = still_held | (lost if is_doubtful else set())
        assert {photo_id for photo_id, row in after.items() if row[1]} == expected

    def sync_and_embed(self) -> None:
        for place in self.world.places:
            self.sync(place)
        while self.embed_some(7):
            pass

    def embed_some(self, count: int) -> bool:
        """Embed some photos; nothing whose vector is known is encoded, and nothing twice."""
        answers = [(photo, self._decode(photo)) for photo in self.library.embedding.pending(count)]
        # What is no longer the file that the last sync found waits for the next one, as in the program.
        results = [
            (photo, answer)
            for photo, answer in answers
            if not isinstance(answer, DecodedPhoto) or answer.fingerprint == photo.fingerprint
        ]
        wanted = {result.content_hash for _, result in results if isinstance(result, DecodedPhoto)}
        rows = sql(self.library).execute(
            "SELECT p.content_hash FROM photo p JOIN embedding e ON e.photo_id = p.id WHERE e.model = ?",
            [indexing_of(self.library).embeddings.model],
        )
        known = {row[0] for row in rows}
        assert self.library.embedding.store(results).embedded <= len(wanted - known)
        return bool(results)

    def _decode(self, photo: PendingPhoto) -> DecodedPhoto | Sentence | None:
        try:
            return decode_photo(photo.path, self.library.embedding.decoding_spec)
        except FileNotFoundError:
            return None
        except PhotofindError as error:
            return error.sentence

    # What is shown

    def _check_what_is_shown(self) -> None:
        shown = self.library.search.photos(self.library.search.answer(Query()).photo_ids.tolist())
        for place in self.world.places:
            folder = self.folder(place)
            here = {os.path.relpath(photo.path, place.root): photo for photo in shown if photo.folder == place.root}
            assert here.keys() == self._readable(folder), "what is away or held back is shown all the same"
            if folder.online:
                there = dict(self._on_disk(place.root))
                assert {path for path, photo in here.items() if photo.online} == there.keys()
                self._check_looks({here[path]: content for path, content in there.items()})
                if place is self.world.album or self.world.drive.is_plugged:
                    self._check_identities(place, here)
            else:
                assert not any(photo.online for photo in here.values())
        still_there = [problem.path for problem in self.library.care.problems() if os.path.lexists(problem.path)]
        assert still_there == [], "half a photo is a problem until the rest has come"

    def _readable(self, folder: Folder) -> set[bytes]:
        """Return the paths of photos that are not gone and were read before."""
        rows = sql(self.library).execute(
            "SELECT path FROM photo WHERE folder_id = ? AND gone_since IS NULL AND width NOT NULL AND state != 2",
            [folder.id],
        )
        return {row[0] for row in rows}

    def _on_disk(self, root: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and content of every photo in a folder that is not left out."""
        for directory, _, names in os.walk(root):
            for name in names:
                path = os.path.relpath(os.path.join(directory, name), root)
                if not name.startswith(b".") and name != b"notes.txt" and not self.world.is_excluded(path):
                    with open(os.path.join(root, path), "rb") as file:
                        yield path, file.read()

    def _check_looks(self, photos: dict[Photo, bytes]) -> None:
        thumbnails = thumbnails_of(self.library).get([photo.id for photo in photos])
        for photo, content in photos.items():
            expected = open_thumbnail(decoded(content, self.library.embedding.decoding_spec).thumbnail)
            assert np.array_equal(open_thumbnail(thumbnails[photo.id]), expected), "the thumbnail of another photo"
            assert photo.flaw is None

    def _check_identities(self, place: Place, here: dict[bytes, Photo]) -> None:
        on_disk = {name for name in place.files if not self.world.is_excluded(name)}
        assert {path for path, photo in here.items() if photo.online} == on_disk
        for name in on_disk:
            file, photo_id = place.files[name], here[name].id
            assert file.is_loose or file.photo_id in (None, photo_id), "a photo has become another one"
            file.photo_id = photo_id

    def _check_search(self) -> None:
        """Search by every photo's own looks: it comes first, or an exact copy of it."""
        model = answering_of(self.library)
        self.library.search.catch_up(float("inf"))
        by_id = {
            photo.id: photo
            for photo in self.library.search.photos(self.library.search.answer(Query()).photo_ids.tolist())
        }
        for photo in by_id.values():
            if not photo.online or model.embeddings.vector_of(photo.id) is None:
                continue
            with open(photo.path, "rb") as file:
                content = file.read()
            picture = decoded(content, model.spec)
            first = by_id[int(self.library.search.answer(Query(picture=content, limit=1), picture).photo_ids[0])]
            hashes = sql(self.library).execute(
                "SELECT count(DISTINCT content_hash) FROM photo WHERE id IN (?, ?)", [photo.id, first.id]
            )
            assert hashes.fetchone()[0] == 1, "another photo is nearer to a photo's looks than the photo itself"
