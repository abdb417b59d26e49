"""`photofind status`, `problems`, `check` and `install-launcher`: looking after the library."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from photofind.cli.access import json_option, open_library, print_json, print_path, read_library
from photofind.cli.group import cli
from photofind.core.care.recovery import recover
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.records.care import Finding
from photofind.core.sentences.sentence import Sentence

# Of the vector index, in one line.
_SHOWN = ("kind", "vectors", "state")


@cli.command()
@json_option
@click.pass_obj
def status(directory: Path, as_json: bool) -> None:
    """Say where the library stands."""
    with read_library(directory) as library:
        is_ready = library.search.catch_up(0.0)
        counts, vector_index = library.embedding.counts, library.search.index
        answering, searching = library.models.answering, library.search.searching
        document = {
            "library": str(library.directory),
            "model": answering.spec.name,
            "device": answering.device,
            "engine": answering.engine,
            "inexact": {engine: str(why) for engine, why in answering.inexact.items()},
            "photos": counts.photos,
            "embedded": counts.embedded,
            "pending": counts.pending,
            "failed": counts.failed,
            "offline": counts.offline,
            "facts_pending": library.facts.pending,
            "vector_index": {
                "kind": searching.kind,
                "vectors": len(vector_index),
                "state": "ready" if is_ready else "catching up",
                "why": str(searching.why),
                "trial": None if searching.trial is None else asdict(searching.trial),
            },
            "bytes": library.care.size_on_disk(),
        }
    if as_json:
        print_json(document)
        return
    for key, value in document.items():
        if key == "inexact":  # in lines of its own
            continue
        shown = ", ".join(str(value[part]) for part in _SHOWN) if isinstance(value, dict) else value
        words = "away" if key == "offline" else key.replace("_", " ")
        click.echo(f"{words:>13}  {shown}")
    click.echo(f"{'search':>13}  {searching.why}")
    for why in answering.inexact.values():
        click.echo(f"{'inexact':>13}  {why}")


@cli.command()
@json_option
@click.pass_obj
def problems(directory: Path, as_json: bool) -> None:
    """List the files that could not be read, and why."""
    with read_library(directory) as library:
        found = library.care.problems()
    if as_json:
        rows = [{"path": os.fsdecode(p.path), "reason": str(p.reason), "since": p.since} for p in found]
        print_json({"problems": rows})
        return
    for problem in found:
        print_path(problem.path, after=f": {problem.reason}")
    if not found:
        click.echo("No problems: every photo could be read.", err=True)


@cli.command()
@click.option("--repair", is_flag=True, help="Mend what is found.")
@json_option
@click.pass_context
def check(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Look for damage in the library. Your photos are not touched."""
    findings = _check(ctx.obj, repair)
    is_ok = all(finding.repaired for finding in findings)
    if as_json:
        rows = [{"what": str(f.what), "count": f.count, "repaired": f.repaired} for f in findings]
        print_json({"ok": is_ok, "findings": rows})
    for finding in [] if as_json else findings:
        click.echo(f"{finding.what}: {finding.count}{' (repaired)' if finding.repaired else ''}")
    if not as_json and not findings:
        click.echo("The library is in order.")
    if not is_ok:
        raise PhotofindError("library_keeps_damage") if repair else PhotofindError("library_has_damage")


def _check(directory: Path, repair: bool) -> list[Finding]:
    """Check the library; where the catalog's file itself is damaged, that is all that is found, and mended first."""
    found: list[Finding] = []
    try:
        return _check_open(directory, repair)
    except LibraryDamagedError:
        found.append(Finding(Sentence("found_damaged_catalog"), 1, repair))
    if repair:
        click.echo(f"photofind: {recover(directory, 'rescue')}", err=True)
        found += _check_open(directory, repair)
    return found


def _check_open(directory: Path, repair: bool) -> list[Finding]:
    with open_library(directory) if repair else read_library(directory) as library:
        return library.care.check(repair=repair)


@cli.command("install-launcher")
@click.option("--remove", is_flag=True, help="Take it away again.")
def install_launcher(remove: bool) -> None:
    """Put photofind into this desktop's launcher."""
    from photofind import launcher  # noqa: PLC0415 - used by this command alone

    home = launcher.user_data_home()
    for path in launcher.remove(home) if remove else launcher.install(home, launcher.gui_command()):
        click.echo(path)
