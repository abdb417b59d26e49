"""The hub that models are downloaded from: what it has, and the bytes of a file from any place in it.

It is huggingface.co or what `HF_ENDPOINT` names; proxies are taken from the environment. No account is used and
no token sent. huggingface_hub is imported on first use, because start-up need not wait for it. Its own download
(2.4) begins again from nothing after each interruption, so only its client and its look-up are used here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from photofind.core.errors import PhotofindError
from photofind.core.models.installation import ModelFile
from photofind.core.models.offered import Model

_PATIENCE: Final = 10.0  # seconds without a byte until a connection counts as lost
_CONTENT_HASH: Final = re.compile("[0-9a-f]{64}|[0-9a-f]{40}")


class ConnectionLostError(PhotofindError):
    """The hub could not be reached, or fell silent; what was read of a file before that is good."""


def endpoint() -> str:
    """Return the hub's address."""
    from huggingface_hub import constants  # noqa: PLC0415 - see above

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def find_files(model: Model) -> list[ModelFile]:
    """Ask the hub for all files of a model, of one revision; PhotofindError where one is missing or unsure."""
    _check_client()
    revisions: dict[str, str] = {}
    found = []
    for repo, name in reversed(model.files):  # the weights first: without them the rest is of no use
        file = _find_file(model, repo, name, revisions.get(repo, "main"))
        revisions[repo] = file.revision
        found.append(file)
    return found[::-1]


def _check_client() -> None:
    import huggingface_hub as hub  # noqa: PLC0415 - see above

    try:
        hub.get_session()
    except (ImportError, ValueError) as error:  # what the client raises for proxies it cannot use
        raise PhotofindError("proxy_unusable", said=str(error).rstrip(".")) from error


def _find_file(model: Model, repo: str, name: str, revision: str) -> ModelFile:
    import huggingface_hub as hub  # noqa: PLC0415 - see above
    from huggingface_hub import constants  # noqa: PLC0415

    constants.HF_HUB_DISABLE_TELEMETRY = True  # it would tell which libraries are installed here
    with _hub_errors(model, name):
        url = hub.hf_hub_url(repo, name, revision=revision, endpoint=endpoint())
        there = hub.get_hf_file_metadata(url, token=False, endpoint=endpoint(), timeout=_PATIENCE)
    if there.commit_hash is None:
        raise PhotofindError("hub_is_none", hub=endpoint())
    if there.size is None or not _CONTENT_HASH.fullmatch(there.etag or ""):
        raise PhotofindError("hub_cannot_vouch", model=model.name)
    return ModelFile(name, there.size, repo, there.commit_hash, there.etag or "")


def read(model: Model, file: ModelFile, start: int) -> Generator[tuple[int, bytes]]:
    """Read a file from byte `start` on: yields places and chunks, from 0 again where the hub cannot do otherwise.

    ConnectionLostError where the connection breaks off, PhotofindError where the hub refuses.
    """
    import huggingface_hub as hub  # noqa: PLC0415 - see above

    # Unpacked and repacked bytes have no places.
    headers = {"accept-encoding": "identity", "range": f"bytes={start}-"} if start else {"accept-encoding": "identity"}
    url = hub.hf_hub_url(file.repo, file.name, revision=file.revision, endpoint=endpoint())
    with (
        _hub_errors(model, file.name),
        hub.get_session().stream("GET", url, headers=headers, timeout=_PATIENCE) as response,
    ):
        if response.is_error:
            response.read()
        hub.hf_raise_for_status(response)
        begins_there = response.headers.get("content-range", "").startswith(f"bytes {start}-")
        place = start if response.status_code == 206 and begins_there else 0
        if place == 0 and response.status_code != 200:
            raise ConnectionLostError("hub_not_understood", hub=endpoint())
        for chunk in response.iter_bytes():
            yield place, chunk
            place += len(chunk)


@contextmanager
def _hub_errors(model: Model, name: str) -> Iterator[None]:
    """Turn what goes wrong on the way to the hub into a sentence."""
    from huggingface_hub import errors  # noqa: PLC0415 - see above

    http_error: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    try:
        yield
    except errors.RemoteEntryNotFoundError as error:
        raise _missing(model, name) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise PhotofindError("hub_refuses", hub=endpoint(), model=model.name, status=status) from error
    except errors.OfflineModeIsEnabled as error:
        raise PhotofindError("hub_is_off", model=model.name) from error
    except http_error as error:
        raise ConnectionLostError("hub_not_reached", hub=endpoint(), model=model.name) from error


def _missing(model: Model, name: str) -> PhotofindError:
    if name.endswith(".safetensors"):
        return PhotofindError("hub_lacks_weights", hub=endpoint(), model=model.name)
    return PhotofindError("hub_lacks_file", hub=endpoint(), file=name, model=model.name)
