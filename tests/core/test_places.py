"""Where the library lies, for people with a home and without one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photofind.core import places
from photofind.core.errors import PhotofindError
from photofind.launcher import user_data_home


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user whom the system does not know, as in many a container, in a folder that may be written."""
    for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", places.LIBRARY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("no_home")
@pytest.mark.parametrize("library", [None, "~/photos", "~"])
def test_without_a_home_the_person_is_asked_where_the_library_is_to_be(
    monkeypatch: pytest.MonkeyPatch, library: str | None
) -> None:
    if library is not None:
        monkeypatch.setenv(places.LIBRARY_VARIABLE, library)
    with pytest.raises(PhotofindError, match=r"home folder in “~.*--library"):
        places.library_dir()


def test_the_library_of_a_user_who_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.LIBRARY_VARIABLE, "~nosuchuser/photos")
    with pytest.raises(PhotofindError, match="home folder in “~nosuchuser/photos” is not known"):
        places.library_dir()


def test_the_home_is_meant_also_where_no_shell_put_it_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(places.LIBRARY_VARIABLE, "~/photos")
    assert places.library_dir() == tmp_path / "photos"
    assert places.home_dir() == tmp_path


@pytest.mark.usefixtures("no_home")
def test_without_a_home_all_else_does_without() -> None:
    assert places.home_dir() is None
    assert places.pictures_dir() is None
    with pytest.raises(PhotofindError, match="Your home folder is not known"):
        user_data_home()


def test_a_file_called_like_a_home_is_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~nosuchuser").touch()
    assert places.expanded("~nosuchuser").exists()
