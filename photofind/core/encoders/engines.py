"""Which engine runs a model on this computer's processor: measured once, written down beside the exported towers."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from photofind.core.atomic_file import write_atomically
from photofind.core.sentences.sentence import Sentence, from_text

# "mixed": eight bits, but for what pools and projects, and for products that make much noise.
Engine = Literal["torch fp32", "torch bf16", "ONNX fp32", "ONNX INT8", "ONNX INT8 mixed"]

ENGINES: Final[tuple[Engine, ...]] = ("torch fp32", "torch bf16", "ONNX fp32", "ONNX INT8", "ONNX INT8 mixed")
IMAGES_FILE: Final = "images.onnx"
TEXTS_FILE: Final = "texts.onnx"

_log = logging.getLogger(__name__)
_FILE: Final = "engines.json"
_FORMAT: Final = 3
_FORMER: Final = 2  # decided by a gate that let more noise pass


@dataclass(frozen=True, slots=True)
class Engines:
    """What runs a model's pictures and its words, None where it knows none, and how fast: images and texts a second.

    `rates` are images a second of every engine that was tried, `refused` has a stored sentence of each that is not
    exact enough. `pictures` of the person's own took part in the decision, 0 where only drawn ones did.
    """

    images: Engine
    texts: Engine | None
    rates: dict[Engine, float]
    refused: dict[Engine, str]
    pictures: int

    @property
    def reasons(self) -> dict[Engine, Sentence]:
        """Why those are not used that are not exact enough."""
        return {engine: from_text(text) for engine, text in self.refused.items()}

    @property
    def images_per_second(self) -> float:
        """What the chosen engine reached alone on this computer."""
        return self.rates[self.images]


def engines_dir(models_dir: Path, model_id: str) -> Path:
    """Return where a model's engines lie, whatever its own folder is called."""
    return models_dir / "engines" / model_id.rpartition(":")[2]


def unfinished_dir(directory: Path) -> Path:
    """Return where the engines of a model are made, until they are whole; what was decided before serves meanwhile."""
    return directory.with_name(f"{directory.name}.part")


def read_engines(directory: Path) -> Engines | None:
    """Return what was decided for this computer, or None where nothing was or a file of it is not whole.

    What a former version decided serves until the person's own photos decide anew, as if none had taken part.
    """
    try:
        stored = json.loads((directory / _FILE).read_text("utf-8"))
        sizes = {name: (directory / name).stat().st_size for name in stored["files"]}
        if (stored["computer"], stored["files"]) != (_computer(), sizes) or stored["format"] not in (_FORMER, _FORMAT):
            return None
        engines = Engines(**stored["engines"])
        return engines if stored["format"] == _FORMAT else replace(engines, pictures=0)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("the engines in %s are decided anew: %s", directory, error)
        return None


def write_engines(directory: Path, engines: Engines) -> None:
    """Write down a decision, after the files that it names; the last step, so that a crash leaves none."""
    files = {path.name: path.stat().st_size for path in directory.glob("*.onnx")}
    stored = {"format": _FORMAT, "computer": _computer(), "files": files, "engines": asdict(engines)}
    write_atomically(directory / _FILE, json.dumps(stored, indent=1).encode())


def _computer() -> str:
    """Return what a decision holds for: the processor's kind and instructions, and the runtime that wrote the files."""
    about = [platform.machine(), platform.processor(), str(os.cpu_count()), _runtime()]
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []  # other systems than Linux
    first = lines[: lines.index("") if "" in lines else None]
    about += [line for line in first if line.startswith(("model name", "flags", "Features"))]
    return hashlib.sha256("\n".join(about).encode()).hexdigest()[:16]


def _runtime() -> str:
    """Return what changes when another ONNX Runtime is installed; to ask for its version takes ten times as long."""
    found = find_spec("onnxruntime")
    if found is None or found.origin is None:
        return ""
    stat = os.stat(found.origin)
    return f"{stat.st_size} {stat.st_mtime_ns}"
