"""The private parts of an open library, named once: what tests look into, or damage."""

from __future__ import annotations

from sqlite_utils import Database

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.look_alikes import LookAlikes
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.library import Library


def telling_of(library: Library) -> Telling:
    return library._telling


def catalog_of(library: Library) -> Catalog:
    return library._catalog


def sql(of: Library | Catalog) -> Database:
    """Return the connection of a catalog, or of a library's: for what the program itself would never do to its rows."""
    return (of if isinstance(of, Catalog) else catalog_of(of))._db


def words_of(of: Library | Catalog) -> dict[int, bytes]:
    """Return the lines of words of all photos that have any."""
    blocks = sql(of).execute("SELECT number, lines FROM word_block").fetchall()
    lines = [(64 * number + place, line) for number, text in blocks for place, line in enumerate(text.split(b"\n"))]
    return {photo_id: line for photo_id, line in lines if line}


def spoil_words(of: Library | Catalog, photo_id: int, line: bytes) -> None:
    """Write another line into a block of words, with the checksum of that: as nobody would, and no damage tells."""
    ((number, text),) = sql(of).execute("SELECT number, lines FROM word_block WHERE number = ?", [photo_id // 64])
    lines = text.split(b"\n")
    lines[photo_id % 64] = line
    block = b"\n".join(lines)
    sql(of).execute("UPDATE word_block SET lines = ?1, crc = crc32(?1) WHERE number = ?2", [block, number])
    sql(of).conn.commit()


def thumbnails_of(library: Library) -> Thumbnails:
    return library._thumbnails


def choice_of(library: Library) -> ModelChoice:
    return library._choice


def answering_of(library: Library) -> ModelInUse:
    return choice_of(library).answering


def indexing_of(library: Library) -> ModelInUse:
    return choice_of(library).indexing


def look_alikes_of(library: Library) -> LookAlikes:
    return choice_of(library).look_alikes
