"""The way to the hub as the environment has it: its address, proxies, certificates, and whether it may be gone at all.

huggingface_hub is imported on first use, because start-up need not wait for it. Which HTTP library its client is of
is its own matter.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from photofind import __version__
from photofind.core.errors import PhotofindError, said_by
from photofind.core.models.offered import Model
from photofind.core.models.outage import AwayError

Client: TypeAlias = Any
Response: TypeAlias = Any

# Unpacked and repacked bytes have no places.
HEADERS: Final = {"user-agent": f"photofind/{__version__}", "accept-encoding": "identity"}


def endpoint() -> str:
    """Return the hub's address; raise PhotofindError where `HF_ENDPOINT` is none."""
    return _address().geturl()


def hub_name() -> str:
    """Return the hub's address as it is told and kept: without a password."""
    parts = _address()
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _address() -> SplitResult:
    if not (written := os.environ.get("HF_ENDPOINT", "").strip().rstrip("/")):
        from huggingface_hub import constants  # noqa: PLC0415 - see above

        written = constants.ENDPOINT
    try:
        parts = urlsplit(written)
        is_one = parts.scheme in ("http", "https") and parts.port != 0 and (parts.hostname or "").encode("idna") != b""
    except ValueError:
        is_one = False
    if not is_one or re.search(r"\s", written):
        raise PhotofindError("hub_address_wrong", address=written)
    return parts


def new_client() -> Client:
    """Return a client that keeps its connections until it is closed; PhotofindError where the environment is wrong."""
    import huggingface_hub as hub  # noqa: PLC0415 - see above

    try:
        return hub.get_async_session()
    except OSError as error:
        certificates = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or ""
        raise PhotofindError("certificates_unreadable", file=certificates, said=said_by(error)) from error
    except (ImportError, ValueError) as error:  # what it raises for proxies that it cannot use
        raise PhotofindError("proxy_unusable", said=str(error).rstrip(".")) from error


@contextmanager
def causes_told(model: Model) -> Iterator[None]:
    """Turn what goes wrong on the way to the hub into a sentence: AwayError where another try may succeed."""
    from huggingface_hub import errors  # noqa: PLC0415 - see above

    http_error: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        switch = "HF_HUB_OFFLINE" if os.environ.get("HF_HUB_OFFLINE") else "TRANSFORMERS_OFFLINE"
        raise PhotofindError("hub_is_off", model=model.name, switch=switch) from error
    except http_error as error:
        if (refused := _refused_certificate(error)) is not None:
            said = refused.verify_message
            raise PhotofindError("hub_certificate_refused", hub=hub_name(), said=said) from error
        if (status := _proxys_answer(error)) and not may_pass(status):
            raise refused_by_proxy(status) from error
        raise AwayError("hub_not_reached", hub=hub_name(), model=model.name) from error


def may_pass(status: int) -> bool:
    """Tell whether another try may find a refusal gone."""
    return status in (408, 429) or status >= 500


def refused_by_proxy(status: int) -> PhotofindError:
    """Return what is said where a proxy does not lead to the hub."""
    if status == 407:
        return PhotofindError("proxy_wants_password", hub=hub_name())
    return PhotofindError("proxy_refuses", hub=hub_name(), status=status)


def _proxys_answer(error: Exception) -> int:
    """Return the status by which a proxy refused to lead to the hub, 0 where none did; only the message has it."""
    found = re.match(r"[1-5]\d\d\b", str(error)) if type(error).__name__ == "ProxyError" else None
    return int(found[0]) if found else 0


def _refused_certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause
