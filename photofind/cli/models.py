"""`photofind models`: list, get, use, stop, cancel a change, forget, and choose the device."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from photofind.cli.access import counted, json_option, open_library, print_json, read_library
from photofind.cli.group import cli
from photofind.cli.path_type import PATH
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.places import models_dir
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, ModelState
from photofind.core.sentences.sentence import Sentence


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
@click.option(
    "--from",
    "folder",
    type=PATH,
    help="A folder with the model's files, so that nothing is downloaded.",
)
@json_option
@click.pass_obj
def get_model(directory: Path, name: str, folder: Path | None, as_json: bool) -> None:
    """Download a model, or what is still missing of it."""
    from photofind.core.models import download, own_files  # noqa: PLC0415 - only this command goes online
    from photofind.core.models.offered import find, is_path, quoted  # noqa: PLC0415 - as above

    if is_path(name):
        raise PhotofindError("own_model_not_got", folder=quoted(name))
    model, target = find(name), models_dir(directory)
    if model.name == QUICK_LOOK:
        raise PhotofindError("model_built_in", model=name)
    with click.progressbar(length=1, label=name, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        def wait(waits_for: Sentence | None) -> None:
            bar.label = f"{name}: {waits_for}" if waits_for else name
            bar.render_progress()

        if folder is None:
            download.get_model(model, target, show, is_stopped=lambda: False, on_wait=wait)
        else:
            own_files.copy_model(model, folder, target, show, is_stopped=lambda: False)
    with read_library(directory) as library:
        _print_models(library, as_json)


@models.command("use")
@click.argument("name_or_folder")
@json_option
@click.pass_obj
def use_model(directory: Path, name_or_folder: str, as_json: bool) -> None:
    """Embed with a model from now on. The next `photofind index` or the window does it."""
    with open_library(directory) as library:
        model = library.models.use(name_or_folder)
        if model.for_similar:
            words, second = library.models.answering.spec.name, model.spec.name
            sentence = f"Find similar uses “{second}” once it has seen your photos; words go on with “{words}”."
            click.echo(f"photofind: {sentence}", err=True)
        _print_models(library, as_json)


@models.command("stop")
@click.argument("name_or_folder")
@json_option
@click.pass_obj
def stop_using(directory: Path, name_or_folder: str, as_json: bool) -> None:
    """Stop using the model that is for Find similar alone. Its vectors are kept."""
    with open_library(directory) as library:
        library.models.stop_using(name_or_folder)
        words = library.models.answering.spec.name
        click.echo(
            f"photofind: Find similar uses “{words}” again; the vectors that were made for it are kept.", err=True
        )
        _print_models(library, as_json)


@models.command("cancel")
@json_option
@click.pass_obj
def cancel_change(directory: Path, as_json: bool) -> None:
    """Cancel a change of model: go on with the one that answers."""
    with open_library(directory) as library:
        library.models.cancel_change()
        _print_models(library, as_json)


@models.command("forget")
@click.argument("name_or_folder")
@json_option
@click.pass_obj
def forget_model(directory: Path, name_or_folder: str, as_json: bool) -> None:
    """Delete the vectors that a model made; photos are never touched."""
    with open_library(directory) as library:
        count = library.models.forget(name_or_folder)
        click.echo(f"{counted(count, 'vector', 'vectors')} deleted.", err=True)
        _print_models(library, as_json)


@models.command("device")
@click.argument("choice", required=False, type=click.Choice(get_args(DeviceChoice)))
@json_option
@click.pass_obj
def choose_device(directory: Path, choice: DeviceChoice | None, as_json: bool) -> None:
    """Say what embeds pictures, or choose it. "auto" is the graphics card where there is one."""
    with read_library(directory) if choice is None else open_library(directory) as library:
        if choice is not None:
            library.models.use_device(choice)
        _print_device(library, as_json)


def _print_device(library: Library, as_json: bool) -> None:
    model, choice = library.models.indexing, library.models.device()
    device = model.device
    if model.note:
        click.echo(f"photofind: {model.note}", err=True)
    if as_json:
        print_json({"choice": choice, "device": device})
    else:
        click.echo(f"{choice}: {device}")


def _print_models(library: Library, as_json: bool) -> None:
    found = library.models.all()
    if as_json:
        keys = ("name", "installed", "in_use", "for_similar", "license", "download_bytes", "dim")
        rows = [{key: getattr(model, key) for key in keys} | {"license": str(model.license)} for model in found]
        print_json({"models": rows})
        return
    for model in found:
        mark = "*" if model.in_use else " "
        languages = f"  {model.languages}." if model.languages else ""
        facts = "".join(f", {fact}" for fact in _facts(model))
        click.echo(f"{mark} {model.name}: {model.good_for}{languages} ({model.license}{facts})")


def _facts(model: ModelState) -> Iterator[str]:
    """Yield what is to be said of a model beside what it is."""
    if model.for_similar:
        yield "beside another model"
    if model.in_use and not model.installed:
        yield "not there now"
    elif model.in_use and not model.answers:
        yield f"being prepared: {counted(model.to_embed, 'photo', 'photos')} left"
    if model.answers and not model.in_use:
        yield "answers until then"
    if not model.installed and model.download_bytes:
        yield f"{model.download_bytes / 1e6:.0f} MB to download"
    if model.loaded_bytes:
        yield f"{model.loaded_bytes / 1e6:.0f} MB of them done"
    if model.images_per_second is not None:
        yield f"{model.images_per_second:.1f} photos/s on this computer's processor by {model.engine}"
    if model.kept_vectors:
        yield f"keeps {counted(model.kept_vectors, 'vector', 'vectors')}, {model.kept_bytes / 1e6:.1f} MB"
