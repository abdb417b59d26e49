"""The real program as a process, as scripts and other programs use it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photofind.core.disk.volumes import volume_of
from photofind.core.encoders.engines import ENGINES, engines_dir, read_engines, write_engines
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from photofind.core.places import models_dir
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.end2end.many_photos import ManyPhotos
from tests.pictures import COLORS, write_colors, write_photo
from tests.tiny_clip import TINY_CLIP


class Program:
    """photofind on one library."""

    def __init__(self, library: Path) -> None:
        self.library = library

    def run(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "photofind", "--library", self.library, *arguments]
        done = subprocess.run(command, capture_output=True, timeout=120)
        assert done.returncode == status, done.stderr.decode()
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def refusal(self, *arguments: str | Path, status: int = 1) -> str:
        return self.run(*arguments, status=status).stderr.decode().strip()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "library")


@pytest.fixture
def indexed(program: Program, folder: Path) -> Program:
    """photofind on a library whose eight photos are embedded: in this process, as starting two takes longer."""
    library = Library(program.library)
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.close()
    return program


def names(document: Any) -> list[str]:
    return [Path(hit["path"]).name for hit in document["hits"]]


def test_the_main_job_in_three_commands(program: Program, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"no picture")
    added = program.json("folders", "add", folder)
    away = {"missing": 0, "in_cloud": 0, "drive": volume_of(os.fsencode(folder)).drive}
    assert added == {"folders": [{"path": str(folder), "online": True, "photos": 0, "pending": 0, "failed": 0, **away}]}
    index = program.json("index")
    assert set(index) == {
        "added",
        "updated",
        "moved",
        "removed",
        "embedded",
        "failed",
        "seconds",
        "images_per_second",
        "device",
        "engine",
        "model",
    }
    assert (index["added"], index["embedded"], index["failed"], index["model"]) == (9, 8, 1, "quick look")
    found = program.json("search", "red", "--limit", "3")
    assert set(found) == {"query", "model", "total", "likely", "seconds", "hits"}
    assert names(found)[0] == "red.jpg"
    assert len(found["hits"]) == 3
    assert set(found["hits"][0]) == {
        *("id", "path", "score", "likely", "why", "width", "height", "taken", "taken_from", "zone", "folder")
    }
    assert found["hits"][0]["folder"] == str(folder)
    assert program.json("problems")["problems"][0]["path"] == str(folder / "broken.jpg")


def test_hits_say_whether_their_name_was_found_or_their_looks(indexed: Program) -> None:
    whys = {Path(hit["path"]).name: hit["why"] for hit in indexed.json("search", "green")["hits"]}
    assert whys.pop("green.jpg") == "name"
    assert set(whys.values()) == {"looks"}


def test_without_folders_the_next_step_is_said(program: Program) -> None:
    done = program.run("index")
    assert done.stdout == b""
    assert "add one with “photofind folders add DIR”" in done.stderr.decode()


def test_what_is_to_be_done_next_is_said_until_there_are_photos(program: Program, folder: Path) -> None:
    assert "add one with “photofind folders add DIR”" in program.run("search", "red").stderr.decode()
    assert "“photofind index” looks for them" in program.run("folders", "add", folder).stderr.decode()
    assert "“photofind index” looks for them" in program.run("search", "red").stderr.decode()
    program.run("index")
    assert program.run("folders").stderr == b""
    assert program.run("search", "zzz").stderr.decode().endswith("Nothing found.\n")
    assert "every photo could be read" in program.run("problems").stderr.decode()


def test_words_need_no_quotes(indexed: Program) -> None:
    assert indexed.json("search", "blue", "sky", "--limit", "3")["query"] == "blue sky"


@pytest.mark.parametrize("command", [(), ("folders",), ("models",)], ids=["photofind", "folders", "models"])
def test_help_says_of_each_command_a_whole_sentence(program: Program, command: tuple[str, ...]) -> None:
    said = program.run(*command, "--help").stdout.decode().partition("Commands:\n")[2].splitlines()
    assert len(said) >= 4
    assert [line for line in said if not line.endswith(".") or line.endswith("...")] == []


def test_a_folder_that_is_away_is_said_to_be_so_in_lines(indexed: Program, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    indexed.run("index")
    assert b"away" in indexed.run("folders").stdout
    assert "away  8" in indexed.run("status").stdout.decode()


def test_vanished_photos_are_told_with_the_command_for_them(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "holiday photos"
    folder.mkdir()
    for number in range(52):
        write_photo(folder / f"{number}.jpg", COLORS["red"])
    program.run("folders", "add", folder)
    program.run("index")
    for number in range(51):
        (folder / f"{number}.jpg").unlink()
    assert f"photofind folders accept '{folder}'" in program.run("index").stderr.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_one_of_anything_is_told_as_one(program: Program, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "photos" / "one.jpg", COLORS["red"])
    (photo.parent / "round").symlink_to(photo.parent)
    program.run("folders", "add", photo.parent)
    assert program.run("index").stdout.decode().startswith("1 photo embedded in")
    assert "(1 photo, 1 link or drive inside not followed)" in program.run("folders").stdout.decode()
    photo.unlink()
    told = program.run("index").stderr.decode()
    assert f"1 of 1 photo vanished from “{photo.parent}” at once, and is kept. If it was deleted:" in told
    assert "(1 photo, 1 vanished and is kept, " in program.run("folders").stdout.decode()


def test_a_second_index_does_only_what_is_new(indexed: Program, folder: Path) -> None:
    assert indexed.json("index")["embedded"] == 0
    write_photo(folder / "new.jpg", COLORS["red"], seed=33)
    (folder / "blue.jpg").rename(folder / "bleu.jpg")
    (folder / "green.jpg").unlink()
    again = indexed.json("index")
    assert [again[key] for key in ("added", "moved", "removed", "embedded")] == [1, 1, 1, 1]


def test_similar_finds_the_like_of_a_picture(indexed: Program, tmp_path: Path) -> None:
    picture = write_photo(tmp_path / "query.webp", COLORS["purple"], (800, 300), seed=12)
    found = indexed.json("similar", picture, "--limit", "2")
    assert found["query"] == str(picture)
    assert names(found)[0] == "purple.jpg"
    assert "cannot be searched with" in indexed.refusal("similar", __file__)
    assert indexed.refusal("similar", tmp_path / "nowhere.jpg").endswith(f"no file “{tmp_path / 'nowhere.jpg'}”.")


def test_status_and_check_tell_the_state(indexed: Program) -> None:
    status = indexed.json("status")
    why = "A search compares every photo; up to 1,500,000 of them, that is fast."
    assert status["vector_index"] == {"kind": "exact", "vectors": 8, "state": "ready", "why": why, "trial": None}
    assert f"search  {why}" in indexed.run("status").stdout.decode()
    assert [status[key] for key in ("photos", "embedded", "pending", "failed", "offline")] == [8, 8, 0, 0, 0]
    assert status["library"] == str(indexed.library)
    assert status["bytes"] > 10_000
    assert indexed.json("check") == {"ok": True, "findings": []}


def test_check_finds_damage_and_repairs_it(indexed: Program) -> None:
    with closing(sqlite3.connect(indexed.library / "thumbnails.sqlite")) as database:
        database.execute("DELETE FROM thumbnail WHERE photo_id = 3")
        database.commit()
    report = json.loads(indexed.run("check", "--json", status=1).stdout)
    assert report == {
        "ok": False,
        "findings": [{"what": "photos without a thumbnail", "count": 1, "repaired": False}],
    }
    assert indexed.json("check", "--repair")["ok"]
    indexed.run("index")
    assert indexed.json("check") == {"ok": True, "findings": []}


def test_models_are_listed_used_and_refused(indexed: Program) -> None:
    models = indexed.json("models")["models"]
    assert set(models[0]) == {"name", "installed", "in_use", "for_similar", "license", "download_bytes", "dim"}
    assert [model["name"] for model in models if model["in_use"]] == ["quick look"]
    assert "not installed" in indexed.refusal("models", "use", "small")
    assert "There is no model" in indexed.refusal("models", "use", "wibble")
    in_use = [model for model in indexed.json("models", "use", TINY_CLIP)["models"] if model["in_use"]]
    assert in_use[0]["name"] == str(TINY_CLIP)
    assert indexed.json("search", "red")["model"] == "quick look", "the old model answers until the new one is ready"
    index = indexed.json("index")
    assert index["embedded"] == 8
    assert index["device"] != "CPU" or index["engine"] in ENGINES
    assert indexed.json("search", "red")["model"] != "quick look"
    directory = engines_dir(models_dir(indexed.library), read_model_folder(TINY_CLIP).spec.model_id)
    engines = read_engines(directory)
    assert engines is not None
    refused = Sentence("engine_inexact", engine="torch bf16", off=8.0, furthest=20.0, same=88.0)
    write_engines(directory, replace(engines, refused={"torch bf16": refused.to_text()}))
    status = indexed.json("status")
    if status["device"] == "CPU":
        assert (status["engine"], status["inexact"]) == (engines.images, {"torch bf16": str(refused)})
        assert f"inexact  {refused}" in indexed.run("status").stdout.decode()


def test_people_get_lines_and_programs_get_exact_paths(program: Program, tmp_path: Path) -> None:
    folder = os.path.join(os.fsencode(tmp_path), b"odd \xff\xfe")
    os.mkdir(folder)
    source = write_photo(tmp_path / "a.jpg")
    path = os.path.join(folder, "two\nlines 😀.jpg".encode())
    os.rename(source, path)
    subprocess.run(
        [sys.executable, "-m", "photofind", "--library", program.library, "folders", "add", folder], check=True
    )
    program.run("index")
    assert path in program.run("search", "red").stdout
    assert os.fsencode(program.json("search", "red")["hits"][0]["path"]) == path


def test_wrong_use_ends_with_2_and_a_hint(program: Program) -> None:
    assert "Type some words" in program.refusal("search", "   ", status=2)
    program.refusal("search", status=2)
    program.refusal("search", "red", "--limit", "0", status=2)
    program.refusal("folders", "add", status=2)
    assert "There is no command “serach”; did you mean “search”?" in program.refusal("serach", "red", status=2)


@pytest.mark.parametrize("text", ["red " * 2500, "🌹", '"', "-rf"], ids=["10,000 characters", "emoji", "quote", "dash"])
def test_odd_words_do_no_harm(indexed: Program, text: str) -> None:
    done = indexed.run("search", "--json", "--", text)
    assert "hits" in json.loads(done.stdout)
    assert (b"only the first 1,000 characters" in done.stderr) == (len(text) > 1000)


def test_folders_that_cannot_be_watched_are_refused(indexed: Program, folder: Path, tmp_path: Path) -> None:
    (folder / "inner").mkdir()
    assert "already in the library" in indexed.refusal("folders", "add", folder)
    assert "lies inside" in indexed.refusal("folders", "add", folder / "inner")
    assert "There is no folder" in indexed.refusal("folders", "add", tmp_path / "nowhere")
    assert "is not in the library" in indexed.refusal("folders", "remove", tmp_path)
    assert indexed.json("folders", "remove", folder) == {"folders": []}
    assert len(list(folder.glob("*.jpg"))) == 8


def test_a_library_in_use_can_be_searched_but_not_changed(indexed: Program, tmp_path: Path) -> None:
    other = Library(indexed.library)
    assert names(indexed.json("search", "red"))[0] == "red.jpg"
    assert indexed.json("status")["embedded"] == 8
    write_colors(tmp_path / "more")
    assert "open in another photofind" in indexed.refusal("folders", "add", tmp_path / "more")
    assert "open in another photofind" in indexed.refusal("index")
    other.close()


def test_a_library_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in Program(tmp_path / "file" / "library").refusal("status")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "catalog.sqlite").write_bytes(b"letter" * 1000)
    assert "damaged" in Program(tmp_path / "bad").refusal("search", "red")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 1.5 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk takes rights that this user does not have")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_is_said_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    for number in range(120):
        write_photo(tmp_path / "many" / f"{number}.jpg", COLORS["blue"], (640, 480), number)
    program = Program(small_disk / "library")
    program.run("folders", "add", tmp_path / "many")
    refusal = program.refusal("index").splitlines()[-1]
    assert refusal.startswith("photofind: The disk with the library")
    assert "is full; free some space" in refusal
    done = program.json("status")["embedded"]
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    assert program.json("index")["embedded"] == 120 - done
    assert program.json("check") == {"ok": True, "findings": []}


def test_a_disk_that_is_full_before_it_begins_is_said(small_disk: Path) -> None:
    program = Program(small_disk / "library")
    program.run("status")
    with suppress(OSError):
        (small_disk / "others").write_bytes(bytes(2_000_000))
    for command in (["status"], ["search", "red"], ["index"]):
        assert "is full; free some space" in program.refusal(*command)


def test_a_read_only_disk_is_said(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    program = Program(small_disk / "library")
    for command in (["status"], ["search", "red"], ["index"]):
        assert "cannot be written" in program.refusal(*command)


def test_killed_while_indexing_loses_nothing_that_was_done(program: Program, tmp_path: Path) -> None:
    program.run("folders", "add", ManyPhotos((2400, 1800)).fill(tmp_path / "many", 60))
    command = [sys.executable, "-m", "photofind", "--library", str(program.library), "index"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    done = 0
    while done < 10 and time.monotonic() < deadline and process.poll() is None:
        reader = Library(program.library, read_only=True)
        done = reader.embedding.counts.embedded
        reader.close()
    process.kill()
    process.wait()
    assert program.json("check") == {"ok": True, "findings": []}
    rest = program.json("index")
    assert rest["embedded"] <= 60 - done
    assert program.json("status")["embedded"] == 60
