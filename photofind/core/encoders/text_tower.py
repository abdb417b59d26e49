"""How a model takes words, as its folder says it; read without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import numpy as np

from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Ids

VOCABULARY_FILE: Final = "tokenizer.json"  # where the vocabulary is not CLIP's own
TOWER_FILE: Final = "config.json"  # where transformers builds the tower

Cleaning = Literal["lower", "whitespace", "canonicalize"]


@dataclass(frozen=True, slots=True)
class TextTower:
    """What a model's text tower takes.

    A text is cleaned by open_clip's rule of that name, split by `vocabulary` (None is CLIP's own) and padded to
    `context_length` tokens. The tower reads its vector off at one of them, by `pool`: the "first", the "last",
    the highest ("argmax"), or the first that is `eos_id` ("eos"). In a causal one no token sees a later one.
    One that transformers builds takes the mean of all but `pad_id`, which no other token sees.
    """

    context_length: int
    vocab_size: int
    vocabulary: Path | None
    cleaning: Cleaning
    pool: str
    eos_id: int
    is_causal: bool
    by_transformers: bool
    pad_id: int

    @property
    def may_be_cut(self) -> bool:
        """Whether the tokens behind those that count change no vector."""
        return self.is_causal or self.by_transformers


def read_text_tower(folder: Path, config: dict[str, Any]) -> TextTower:
    """Read open_clip's `text_cfg`; raise PhotofindError for a missing file, ValueError and the like for damage.

    What the config leaves out is as in open_clip's CLIPTextCfg.
    """
    has_vocabulary, by_transformers = bool(config.get("hf_tokenizer_name")), bool(config.get("hf_model_name"))
    if has_vocabulary:
        _need(folder, VOCABULARY_FILE)
    if by_transformers:
        vocab_size, pad_id = _read_tower(folder)
    else:
        vocab_size, pad_id = config.get("vocab_size") or 49_408, 0
    return TextTower(
        context_length=int(config.get("context_length") or 77),
        vocab_size=int(vocab_size),
        vocabulary=folder / VOCABULARY_FILE if has_vocabulary else None,
        cleaning=_read_cleaning(folder, config, "whitespace" if has_vocabulary else "lower"),
        pool=str(config.get("pool_type") or "argmax"),
        eos_id=int(config.get("eos_id", 2)),
        is_causal=not (config.get("no_causal_mask") or config.get("embed_cls") or by_transformers),
        by_transformers=by_transformers,
        pad_id=pad_id,
    )


def find_ends(tokens: Ids, tower: TextTower) -> Ids:
    """Return where a tower reads off its vectors, for tokens int64 [n, length]: positions int64 [n].

    These are the last that counts where it takes the mean, for tokens that were cut.
    """
    if tower.by_transformers:
        return np.asarray((tokens != tower.pad_id).sum(axis=1) - 1)
    if tower.pool == "argmax":
        return np.asarray(tokens.argmax(axis=1))
    if tower.pool == "eos":
        return np.asarray((tokens == tower.eos_id).argmax(axis=1))
    return np.full(len(tokens), 0 if tower.pool == "first" else tokens.shape[1] - 1)


def cut_tokens(tokens: Ids, tower: TextTower) -> Ids:
    """Cut tokens [n, length] behind the last that counts, where that changes no vector."""
    if not tower.may_be_cut or not len(tokens):
        return tokens
    if tower.by_transformers:  # where somebody wrote “<pad>”, it lies between others, and counts as little
        places = np.argsort(tokens == tower.pad_id, axis=1, kind="stable")
        tokens = np.take_along_axis(tokens, places, axis=1)
    return tokens[:, : find_ends(tokens, tower).max() + 1]


def _need(folder: Path, name: str) -> None:
    if not (folder / name).is_file():
        raise PhotofindError("words_file_missing", file=name, folder=folder)


def _read_cleaning(folder: Path, config: dict[str, Any], default: Cleaning) -> Cleaning:
    options = dict(config.get("tokenizer_kwargs") or {})
    cleaning = options.pop("clean", default)
    if options or config.get("tokenizer_mode") or cleaning not in ("lower", "whitespace", "canonicalize"):
        raise PhotofindError("words_split_oddly", folder=folder)
    return cast(Cleaning, cleaning)


def _read_tower(folder: Path) -> tuple[int, int]:
    """Read how many tokens there are, and which one pads, from the config of a tower that transformers builds."""
    _need(folder, TOWER_FILE)
    path = folder / TOWER_FILE
    try:
        config = json.loads(path.read_text("utf-8"))
        names_code, size = "auto_map" in config, int(config["vocab_size"])
        pad_id = 1 if config.get("pad_token_id") is None else int(config["pad_token_id"])  # RoBERTa's, if unsaid
    except (ValueError, KeyError, TypeError) as error:
        raise PhotofindError("text_config_damaged", file=path) from error
    if names_code:
        raise PhotofindError("text_config_runs_code", file=path)
    return size, pad_id
