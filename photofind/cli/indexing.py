"""`photofind folders` and `photofind index`: what is watched, and embedding it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from photofind.cli.access import json_option, open_library, print_json, print_path, read_library
from photofind.cli.group import cli
from photofind.core.library import Library

folder_argument = click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path))


@cli.group(invoke_without_command=True)
@json_option
@click.pass_context
def folders(ctx: click.Context, as_json: bool) -> None:
    """List the watched folders."""
    if ctx.invoked_subcommand is None:
        with read_library(ctx.obj) as library:
            _print_folders(library, as_json)


@folders.command("add")
@folder_argument
@json_option
@click.pass_obj
def add_folders(directory: Path, directories: tuple[Path, ...], as_json: bool) -> None:
    """Watch folders; `photofind index` or the window embeds their photos."""
    with open_library(directory) as library:
        for path in directories:
            library.add_folder(path)
        _print_folders(library, as_json)


@folders.command("remove")
@folder_argument
@json_option
@click.pass_obj
def remove_folders(directory: Path, directories: tuple[Path, ...], as_json: bool) -> None:
    """Forget folders and what is known of their photos; the files stay."""
    with open_library(directory) as library:
        for path in directories:
            library.remove_folder(os.fsencode(path.absolute()))
        _print_folders(library, as_json)


def _print_folders(library: Library, as_json: bool) -> None:
    found = library.folders()
    if as_json:
        rows = [
            {
                "path": os.fsdecode(f.path),
                "online": f.online,
                "photos": f.photos,
                "pending": f.pending,
                "failed": f.failed,
            }
            for f in found
        ]
        print_json({"folders": rows})
        return
    for f in found:
        notes = [
            f"{f.photos} photos",
            f"{f.pending} pending" * bool(f.pending),
            f"{f.failed} failed" * bool(f.failed),
        ]
        notes.append("" if f.online else "offline")
        print_path(f.path, after="  (" + ", ".join(note for note in notes if note) + ")")
    if not found:
        click.echo("No folders yet; add one with “photofind folders add DIR”.", err=True)


@cli.command()
@json_option
@click.pass_obj
def index(directory: Path, as_json: bool) -> None:
    """Look through all folders and embed every photo that is new or changed."""
    from photofind.cli.index_all import index_all  # noqa: PLC0415 - starts with processes and threads

    start = time.monotonic()
    with open_library(directory) as library:
        if library.adopt_installed_model():
            click.echo(
                f"photofind: the model “{library.indexing.spec.name}” is installed and used from now on.", err=True
            )
        result = index_all(library)
        seconds = time.monotonic() - start
        rate = result.embedded / seconds if seconds else 0.0
        encoder = library.indexing.encoder
        document = {
            "added": result.added,
            "updated": result.updated,
            "moved": result.moved,
            "removed": result.removed,
            "embedded": result.embedded,
            "failed": result.failed,
            "seconds": round(seconds, 3),
            "images_per_second": round(rate, 2),
            "device": encoder.device,
            "engine": encoder.engine,
            "model": library.indexing.spec.name,
        }
    if as_json:
        print_json(document)
        return
    click.echo(
        f"{result.embedded} photos embedded in {seconds:.1f} s ({rate:.1f} a second, {encoder.device}, "
        f"{encoder.engine}); {result.added} new, {result.updated} changed, {result.moved} moved, "
        f"{result.removed} gone, {result.failed} could not be read."
    )
