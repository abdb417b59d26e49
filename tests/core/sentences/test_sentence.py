"""A sentence is a key with values; as text it is English, and it is stored, pickled and read back whole."""

from __future__ import annotations

import pickle
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from photofind.core.catalog.lock import LibraryInUseError
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.sentences import installing
from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.sentence import Sentence, from_text, in_a_row

NESTED = Sentence("picture_cannot_be_searched", file="a.jpg", why=Sentence("file_too_big", gigabytes=1.25))
SENTENCES = [
    Sentence("file_empty"),
    Sentence("picture_too_large", megapixels=219.6, most_megapixels=180),
    Sentence("folder_cannot_be_opened", said="Permission denied"),
    Sentence("file_unreadable", said='an "odd" {name}, ümläute\n and \udce4'),
    NESTED,
    Sentence("in_a_row", sentences=(Sentence("file_empty"), NESTED)),
    Sentence("as_written", text="What an old photofind said of {it}."),
]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.key)
def test_a_sentence_is_the_same_after_storing_and_pickling(sentence: Sentence) -> None:
    assert from_text(sentence.to_text()) == sentence
    assert pickle.loads(pickle.dumps(sentence)) == sentence
    assert len({sentence, pickle.loads(pickle.dumps(sentence))}) == 1
    assert str(from_text(sentence.to_text())) == str(sentence)


@pytest.mark.parametrize("stored", [b"file_empty", 7, 1.5])
def test_what_damage_made_no_text_is_said_as_nothing(stored: Any) -> None:
    assert str(from_text(stored)) == ""


def test_as_text_it_is_english() -> None:
    assert str(Sentence("file_empty")) == "The file is empty."
    assert (
        str(Sentence("picture_too_large", megapixels=219.6, most_megapixels=180))
        == "The picture is too large: 220 megapixels; photofind opens up to 180."
    )
    assert str(NESTED) == "“a.jpg” cannot be searched with: The file is too big: 1.2 GB."
    assert str(Sentence("folder_not_there", folder=Path("/a/{b}"))) == f"There is no folder “{Path('/a/{b}')}”."


def test_names_from_outside_stand_in_quotes() -> None:
    """Else a file called “it” makes no sentence; the one left out says what libraries of before say word by word."""
    from_outside, in_quotes = re.compile(r"\{(file|folder|model|place|drive|log)\}"), re.compile(r"“[^”]*”")
    texts = {key: template for key, template in ENGLISH.items() if isinstance(template, str)}
    bare = {key for key, text in texts.items() if from_outside.search(in_quotes.sub("", text))}
    assert bare - {"own_model_not_got", "model_unknown"} == {"picture_makes_no_sense"}  # as typed: the first two


@pytest.mark.parametrize(
    ("python", "has_pip", "typed"),
    [
        ("/home/a/venv/bin/python", True, "/home/a/venv/bin/python -m pip install"),
        ("/home/a/my tools/python", True, "'/home/a/my tools/python' -m pip install"),
        ("/home/a/venv/bin/python", False, "uv pip install --python /home/a/venv/bin/python"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths are quoted in another way there")
def test_what_is_to_be_installed_is_for_the_python_that_photofind_runs_in(
    monkeypatch: pytest.MonkeyPatch, python: str, has_pip: bool, typed: str
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr(installing, "find_spec", lambda _: has_pip or None)
    installing.pip_install.cache_clear()
    try:
        assert f"packages: {typed} imagecodecs tifffile, then" in str(from_text("picture_jpeg_xl"))
    finally:
        installing.pip_install.cache_clear()


def test_what_is_counted_has_two_forms() -> None:
    assert str(Sentence("rescued_all", photos=1)) == "Everything was rescued: 1 photo."
    assert str(Sentence("rescued_all", photos=0)) == "Everything was rescued: 0 photos."
    assert str(Sentence("rescued_all", photos=12_345)) == "Everything was rescued: 12,345 photos."


def test_sentences_follow_each_other() -> None:
    empty, changed = Sentence("file_empty"), Sentence("file_changed")
    assert in_a_row(None, None) is None
    assert in_a_row(None, empty) == empty
    assert str(in_a_row(empty, None, changed)) == "The file is empty. The file changed while it was read."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The file was eaten by a {dog}.",
        "file_empty and more",  # no JSON
        'file_empty {"gigabytes": 1}',  # a value that its text does not name
        "file_too_big",  # and one that it lacks
        'file_too_big {"gigabytes": null}',
        'file_too_big {"gigabytes": {"a": 1}}',
        "file_too_big [1]",
        'rescued_all {"photos": "many"}',
        "eaten_by_a_dog",  # of a newer photofind
        "file_too_big " + "[" * 100_000,
    ],
)
def test_a_text_that_is_no_stored_sentence_is_said_as_it_is_written(text: str) -> None:
    sentence = from_text(text)
    assert sentence.key == "as_written"
    assert (str(sentence), sentence.to_text()) == (text, text)


def test_errors_pass_between_processes() -> None:
    error = PhotofindError("file_too_big", gigabytes=2.0)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.sentence, str(again)) == (PhotofindError, error.sentence, "The file is too big: 2.0 GB.")
    in_use = pickle.loads(pickle.dumps(LibraryInUseError("library_in_use", library=Path("lib"))))
    assert isinstance(in_use, LibraryInUseError)
    damaged = pickle.loads(pickle.dumps(LibraryDamagedError(Path("lib"), is_open=True)))
    assert isinstance(damaged, LibraryDamagedError)
    assert damaged.directory == Path("lib")
    assert "close photofind and start it again" in str(damaged)


def test_an_error_can_say_a_sentence_that_is_there_already() -> None:
    assert PhotofindError.saying(NESTED).sentence == NESTED
