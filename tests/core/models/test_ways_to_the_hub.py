"""What keeps the hub from being reached on this computer is named: certificates, addresses, switches, proxies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.models.download import get_model
from photofind.core.sentences.sentence import Sentence
from tests.core.models.downloading import download, left_in
from tests.hub import SHORT, SMALL, WEIGHTS, Hub, serving, tiny_files
from tests.hub_server import CERTIFICATE


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub behind TLS, with a certificate that nobody knows."""
    made = Hub(tiny_files())
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    with serving(made, CERTIFICATE) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield made


def test_an_unknown_authority_is_named_at_once_with_what_helps(secure: Hub, models_dir: Path) -> None:
    waits: list[Sentence | None] = []
    with pytest.raises(PhotofindError, match=r"does not trust the certificate of .*self-signed.*set SSL_CERT_FILE"):
        get_model(SMALL, models_dir, lambda *_: None, lambda: False, waits.append, SHORT)
    assert waits == []
    assert left_in(models_dir) == []


def test_an_authority_that_ssl_cert_file_names_is_known(
    secure: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    assert download(models_dir)
    assert (models_dir / "small" / WEIGHTS).read_bytes() == secure.files[WEIGHTS]


def test_a_certificate_of_another_host_is_refused(
    secure: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("HF_ENDPOINT", os.environ["HF_ENDPOINT"].replace("127.0.0.1", "localhost"))
    monkeypatch.setenv("NO_PROXY", "localhost")
    with pytest.raises(PhotofindError, match=r"does not trust the certificate of .*localhost"):
        download(models_dir)


def test_a_certificate_file_that_is_not_there_is_named(
    hub: Hub, models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with pytest.raises(PhotofindError, match=r"certificates in .*authority.pem.*SSL_CERT_FILE.*No such file"):
        download(models_dir)
    (tmp_path / "authority.pem").write_text("no certificate")
    with pytest.raises(PhotofindError, match=r"certificates in .*authority.pem.*cannot be read"):
        download(models_dir)


@pytest.mark.parametrize(
    "address",
    [
        "huggingface.co",
        "hf-mirror.com/",
        "//hf-mirror.com",
        "ftp://hub",
        "http://",
        "https:// hub",
        "http://[::1",
        "http://hub:x",
    ],
)
def test_an_address_that_is_none_is_named(models_dir: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(PhotofindError, match=r"HF_ENDPOINT is “.*”, which is no address of the web"):
        download(models_dir)


def test_a_password_in_the_address_is_used_and_kept_nowhere(
    hub: Hub, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = urlsplit(os.environ["HF_ENDPOINT"]).port
    monkeypatch.setenv("HF_ENDPOINT", f"http://me:secret@127.0.0.1:{port}/")
    hub.refuse("HEAD", 403)
    with pytest.raises(PhotofindError, match="403") as refused:
        download(models_dir)
    assert "secret" not in str(refused.value)
    assert download(models_dir)
    assert "secret" not in (models_dir / "small" / "origin.json").read_text()
    assert all(headers["authorization"].startswith("Basic ") for headers in hub.headers)


@pytest.fixture(params=["http", "https"])
def proxied(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A proxy that the only way to the hub leads through."""
    made = Hub({})
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", f"{request.param}://hub.test")
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, address)
            monkeypatch.delenv(name.lower(), raising=False)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield made


@pytest.mark.parametrize(
    ("status", "said"),
    [(407, "The proxy on the way to .*hub.test wants a name and a password.*HTTPS_PROXY"), (403, "answered 403")],
)
def test_a_proxy_that_refuses_ends_it_at_once(proxied: Hub, models_dir: Path, status: int, said: str) -> None:
    proxied.status = status
    waits: list[Sentence | None] = []
    with pytest.raises(PhotofindError, match=said):
        get_model(SMALL, models_dir, lambda *_: None, lambda: False, waits.append, SHORT)
    assert waits == []
    assert len(proxied.asked) == 1


def test_a_proxy_that_cannot_just_now_is_asked_again(proxied: Hub, models_dir: Path) -> None:
    proxied.status = 503
    with pytest.raises(PhotofindError, match=r"hub.test (did not give|cannot be reached)"):
        download(models_dir)
    assert len(proxied.asked) > 2


@pytest.mark.parametrize("switch", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_switch_that_forbids_it_is_named(hub: Hub, tmp_path: Path, switch: str) -> None:
    """In a process of its own: huggingface_hub looks at it once."""
    command = [sys.executable, "-c", "from photofind.cli import main; main()", "models", "get", "small"]
    others = {name: value for name, value in os.environ.items() if not name.endswith("_OFFLINE")}
    surroundings = others | {"PHOTOFIND_LIBRARY": str(tmp_path / "library"), switch: "1"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"cannot be downloaded while {switch} is set; please unset it" in done.stderr
    assert hub.asked == []
