"""Every sentence that is raised, stored or told goes through the one table; a planted offence of each kind is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import photofind
from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.sentence import Sentence
from photofind.core.sentences.template import Counted, Template, names_in
from tests.core.sentences.told_sentences import find_offences

TABLE: dict[str, Template] = {
    "folder_lost": "The folder {folder} is lost.",
    "found": Counted("photos", "{photos} photo.", "{photos} photos."),
    "plain": "It is so.",
}
# Says all of the table, and much that is none of its business.
CLEAN = '''
"""A docstring is a sentence too. Or two."""
import logging
from photofind.core.errors import PhotofindError
_log = logging.getLogger(__name__)

class LostError(PhotofindError):
    """One that is lost for good."""

class DamagedError(PhotofindError):
    """One that says it itself."""

    def __init__(self, folder):
        super().__init__("folder_lost", folder=folder)

def look(folder, sentence):
    _log.warning("The folder %s is not there.", folder)
    if not folder:
        raise ValueError("It must not be empty.")
    if folder == "a":
        raise PhotofindError.saying(sentence)
    if folder == "b":
        raise DamagedError(folder)
    note = Sentence("found", photos=2)
    raise errors.LostError("plain")
'''
OFFENCES = {
    'raise PhotofindError("The disk is on fire.")': "“The disk is on fire.” is not in the table",
    'raise PhotofindError(f"The disk {name} is on fire.")': "no key is named",
    'raise LostError("folder_lots", folder=name)': "“folder_lots” is not in the table",
    'raise errors.LostError("plain", why=name)': "“plain” names [], given are ['why']",
    'raise PhotofindError("folder_lost")': "“folder_lost” names ['folder'], given are []",
    'raise PhotofindError("folder_lost", **values)': "“folder_lost” names ['folder'], given are ['**']",
    "raise PhotofindError(reason)": "no key is named",
    'note = Sentence("found", count=2)': "“found” names ['photos'], given are ['count']",
    'self.note = "The card is not there."': "English that is not in the table: The card is not there.",
    'done = f"{why} Quick look is used instead."': "English that is not in the table: {} Quick look is used instead.",
    'reason = "You have no permission " "to read it."': "English that is not in the table",
    'on_notice("Something went wrong here!")': "English that is not in the table",
    'problem = Problem(path, "This cannot be read.")': "English that is not in the table",
    'raise PhotofindError("folder_lost", folder="The one on the disk.")': "English that is not in the table",
}


def package(folder: Path, more: str = "") -> Path:
    (folder / "core" / "models").mkdir(parents=True)
    (folder / "core" / "errors.py").write_text("class PhotofindError(Exception):\n    pass\n", "utf-8")
    (folder / "core" / "models" / "places.py").write_text(CLEAN, "utf-8")
    (folder / "core" / "models" / "more.py").write_text(f"def more(self, name, values, why):\n    {more or 'pass'}\n")
    return folder


def test_all_that_is_said_is_in_the_table_and_all_of_the_table_is_said() -> None:
    assert find_offences(Path(photofind.__file__).parent, ENGLISH) == []


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert find_offences(package(tmp_path), TABLE) == []


@pytest.mark.parametrize(("line", "wrong"), OFFENCES.items())
def test_a_planted_offence_is_found(tmp_path: Path, line: str, wrong: str) -> None:
    found = find_offences(package(tmp_path, line), TABLE)
    assert any(wrong in offence for offence in found)
    assert all(offence.startswith("core/models/more.py:2: ") for offence in found)


def test_what_nobody_says_any_more_is_found(tmp_path: Path) -> None:
    assert find_offences(package(tmp_path), TABLE | {"forgotten": "It was."}) == ["nothing says “forgotten”"]


def test_a_model_on_offer_with_words_of_its_own_is_found(tmp_path: Path) -> None:
    offered = package(tmp_path) / "core" / "models" / "offered.toml"
    offered.write_text('[[model]]\nname = "tiny"\ngood_for = "Small computers."\nlanguages = "plain"\n', "utf-8")
    assert find_offences(tmp_path, TABLE) == ["offered.toml: “Small computers.” is not in the table"]


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_text_of_the_table_can_be_filled(key: str) -> None:
    numbers = {"gigabytes", "megapixels", "seconds", "photos", "pending", "needed_mb", "free_mb", "size_mb", "rows"}
    numbers |= {"recall", "percent", "graph_ms", "exact_ms", "off", "furthest", "same"}
    values = {name: 2 if name in numbers else f"<{name}>" for name in names_in(ENGLISH[key])}
    text = str(Sentence(key, **values))
    assert "{" not in text
    assert all(value in text for value in values.values() if isinstance(value, str))
    assert text == text.strip()
