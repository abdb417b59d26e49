"""`photofind models`: list, get and use."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from photofind.cli.access import json_option, open_library, print_json, read_library
from photofind.cli.group import cli
from photofind.core.library import Library
from photofind.core.places import models_dir


@cli.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List the models that can be chosen."""
    if ctx.invoked_subcommand is None:
        with read_library(ctx.obj) as library:
            _print_models(library, as_json)


@models.command("get")
@click.argument("name")
@json_option
@click.pass_obj
def get_model(directory: Path, name: str, as_json: bool) -> None:
    """Download a model."""
    from photofind.core import download  # noqa: PLC0415 - only this command goes online
    from photofind.core.models import find  # noqa: PLC0415 - as above

    with click.progressbar(length=1, label=name, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        download.get_model(find(name), models_dir(directory), show, is_cancelled=lambda: False)
    with read_library(directory) as library:
        _print_models(library, as_json)


@models.command("use")
@click.argument("name_or_folder")
@json_option
@click.pass_obj
def use_model(directory: Path, name_or_folder: str, as_json: bool) -> None:
    """Embed with a model from now on; the next `photofind index` or the window does it."""
    with open_library(directory) as library:
        library.use_model(name_or_folder)
        _print_models(library, as_json)


def _print_models(library: Library, as_json: bool) -> None:
    found = library.models()
    if as_json:
        keys = ("name", "installed", "in_use", "license", "download_bytes", "dim")
        print_json({"models": [{key: getattr(model, key) for key in keys} for model in found]})
        return
    for model in found:
        mark = "*" if model.in_use else " "
        size = "" if model.installed else f"  {model.download_bytes / 1e6:.0f} MB to download"
        click.echo(f"{mark} {model.name}: {model.good_for} ({model.license}){size}")
