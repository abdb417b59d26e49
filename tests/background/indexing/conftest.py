"""What indexing is tested with: a decoder of one child, and no engine that is fitted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from photofind.background.decoding.decoder import Decoder
from tests.background.indexing.test_pipeline import CountedFitting


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(children=1)
    yield decoder
    decoder.stop()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountedFitting, "looks_left", 0)
    monkeypatch.setattr("photofind.background.indexing.fitting.EngineBuilder", CountedFitting)
