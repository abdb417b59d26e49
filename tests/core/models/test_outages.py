"""A network or hub that is away for a while ends no download: it waits, says so, and can be stopped at any moment."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.models.asked_wait import asked_wait
from photofind.core.models.download import get_model
from photofind.core.models.outage import PATIENCE
from photofind.core.sentences.sentence import Sentence
from tests.core.models.downloading import SIZE, download, part_of
from tests.hub import SHORT, SMALL, WEIGHTS, Hub, serving, tiny_files

LONG = 20.0


def download_waiting(models_dir: Path, **patience: float) -> list[str]:
    """Download; return what was said of waiting."""
    said: list[str] = []

    def hear(waits_for: Sentence | None) -> None:
        said.append(str(waits_for or "goes on"))

    assert get_model(SMALL, models_dir, lambda *_: None, lambda: False, hear, replace(SHORT, **patience))
    return said


# What passes


def test_a_network_that_comes_back_ends_nothing(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(tiny_files())
    with serving(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said: list[str] = []
    with ExitStack() as later:

        def hear(waits_for: Sentence | None) -> None:
            said.append(str(waits_for or "goes on"))
            if said == ["waiting for the network; next try in 0 s", "goes on"] * 2:
                later.enter_context(serving(hub, port=urlsplit(address).port or 0))

        assert get_model(SMALL, models_dir, lambda *_: None, lambda: False, hear, SHORT)
    assert len(said) == 4


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 522])
def test_one_refusal_ends_nothing(hub: Hub, models_dir: Path, method: str, status: int) -> None:
    hub.refuse(method, status)
    assert download_waiting(models_dir) == ["the hub cannot answer just now; next try in 0 s", "goes on"]
    assert hub.refusals == []


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {"Retry_After": "1"}), (503, {"Retry_After": "1"}), (429, {"RateLimit": '"resolvers";r=0;t=1'})],
)
def test_a_wait_that_is_asked_for_is_kept_and_told(
    hub: Hub, models_dir: Path, method: str, status: int, headers: dict[str, str]
) -> None:
    hub.refuse(method, status, **headers)
    began = time.monotonic()
    assert download_waiting(models_dir) == ["the hub asks to wait 1 s", "goes on"]
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_one_answer_that_does_not_come_ends_nothing(hub: Hub, models_dir: Path, method: str) -> None:
    hub.be_late(method, 1.5)
    assert download_waiting(models_dir, read=0.4) == ["waiting for the network; next try in 0 s", "goes on"]


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_late_answer_is_waited_for(hub: Hub, models_dir: Path, method: str) -> None:
    hub.be_late(method, 0.5)
    assert download_waiting(models_dir) == []
    assert len(hub.asked) == 4


def test_each_outage_has_its_own_time(hub: Hub, models_dir: Path) -> None:
    hub.cuts = [1_000_000, 0, 0, 0, 2_000_000, 0, 0, 0]
    download_waiting(models_dir, first_wait=0.4, longest_wait=0.4, outage=2.4)
    assert hub.sent[WEIGHTS] == SIZE, "no byte came twice"


# What does not


def test_an_outage_that_lasts_is_told_and_waited_for_longer_and_longer(models_dir: Path, hub: Hub) -> None:
    hub.status = 503
    seconds: list[float] = []

    def hear(waits_for: Sentence | None) -> None:
        if waits_for is not None:
            assert waits_for.key == "waiting_for_hub"
            seconds.append(float(str(dict(waits_for.values)["seconds"])))

    patience = replace(PATIENCE, first_wait=0.01, longest_wait=0.3, outage=1.2)
    began = time.monotonic()
    with pytest.raises(PhotofindError, match=r"did not give the model “small” \(it answered 503\); try again later"):
        get_model(SMALL, models_dir, lambda *_: None, lambda: False, hear, patience)
    assert seconds[:6] == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.16, 0.3])
    assert set(seconds[6:]) <= {0.3}
    assert time.monotonic() - began >= 1.2


def test_who_asks_for_too_long_a_wait_is_not_waited_for(hub: Hub, models_dir: Path) -> None:
    hub.refuse("HEAD", 429, Retry_After="3600")
    with pytest.raises(PhotofindError, match="429"):
        download(models_dir)
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "20"}, 20),
        ({"retry-after": " 20 "}, 20),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:20 GMT", "date": "Mon, 30 Nov 2026 12:00:00 GMT"}, 20),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:20 GMT", "date": "yesterday"}, 0),
        ({"retry-after": "Mon, 30 Nov 2020 12:00:20 GMT"}, 0),
        ({"retry-after": f"Mon, 30 Nov {'9' * 20} 12:00:20 GMT"}, 0),
        ({"ratelimit": '"api";r=0;t=55'}, 55),
        ({"ratelimit": '"api";r=12;t=55'}, 0),
        ({"ratelimit": '"api"; r=0; t=55, "pages";r=7;t=290'}, 55),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "60"}, 60),
    ],
)
def test_what_a_hub_asks_for_is_understood(headers: dict[str, str], seconds: float) -> None:
    assert asked_wait(headers) == seconds


# Parts that cannot be asked for


@pytest.mark.parametrize("status", [403, 416, 206])
def test_who_gives_no_parts_is_asked_for_all_once_more(hub: Hub, models_dir: Path, status: int) -> None:
    download(models_dir, stop_after=2_000_000)
    hub.status_of_parts = status
    assert download_waiting(models_dir) == []
    assert len(hub.ranges) == 1
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_what_is_there_stays_until_what_comes_from_the_beginning_has_passed_it(hub: Hub, models_dir: Path) -> None:
    hub.cuts = [6_000_000, 1_000_000]
    hub.status_of_parts = 403
    sizes: list[int] = []

    def look(waits_for: Sentence | None) -> None:
        sizes.append(part_of(models_dir).stat().st_size)

    assert get_model(SMALL, models_dir, lambda *_: None, lambda: False, look, SHORT)
    assert min(sizes) == 6_000_000
    assert (models_dir / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


# Stopping


def _silent_look_up(hub: Hub) -> None:
    hub.be_late("HEAD", LONG)


def _silent_file(hub: Hub) -> None:
    hub.be_late("GET", LONG)


def _silent_middle(hub: Hub) -> None:
    hub.stall = threading.Event()


def _asked_to_wait(hub: Hub) -> None:
    hub.refuse("GET", 429, Retry_After=f"{LONG:.0f}")


@pytest.mark.parametrize("be", [_silent_look_up, _silent_file, _silent_middle, _asked_to_wait])
def test_it_stops_at_once_whatever_it_waits_for(hub: Hub, models_dir: Path, be: Callable[[Hub], None]) -> None:
    be(hub)
    stop_at = time.monotonic() + 1
    assert not get_model(SMALL, models_dir, lambda *_: None, lambda: time.monotonic() > stop_at, patience=PATIENCE)
    assert time.monotonic() < stop_at + LONG / 2
    if hub.stall is not None:
        hub.stall.set()


def test_it_stops_at_once_while_nobody_takes_its_call(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(_DeadEnd()) as dead_end:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{dead_end.port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        patience = replace(PATIENCE, connect=LONG, longest_connect=LONG)
        stop_at = time.monotonic() + 1
        assert not get_model(SMALL, models_dir, lambda *_: None, lambda: time.monotonic() > stop_at, patience=patience)
        assert time.monotonic() < stop_at + LONG / 2


# Addresses


class _DeadEnd:
    """A port that takes no call and refuses none, like an address that nothing is routed to."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = socket.create_server((address, port), backlog=0)
        self.port: int = self._listener.getsockname()[1]
        self._callers = []
        for _ in range(4):  # until no more are taken
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex((address, self.port))
            self._callers.append(caller)
        time.sleep(0.1)

    def close(self) -> None:
        for part in (*self._callers, self._listener):
            part.close()


