"""How the sources are built: rooms, floors and arrows of each layer, the longest file, how long functions are.

A room is a file or folder right below a layer; an arrow is a pair of rooms of which one imports the other; floors are
the most rooms that stand on one another. `python -m tests.bench structure` measures the checkout that it is run in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests import CHECKOUT
from tests.bench.report import Result, percentile, report

_LAYERS = ("core", "background", "gui", "cli")


def main() -> None:
    """Report the figures of each layer, then those of all sources."""
    package = CHECKOUT / "photofind"
    for layer in _LAYERS:
        arrows = _arrows(package / layer)
        report(Result(f"structure.{layer}.rooms", len(arrows), "rooms"))
        report(Result(f"structure.{layer}.floors", _floors(arrows), "floors"))
        report(Result(f"structure.{layer}.arrows", sum(map(len, arrows.values())), "arrows"))
    trees = {path: path.read_text("utf-8") for path in package.rglob("*.py")}
    report(Result("structure.longest_file", max(len(text.splitlines()) for text in trees.values()), "lines"))
    lengths = [length for text in trees.values() for length in _function_lengths(text)]
    report(Result("structure.function.median", percentile(lengths, 50), "lines"))
    report(Result("structure.function.p95", percentile(lengths, 95), "lines"))


def _arrows(layer: Path) -> dict[str, set[str]]:
    """Return by room of a layer the rooms that it imports."""
    arrows: dict[str, set[str]] = {}
    for path in layer.rglob("*.py"):
        room = path.relative_to(layer).parts[0].removesuffix(".py")
        if room != "__init__":
            imported = arrows.setdefault(room, set())
            imported |= set(_imported_rooms(path, layer)) - {room}
    return arrows


def _imported_rooms(path: Path, layer: Path) -> Iterator[str]:
    prefix = f"photofind.{layer.name}"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == prefix:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{prefix}."):
            yield (node.module or "").split(".")[2]


def _floors(arrows: dict[str, set[str]]) -> int:
    @cache
    def height(room: str) -> int:
        return 1 + max((height(below) for below in arrows.get(room, ())), default=0)

    try:
        return max(map(height, arrows))
    except RecursionError as error:
        raise SystemExit("The imports of this layer run in a circle.") from error


def _function_lengths(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1
