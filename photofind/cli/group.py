"""The command itself: `photofind PATH…` opens the window, `photofind COMMAND` does the rest."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import click

from photofind import __version__
from photofind.core.errors import PhotofindError
from photofind.core.places import LIBRARY_VARIABLE, library_dir


class _Commands(click.Group):
    """Commands, and beside them `photofind PATH…`, which opens the window."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command's name for the window's paths."""
        if args and args[0] not in self.commands:
            return "open", self.commands["open"], args
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Turn causes outside the program into one sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except PhotofindError as error:
            click.echo(f"photofind: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("photofind: stopped; what is done is kept.", err=True)
            ctx.exit(1)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    subcommand_metavar="[PATH]... | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--library",
    "directory",
    envvar=LIBRARY_VARIABLE,
    type=click.Path(path_type=Path),
    help="The library folder.",
)
@click.option("--verbose", is_flag=True, help="Say more on standard error.")
@click.version_option(__version__, prog_name="photofind")
@click.pass_context
def cli(ctx: click.Context, directory: Path | None, verbose: bool) -> None:
    """Find your photos by words, by a picture, or by another photo.

    Without a command, the window opens: PATH may be folders to watch, or a picture to search with.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(name)s: %(message)s")
    if directory is not None:
        os.environ[LIBRARY_VARIABLE] = str(directory)
    ctx.obj = library_dir()
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_window, paths=())


def main() -> None:
    """Run the command line; `photofind-gui`, which the launcher starts, is the same without a console."""
    cli()


@cli.command("open", hidden=True)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def open_window(directory: Path, paths: tuple[Path, ...]) -> None:
    """Open the window."""
    from photofind.gui.app import leave_at_once, run  # noqa: PLC0415 - all other commands work without Qt

    leave_at_once(run(directory, [path.absolute() for path in paths]))
