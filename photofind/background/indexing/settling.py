"""Whether a file was written to its end when it was opened; the disk is asked beside the library thread."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

from photofind.background.decoding.child import Answer
from photofind.background.disk_reader import DiskReader, Reading
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.work import PendingPhoto
from photofind.core.sentences.sentence import Sentence

# A file that is being written is looked at again after so long (Immich#17100, pixlstash#621), for about a minute.
_SETTLE_SECONDS = 2.0
_MOST_RESTS = 30
_NEVER_OPENS = Sentence("file_never_opens")

# Takes, on a thread that reads a disk, whether an answer is the last.
OnLooked = Callable[[bool], None]
_Opened = tuple[PendingPhoto, Answer, OnLooked]


class Settling:
    """Looks after files whose answer may not be the last; used on the library's thread."""

    def __init__(self, disks: DiskReader) -> None:
        self._disks = disks
        self._unlooked: dict[int, list[_Opened]] = {}  # by folder
        self._looks: dict[int, tuple[dict[int, PendingPhoto], Reading[int]]] = {}  # by folder
        self._resting: dict[int, float] = {}  # photo id: until when, monotonic seconds
        self._rests: Counter[int] = Counter()

    @property
    def resting(self) -> list[int]:
        """The photos that are not to be opened yet."""
        return list(self._resting)

    def restart(self) -> None:
        """Forget the answers that are being looked at."""
        self._unlooked = {}
        for _, reading in self._looks.values():
            reading.leave()
        self._looks = {}

    def look(self, photo: PendingPhoto, answer: Answer, on_looked: OnLooked) -> None:
        """Have the disk asked, in the next step, whether a photo's answer is the last."""
        self._unlooked.setdefault(photo.folder_id, []).append((photo, answer, on_looked))

    def step(self) -> list[PendingPhoto]:
        """Go on looking; return photos of which the disk does not say anything."""
        now = time.monotonic()
        self._resting = {photo_id: until for photo_id, until in self._resting.items() if until > now}
        for folder_id in [folder_id for folder_id in self._unlooked if folder_id not in self._looks]:
            opened = self._unlooked.pop(folder_id)
            records = _look(opened)
            try:
                reading = self._disks.read(b"%d" % folder_id, records)
            except TimeoutError:
                return [photo for photo, _, _ in opened]
            self._looks[folder_id] = {photo.id: photo for photo, _, _ in opened}, reading
        return [photo for folder_id in list(self._looks) for photo in self._hear(folder_id)]

    def _hear(self, folder_id: int) -> list[PendingPhoto]:
        photos, reading = self._looks[folder_id]
        try:
            for photo_id in reading:
                if photo_id is None:
                    return []
                del photos[photo_id]
        except TimeoutError:
            del self._looks[folder_id]
            return list(photos.values())
        del self._looks[folder_id]
        return []

    def let_rest(self, photo: PendingPhoto) -> None:
        """Have a photo opened again a little later."""
        self._resting[photo.id] = time.monotonic() + _SETTLE_SECONDS
        self._rests[photo.id] += 1

    def is_tired(self, photo: PendingPhoto) -> bool:
        """Tell whether a photo has been opened so often that its answer counts as it is."""
        return self._rests[photo.id] >= _MOST_RESTS

    def forget(self, photo: PendingPhoto) -> None:
        """Note that a photo waits no more."""
        self._rests.pop(photo.id, None)


def is_sure(photo: PendingPhoto, answer: Answer) -> bool | None:
    """Tell whether an answer shows the file that the last sync saw; None where only the disk can tell."""
    if isinstance(answer, DecodedPhoto):
        # Size and time: some file systems give an open file another inode than their listing.
        read = answer.fingerprint or photo.fingerprint
        if read[:2] != photo.fingerprint[:2]:
            return False
        if not answer.flaw:
            return True
    return None


def last_answer(answer: Answer) -> Answer:
    """Return what counts of a photo that never settled."""
    return answer or _NEVER_OPENS


def _look(opened: list[_Opened]) -> Iterator[int]:
    for photo, answer, on_looked in opened:
        on_looked(not os.path.lexists(photo.path) if answer is None else not _was_just_written(photo.path))
        yield photo.id


def _was_just_written(path: bytes) -> bool:
    """Tell whether a file's content or name changed within the last two seconds."""
    try:
        stat = os.stat(path)
    except OSError:
        return False
    return abs(time.time() - max(stat.st_mtime, stat.st_ctime)) < _SETTLE_SECONDS
