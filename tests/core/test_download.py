"""A model is downloaded from a hub on this computer: whole and checked, or not at all."""

import hashlib
import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from photofind.core import models
from photofind.core.download import get_model
from photofind.core.errors import PhotofindError

TINY = Path(__file__).parents[1] / "tiny_clip"
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
SMALL = models.find("small")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub on this computer serves: files by name, and the checksums that it tells."""

    files: dict[str, bytes]
    told: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    asked: list[str] = field(default_factory=list)

    def etag(self, name: str) -> str:
        return self.told.get(name) or hashlib.sha256(self.files[name]).hexdigest()


def handler_of(hub: Hub) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def log_message(self, format: str, *args: object) -> None:
            hub.asked.append(f"{self.command} {self.path}")

        def answer(self, with_body: bool) -> None:
            name = self.path.rsplit("/", 1)[-1]
            known = self.path.startswith(f"/{SMALL.repo}/resolve/") and name in hub.files
            if hub.status or not known:
                self.send_response(hub.status or 404)
                self.send_header("X-Error-Code", "" if hub.status else "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = hub.files[name]
            start = int(re.sub(r"\D", "", self.headers.get("Range", "0")) or 0)
            self.send_response(206 if start else 200)
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hub.etag(name)}"')
            self.send_header("X-Linked-Etag", f'"{hub.etag(name)}"')
            self.send_header("X-Linked-Size", str(len(body)))
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            if with_body:
                self.wfile.write(body[start:])

    return Handler


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub({name: (TINY / name).read_bytes() for name in (CONFIG, WEIGHTS)})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


def download(models_dir: Path) -> bool:
    return get_model(SMALL, models_dir, lambda done, total: None, lambda: False)


def left_in(models_dir: Path) -> list[str]:
    return sorted(path.name for path in models_dir.iterdir())


def test_a_downloaded_model_works(hub: Hub, models_dir: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert get_model(SMALL, models_dir, lambda done, total: seen.append((done, total)), lambda: False)
    size = len(hub.files[WEIGHTS])
    assert len(seen) > 4
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert left_in(models_dir) == ["small"]
    assert left_in(models_dir / "small") == [CONFIG, WEIGHTS]
    assert models.is_installed(SMALL, models_dir)
    assert models.open_encoder("small", models_dir).encode_texts(["red"]).shape == (1, 64)


def test_an_installed_model_is_not_downloaded_again(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    asked = len(hub.asked)
    assert download(models_dir)
    assert len(hub.asked) == asked


def test_a_stopped_download_leaves_nothing(hub: Hub, models_dir: Path) -> None:
    done = 0

    def count(so_far: int, total: int) -> None:
        nonlocal done
        done = so_far

    assert not get_model(SMALL, models_dir, count, lambda: done > 2_000_000)
    assert 2_000_000 < done < 5_000_000
    assert left_in(models_dir) == []


def test_what_a_killed_download_left_is_cleared_away(hub: Hub, models_dir: Path) -> None:
    (models_dir / "small").mkdir(parents=True)
    (models_dir / ".small.part").mkdir()
    (models_dir / ".small.part" / WEIGHTS).write_bytes(b"half")
    (models_dir / "small" / CONFIG).write_text("{}")
    assert download(models_dir)
    assert left_in(models_dir) == ["small"]
    assert models.describe("small", models_dir).dim == 64


def test_a_damaged_model_is_downloaded_again(hub: Hub, models_dir: Path) -> None:
    download(models_dir)
    (models_dir / "small" / WEIGHTS).write_bytes(hub.files[WEIGHTS][:-1])
    assert download(models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_damaged_bytes_are_refused(hub: Hub, models_dir: Path) -> None:
    hub.told[WEIGHTS] = hub.etag(WEIGHTS)
    hub.files[WEIGHTS] = hub.files[WEIGHTS][:-1] + b"?"
    with pytest.raises(PhotofindError, match="damaged on its way"):
        download(models_dir)
    assert left_in(models_dir) == []


def test_a_file_that_is_no_safetensors_is_refused(hub: Hub, models_dir: Path) -> None:
    hub.files[WEIGHTS] = b"\x80\x04 a pickle under a false name"
    with pytest.raises(PhotofindError, match="damaged"):
        download(models_dir)
    assert left_in(models_dir) == []


def test_a_hub_that_only_has_a_pickle_is_refused(hub: Hub, models_dir: Path) -> None:
    hub.files["open_clip_pytorch_model.bin"] = hub.files.pop(WEIGHTS)
    with pytest.raises(PhotofindError, match="no safetensors"):
        download(models_dir)
    assert not any("bin" in asked for asked in hub.asked)


def test_a_hub_without_checksums_is_refused(hub: Hub, models_dir: Path) -> None:
    hub.told[WEIGHTS] = "1"
    with pytest.raises(PhotofindError, match="does not say how"):
        download(models_dir)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_hub_that_refuses_is_quoted(hub: Hub, models_dir: Path, status: int) -> None:
    hub.status = status
    with pytest.raises(PhotofindError, match=str(status)):
        download(models_dir)
    assert left_in(models_dir) == []


def test_no_network_is_said(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(PhotofindError, match="check the connection to the internet"):
        download(models_dir)
    assert left_in(models_dir) == []


def test_a_full_disk_is_said_before_the_download(hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(PhotofindError, match="too full"):
        download(models_dir)
    assert not any(asked.startswith("GET") for asked in hub.asked)


def test_a_place_that_cannot_be_written_is_said(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(PhotofindError, match="cannot be stored"):
        download(tmp_path / "models")
