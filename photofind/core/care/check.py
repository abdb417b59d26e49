"""Look through a library for damage; everything but the photos' own rows can be made again."""

from __future__ import annotations

from collections.abc import Iterator

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.checks import ROW_CHECKS
from photofind.core.catalog.thumbnail_checks import decode_again, drop_left_over
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.records.care import Finding
from photofind.core.sentences.sentence import Sentence


def check_library(catalog: Catalog, thumbnails: Thumbnails, choice: ModelChoice, *, repair: bool) -> list[Finding]:
    """Check catalog, thumbnails and vector indexes; with `repair`, mend what can be mended.

    Raises sqlite3.DatabaseError where the catalog's file itself is damaged: `recovery` mends that.
    """
    found = [
        finding
        for finding in (
            *_check_catalog(catalog, choice.indexing, repair),
            *_check_thumbnails(catalog, thumbnails, repair),
        )
        if finding.count
    ]
    if repair or not found:  # taking damaged embeddings in would mend them
        found += [finding for model in choice.searched for finding in _check_index(model, repair) if finding.count]
    return found


def _check_catalog(catalog: Catalog, indexing: ModelInUse, repair: bool) -> Iterator[Finding]:
    are_names_damaged = mend_words(catalog, repair=repair)
    yield Finding(Sentence("found_damaged_names"), are_names_damaged, repair)
    catalog.checks.require_soundness()
    left = catalog.words.count_left()
    for check in ROW_CHECKS:
        count = catalog.checks.count(check)
        if count and repair:
            catalog.checks.repair(check)
        yield Finding(check.what, count, repair)
    if repair:
        catalog.words.forget_left()  # those of photos that were dropped just now too
    yield Finding(Sentence("found_left_words"), left, repair)
    unnamed = 0 if are_names_damaged else _name_again(catalog, repair)
    yield Finding(Sentence("found_photos_without_names"), unnamed, repair)
    yield Finding(Sentence("found_photos_without_embedding"), embed_again(catalog, indexing, repair=repair), repair)


def _check_thumbnails(catalog: Catalog, thumbnails: Thumbnails, repair: bool) -> Iterator[Finding]:
    is_damaged = not thumbnails.is_sound()
    yield Finding(Sentence("found_damaged_thumbnails"), int(is_damaged), repair)
    if is_damaged and repair:
        catalog.waiting.add_all()
        thumbnails.renew()
    elif not is_damaged:
        yield Finding(
            Sentence("found_photos_without_thumbnail"), decode_again(catalog, thumbnails, repair=repair), repair
        )
        yield Finding(Sentence("found_left_thumbnails"), drop_left_over(catalog, thumbnails, repair=repair), repair)


def _check_index(model: ModelInUse, repair: bool) -> Iterator[Finding]:
    model.index.catch_up(float("inf"))
    is_whole = model.index.matches()
    if not is_whole and repair:
        model.index.rebuild()
    yield Finding(Sentence("found_unfit_vectors"), int(not is_whole), repair)
    is_damaged = model.index.graph_is_damaged()
    if is_damaged and repair:
        model.index.drop_graph()
    yield Finding(Sentence("found_unfit_graph"), int(is_damaged), repair)


def mend_words(catalog: Catalog, *, repair: bool) -> int:
    """Tell whether (1 or 0) the index of names is damaged; with `repair`, make it anew."""
    if not catalog.words.is_damaged():
        return 0
    if repair:
        catalog.words.rebuild()
    return 1


def _name_again(catalog: Catalog, repair: bool) -> int:
    count = catalog.words.count_lacking()
    if count and repair:
        catalog.words.rebuild()
    return count


def embed_again(catalog: Catalog, model: ModelInUse, *, repair: bool) -> int:
    """Count photos that pass for done but have no embedding; with `repair`, make them pending."""
    count = catalog.lacking.count_done(model.embeddings.model)
    if count and repair:
        catalog.lacking.embed_done(model.embeddings.model)
    return count
