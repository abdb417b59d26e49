"""Download a model of the catalogue from its hub, check it, and only then put it in place.

The hub is huggingface.co or what `HF_ENDPOINT` names; proxies are taken from the environment. No account is
used. huggingface_hub is imported on first use, because start-up need not wait for it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from photofind.core.encoders.model_folder import CONFIG_FILE, WEIGHTS_FILE, read_model_folder
from photofind.core.errors import PhotofindError
from photofind.core.models import Model

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

OnProgress = Callable[[int, int], None]  # bytes done, bytes in all
IsCancelled = Callable[[], bool]

_CHUNK: Final = 1 << 20  # bytes between two looks at `is_cancelled`
_SPARE: Final = 200_000_000  # bytes that a download must leave free on the disk
_SHA256: Final = re.compile("[0-9a-f]{64}")


class _CancelledError(Exception):
    """The person stopped the download."""


def get_model(model: Model, models_dir: Path, on_progress: OnProgress, is_cancelled: IsCancelled) -> bool:
    """Download a model into `models_dir/NAME`; return False where it was stopped.

    Takes minutes, calls back from the calling thread about once a megabyte. A download that failed or
    was stopped leaves nothing behind; it raises PhotofindError where it failed.
    """
    target, part = models_dir / model.name, models_dir / f".{model.name}.part"
    if _is_whole(target):
        return True
    try:
        shutil.rmtree(part, ignore_errors=True)  # left by a download that was killed
        part.mkdir(parents=True)
        _fetch(model, part, on_progress, is_cancelled)
        read_model_folder(part)  # raises where it is not what it should be
        shutil.rmtree(target, ignore_errors=True)  # missing or damaged, see above
        part.rename(target)
    except _CancelledError:
        return False
    except OSError as error:
        raise PhotofindError(f"The model “{model.name}” cannot be stored in {models_dir}: {error.strerror}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _is_whole(path: Path) -> bool:
    try:
        read_model_folder(path)
    except PhotofindError:
        return False
    return True


def _fetch(model: Model, part: Path, on_progress: OnProgress, is_cancelled: IsCancelled) -> None:
    """Download both files into a folder and check the weights' checksum."""
    import huggingface_hub as hub  # noqa: PLC0415 - see above
    from huggingface_hub import constants  # noqa: PLC0415

    # The hub's own protocol cannot be stopped half-way and keeps a second copy of all it loads.
    constants.HF_HUB_DISABLE_XET = True
    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK
    endpoint = os.environ.get("HF_ENDPOINT") or constants.ENDPOINT
    with _hub_errors(model, endpoint):
        url = hub.hf_hub_url(model.repo, WEIGHTS_FILE, endpoint=endpoint)
        weights = hub.get_hf_file_metadata(url, token=False, endpoint=endpoint)
        total = _check_offer(model, weights, part)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            on_progress(min(done, total), total)
            if is_cancelled():
                raise _CancelledError

        get = partial(hub.hf_hub_download, model.repo, revision=weights.commit_hash, local_dir=part)
        for name in (WEIGHTS_FILE, CONFIG_FILE):
            get(filename=name, endpoint=endpoint, token=False, tqdm_class=partial(_Bar, advance))
    with (part / WEIGHTS_FILE).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != weights.etag:
            raise PhotofindError(f"The model “{model.name}” was damaged on its way here; please download it again.")
    shutil.rmtree(part / ".cache")  # the hub client's notes


class _Bar:
    """What the hub client takes for a progress bar."""

    def __init__(self, advance: Callable[[int], None], **_: Any) -> None:
        self.update = advance

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _check_offer(model: Model, weights: HfFileMetadata, part: Path) -> int:
    """Return the weights' size in bytes; raise PhotofindError where they cannot be checked or stored."""
    if weights.size is None or not _SHA256.fullmatch(weights.etag or ""):
        raise PhotofindError(f"The server does not say how the model “{model.name}” can be checked; it was not loaded.")
    free = shutil.disk_usage(part).free
    if free < weights.size + _SPARE:
        raise PhotofindError(
            f"The disk of {part.parent} is too full for the model “{model.name}”: it needs "
            f"{(weights.size + _SPARE) / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free."
        )
    return weights.size


@contextmanager
def _hub_errors(model: Model, endpoint: str) -> Iterator[None]:
    """Turn what goes wrong on the way to the hub into a sentence."""
    from huggingface_hub import errors  # noqa: PLC0415 - see above

    http_error: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    try:
        yield
    except errors.RemoteEntryNotFoundError as error:
        raise PhotofindError(
            f"{endpoint} has no safetensors file of the model “{model.name}”; "
            "photofind opens no other kind of weights, because those can run code."
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise PhotofindError(
            f"{endpoint} did not give the model “{model.name}” (it answered {status}); try again later."
        ) from error
    except (http_error, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise PhotofindError(
            f"{endpoint} cannot be reached to download the model “{model.name}”; "
            "please check the connection to the internet and try again."
        ) from error
    except OSError as error:
        if error.errno is not None:  # the disk's
            raise
        raise PhotofindError(f"The download of the model “{model.name}” broke off; please try again.") from error
