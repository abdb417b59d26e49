"""Make the tiny tokenizers, and the table of what transformers and open_clip make of all texts with them.

    python -m tests.tiny_tokenizers.make

needs transformers beside photofind, in an environment of its own, and no network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from open_clip.tokenizer import HFTokenizer, get_clean_fn
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import GemmaTokenizerFast, T5TokenizerFast

from tests.tiny_tokenizers.texts import TEXTS

HERE = Path(__file__).parent
CONTEXT_LENGTH = 32
BLANKS = 20  # of T5, for which timm's SigLIP of many languages has no rows


def make_gemma(folder: Path) -> None:
    """Train byte pairs as Gemma has them, and save them as open_clip's own tool saves SigLIP2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=450, limit_alphabet=100)  # the other letters fall back to bytes
    tokenizer.train_from_iterator(_cleaned(), trainer)
    trained = json.loads(tokenizer.to_str())["model"]
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += sorted(trained["vocab"], key=trained["vocab"].get)
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    merges = [tuple(merge) for merge in trained["merges"]]
    ends = {"padding_side": "right", "add_bos_token": False, "add_eos_token": True}
    GemmaTokenizerFast(vocab=vocabulary, merges=merges, **ends).save_pretrained(folder)
    settings = folder / "tokenizer_config.json"  # transformers 4 wrote all of it, and reads it; 5 does not
    settings.write_text(json.dumps(json.loads(settings.read_text()) | ends, indent=2) + "\n")


def make_t5(folder: Path) -> None:
    """Train pieces as mT5 has them, which SigLIP of many languages splits words by; they end with T5's blanks."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=600, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(_cleaned(), trainer)
    pieces = [(piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]
    pieces += [(f"<extra_id_{number}>", 0.0) for number in reversed(range(BLANKS))]
    T5TokenizerFast(vocab=pieces, extra_ids=0, pad_token="</s>").save_pretrained(folder)


def tokenize(folder: Path) -> list[list[int]]:
    """Return open_clip's tokens for all texts."""
    tokenizer: Any = HFTokenizer(str(folder), context_length=CONTEXT_LENGTH, clean="canonicalize")
    return tokenizer(TEXTS).tolist()  # type: ignore[no-any-return]


def _cleaned() -> list[str]:
    return [get_clean_fn("canonicalize")(text) for text in TEXTS]


def main() -> None:
    """Write both folders, and their tables into each."""
    for make, name in ((make_gemma, "gemma"), (make_t5, "t5")):
        folder = HERE / name
        make(folder)
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in tokenize(folder))
        (folder / "tokens.json").write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
