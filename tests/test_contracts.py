"""The contracts between rooms in pyproject.toml: each is broken by an import that it is there to refuse."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import CHECKOUT

CONTRACTS: list[dict[str, Any]] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"]


def offences() -> Iterator[Any]:
    """Yield of every contract the imports that it must refuse: importing module, imported module."""
    for contract in CONTRACTS:
        for importer, imported in refused(contract):
            yield pytest.param(contract["name"], importer, imported, id=f"{importer} -> {imported}")


def refused(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match contract["type"]:
        case "layers":
            (container,) = contract.get("containers", [""])
            prefix = f"{container}." if container else ""
            layers = [[f"{prefix}{name}" for name in names(layer)] for layer in contract["layers"] if "(" not in layer]
            for upper, lower in itertools.pairwise(layers):
                yield lower[0], upper[0]
            for beside in layers:
                if len(beside) > 1:
                    yield beside[0], beside[1]
        case "forbidden":
            (source,) = contract["source_modules"]
            importer = "photofind.launcher" if source == "photofind" else source
            for imported in contract["forbidden_modules"]:
                yield importer, imported
        case "acyclic_siblings":
            yield "photofind.core.records.arrays", "photofind.core.records.answers"


def names(layer: str) -> list[str]:
    return [name.strip() for name in layer.split("|")]


@pytest.mark.long(seconds=2)
@pytest.mark.parametrize(("contract", "importer", "imported"), [*offences()])
def test_it_refuses(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, contract: str, importer: str, imported: str
) -> None:
    cache = tmp_path_factory.getbasetemp() / "import-linter"
    shutil.copytree(CHECKOUT / "photofind", tmp_path / "photofind", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    path = tmp_path / importer.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    file.write_text(file.read_text("utf-8") + f"\nimport {imported}\n", "utf-8")
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--cache-dir", cache, "pyproject.toml"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert f"{contract} BROKEN" in " ".join(done.stdout.split()), done.stdout + done.stderr
