"""Install an offered model from files that the person has: loaded with a browser, or another program's.

The folder may be a snapshot in the cache of huggingface_hub, whose files are links, or the cache's folder of the model.
The files are copied, because whoever owns them may change or delete them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from photofind.core.encoders.model_folder import OPEN_CLIP, TIMM, read_model_folder
from photofind.core.errors import PhotofindError, said_by
from photofind.core.models.installation import (
    IsStopped,
    ModelFile,
    OnProgress,
    arriving,
    begin_part,
    discard,
    install,
    is_whole,
)
from photofind.core.models.offered import Model
from photofind.core.places import expanded

_CHUNK: Final = 1 << 22
_PICKLES: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt")


def copy_model(model: Model, folder: Path, models_dir: Path, on_progress: OnProgress, is_stopped: IsStopped) -> bool:
    """Copy a model's files into `models_dir/NAME`; return False where it was stopped, which leaves nothing.

    PhotofindError where a file is missing or is another model's; calls back about every 4 MB.
    """
    if is_whole(model, models_dir):
        return True
    source = _find_folder(model, folder)
    try:
        files = [ModelFile(name, (source / name).stat().st_size) for name in _checked_names(model, source)]
        _check_is(model, source)
    except OSError as error:
        raise PhotofindError("own_files_unreadable", folder=source, said=said_by(error)) from error
    with arriving(model, models_dir) as part:
        begin_part(model, part, files, str(source))
        if not _copy(source, part, files, on_progress, is_stopped):
            discard(model, models_dir)
            return False
        install(model, part, files, str(source))
    return True


def _find_folder(model: Model, folder: Path) -> Path:
    """Return the folder itself, or the newest snapshot in it if it is huggingface_hub's of one model."""
    folder = expanded(folder).absolute()
    _, config = model.files[0]
    snapshots = [path for path in folder.glob("snapshots/*") if (path / config).is_file()]
    return max(snapshots, key=lambda path: path.stat().st_mtime) if snapshots else folder


def _checked_names(model: Model, source: Path) -> list[str]:
    """Return the names of a model's files, which are all there."""
    if not source.is_dir():
        raise PhotofindError("model_folder_not_there", folder=source)
    for repo, name in model.files:
        if (source / name).is_file():
            continue
        if name.endswith(".safetensors") and any(found for kind in _PICKLES for found in source.glob(kind)):
            raise PhotofindError("own_weights_pickled", folder=source, file=name, repo=repo)
        raise PhotofindError("own_file_missing", file=name, folder=source, repo=repo)
    return [name for _, name in model.files]


def _check_is(model: Model, source: Path) -> None:
    """Raise PhotofindError where config or weights are another model's."""
    there = read_model_folder(source, TIMM if model.for_similar else OPEN_CLIP)  # others' files may lie beside
    size = there.weights.stat().st_size
    is_alike = (there.spec.dim, there.spec.size) == (model.dim, model.size)
    if not is_alike or not model.may_weigh(size):
        raise PhotofindError(
            "own_files_of_other_model",
            folder=source,
            model=model.name,
            architecture=model.architecture,
            size_mb=model.download_bytes / 1e6,
            repo=model.repo,
        )


def _copy(source: Path, part: Path, files: list[ModelFile], on_progress: OnProgress, is_stopped: IsStopped) -> bool:
    total, done = sum(file.size for file in files), 0
    for file in files:
        with (source / file.name).open("rb") as original, (part / file.name).open("wb") as copy:
            while chunk := original.read(_CHUNK):
                if is_stopped():
                    return False
                copy.write(chunk)
                done += len(chunk)
                on_progress(min(done, total), total)
    return True
