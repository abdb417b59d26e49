"""A hub on this computer that keeps everybody waiting, for tests of downloads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.hub import Hub


@pytest.fixture
def stalled(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the hub answer only once the event is set."""
    release = threading.Event()
    etag = hub.etag

    def wait(name: str) -> str:
        release.wait(20)
        return etag(name)

    monkeypatch.setattr(hub, "etag", wait)
    yield release
    release.set()
    # While the hub is still there: without it, its client would try again for long.
    for thread in threading.enumerate():
        if thread.name == "model download":
            thread.join(10)
