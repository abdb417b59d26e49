"""rclip itself, in an environment of its own, with the weights that photofind uses: nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import open_clip
import torch

from photofind.core.records.arrays import Vectors

_MODEL, _VISUAL, _TEXTUAL = "ViT-B-32-256-datacomp_s34b_b86k", "visual.onnx", "textual.onnx"
_VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
_EXAMPLES, _SIZE, _TOKENS = 2, 256, 77
_OPSET = 18
_MOST_SECONDS = 600
_MAKE_TABLES = "import sys; from rclip.db import DB; DB(sys.argv[1]).close()"
_ROW = "INSERT INTO images (filepath, modified_at, size, vector) VALUES (?, ?, ?, ?)"


class Rclip:
    """The program `rclip`, with a folder for its model and its database; asked as a whole process each time."""

    def __init__(self, program: Path, directory: Path, model: Path) -> None:
        """Export `model`, a folder of the one architecture that rclip knows, into `directory`."""
        self._program = program
        self._directory = directory
        self._database = directory / "db.sqlite3"
        _export(model, directory / _MODEL)
        (directory / "tokenizer").mkdir()
        shutil.copy(Path(open_clip.__file__).parent / _VOCABULARY, directory / "tokenizer")
        self.version = self._run("--version", cwd=directory)[0]

    def search(self, photos: Path, query: str, limit: int, *, index: bool = False) -> list[str]:
        """Return the paths of the photos in a folder that answer best, the folder indexed before if asked to."""
        return self._run(*([] if index else ["-n"]), "-f", "-t", str(limit), query, cwd=photos)

    def forget(self) -> None:
        """Forget all photos."""
        self._database.unlink(missing_ok=True)

    def count(self) -> int:
        """Return how many photos are indexed."""
        with sqlite3.connect(self._database) as db:
            return int(db.execute("SELECT count(*) FROM images WHERE deleted IS NULL").fetchone()[0])

    def fill(self, paths: Sequence[Path], vectors: Vectors) -> None:
        """Write photos and their unit vectors float32 [n, dim] into a new database, its tables made by rclip."""
        self.forget()
        python = self._program.with_name("python")
        run_program([str(python), "-c", _MAKE_TABLES, str(self._database)])
        rows = (
            (str(path), path.stat().st_mtime, path.stat().st_size, vector.tobytes())
            for path, vector in zip(paths, vectors, strict=True)
        )
        with sqlite3.connect(self._database) as db:
            db.executemany(_ROW, rows)

    def _run(self, *arguments: str, cwd: Path) -> list[str]:
        # Whatever is missing must fail here, and not be looked for on the network.
        environ = {"RCLIP_DATADIR": str(self._directory), "HF_HUB_OFFLINE": "1"}
        return run_program([str(self._program), *arguments], cwd, environ).splitlines()


def run_program(command: Sequence[str], cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; return what it printed, or raise RuntimeError with what it complained of."""
    env = {**os.environ, **(environ or {})}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=_MOST_SECONDS)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return done.stdout


class _Texts(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.model.encode_text(tokens)
        return vectors


def _export(model: Path, target: Path) -> None:
    """Export both towers as rclip's own files are: single precision, texts of full length, no unit vectors."""
    target.mkdir(parents=True)
    towers = open_clip.create_model(f"local-dir:{model}", require_pretrained=True).eval()
    # torch's own fused attention has no ONNX form.
    torch.backends.mha.set_fastpath_enabled(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about its own age
        _export_tower(towers.visual, torch.zeros(_EXAMPLES, 3, _SIZE, _SIZE), target / _VISUAL)
        _export_tower(_Texts(towers), torch.zeros(_EXAMPLES, _TOKENS, dtype=torch.int64), target / _TEXTUAL)
    torch.backends.mha.set_fastpath_enabled(True)


def _export_tower(tower: torch.nn.Module, example: torch.Tensor, path: Path) -> None:
    torch.onnx.export(
        tower.eval(),
        (example,),
        str(path),
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {0: "n"}, "output": {0: "n"}},
        opset_version=_OPSET,
        dynamo=False,
    )