@pytest.fixture
def named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the hub have a name; what is put into the list is done in turn when its addresses are looked up."""
    doings: list[Any] = []
    port = urlsplit(os.environ["HF_ENDPOINT"]).port
    look_up = socket.getaddrinfo

    def answer(host: str | bytes, *others: Any, **named: Any) -> list[Any]:
        if host not in ("hub.test", b"hub.test"):
            return look_up(host, *others, **named)
        addresses = doings.pop(0)() if doings else ["127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setenv("HF_ENDPOINT", f"http://hub.test:{port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,hub.test")
    return doings


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="needs many addresses of this computer itself")
def test_dead_addresses_of_a_hub_cost_next_to_nothing(hub: Hub, named: list[Any], models_dir: Path) -> None:
    port = urlsplit(os.environ["HF_ENDPOINT"]).port or 0
    dead = [f"127.0.0.{n}" for n in range(2, 6)]
    with ExitStack() as ends:
        for address in dead:
            ends.enter_context(closing(_DeadEnd(address, port)))
        named.append(lambda: [*dead, "127.0.0.1"])
        began = time.monotonic()
        assert download_waiting(models_dir, connect=3.0) == [], "one try is enough, as short as it is"
        assert time.monotonic() - began < 3.0 * len(dead), "they are not tried one after the other"
    assert hub.connections == 1


def test_a_slow_name_server_is_given_more_time_at_each_try(hub: Hub, named: list[Any], models_dir: Path) -> None:
    def slowly() -> list[str]:
        time.sleep(0.6)
        return ["127.0.0.1"]

    named.extend([slowly, slowly, slowly])
    said = download_waiting(models_dir, connect=0.3, longest_connect=1.2, outage=3.0)
    assert said[:2] == ["waiting for the network; next try in 0 s", "goes on"]
