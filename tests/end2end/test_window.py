"""What a person does with photofind, in the real program in a real window, with mouse and keyboard.

What the screen shows is compared with what the library answers. Screenshots of every step are
kept in the folder that PHOTOFIND_SCREENSHOTS names, else among the tests' temporary files.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from photofind.core.records.query import Query
from photofind.gui.look.theme import DARK, Role
from tests.end2end.desktop import Desktop, missing_tools, wait_until
from tests.end2end.running_program import SIZE, RunningProgram, running
from tests.end2end.shown_photos import Answer
from tests.pictures import COLORS, write_photo

# Places in a window of the usual size.
CLEAR_BUTTON = (1030, 39)
PAUSE_BUTTON = (1088, 738)
CLOSE_NOTICE = (1076, 97)

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(bool(missing_tools()), reason=f"needs {', '.join(missing_tools())} to make a desktop"),
]


@pytest.fixture(scope="module")
def window(
    desktop: Desktop, photos: Path, screenshots: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProgram]:
    """The program, started with a folder, when every photo in it is embedded."""
    library = tmp_path_factory.mktemp("window") / "library"
    with running(desktop, library, screenshots, photos) as program:
        program.save("embedding")
        program.wait_embedded(24)
        yield program


@pytest.fixture
def newest(window: RunningProgram) -> Answer:
    """The newest photos, which the window shows when nothing is asked."""
    window.press("Escape", "Escape")
    newest = window.answer(Query())
    window.wait_shown(newest, "newest")
    return newest


@pytest.fixture
def original(photos: Path) -> Path:
    """One of the photos in the library."""
    return min(photos.rglob("*.jpg"))


@pytest.fixture
def copied(original: Path, tmp_path: Path) -> Path:
    """A smaller, recompressed copy of it outside the library."""
    copy = tmp_path / "copy of a photo.webp"
    with Image.open(original) as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(copy, quality=70)
    return copy


def test_first_run_says_what_to_do_and_takes_a_dropped_folder(
    desktop: Desktop, screenshots: Path, tmp_path: Path, folder: Path
) -> None:
    with running(desktop, tmp_path / "library", screenshots) as program:
        wait_until(lambda: program.accent_share((400, 300, 720, 560)) > 0.03, "the button that adds a folder")
        program.save("first run")
        program.drop(folder.as_uri())
        assert program.wait_embedded(8) == 8
        program.wait_shown(program.answer(Query()), "first photos")


@pytest.mark.parametrize("words", ["red", "blue sky", "black and white"])
def test_words_show_the_photos_that_fit(window: RunningProgram, newest: Answer, words: str) -> None:
    window.type(words)
    found = window.answer(Query(text=words))
    assert found.photo_ids[:6] != newest.photo_ids[:6]
    window.wait_shown(found, words)


def test_the_clear_button_brings_the_newest_back(window: RunningProgram, newest: Answer) -> None:
    window.type("red")
    window.wait_shown(window.answer(Query(text="red")), "before clearing")
    window.click(*CLEAR_BUTTON)
    window.wait_shown(newest, "cleared")


def test_a_dropped_picture_finds_the_photo_it_was_made_from(
    window: RunningProgram, newest: Answer, original: Path, copied: Path
) -> None:
    window.drop(copied.as_uri())
    found = window.similar(copied)
    assert found.photo_ids[0] == window.photo_id(original)
    window.wait_shown(found, "dropped picture")


def test_a_dropped_web_address_is_answered_with_a_sentence(window: RunningProgram, newest: Answer) -> None:
    before = window.grid_top(newest)
    window.drop("https://example.org/a%20photo.jpg")
    wait_until(lambda: window.grid_top(newest) > before + 20, "the sentence above the photos")
    window.wait_shown(newest, "dropped web address")
    window.click(*CLOSE_NOTICE)
    wait_until(lambda: window.grid_top(newest) == before, "the sentence to go")


def test_a_pasted_path_searches_by_that_picture(window: RunningProgram, newest: Answer, copied: Path) -> None:
    window.desktop.copy(str(copied).encode(), "UTF8_STRING")
    window.press("ctrl+v")
    window.wait_shown(window.similar(copied), "pasted path")


def test_a_pasted_image_searches_by_its_pixels(window: RunningProgram, newest: Answer, copied: Path) -> None:
    png = io.BytesIO()
    with Image.open(copied) as picture:
        picture.save(png, "PNG")
    window.desktop.copy(png.getvalue(), "image/png")
    window.press("ctrl+v")
    window.wait_shown(window.similar(copied), "pasted image")


def test_paste_in_the_menu_of_the_field_searches_by_a_copied_file(
    window: RunningProgram, newest: Answer, copied: Path
) -> None:
    window.desktop.copy(f"copy\nfile://localhost{copied}".encode(), "x-special/gnome-copied-files")
    window.click(300, 40, button=3)
    wait_until(lambda: len(window.desktop.windows(window.process.pid)) > 1, "the menu of the field")
    window.press("p")
    window.park_pointer()
    window.wait_shown(window.similar(copied), "pasted from the menu")


def test_a_pasted_picture_of_71_megapixels_searches_by_its_pixels(
    window: RunningProgram, newest: Answer, copied: Path, tmp_path: Path
) -> None:
    with Image.open(copied) as picture:
        picture.resize((9_500, 7_500), Image.Resampling.NEAREST).save(tmp_path / "large.png", compress_level=1)
    expected = window.similar(tmp_path / "large.png")
    window.desktop.copy((tmp_path / "large.png").read_bytes(), "image/png")
    window.press("ctrl+v")
    window.wait_shown(expected, "pasted 71 megapixels")


def test_find_similar_from_the_menu_of_a_photo(window: RunningProgram, newest: Answer) -> None:
    asked = newest.photo_ids[2]
    window.right_click_photo(newest, 2)
    window.save("menu of a photo")
    window.press("Down", "Return")
    window.park_pointer()
    found = window.answer(Query(photo_id=asked))
    assert asked not in found.photo_ids
    window.wait_shown(found, "find similar")


def test_a_second_start_hands_its_picture_to_the_window(window: RunningProgram, newest: Answer, copied: Path) -> None:
    window.run_beside(copied)
    window.wait_shown(window.similar(copied), "picture of a second start")


def test_pause_holds_new_photos_back_until_resumed(window: RunningProgram, newest: Answer, photos: Path) -> None:
    embedded = window.wait_embedded()
    window.click(*PAUSE_BUTTON)
    write_photo(photos / "while paused.jpg", COLORS["orange"], seed=99)
    wait_until(lambda: window.counts().pending == 1, "the new photo to be seen")
    window.save("paused")
    window.click(*PAUSE_BUTTON)
    window.park_pointer()
    assert window.wait_embedded(embedded + 1) == embedded + 1
    window.wait_shown(window.answer(Query()), "resumed")


def test_a_small_window_shows_the_same(window: RunningProgram, newest: Answer) -> None:
    window.type("red")
    window.desktop.put(window.window, 0, 30, 640, 480)
    try:
        window.wait_shown(window.answer(Query(text="red")), "small window")
    finally:
        window.desktop.put(window.window, 0, 30, *SIZE)


def test_a_dark_desktop_gets_a_dark_window(desktop: Desktop, screenshots: Path, photos: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "kdeglobals").write_text("[General]\nColorScheme=BreezeDark\n")
    settings = {
        "XDG_CURRENT_DESKTOP": "KDE",
        "KDE_FULL_SESSION": "true",
        "KDE_SESSION_VERSION": "6",
        # Qt would like to hear of later changes over D-Bus, which is not here.
        "QT_LOGGING_RULES": "qt.qpa.theme.dbus=false",
    }
    with running(
        desktop, tmp_path / "library", screenshots, photos, XDG_CONFIG_HOME=str(config), **settings
    ) as program:
        program.wait_embedded(24)
        program.wait_shown(program.answer(Query()), "dark")
        assert program.look().getpixel((4, 4)) == ImageColor.getrgb(DARK[Role.Window])
