"""A model on its way into the models folder, from the hub or from files that the person has.

It arrives in `.NAME.part`, which `origin.json` describes from the first byte on: a download that was paused or
killed goes on from what is there. Only what is whole is renamed to `NAME`; origin.json stays with it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from photofind.core.atomic_file import put_folder_in_place, write_atomically
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.tokenizer import Tokenizer
from photofind.core.errors import PhotofindError, said_by
from photofind.core.models.offered import Model

OnProgress = Callable[[int, int], None]  # bytes done, bytes in all
IsStopped = Callable[[], bool]

ORIGIN_FILE: Final = "origin.json"
_SPARE: Final = 200_000_000  # bytes that must stay free on the disk


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: `hub_hash` is the content hash that it is to have, empty where nobody tells one.

    `version` is what a mirror without hashes tells one state of the file from another by.
    """

    name: str
    size: int
    repo: str = ""
    revision: str = ""
    hub_hash: str = ""
    sha256: str = ""
    version: str = ""

    def continues(self, there: ModelFile, loaded: int) -> bool:
        """Tell whether so many bytes of a file that was there before are the beginning of this one."""
        if (there.repo, there.size) != (self.repo, self.size):
            return False
        if there.hub_hash and self.hub_hash:
            return there.hub_hash == self.hub_hash
        if there.hub_hash or self.hub_hash:
            return True  # this hash tells in the end
        return there.version == self.version and (self.version != "" or loaded == self.size)


def pinned_file(model: Model, name: str) -> ModelFile | None:
    """Return a file as it is pinned, None where the hub has to tell what it is."""
    known = model.pinned and model.pinned.files.get(name)
    return (
        ModelFile(name, known.size, model.repo, model.pinned.commit, known.sha256) if known and model.pinned else None
    )


def is_whole(model: Model, models_dir: Path) -> bool:
    """Tell whether a model is installed and can be read."""
    target = models_dir / model.name
    try:
        read_model_folder(target)
    except PhotofindError:
        return False
    return all((target / name).is_file() for _, name in model.files)


def loaded_bytes(model: Model, models_dir: Path) -> int:
    """Return how much of a model is there from a download that has not ended."""
    part = _part(model, models_dir)
    return sum(_size(part / name) for _, name in model.files)


def discard(model: Model, models_dir: Path) -> None:
    """Delete what is there from a download that has not ended."""
    shutil.rmtree(_part(model, models_dir), ignore_errors=True)


@contextmanager
def arriving(model: Model, models_dir: Path) -> Iterator[Path]:
    """Lend the folder that a model arrives in, to one process at a time; errors of the disk become a sentence."""
    try:
        part = _part(model, models_dir)
        part.mkdir(parents=True, exist_ok=True)
        with FileLock(models_dir / ".lock").acquire(timeout=0):
            try:
                yield part
            finally:
                if part.is_dir() and not any(part.iterdir()):
                    part.rmdir()
    except Timeout:
        raise PhotofindError("model_arriving_elsewhere") from None
    except OSError as error:
        raise PhotofindError(
            "model_cannot_be_stored", model=model.name, folder=models_dir, said=said_by(error)
        ) from error


def begin_part(model: Model, part: Path, files: Sequence[ModelFile], source: str) -> list[ModelFile]:
    """Keep of what is there only the parts of these very files; return these, with the hash that a part was begun with.

    PhotofindError where the disk is too full.
    """
    known = {file.name: file for file in _read_origin(part)}
    wanted = {file.name: file for file in files}
    for path in part.iterdir():
        there, file = known.get(path.name), wanted.get(path.name)
        if path.is_dir():
            shutil.rmtree(path)
        elif there and file and file.continues(there, _size(path)):
            wanted[path.name] = replace(file, hub_hash=file.hub_hash or there.hub_hash)
        elif path.name != ORIGIN_FILE:  # without it all would be begun anew, if the next one cannot be written
            path.unlink()
    _write_origin(model, part, [*wanted.values()], source)
    needed = sum(file.size for file in files) - loaded_bytes(model, part.parent) + _SPARE
    free = shutil.disk_usage(part).free
    if free < needed:
        raise PhotofindError(
            "too_full_for_model",
            folder=part.parent,
            model=model.name,
            needed_mb=needed / 1e6,
            free_mb=free / 1e6,
        )
    return [*wanted.values()]


def install(model: Model, part: Path, files: Sequence[ModelFile], source: str) -> None:
    """Put a model that has arrived in place, with what is known of where it came from."""
    try:
        folder = read_model_folder(part)
        if folder.text is not None and not all(file.hub_hash for file in files):
            Tokenizer(folder)
    except PhotofindError as error:
        _discard_wrong(model, part, files, error)
        raise
    checked = [file if file.sha256 else replace(file, sha256=sha256(part / file.name)) for file in files]
    _write_origin(model, part, checked, source, installed=datetime.now(UTC))
    put_folder_in_place(part, part.parent / model.name)  # missing or damaged, or we would not be here


def _discard_wrong(model: Model, part: Path, files: Sequence[ModelFile], error: PhotofindError) -> None:
    """Delete what would end here again: of files that a mirror told no hash of, only what may be wrong."""
    if error.sentence.key == "model_unreadable":
        return  # the disk's fault, which may pass
    *others, weights = [file.name for file in files]
    doubted = {file.name for file in files if file.repo and not file.hub_hash}
    wrong = doubted & ({weights} if error.sentence.key == "weights_damaged" else {*others})
    if not wrong:
        discard(model, part.parent)
    for name in wrong:
        (part / name).unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _part(model: Model, models_dir: Path) -> Path:
    return models_dir / f".{model.name}.part"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _read_origin(part: Path) -> list[ModelFile]:
    """Return the files that a part folder is for; none where it does not say."""
    try:
        return [ModelFile(**file) for file in json.loads((part / ORIGIN_FILE).read_text("utf-8"))["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write_origin(
    model: Model, part: Path, files: Sequence[ModelFile], source: str, installed: datetime | None = None
) -> None:
    origin = {
        "model": model.name,
        "architecture": model.architecture,
        "pretrained": model.pretrained,
        "license": str(model.licenses),
        "from": source,
        "installed": installed.isoformat(timespec="seconds") if installed else "",
        "files": [asdict(file) for file in files],
    }
    write_atomically(part / ORIGIN_FILE, (json.dumps(origin, indent=2, ensure_ascii=False) + "\n").encode())
