"""What keeps the whole readable: sizes, documents that name every file and command, and imports that stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from photofind.cli import cli
from tests import CHECKOUT as ROOT

SOURCES = sorted((ROOT / "photofind").rglob("*.py"))


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_files_are_small() -> None:
    sizes = {path.relative_to(ROOT): lines(path) for path in SOURCES}
    assert {path: size for path, size in sizes.items() if size > 400} == {}
    assert sum(size <= 200 for size in sizes.values()) / len(sizes) > 0.85


def test_functions_are_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno > 48
        and "executescript" not in ast.unparse(node)
    ]
    assert long == []


def test_every_room_says_what_it_is() -> None:
    """A room's docstring tells what it knows, what it does not, and which way in to take."""
    silent = [
        str(path.parent.relative_to(ROOT))
        for path in SOURCES
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_architecture_is_one_page_that_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(page.splitlines()) <= 150
    rooms = [path.parent.relative_to(ROOT / "photofind") for path in SOURCES if path.name == "__init__.py"]
    assert [str(room) for room in rooms if len(room.parts) == 2 and f"`{room.name}`" not in page] == []


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
