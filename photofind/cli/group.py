"""The command itself: `photofind PATH…` opens the window, `photofind COMMAND` does the rest."""

from __future__ import annotations

import logging
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

import click

from photofind import __version__
from photofind.background.calls import explain
from photofind.cli.path_type import PATH
from photofind.cli.streams import prepare_streams, refusal_of_output
from photofind.cli.uncaught import log_uncaught
from photofind.core.errors import PhotofindError
from photofind.core.log.log import Log
from photofind.core.places import LIBRARY_VARIABLE, library_dir
from photofind.core.records.names import display_name
from photofind.core.sentences.sentence import Sentence


class _Commands(click.Group):
    """Commands, and beside them `photofind PATH…`, which opens the window."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command's name for the window's paths."""
        if args and args[0] not in self.commands:
            self._refuse_mistyped(ctx, args[0])
            return "open", self.commands["open"], args
        return super().resolve_command(ctx, args)

    def _refuse_mistyped(self, ctx: click.Context, word: str) -> None:
        """Name the command that was meant by a word that is nearly one and no file: a window would be no answer."""
        meant = get_close_matches(word, [name for name, command in self.commands.items() if not command.hidden], n=1)
        if meant and not os.path.lexists(word):
            ctx.fail(f"There is no command “{display_name(os.fsencode(word))}”; did you mean “{meant[0]}”?")

    def invoke(self, ctx: click.Context) -> Any:
        """Have Ctrl+C end a command as any cause outside the program does."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise PhotofindError("stopped_by_person") from None
        except Exception as error:
            if not isinstance(error, click.exceptions.Exit | click.Abort | click.ClickException) and _is_window(ctx):
                raise _UnopenedError.saying(explain(error)) from error
            raise

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; whatever ends it before its end becomes one sentence here, and exit status 1."""
        prepare_streams()
        logging.getLogger().addHandler(logging.NullHandler())  # else Python prints what is logged before the log begins
        try:
            return super().main(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            sentence = refusal_of_output(error) or explain(error)
            click.echo(f"photofind: {sentence}", err=True)
            if isinstance(error, _UnopenedError):
                _tell_in_window(sentence)
            sys.exit(1)


class _UnopenedError(PhotofindError):
    """Say why there is no window, to a person who may see nothing but windows."""


def _is_window(ctx: click.Context) -> bool:
    return ctx.invoked_subcommand in (None, "open")


def _tell_in_window(sentence: Sentence) -> None:
    try:
        from photofind.gui.app import tell_in_window  # noqa: PLC0415 - all other commands work without Qt
    except ImportError:  # which is what the sentence says
        return
    tell_in_window(sentence)


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
    type=PATH,
    help="The library folder.",
)
@click.option("--verbose", is_flag=True, help="Say more, on standard error and in the log; file names may be in it.")
@click.version_option(__version__, prog_name="photofind")
@click.pass_context
def cli(ctx: click.Context, directory: Path | None, verbose: bool) -> None:
    """Find your photos by words, by a picture, or by another photo.

    Without a command, the window opens: PATH may be folders to watch, or a picture to search with.
    """
    if directory is not None:
        os.environ[LIBRARY_VARIABLE] = str(directory)
    ctx.obj = library_dir()
    Log.of(ctx.obj, with_names=verbose).begin("window" if _is_window(ctx) else "command")
    log_uncaught()
    if verbose:
        _log_to(sys.stderr)
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_window, paths=())


def _log_to(stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def main() -> None:
    """Run the command line; `photofind-gui`, which the launcher starts, is the same without a console."""
    cli()


@cli.command("open", hidden=True)
@click.argument("paths", nargs=-1, type=PATH)
@click.pass_obj
def open_window(directory: Path, paths: tuple[Path, ...]) -> None:
    """Open the window."""
    try:
        from photofind.gui.app import leave_at_once, run  # noqa: PLC0415 - all other commands work without Qt
    except ImportError as error:
        raise PhotofindError("window_cannot_load", said=str(error)) from error

    leave_at_once(run(directory, [path.absolute() for path in paths]))
