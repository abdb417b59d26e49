"""A server that answers as the hub does, as its storage, its mirrors and networks in between do, and fails as told."""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Made once, for 127.0.0.1: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
# -subj /CN=photofind-tests -addext subjectAltName=IP:127.0.0.1 -keyout - -out -
CERTIFICATE = Path(__file__).with_name("hub_certificate.pem")
_STEP = 1 << 16
_PATH = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>[^/]+)")
_CACHE = "/api/resolve-cache/models"
_API = "/api/models/"


@dataclass(frozen=True)
class Refusal:
    """How the next request of a kind is answered: with a status, or with `seconds` of silence before what it asks."""

    method: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Hub:
    """What the hub serves and how it misbehaves; `sent` counts the bytes of each file that it gave away."""

    files: dict[str, bytes]
    told: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    commit: str | None = COMMIT
    says_hashes: bool = True  # in headers of its own; a mirror may have none but what its `version` is
    version: dict[str, str] | None = None  # headers; an ETag of 64 digits that mean something else, if not set
    says_sizes: bool = True  # to who only looks
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    ranges: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)  # bytes after which the next connections break off
    refusals: list[Refusal] = field(default_factory=list)  # each is made once
    stall: threading.Event | None = None  # what an answer's second half waits for, and all answers after it
    has_stalled: bool = False
    knows_ranges: bool = True
    status_of_parts: int | None = None  # instead of a part; 206 is one that does not say where it begins
    storage: str = ""  # the address of large files; it tells nothing of what the hub tells, in /storage of its own too
    caches: bool = False  # small files are behind a relative redirect, whose query counts
    renamed: str = ""  # the repository's new name, behind a relative redirect
    unknown: set[str] = field(default_factory=set)  # repositories that it does not have
    license: str = "mit"  # what the page of any repository names
    elsewhere: str = ""  # where a mirror sends everybody
    wants_sign_in: bool = False
    is_storage: bool = False
    signatures: set[str] = field(default_factory=set)  # that the storage opens to; each once
    seconds_per_step: float = 0.0
    gone: threading.Event = field(default_factory=threading.Event)

    def etag(self, name: str) -> str:
        """Tell what the real hub tells: SHA-256 of large files, git's hash of small ones."""
        content = self.files[name]
        right = hashlib.sha256(content).hexdigest() if self.is_large(name) else git_hash(content)
        return self.told.get(name) or right

    def is_large(self, name: str) -> bool:
        return len(self.files[name]) > 100_000

    def siblings(self) -> list[dict[str, Any]]:
        """Tell of each file what the real hub tells: SHA-256 of large ones alone."""
        told: list[dict[str, Any]] = []
        for name, content in self.files.items():
            file = {"rfilename": name, "size": len(content), "blobId": git_hash(content)}
            lfs = {"sha256": self.etag(name), "size": len(content), "pointerSize": 100}
            told.append(file | ({"lfs": lfs} if self.is_large(name) else {}))
        return told

    def gets(self) -> list[str]:
        return [asked for asked in self.asked if asked.startswith("GET")]

    def refuse(self, method: str, status: int, **headers: str) -> None:
        """Refuse the next request once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.refusals.append(Refusal(method, status, named))

    def be_late(self, method: str, seconds: float) -> None:
        """Let the next answer begin late."""
        self.refusals.append(Refusal(method, seconds=seconds))


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"  # connections are kept
    timeout = 20

    def setup(self) -> None:
        super().setup()
        self.hub.connections += 1

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        self._answer()  # as a proxy

    def log_message(self, format: str, *args: object) -> None:
        self.hub.asked.append(f"{self.command} {self.path}")

    def _answer(self) -> None:
        hub = self.hub
        hub.headers.append({key.lower(): value for key, value in self.headers.items()})
        refusal = next((refusal for refusal in hub.refusals if refusal.method == self.command), None)
        if refusal is not None:
            hub.refusals.remove(refusal)
            hub.gone.wait(refusal.seconds)
        if refusal is not None and refusal.status:
            self._reply(refusal.status, refusal.headers)
        elif hub.status:
            self._reply(hub.status)
        elif hub.wants_sign_in:
            self._reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Please sign in</html>")
        elif hub.elsewhere:
            self._reply(308, {"Location": hub.elsewhere + self.path})
        else:
            self._find()

    def _find(self) -> None:
        hub, parts = self.hub, urlsplit(self.path)
        if parts.path.startswith(_API):
            self._tell_of(parts.path.removeprefix(_API), parts.query)
            return
        path = parts.path.removeprefix(_CACHE)
        found = _PATH.search(path)
        name = found["name"] if found else ""
        if found is None or name not in hub.files:
            self._reply(404, {"X-Error-Code": "EntryNotFound"})
        elif self._is_storage and not self._is_signed(parts.query):
            self._reply(403)
        elif hub.renamed and found["repo"] != hub.renamed:
            self._reply(307, {"Location": f"/{hub.renamed}{path[found.end('repo') :]}"})
        elif hub.storage and hub.is_large(name) and not self._is_storage:
            self._reply(302, self._metadata(name) | {"Location": f"{hub.storage}{path}?signature={self._sign()}"})
        elif hub.caches and not parts.path.startswith(_CACHE):
            self._reply(307, {"Location": f"{_CACHE}{path}?etag={hub.etag(name)}"})
        elif hub.caches and parts.query != f"etag={hub.etag(name)}":
            self._reply(400)
        else:
            self._serve(name)

    def _tell_of(self, repo: str, query: str) -> None:
        """Tell of a repository: each has the same files."""
        hub = self.hub
        if hub.renamed and repo != hub.renamed:
            self._reply(307, {"Location": f"{_API}{hub.renamed}?{query}"})
        elif repo in hub.unknown:
            self._reply(401, {"X-Error-Code": "RepoNotFound"})
        else:
            told = {"id": repo, "sha": hub.commit, "cardData": {"license": hub.license}, "siblings": hub.siblings()}
            self._reply(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    @property
    def _is_storage(self) -> bool:
        return self.hub.is_storage or self.path.startswith("/storage/")

    def _sign(self) -> str:
        signature = f"{len(self.hub.signatures)}"
        self.hub.signatures.add(signature)
        return signature

    def _is_signed(self, query: str) -> bool:
        """Open to a signed address once: it has expired then."""
        signature = parse_qs(query).get("signature", [""])[0]
        is_right = signature in self.hub.signatures
        self.hub.signatures.discard(signature)
        return is_right

    def _metadata(self, name: str) -> dict[str, str]:
        hub = self.hub
        if not self._is_storage and not hub.says_hashes and hub.version is not None:
            told = hub.version
        elif self._is_storage or not hub.says_hashes:
            told = {"ETag": f'"{hashlib.sha256(name.encode()).hexdigest()}"'}  # which is none of the content
        else:
            etag = f'"{hub.etag(name)}"'
            told = {"ETag": etag, "X-Linked-Etag": etag, "X-Linked-Size": str(len(hub.files[name]))}
        return told | ({"X-Repo-Commit": hub.commit} if hub.commit and not self._is_storage else {})

    def _reply(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _serve(self, name: str) -> None:
        hub, body = self.hub, self.hub.files[name]
        asked = self.headers.get("Range", "") if self.command == "GET" and hub.knows_ranges else ""
        start = int(re.sub(r"\D", "", asked) or 0)
        if asked:
            hub.ranges.append(asked)
        if asked and hub.status_of_parts not in (None, 206):
            self._reply(hub.status_of_parts or 0)
            return
        self.send_response(206 if asked else 200)
        for key, value in self._metadata(name).items():
            self.send_header(key, value)
        if asked and hub.status_of_parts is None:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        is_told = hub.says_sizes or self.command == "GET"
        self.send_header("Content-Length", str(len(body) - start if is_told else 0))
        self.end_headers()
        if self.command == "GET":
            self._send(name, body[start:])

    def _send(self, name: str, body: bytes) -> None:
        hub = self.hub
        is_large = hub.is_large(name)
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
def serving(hub: Hub, certificate: Path | None = None, port: int = 0) -> Iterator[str]:
    """Serve on a port of this computer alone, of its own if none is given; lends the address."""
    hub.gone.clear()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = _Server(("127.0.0.1", port), handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
    finally:
        hub.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of who left before the answer."""
