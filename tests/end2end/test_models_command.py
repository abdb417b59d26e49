"""`photofind models` as a process: a download that is killed, proxied or refused, a change and its end, the device."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.core.embedding.changing_models import change_to, embed_in_turns, watch_scenes
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.hub import CONFIG, SMALL, WEIGHTS, WITHOUT_PINS, Hub, serving, tiny_files
from tests.tiny_clip import TINY_CLIP

SECONDS = 60.0
PHOTOFIND = [sys.executable, "-c", f"{WITHOUT_PINS}from photofind.cli import main; main()"]
COMMAND = [*PHOTOFIND, "models", "get"]


@pytest.fixture
def served() -> Iterator[tuple[Hub, str]]:
    made = Hub(tiny_files())
    with serving(made) as address:
        yield made, address


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def surroundings(library: Path, **more: str) -> dict[str, str]:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    kept = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    return {**kept, "PHOTOFIND_LIBRARY": str(library), **more}


def run(library: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = surroundings(library, **more)
    return subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=SECONDS)


def test_a_killed_download_goes_on_where_it_was(served: tuple[Hub, str], library: Path) -> None:
    hub, address = served
    hub.seconds_per_step = 0.02
    weights = library / "models" / ".small.part" / WEIGHTS
    process = subprocess.Popen(
        [*COMMAND, "small"], env=surroundings(library, HF_ENDPOINT=address), stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + SECONDS
    while not weights.exists() or weights.stat().st_size < 2_000_000:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = weights.stat().st_size
    assert 2_000_000 <= kept < 8_000_000
    hub.seconds_per_step = 0
    done = run(library, "small", HF_ENDPOINT=address)
    assert done.returncode == 0, done.stderr
    assert hub.ranges == [f"bytes={kept}-"], "what was there is not asked for again"
    assert (library / "models" / "small" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_proxy_is_used(served: tuple[Hub, str], library: Path) -> None:
    hub, address = served
    done = run(library, "small", HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=address)
    assert done.returncode == 0, done.stderr
    assert f"HEAD http://hub.invalid/{SMALL.repo}/resolve/main/{WEIGHTS}" in hub.asked


@pytest.mark.parametrize(
    ("surroundings", "sentence"),
    [
        ({"HF_ENDPOINT": "nonsense"}, "HF_ENDPOINT is “nonsense”, which is no address of the web"),
        ({"SSL_CERT_FILE": "nowhere.pem"}, "The certificates in “nowhere.pem”, which SSL_CERT_FILE names"),
        ({"HF_ENDPOINT": "http://127.0.0.1:1", "ALL_PROXY": "wibble://127.0.0.1:1"}, "proxy"),
    ],
)
def test_what_cannot_work_is_one_sentence(library: Path, surroundings: dict[str, str], sentence: str) -> None:
    done = run(library, "small", **surroundings)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "There is no model" in run(library, "wibble").stderr


def test_what_it_waits_for_is_told(served: tuple[Hub, str], library: Path) -> None:
    hub, address = served
    hub.refuse("HEAD", 429, Retry_After="2")
    hub.refuse("GET", 503)
    done = run(library, "small", HF_ENDPOINT=address)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "small",
        "small: the hub asks to wait 2 s",
        "small",
        "small: the hub cannot answer just now; next try in 1 s",
        "small",
    ]


def test_a_network_that_is_away_is_waited_for_until_one_interrupts(library: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "small"],
        env=surroundings(library, HF_ENDPOINT="http://127.0.0.1:1"),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # else a test run in the background ignores it
    )
    assert process.stderr is not None
    lines = [process.stderr.readline().rstrip() for _ in range(2)]
    assert lines == ["small", "small: waiting for the network; next try in 1 s"]
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=SECONDS)
    assert "Traceback" not in rest
    assert process.returncode != 0


def test_what_needs_no_download_is_told_and_nothing_is_written(library: Path) -> None:
    assert "“quick look” is built in" in run(library, "quick look").stderr
    assert "“quick look” is built in" in run(library, "quick look", "--from", str(TINY_CLIP)).stderr
    assert f"photofind models use {TINY_CLIP}" in run(library, str(TINY_CLIP)).stderr
    assert not (library / "models").exists()


def test_files_of_another_model_are_refused(library: Path) -> None:
    done = run(library, "small", "--from", str(TINY_CLIP))
    assert done.returncode == 1
    assert "not those of the model “small”" in done.stderr


def test_files_that_one_has_need_no_network(library: Path, tmp_path: Path) -> None:
    """Where the tests' own model is offered as "small"."""
    change = (
        "from dataclasses import replace; from photofind.core.models import offered as models; "
        f"size = {(TINY_CLIP / WEIGHTS).stat().st_size}; "
        "tiny = replace(models.find('small'), dim=64, size=64, download_bytes=size); "
        "models.find = lambda name: tiny; "
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{change}{COMMAND[2]}", "models", "get", "small", "--from", str(TINY_CLIP)],
        env=surroundings(library, HF_ENDPOINT="http://127.0.0.1:1"),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert {CONFIG, WEIGHTS} <= {path.name for path in (library / "models" / "small").iterdir()}


# A change of model, and what is left of it


KEYS = {"name", "installed", "in_use", "for_similar", "license", "download_bytes", "dim"}


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A closed library of eight scenes that quick look has embedded."""
    made = Library(tmp_path / "library")
    watch_scenes(made, tmp_path / "scenes", 8)
    made.close()
    return made.directory


def photofind(library: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*PHOTOFIND, *arguments], env=surroundings(library), capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def line_of(printed: str, name: str) -> str:
    """Return what the list says of a model, its mark included."""
    return next(line for line in printed.splitlines() if line[2:].startswith(f"{name}:"))


def embed(library: Path) -> None:
    opened = Library(library)
    embed_in_turns(opened)
    opened.models.finish_change()
    opened.close()


def test_a_change_is_begun_cancelled_and_ended_from_the_command_line(scenes: Path) -> None:
    printed = photofind(scenes, "models", "use", str(TINY_CLIP)).stdout
    assert line_of(printed, str(TINY_CLIP)).startswith("* ")
    assert "being prepared: 8 photos left" in line_of(printed, str(TINY_CLIP))
    assert "answers until then" in line_of(printed, "quick look")
    cancelled = json.loads(photofind(scenes, "models", "cancel", "--json").stdout)["models"]
    assert [model["name"] for model in cancelled if model["in_use"]] == ["quick look"]
    photofind(scenes, "models", "use", str(TINY_CLIP))
    embed(scenes)
    printed = photofind(scenes, "models").stdout
    assert line_of(printed, str(TINY_CLIP)).startswith("* ")
    assert "prepared" not in printed
    assert "keeps 8 vectors" in line_of(printed, "quick look")


def test_what_a_model_made_is_forgotten_when_one_says_so(scenes: Path) -> None:
    library = Library(scenes)
    change_to(library, TINY_CLIP)
    library.close()
    assert "choose another one first" in photofind(scenes, "models", "forget", str(TINY_CLIP), status=1).stderr
    done = photofind(scenes, "models", "forget", "quick look", "--json")
    assert "8 vectors deleted." in done.stderr
    listed = json.loads(done.stdout)
    assert list(listed) == ["models"]
    assert all(set(model) == KEYS for model in listed["models"])
    assert "keeps" not in line_of(photofind(scenes, "models").stdout, "quick look")
    assert "Nothing is kept" in photofind(scenes, "models", "forget", "wibble", status=1).stderr


def test_the_device_is_said_and_chosen(scenes: Path) -> None:
    assert photofind(scenes, "models", "device").stdout == "auto: CPU\n"
    assert photofind(scenes, "models", "device", "cpu").stdout == "cpu: CPU\n"
    assert json.loads(photofind(scenes, "models", "device", "--json").stdout) == {"choice": "cpu", "device": "CPU"}
    assert "gpu" in photofind(scenes, "models", "device", "gpu", status=2).stderr


def test_a_device_that_is_not_there_is_told_at_once(scenes: Path) -> None:
    photofind(scenes, "models", "use", str(TINY_CLIP))
    card = "mps" if sys.platform != "darwin" else "cuda"
    done = photofind(scenes, "models", "device", card)
    assert done.stdout == f"{card}: CPU\n"
    assert "graphics card that was chosen is not there" in done.stderr


# A model that is not offered any more


def test_status_models_and_search_tell_what_takes_the_place_of_one_that_is_retired(scenes: Path) -> None:
    folder = scenes / "models" / "more languages"
    shutil.copytree(TINY_CLIP, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    library = Library(scenes)
    change_to(library, "more languages")
    library.close()
    shutil.rmtree(folder)
    for asked in (["status"], ["models"], ["search", "red"]):
        told = photofind(scenes, *asked).stderr
        assert "“more languages” is not offered any more; “multilingual” takes its place" in told
    assert json.loads(photofind(scenes, "status", "--json").stdout)["model"] == "quick look"
    listed = line_of(photofind(scenes, "models").stdout, "more languages")
    assert "Offered formerly; “multilingual” takes its place." in listed
    assert "keeps 8 vectors" in listed
    refused = photofind(scenes, "models", "get", "more languages", status=1).stderr
    assert "photofind models get multilingual" in refused


def test_both_licences_of_a_model_are_shown_where_they_differ(scenes: Path) -> None:
    listed = photofind(scenes, "models").stdout
    assert "(Apache-2.0 by its page, MIT by its makers, 605 MB to download)" in line_of(listed, "classic")
    assert "(MIT, 605 MB to download)" in line_of(listed, "small")


# A second model, for Find similar


def test_find_similar_gets_a_model_of_its_own_and_loses_it_again(scenes: Path, tmp_path: Path) -> None:
    model = str(make_tiny_similar_model(tmp_path / "twins"))
    asked = ("similar", str(tmp_path / "scenes" / "03.jpg"), "--json")
    done = photofind(scenes, "models", "use", model)
    assert "Find similar uses “twins” once it has seen your photos; words go on with “quick look”." in done.stderr
    assert "beside another model, being prepared: 8 photos left" in line_of(done.stdout, model)
    assert line_of(done.stdout, "quick look").startswith("* "), "it is in use as before"
    assert json.loads(photofind(scenes, *asked).stdout)["model"] == "quick look"
    indexed = photofind(scenes, "index")
    assert "fitting the model" in indexed.stderr
    assert "Getting ready for Find similar" in indexed.stderr
    answer = json.loads(photofind(scenes, *asked).stdout)
    assert (answer["model"], Path(answer["hits"][0]["path"]).name) == ("twins", "03.jpg")
    assert json.loads(photofind(scenes, "search", "red", "--json").stdout)["model"] == "quick look"
    listed = json.loads(photofind(scenes, "models", "--json").stdout)["models"]
    assert [m["name"] for m in listed if m["in_use"]] == ["quick look", model]
    assert [m["name"] for m in listed if m["for_similar"]] == [model, "look-alikes"]
    assert "stop using it first" in photofind(scenes, "models", "forget", model, status=1).stderr
    stopped = photofind(scenes, "models", "stop", model)
    assert "Find similar uses “quick look” again; the vectors that were made for it are kept." in stopped.stderr
    assert "keeps 8 vectors" in line_of(stopped.stdout, model)
    assert json.loads(photofind(scenes, *asked).stdout)["model"] == "quick look"
    assert "not the one for Find similar" in photofind(scenes, "models", "stop", model, status=1).stderr
    assert "8 vectors deleted." in photofind(scenes, "models", "forget", model).stderr
