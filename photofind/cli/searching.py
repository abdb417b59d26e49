"""`photofind search` and `photofind similar`."""

from __future__ import annotations

import math
import os
from pathlib import Path

import click

from photofind.background.disk_reader import look_patiently
from photofind.cli.access import json_option, next_step, print_json, print_path, read_library
from photofind.cli.group import cli
from photofind.cli.path_type import PATH
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.query import MAX_CHARACTERS, Query

limit_option = click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))


@cli.command()
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@limit_option
@json_option
@click.pass_obj
def search(directory: Path, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find photos by words.

    Each line is how alike a photo is, “–” where its name or what it says was found, and “*” for a likely match.
    """
    text = " ".join(words)
    if not text.strip():
        raise click.UsageError("Type some words to search for.")
    if len(text) > MAX_CHARACTERS:
        click.echo(f"photofind: only the first {MAX_CHARACTERS:,} characters of these words count.", err=True)
    with read_library(directory) as library:
        library.search.catch_up(float("inf"))
        _print_result(library, library.search.answer(Query(text=text, limit=limit)), text, as_json)


@cli.command()
@click.argument("image", type=PATH)
@limit_option
@json_option
@click.pass_obj
def similar(directory: Path, image: Path, limit: int, as_json: bool) -> None:
    """Find photos that look like a picture."""
    from photofind.background.decoding.decoder import Decoder  # noqa: PLC0415 - starts with processes and threads

    place = os.fsencode(image.absolute())
    if not look_patiently(place, lambda: os.path.exists(place)):
        raise PhotofindError("picture_not_there", file=image)
    with read_library(directory) as library:
        library.search.catch_up(float("inf"))
        decoder = Decoder(children=1)
        try:
            decoded = decoder.decode_now(place, library.search.decoding_spec, is_content=False)
        except PhotofindError as error:
            raise PhotofindError("picture_cannot_be_searched", file=image, why=error.sentence) from error
        finally:
            decoder.stop()
        result = library.search.answer(Query(picture=image, limit=limit), decoded)
        _print_result(library, result, str(image), as_json)


def _print_result(library: Library, result: SearchResult, asked: str, as_json: bool) -> None:
    if result.note:
        click.echo(f"photofind: {result.note}", err=True)
    photos = {photo.id: photo for photo in library.search.photos(result.photo_ids.tolist())}
    hits = []
    for rank, photo_id in enumerate(result.photo_ids.tolist()):
        if photo_id not in photos:
            continue
        photo, score = photos[photo_id], float(result.scores[rank])
        why, is_likely = Why(result.whys[rank]).name.lower(), rank < result.likely
        hits.append(
            {
                "id": photo.id,
                "path": os.fsdecode(photo.path),
                "score": round(score, 4) if not math.isnan(score) else None,
                "likely": is_likely,
                "why": why,
                "width": photo.width,
                "height": photo.height,
                "taken": photo.taken,
                "taken_from": photo.taken_from,
                "zone": photo.zone,
                "folder": os.fsdecode(photo.folder),
            }
        )
        if not as_json:
            shown = f"{score:7.3f}" if not math.isnan(score) else "      –"
            print_path(photo.path, before=f"{shown} {'*' if is_likely else ' '} ")
    if as_json:
        head = {"query": asked, "model": result.model, "total": result.total, "likely": result.likely}
        print_json({**head, "seconds": round(result.seconds, 4), "hits": hits})
    elif not hits:
        click.echo("Nothing found." if library.embedding.counts.photos else next_step(library), err=True)
