"""Words become tokens, equal to open_clip's, without torch, open_clip or transformers: a search need not wait for them.

CLIP's own vocabulary lies in the installed open_clip package; any other is the `tokenizer.json` of the model's folder.
"""

from __future__ import annotations

import gzip
import html
import importlib.util
import json
import re
import string
import zlib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.encoders.text_tower import Cleaning
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Ids

if TYPE_CHECKING:
    import tokenizers

_CLIP_VOCABULARY: Final = "bpe_simple_vocab_16e6.txt.gz"
_CLIP_MERGES: Final = 48_894  # of the file's 262,145: CLIP's 49,408 tokens less 512 letters and these two:
_START, _END = "<start_of_text>", "<end_of_text>"
# U+0345 is left out because open_clip's matching without regard to case loses it.
_CLIP_WORDS: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|\p{L}+|\p{N}|[^\s\p{L}\p{N}\x{345}]+"
_SETTINGS: Final = "tokenizer_config.json"
_BLANK: Final = re.compile(r"▁?<extra_id_\d+>")
_NO_PUNCTUATION: Final = str.maketrans("_", " ", string.punctuation.replace("_", ""))


class Tokenizer:
    """A model's tokenizer. Loading CLIP's takes 0.1 s, one of 256,000 tokens a second."""

    def __init__(self, folder: ModelFolder) -> None:
        """Load it; raise PhotofindError where its vocabulary is missing, damaged or another model's."""
        text = folder.require_text()
        length, vocabulary = text.context_length, text.vocabulary
        self._length, self._cleaning, self._size = length, text.cleaning, text.vocab_size
        self._tokenizer = _load_clips(length) if vocabulary is None else _load_file(vocabulary, length)
        self._tokenizer.enable_truncation(length)
        if not self._fits():
            if vocabulary is None:
                raise PhotofindError("clip_vocabulary_too_large", folder=folder.path)
            raise PhotofindError("vocabulary_too_large", file=vocabulary, folder=folder.path)

    def encode(self, texts: Sequence[str]) -> Ids:
        """Turn texts into tokens int64 [n, context_length], cut and padded to that length."""
        rows = [self._tokenizer.encode(normalize_text(text, self._cleaning)).ids for text in texts]
        tokens = np.array(rows, np.int64).reshape(len(rows), self._length)
        tokens[tokens >= self._size] = self._pad_id  # somebody typed the very name of a piece without a row
        return tokens

    @property
    def _pad_id(self) -> int:
        return int((self._tokenizer.padding or {})["pad_id"])

    def _fits(self) -> bool:
        """Tell whether the model has a row for each piece; T5's blanks, which no text holds, need none.

        timm's SigLIP of many languages has them in its vocabulary, and no rows for them (open_clip#735).
        """
        pieces = range(self._size, self._tokenizer.get_vocab_size(with_added_tokens=False))
        return self._pad_id < self._size and all(
            _BLANK.fullmatch(self._tokenizer.id_to_token(piece) or "") for piece in pieces
        )


def normalize_text(text: str, cleaning: Cleaning) -> str:
    """Normalize a text before it is tokenized, by open_clip's rule of that name."""
    text = _mend(text)
    if cleaning == "canonicalize":
        text = text.translate(_NO_PUNCTUATION)
    text = " ".join(text.split())
    return text if cleaning == "whitespace" else text.lower()


def _mend(text: str) -> str:
    """Mend wrong encodings and HTML; plain ASCII has none, and ftfy takes 0.07 s to import."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return text
    import ftfy  # noqa: PLC0415 - as said above

    return html.unescape(html.unescape(ftfy.fix_text(text)))


def _load_clips(length: int) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors  # noqa: PLC0415 - quick look needs none

    merges = _read_merges()
    letters = _byte_letters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *map("".join, merges), _START, _END]
    ids = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(ids, merges, end_of_word_suffix="</w>"))
    words = pre_tokenizers.Split(Regex(_CLIP_WORDS), "removed", invert=True)
    as_letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, as_letters])
    tokenizer.add_special_tokens([_START, _END])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_START} $A {_END}", special_tokens=[(token, ids[token]) for token in (_START, _END)]
    )
    tokenizer.enable_padding(pad_id=0, length=length)
    return tokenizer


def _read_merges() -> list[tuple[str, str]]:
    """Read which two pieces CLIP joins, first ones first; found without an import of open_clip, which takes seconds."""
    package = importlib.util.find_spec("open_clip")
    if package is None or package.origin is None:
        raise PhotofindError("open_clip_missing")
    path = Path(package.origin).with_name(_CLIP_VOCABULARY)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            pairs = [line.split() for line in islice(lines, 1, 1 + _CLIP_MERGES)]
        return [(left, right) for left, right in pairs]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise PhotofindError("open_clip_damaged", file=path) from error


def _byte_letters() -> list[str]:
    """Return the letters that stand for the 256 bytes, in CLIP's order: first the bytes that can be printed."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return [*map(chr, printable), *map(chr, range(0x100, 0x200 - len(printable)))]


def _load_file(path: Path, length: int) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer  # noqa: PLC0415 - as above

    settings_path = path.with_name(_SETTINGS)
    try:
        tokenizer = Tokenizer.from_buffer(path.read_bytes())
    except Exception as error:  # tokenizers raises nothing narrower
        raise _damaged(path) from error
    try:
        settings = json.loads(settings_path.read_text("utf-8")) if settings_path.exists() else {}
        _set_padding(tokenizer, settings, length)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(settings_path if settings_path.exists() else path) from error
    return tokenizer


def _set_padding(tokenizer: tokenizers.Tokenizer, settings: dict[str, Any], length: int) -> None:
    """Pad all texts to one length; which token and which side the settings say, else tokenizer.json, else custom."""
    own = tokenizer.padding or {}
    token = _token(settings.get("pad_token") or own.get("pad_token") or "<pad>")
    side = settings.get("padding_side") or own.get("direction") or "right"
    tokenizer.enable_padding(direction=side, pad_id=_id_of(tokenizer, token), pad_token=token, length=length)


def _token(setting: str | dict[str, Any]) -> str:
    return str(setting if isinstance(setting, str) else setting["content"])


def _id_of(tokenizer: tokenizers.Tokenizer, token: str) -> int:
    number = tokenizer.token_to_id(token)
    if number is None:
        raise ValueError(token)
    return number


def _damaged(path: Path) -> PhotofindError:
    return PhotofindError("words_file_damaged", file=path)
