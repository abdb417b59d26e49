"""The hub that models are downloaded from: what it has, and the bytes of a file from any place in it.

No account is used and no token sent. Of huggingface_hub (2.4) only the client is used: its download begins again from
nothing after each interruption, and its look-up believes what any mirror or storage says of a file. The client is the
asynchronous one, because that can be left off at any moment, and tries all addresses of a host side by side.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final

from photofind.core.errors import PhotofindError
from photofind.core.models.asked_wait import asked_wait
from photofind.core.models.connection import (
    HEADERS,
    Client,
    Response,
    causes_told,
    endpoint,
    hub_name,
    may_pass,
    refused_by_proxy,
)
from photofind.core.models.installation import ModelFile
from photofind.core.models.offered import Model
from photofind.core.models.outage import AwayError, Outage

_MOST_REDIRECTS: Final = 20
_NO_PARTS: Final = (403, 416)  # how some storages and proxies answer who asks for a part of a file
_COMMIT: Final = re.compile("[0-9a-f]{40}")
_NUMBER: Final = re.compile("[0-9]{1,18}")
_GIT_HASH: Final = re.compile("[0-9a-f]{40}")
_CONTENT_HASH: Final = re.compile("[0-9a-f]{64}|[0-9a-f]{40}")


class Hub:
    """The hub as the download of one model knows it; each call is one try."""

    def __init__(self, client: Client, model: Model, outage: Outage) -> None:
        self._client = client
        self._model = model
        self._outage = outage

    async def find_file(self, repo: str, name: str, revision: str) -> ModelFile:
        """Ask for a file's size, commit and content hash, or what a mirror without hashes knows its version by.

        PhotofindError where the hub refuses or tells no size, AwayError where it is away.
        """
        with causes_told(self._model):
            told = await self._ask_around(repo, name, revision)
        if not told.content and told.is_page:
            raise PhotofindError("hub_is_none", hub=hub_name())
        if not told.size:
            raise PhotofindError("hub_tells_no_size", hub=hub_name(), model=self._model.name)
        is_weights = name == self._model.files[-1][1]
        if not told.content and is_weights and not self._model.may_weigh(told.size):
            raise PhotofindError("hub_has_other_file", hub=hub_name(), file=name, model=self._model.name)
        version = "" if told.content else told.version
        return ModelFile(name, told.size, repo, told.commit or revision, told.content, version=version)

    async def _ask_around(self, repo: str, name: str, revision: str) -> _Told:
        """Follow the redirects until all is told: behind the last one a storage calls other things by those names."""
        url, told = self._url(repo, name, revision), _Told()
        for _ in range(_MOST_REDIRECTS):
            timeout = self._outage.timeouts
            response = await self._client.head(url, headers=HEADERS, timeout=timeout, follow_redirects=False)
            self._check_status(response, name)
            told.hear(response)
            if response.next_request is None or (told.content and told.size):
                return told
            url = str(response.next_request.url)
        raise PhotofindError("hub_not_understood", hub=hub_name())

    async def read(self, file: ModelFile, start: int) -> AsyncGenerator[tuple[int, bytes]]:
        """Read a file from byte `start` on: yields places and chunks, from 0 again where the hub cannot do otherwise.

        AwayError where the connection breaks off, PhotofindError where the hub refuses or has another file.
        """
        url = self._url(file.repo, file.name, file.revision)
        for place in (start, 0) if start else (0,):
            headers = HEADERS | {"range": f"bytes={place}-"} if place else HEADERS
            request = self._client.stream("GET", url, headers=headers, timeout=self._outage.timeouts)
            with causes_told(self._model):
                async with request as response:
                    if place and _gives_no_parts(response, file, place):
                        continue
                    at = self._check_is(response, file, place)
                    async for chunk in response.aiter_bytes():
                        yield at, chunk
                        at += len(chunk)
                    return

    def _url(self, repo: str, name: str, revision: str) -> str:
        return f"{endpoint()}/{repo}/resolve/{revision}/{name}"

    def _check_is(self, response: Response, file: ModelFile, asked: int) -> int:
        """Return where in the file the answer begins; raise PhotofindError where it is an answer to something else."""
        self._check_status(response, file.name)
        if _is_page(response):
            raise PhotofindError("hub_is_none", hub=hub_name())
        if response.status_code not in ((200, 206) if asked else (200,)):
            raise PhotofindError("hub_not_understood", hub=hub_name())
        begins, total = _place_and_total(response)
        if total not in ("", str(file.size)):
            raise PhotofindError("hub_has_other_file", hub=hub_name(), file=file.name, model=self._model.name)
        return begins

    def _check_status(self, response: Response, name: str) -> None:
        status, headers, model = response.status_code, response.headers, self._model.name
        if may_pass(status):
            raise AwayError("hub_refuses", hub=hub_name(), model=model, status=status).answered(asked_wait(headers))
        if status == 407:
            raise refused_by_proxy(status)
        if status == 404 and headers.get("x-error-code") == "EntryNotFound":
            raise _missing(model, name)
        if status >= 400:
            raise PhotofindError("hub_refuses", hub=hub_name(), model=model, status=status)


@dataclass(slots=True)
class _Told:
    """What was said of a file, by whoever said it first; of its version, by whoever gives it away."""

    commit: str = ""
    content: str = ""
    size: int = 0
    version: str = ""
    is_page: bool = False

    def hear(self, response: Response) -> None:
        """Add what a response says that was not known."""
        headers = response.headers
        self.commit = self.commit or _if_matching(_COMMIT, headers.get("x-repo-commit", ""))
        self.content = self.content or _content_hash(headers)
        size = headers.get("x-linked-size", "")
        if not size and response.next_request is None:
            size = headers.get("content-length", "")
        self.size = self.size or int(_if_matching(_NUMBER, size) or 0)
        self.version = _version(headers) or self.version
        self.is_page = _is_page(response)


def _content_hash(headers: Mapping[str, str]) -> str:
    """Return a file's SHA-256, or git's hash of a small one; nothing of what is only a mirror's or storage's own ETag.

    The hub's own is the latter, beside its commit: an ETag of 64 digits may be anything.
    """
    linked = _if_matching(_CONTENT_HASH, _unquoted(headers.get("x-linked-etag", "")))
    return linked or ("x-repo-commit" in headers and _if_matching(_GIT_HASH, _unquoted(headers.get("etag", "")))) or ""


def _version(headers: Mapping[str, str]) -> str:
    """Return what changes when a file does, as it is told, whatever it means."""
    return headers.get("etag") or headers.get("last-modified") or ""


def _unquoted(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')


def _if_matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _is_page(response: Response) -> bool:
    return bool(response.headers.get("content-type", "").startswith("text/html"))


def _gives_no_parts(response: Response, file: ModelFile, place: int) -> bool:
    """Tell whether an answer is no part of this very file from that place on."""
    if response.status_code != 206:
        return response.status_code in _NO_PARTS
    has_changed = not file.hub_hash and _version(response.headers) != file.version
    return has_changed or _place_and_total(response)[0] != place


def _place_and_total(response: Response) -> tuple[int, str]:
    """Return where an answer begins in its file, -1 where a part does not tell, and the file's size if it is told."""
    headers = response.headers
    if response.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(?:(\d+)|\*)", headers.get("content-range", ""))
        return (int(found[1]), found[2] or "") if found else (-1, "")
    return 0, "" if "content-encoding" in headers else headers.get("content-length", "")


def _missing(model: str, name: str) -> PhotofindError:
    if name.endswith(".safetensors"):
        return PhotofindError("hub_lacks_weights", hub=hub_name(), model=model)
    return PhotofindError("hub_lacks_file", hub=hub_name(), file=name, model=model)
