"""What the commands share: opening the library, and printing for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from photofind.core.library import Library, LibraryInUseError

NO_FOLDERS = "No folders yet; add one with “photofind folders add DIR”."
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@contextmanager
def open_library(directory: Path) -> Iterator[Library]:
    """Open the library for writing."""
    with Library(directory) as library:
        _tell_notice(library)
        yield library


@contextmanager
def read_library(directory: Path) -> Iterator[Library]:
    """Open the library; for reading alone while another photofind has it."""
    try:
        library = Library(directory)
    except LibraryInUseError:
        library = Library(directory, read_only=True)
    with library:
        _tell_notice(library)
        yield library


def _tell_notice(library: Library) -> None:
    """Say how it was opened, where another model than the chosen one answers for instance."""
    if library.notice:
        click.echo(f"photofind: {library.notice}", err=True)


def next_step(library: Library) -> str:
    """Return what a person does next whose library has no photos."""
    if library.folders.all():
        return "No photos yet; “photofind index” looks for them."
    return NO_FOLDERS


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts: “1 photo”, “2 photos”."""
    return f"{number} {one if number == 1 else many}"


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document))


def print_path(path: bytes, before: str = "", after: str = "") -> None:
    """Print a path as the bytes that it is, so that other programs can open it."""
    click.echo(before.encode() + path + after.encode())
