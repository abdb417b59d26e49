"""How a model takes words, as its folder says it; read without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import numpy as np

from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Ids

VOCABULARY_FILE: Final = "tokenizer.json"  # where the vocabulary is not CLIP's own

Cleaning = Literal["lower", "whitespace", "canonicalize"]


@dataclass(frozen=True, slots=True)
class TextTower:
    """What a model's text tower takes.

    A text is cleaned by open_clip's rule of that name, split by `vocabulary` (None is CLIP's own) and padded to
    `context_length` tokens. The tower reads its vector off at one of them, by `pool`: the "first", the "last",
    the highest ("argmax"), or the first that is `eos_id` ("eos"). In a causal one no token sees a later one.
    """

    context_length: int
    vocab_size: int
    vocabulary: Path | None
    cleaning: Cleaning
    pool: str
    eos_id: int
    is_causal: bool


def read_text_tower(folder: Path, config: dict[str, Any]) -> TextTower:
    """Read open_clip's `text_cfg`; raise PhotofindError for a missing file or a tower that open_clip does not build.

    ValueError and the like for damage. What the config leaves out is as in open_clip's CLIPTextCfg.
    """
    if config.get("hf_model_name"):
        raise PhotofindError("text_tower_foreign", folder=folder)
    has_vocabulary = bool(config.get("hf_tokenizer_name"))
    if has_vocabulary and not (folder / VOCABULARY_FILE).is_file():
        raise PhotofindError("words_file_missing", file=VOCABULARY_FILE, folder=folder)
    return TextTower(
        context_length=int(config.get("context_length") or 77),
        vocab_size=int(config.get("vocab_size") or 49_408),
        vocabulary=folder / VOCABULARY_FILE if has_vocabulary else None,
        cleaning=_read_cleaning(folder, config, "whitespace" if has_vocabulary else "lower"),
        pool=str(config.get("pool_type") or "argmax"),
        eos_id=int(config.get("eos_id", 2)),
        is_causal=not (config.get("no_causal_mask") or config.get("embed_cls")),
    )


def find_ends(tokens: Ids, tower: TextTower) -> Ids:
    """Return where a tower reads off its vectors, for tokens int64 [n, length]: positions int64 [n]."""
    if tower.pool == "argmax":
        return np.asarray(tokens.argmax(axis=1))
    if tower.pool == "eos":
        return np.asarray((tokens == tower.eos_id).argmax(axis=1))
    return np.full(len(tokens), 0 if tower.pool == "first" else tokens.shape[1] - 1)


def cut_tokens(tokens: Ids, tower: TextTower) -> Ids:
    """Cut tokens [n, length] behind the last that counts, where that changes no vector."""
    if not tower.is_causal or not len(tokens):
        return tokens
    return tokens[:, : find_ends(tokens, tower).max() + 1]


def _read_cleaning(folder: Path, config: dict[str, Any], default: Cleaning) -> Cleaning:
    options = dict(config.get("tokenizer_kwargs") or {})
    cleaning = options.pop("clean", default)
    if options or config.get("tokenizer_mode") or cleaning not in ("lower", "whitespace", "canonicalize"):
        raise PhotofindError("words_split_oddly", folder=folder)
    return cast(Cleaning, cleaning)
