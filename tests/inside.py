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
