from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from photofind.core.disk.scan import fingerprint
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes, decode_photo, open_image
from photofind.core.records.models import Spec
from tests.pictures import write_photo

SPEC = Spec("test", "test", 8, 64)


def test_a_decoded_photo_tells_which_state_of_the_file_was_read(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.jpg")
    assert decode_photo(os.fsencode(path), SPEC).fingerprint == fingerprint(path.stat())
    assert decode_bytes(path.read_bytes(), SPEC).fingerprint is None


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other program writes between our reading and our second look."""
    path = write_photo(tmp_path / "a.jpg")
    look, looks = os.fstat, 0

    def fstat(file: int) -> os.stat_result:
        nonlocal looks
        looks += 1
        if looks == 2:
            os.truncate(path, 500)
        return look(file)

    monkeypatch.setattr("photofind.core.photos.file.os.fstat", fstat)
    with pytest.raises(PhotofindError, match=r"^The file changed while it was read\.$"):
        decode_photo(os.fsencode(path), SPEC)
    assert looks == 2


@pytest.mark.parametrize(
    "name", ["ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ETIMEDOUT", "ENOMEDIUM"]
)
@pytest.mark.skipif(os.name != "posix", reason="other systems have other error numbers")
def test_a_drive_that_went_away_is_no_fault_of_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    refuse_reading(monkeypatch, OSError(getattr(errno, name), "gone"))
    for look in (lambda path: decode_photo(path, SPEC), lambda path: open_image(path, 100)):
        with pytest.raises(FileNotFoundError):
            look(os.fsencode(tmp_path / "photo.jpg"))


def test_a_file_whose_folder_became_a_file_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a letter")
    with pytest.raises(FileNotFoundError):
        decode_photo(os.fsencode(tmp_path / "folder" / "photo.jpg"), SPEC)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "You have no permission to read this file."),
        (OSError(errno.EIO, "Input/output error"), "The drive could not read this file: Input/output error."),
        (OSError(errno.ELOOP, "Too many links"), "The file cannot be read: Too many links."),
    ],
)
def test_a_file_that_may_not_or_cannot_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    refuse_reading(monkeypatch, error)
    with pytest.raises(PhotofindError) as caught:
        decode_photo(os.fsencode(tmp_path / "photo.jpg"), SPEC)
    assert str(caught.value) == sentence


def refuse_reading(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """Let opening a photo fail; root, whom nothing is forbidden, runs tests too."""

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("photofind.core.photos.file.open", refuse, raising=False)
