"""The settings that a library keeps: every key, its type and its default; where they are kept is not known here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar, cast, get_args

from photofind.core.records.models import QUICK_LOOK, DeviceChoice

T = TypeVar("T")
# What a model is shown of photos that the library knows already.
Source = Literal["thumbnails", "originals"]


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting; `default` is its value where none was kept, `parse` raises ValueError for a text that is none."""

    key: str
    default: T
    parse: Callable[[str], T]
    format: Callable[[T], str]


@dataclass(frozen=True, slots=True)
class Family(Generic[T]):
    """Settings of one kind, one for each model; their keys begin alike."""

    prefix: str
    default: T
    parse: Callable[[str], T]
    format: Callable[[T], str]

    def of(self, model: int | str) -> Setting[T]:
        """Return the one of a model, by its key in the catalog or by its id, whichever the family goes by."""
        return Setting(f"{self.prefix}{model}", self.default, self.parse, self.format)


def _same(text: str) -> str:
    return text


def _parse_text(text: str) -> str | None:
    return text or None


def _format_text(text: str | None) -> str:
    return text or ""


def _parse_number(text: str) -> int | None:
    return int(text) if text else None


def _format_number(number: int | None) -> str:
    return "" if number is None else str(number)


def _format_flag(flag: bool) -> str:
    return "1" if flag else ""


def _parse_device(text: str) -> DeviceChoice:
    if text not in get_args(DeviceChoice):
        raise ValueError(f"there is no device {text}")
    return cast(DeviceChoice, text)


def _parse_source(text: str) -> Source | None:
    return cast(Source, text) if text in get_args(Source) else None


def _parse_names(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def _format_names(names: frozenset[str]) -> str:
    return json.dumps(sorted(names))


# The catalog itself: its identity, which caches made from it are compared with, and a word new at each clean end.
LIBRARY: Final = Setting("library", "", _same, _same)
ENDED: Final = Setting("ended", "", _same, _same)

# The photo up to which a library of before has its words in the index of now; None once that is whole.
WORDS_TO: Final[Setting[int | None]] = Setting("words_to", None, _parse_number, _format_number)

# The language and region in which dates are written, as de_AT; None where neither the system nor the person said any.
LANGUAGE: Final[Setting[str | None]] = Setting("language", None, _parse_text, _format_text)

# Folders: `Exclusions` as JSON, and the share of a folder above which vanished photos are not taken for deleted.
# A drive mounted inside a folder takes all that is below it; tidying up seldom takes a fifth between two looks.
EXCLUSIONS: Final[Setting[str | None]] = Setting("exclusions", None, _parse_text, _format_text)
MISSING_SHARE: Final = Setting("missing_share", 0.2, float, str)

# Models, each by its offered name or folder: the one that answers, and the one that photos are embedded for, which
# is None until the person chose any. While a chosen one is not there, quick look stands in.
ANSWERING: Final = Setting("answering", QUICK_LOOK, _same, _same)
INDEXING: Final[Setting[str | None]] = Setting("indexing", None, _parse_text, _format_text)
STANDS_IN: Final = Setting("stands_in", False, bool, _format_flag)
DEVICE: Final[Setting[DeviceChoice]] = Setting("device", "auto", _parse_device, _same)

# The model for Find similar, empty where none is used; its key, and its key once it has seen every photo.
SIMILAR: Final = Setting("similar", "", _same, _same)
SIMILAR_KEY: Final[Setting[int | None]] = Setting("similar_key", None, _parse_number, _format_number)
SIMILAR_READY: Final[Setting[int | None]] = Setting("similar_ready", None, _parse_number, _format_number)

# By a model's id: where a model of the person's own lies.
FOLDER_OF: Final = Family("folder of ", "", _same, _same)
# By a model's key: the engines that made its vectors, and what it is to be shown, None until a sample has told.
MADE_BY: Final[Family[frozenset[str]]] = Family("made_by:", frozenset(), _parse_names, _format_names)
EMBED_FROM: Final[Family[Source | None]] = Family("embed_from:", None, _parse_source, _format_text)
