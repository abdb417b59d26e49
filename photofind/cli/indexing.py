"""`photofind folders` and `photofind index`: what is watched, and embedding it."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import Any

import click

from photofind.background.disk_reader import look_patiently, read_patiently
from photofind.cli.access import (
    NO_FOLDERS,
    counted,
    json_option,
    next_step,
    open_library,
    print_json,
    print_path,
    read_library,
)
from photofind.cli.group import cli
from photofind.cli.path_type import PATH
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import in_a_row
from photofind.core.steps import finish

folder_argument = click.argument("directories", nargs=-1, required=True, type=PATH)


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
    """Watch folders. `photofind index` or the window embeds their photos."""
    with open_library(directory) as library:
        for path in directories:
            finish(library.folders.adding(path, read_patiently))
        _print_folders(library, as_json)
        if not library.embedding.counts.photos:
            click.echo(next_step(library), err=True)


@folders.command("remove")
@folder_argument
@json_option
@click.pass_obj
def remove_folders(directory: Path, directories: tuple[Path, ...], as_json: bool) -> None:
    """Forget folders and what is known of their photos; the files stay."""
    with open_library(directory) as library:
        for path in directories:
            library.folders.remove(_place(library, path))
        _print_folders(library, as_json)


@folders.command("locate")
@click.argument("folder", type=PATH)
@click.argument("place", type=PATH)
@json_option
@click.pass_obj
def locate_folder(directory: Path, folder: Path, place: Path, as_json: bool) -> None:
    """Say where a watched folder lies now. Everything known of its photos is kept."""
    with open_library(directory) as library:
        finish(library.folders.locating(_place(library, folder), place, read_patiently))
        _print_folders(library, as_json)


@folders.command("accept")
@folder_argument
@json_option
@click.pass_obj
def accept_missing(directory: Path, directories: tuple[Path, ...], as_json: bool) -> None:
    """Take photos that vanished from folders, all at once, for deleted."""
    with open_library(directory) as library:
        for path in directories:
            finish(library.folders.accepting_missing(_place(library, path), read_patiently))
        _print_folders(library, as_json)


def _place(library: Library, path: Path) -> bytes:
    """Return where a folder lies as the library knows it; of one that it knows no disk is asked."""
    place = os.fsencode(path.absolute())
    if any(place == folder.path for folder in library.folders.all()):
        return place
    return look_patiently(place, lambda: os.path.realpath(place))


def _print_folders(library: Library, as_json: bool) -> None:
    found = library.folders.all()
    if as_json:
        rows = [
            {
                "path": os.fsdecode(f.path),
                "online": f.online,
                "photos": f.photos,
                "pending": f.pending,
                "failed": f.failed,
                "missing": f.missing,
                "in_cloud": f.in_cloud,
                "drive": f.drive,
                **_said_of(f),
            }
            for f in found
        ]
        print_json({"folders": rows})
        return
    for f in found:
        notes = [
            counted(f.photos, "photo", "photos"),
            f"{f.pending} pending" * bool(f.pending),
            f"{f.failed} failed" * bool(f.failed),
            counted(f.vanished, "vanished and is kept", "vanished at once and are kept") * bool(f.vanished),
            f"{f.away_inside} away with a link or a drive inside" * bool(f.away_inside),
            f"{f.in_cloud} only in the cloud, left out" * bool(f.in_cloud),
            f"{_not_followed(f)} inside not followed" * bool(f.not_followed),
            _away(f),
        ]
        print_path(f.path, after="  (" + ", ".join(note for note in notes if note) + ")")
    if not found:
        click.echo(NO_FOLDERS, err=True)


def _not_followed(folder: Folder) -> str:
    return counted(folder.count_not_followed, "link or drive", "links or drives")


def _said_of(folder: Folder) -> dict[str, Any]:
    """Return what is said only where there is something to say."""
    not_followed = [{"path": os.fsdecode(one.path), "why": str(one.why)} for one in folder.not_followed]
    why_away = str(folder.why_away) if folder.why_away is not None else None
    said = {
        "not_followed": not_followed,
        "more_not_followed": folder.more_not_followed,
        "why_away": why_away,
        "away_inside": folder.away_inside,
    }
    return {name: value for name, value in said.items() if value}


def _away(folder: Folder) -> str:
    if folder.online:
        return ""
    if folder.why_away is not None:
        return f"away: {folder.why_away}"
    return f"away: the drive “{folder.drive}” is not connected" if folder.drive else "away"


def _tell_what_is_away(folders: list[Folder]) -> None:
    for folder in folders:
        name = display_name(folder.path)
        if folder.online and folder.away_inside:
            click.echo(
                f"photofind: of {counted(folder.photos, 'photo', 'photos')} in “{name}”, {folder.away_inside} "
                f"{'is' if folder.away_inside == 1 else 'are'} kept while a link or a drive inside it is away.",
                err=True,
            )
        if folder.why_away is not None:
            click.echo(f"photofind: “{name}” is left out: {folder.why_away} What is known of it is kept.", err=True)
        elif not folder.online:
            drive = f"; connect the drive “{folder.drive}”" if folder.drive else ""
            click.echo(f"photofind: “{name}” cannot be reached{drive}. What is known of its photos is kept.", err=True)
        elif folder.vanished:
            kept, they = ("is kept", "it was") if folder.vanished == 1 else ("are kept", "they were")
            click.echo(
                f"photofind: {folder.vanished} of {counted(folder.photos, 'photo', 'photos')} vanished from “{name}” "
                f"at once, and {kept}. If {they} deleted: photofind folders accept {shlex.quote(name)}",
                err=True,
            )


@cli.command()
@json_option
@click.pass_obj
def index(directory: Path, as_json: bool) -> None:
    """Embed every photo that is new or changed. All folders are looked through for them."""
    from photofind.cli.index_all import index_all  # noqa: PLC0415 - starts with processes and threads

    start = time.monotonic()
    with open_library(directory) as library:
        if library.models.adopt_installed():
            click.echo(
                f"photofind: the model “{library.models.indexing.spec.name}” is installed and used from now on.",
                err=True,
            )
        result = index_all(library)
        watched = library.folders.all()
        _tell_what_is_away(watched)
        seconds = time.monotonic() - start
        rate = result.embedded / seconds if seconds else 0.0
        model = library.models.indexing
        document = {
            "added": result.added,
            "updated": result.updated,
            "moved": result.moved,
            "removed": result.removed,
            "embedded": result.embedded,
            "failed": result.failed,
            "seconds": round(seconds, 3),
            "images_per_second": round(rate, 2),
            "device": model.device,
            "engine": model.engine,
            "model": model.spec.name,
        }
    if as_json:
        print_json(document)
    elif watched:
        click.echo(
            f"{counted(result.embedded, 'photo', 'photos')} embedded in {seconds:.1f} s "
            f"({rate:.1f} a second, {model.device}, {model.engine}); {result.added} new, {result.updated} changed, "
            f"{result.moved} moved, {result.removed} gone, {result.failed} could not be read."
        )
    if not watched:
        click.echo(NO_FOLDERS, err=True)
    if (mistakes := in_a_row(*result.mistakes)) is not None:
        raise PhotofindError.saying(mistakes)
