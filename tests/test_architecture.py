"""What keeps the whole readable: sizes, documents that name every file and command, and imports that stay light."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

from photofind.cli import cli
from tests import CHECKOUT as ROOT

PACKAGE = ROOT / "photofind"
LINES_A_FILE, LINES_A_FUNCTION = 400, 49


def sources(package: Path) -> dict[str, str]:
    """Return the text of each file, by its place in the package."""
    return {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in sorted(package.rglob("*.py"))}


def lines_by_file(package: Path) -> dict[str, int]:
    return {place: len(text.splitlines()) for place, text in sources(package).items()}


def long_files(package: Path) -> list[str]:
    return [place for place, lines in lines_by_file(package).items() if lines > LINES_A_FILE]


def long_functions(package: Path) -> list[str]:
    return [
        f"{place} {node.name}"
        for place, text in sources(package).items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LINES_A_FUNCTION
        and "executescript" not in ast.unparse(node)
    ]


def rooms(package: Path) -> list[str]:
    """Return every folder with sources; the package itself is the house."""
    folders = {PurePosixPath(place).parent.as_posix() for place in sources(package)}
    return sorted(folders - {"."})


def silent_rooms(package: Path) -> list[str]:
    """Return the rooms whose docstring does not tell what they know, what they do not, and which way in to take."""
    texts = sources(package)
    return [room for room in rooms(package) if not ast.get_docstring(ast.parse(texts.get(f"{room}/__init__.py", "")))]


def rooms_not_drawn(package: Path, page: str) -> list[str]:
    """Return the rooms inside the layers that the picture leaves out; two of one name are two words in it."""
    drawn = Counter(re.findall(r"\w+", page.split("```")[1]))
    names = {room: PurePosixPath(room).name for room in rooms(package) if "/" in room}
    wanted = Counter(names.values())
    return [room for room, name in names.items() if drawn[name] < wanted[name]]


def test_files_are_small() -> None:
    assert long_files(PACKAGE) == []
    sizes = lines_by_file(PACKAGE).values()
    assert sum(size <= 200 for size in sizes) / len(sizes) > 0.85


def test_functions_are_small() -> None:
    assert long_functions(PACKAGE) == []


def test_every_room_says_what_it_is() -> None:
    assert silent_rooms(PACKAGE) == []


def test_the_architecture_is_one_page_that_draws_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(page.splitlines()) <= 150
    assert rooms_not_drawn(PACKAGE, page) == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A copy of some sources with a room of its own three folders deep, which is in order but for the picture."""
    copy = tmp_path / "photofind"
    for room in ("core/catalog", "gui/grid"):
        shutil.copytree(PACKAGE / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / room).with_name("__init__.py").write_text('"""A layer."""\n')
    attic = copy / "core" / "catalog" / "attic"
    attic.mkdir()
    (attic / "__init__.py").write_text('"""What is seldom wanted."""\n')
    (attic / "box.py").write_text("value = 1\n" * LINES_A_FILE + "\n")
    assert (long_functions(copy), silent_rooms(copy)) == ([], [])
    return copy


def test_a_long_file_is_found_however_deep_it_lies(planted: Path) -> None:
    box = planted / "core" / "catalog" / "attic" / "box.py"
    box.write_text("value = 1\n" * LINES_A_FILE)
    assert long_files(planted) == []
    box.write_text("value = 1\n" * (LINES_A_FILE + 1))
    assert long_files(planted) == ["core/catalog/attic/box.py"]


def test_a_long_function_is_found_however_deep_it_lies(planted: Path) -> None:
    box = planted / "core" / "catalog" / "attic" / "box.py"
    box.write_text("class Box:\n    def open(self):\n" + "        self.lid = 1\n" * LINES_A_FUNCTION)
    assert long_functions(planted) == ["core/catalog/attic/box.py open"]


@pytest.mark.parametrize("text", ["", "# What is seldom wanted.\n", None])
def test_a_room_without_a_docstring_is_found_however_deep_it_lies(planted: Path, text: str | None) -> None:
    inside = planted / "core" / "catalog" / "attic" / "__init__.py"
    if text is None:
        inside.unlink()
    else:
        inside.write_text(text)
    assert silent_rooms(planted) == ["core/catalog/attic"]


def test_a_room_that_the_picture_leaves_out_is_found_however_deep_it_lies(planted: Path) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert rooms_not_drawn(planted, page + "\n`attic`\n") == ["core/catalog/attic"]
    assert rooms_not_drawn(planted, page.replace("```\n", "```\nattic\n", 1)) == []


def test_a_second_room_of_a_name_is_drawn_too(planted: Path) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8").replace("```\n", "```\nattic\n", 1)
    shutil.copytree(planted / "core" / "catalog" / "attic", planted / "gui" / "grid" / "attic")
    assert rooms_not_drawn(planted, page) == ["core/catalog/attic", "gui/grid/attic"]


def test_the_readme_names_every_command_and_model() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert [name for name, command in cli.commands.items() if not command.hidden and name not in page] == []
    models = tomllib.loads((ROOT / "photofind" / "core" / "models" / "offered.toml").read_text("utf-8"))["model"]
    assert [model["name"] for model in models if f"`{model['name']}`" not in page] == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("photofind.gui.app", ["torch", "open_clip", "torchvision", "huggingface_hub"]),
        ("photofind.cli", ["torch", "open_clip", "huggingface_hub", "PySide6"]),
        ("photofind.background.session", ["torch", "open_clip", "huggingface_hub", "PySide6"]),
        ("photofind.background.decoding.child", ["torch", "PySide6", "sqlite_utils", "hnswlib", "watchdog"]),
    ],
)
def test_imports_stay_light(module: str, unwanted: list[str]) -> None:
    """No torch before the first paint, no Qt on the command line, next to nothing in a decoder child."""
    if module.startswith("photofind.gui"):
        pytest.importorskip("PySide6")
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
