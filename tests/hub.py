"""A hub on this computer for tests of downloads: it serves the tests' own small model, and fails as told."""

from __future__ import annotations

import hashlib
import http.server
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from photofind.core.models import offered as models
from tests.tiny_clip import TINY_CLIP

CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
SMALL = models.find("small")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
_STEP = 1 << 16


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Hub:
    """What the hub serves and how it misbehaves; `sent` counts the bytes of each file that it gave away."""

    files: dict[str, bytes]
    told: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    commit: str | None = COMMIT
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)  # bytes after which the next connections break off
    stall: threading.Event | None = None  # what an answer's second half waits for, and all answers after it
    has_stalled: bool = False
    knows_ranges: bool = True
    redirect: str = ""  # where large files are
    seconds_per_step: float = 0.0

    def etag(self, name: str) -> str:
        """Tell what the real hub tells: SHA-256 of large files, git's hash of small ones."""
        content = self.files[name]
        right = hashlib.sha256(content).hexdigest() if len(content) > 100_000 else git_hash(content)
        return self.told.get(name) or right

    def gets(self) -> list[str]:
        return [asked for asked in self.asked if asked.startswith("GET")]


class _Handler(http.server.BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *args: object) -> None:
        self.hub.asked.append(f"{self.command} {self.path}")

    def _answer(self, with_body: bool) -> None:
        hub, name = self.hub, self.path.rsplit("/", 1)[-1]
        hub.headers.append({key.lower(): value for key, value in self.headers.items()})
        if hub.status or "/resolve/" not in self.path or name not in hub.files:
            self._refuse(hub.status or 404)
        elif hub.redirect and len(hub.files[name]) > 100_000:
            self._point_elsewhere(name)
        else:
            self._serve(name, with_body)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 404 and self.hub.status is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _describe(self, name: str) -> None:
        if self.hub.commit:
            self.send_header("X-Repo-Commit", self.hub.commit)
        self.send_header("ETag", f'"{self.hub.etag(name)}"')
        self.send_header("X-Linked-Etag", f'"{self.hub.etag(name)}"')
        self.send_header("X-Linked-Size", str(len(self.hub.files[name])))

    def _point_elsewhere(self, name: str) -> None:
        self.send_response(302)
        self._describe(name)
        self.send_header("Location", self.hub.redirect + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, name: str, with_body: bool) -> None:
        body = self.hub.files[name]
        asked = self.headers.get("Range", "") if with_body and self.hub.knows_ranges else ""
        start = int(re.sub(r"\D", "", asked) or 0)
        self.send_response(206 if asked else 200)
        self._describe(name)
        if asked:
            self.hub.ranges.append(asked)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if with_body:
            self._send(name, body[start:])

    def _send(self, name: str, body: bytes) -> None:
        hub = self.hub
        is_large = len(hub.files[name]) > 100_000
        end = hub.cuts.pop(0) if hub.cuts and is_large else len(body)
        for at in range(0, end, _STEP):
            if hub.stall is not None and is_large and (at >= end // 2 or hub.has_stalled):
                hub.has_stalled = True
                hub.stall.wait(20)
            step = body[at : min(at + _STEP, end)]
            self.wfile.write(step)
            hub.sent[name] = hub.sent.get(name, 0) + len(step)
            time.sleep(hub.seconds_per_step if is_large else 0)
        self.close_connection = end < len(body)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return  # whoever asked has gone


@contextmanager
def serving(hub: Hub) -> Iterator[str]:
    """Serve on a port of its own; lends the address."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tiny_files() -> dict[str, bytes]:
    return {name: (TINY_CLIP / name).read_bytes() for name in (CONFIG, WEIGHTS)}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that HF_ENDPOINT names, for a client that soon tries again."""
    monkeypatch.setattr("photofind.core.models.download._PAUSE_SECONDS", 0.01)
    made = Hub(tiny_files())
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield made


def fill_disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Let the disk have so many bytes free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
