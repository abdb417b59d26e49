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
from transformers import GemmaTokenizerFast, XLMRobertaTokenizerFast

from tests.tiny_tokenizers.texts import TEXTS

HERE = Path(__file__).parent
CONTEXT_LENGTH = 32
CLEANING = {"gemma": "canonicalize", "xlm_roberta": "whitespace"}


def make_gemma(folder: Path) -> None:
    """Train byte pairs as Gemma has them, and save them as open_clip's own tool saves SigLIP2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=450, limit_alphabet=100)  # the other letters fall back to bytes
    tokenizer.train_from_iterator(_cleaned(folder.name), trainer)
    trained = json.loads(tokenizer.to_str())["model"]
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += sorted(trained["vocab"], key=trained["vocab"].get)
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    merges = [tuple(merge) for merge in trained["merges"]]
    ends = {"padding_side": "right", "add_bos_token": False, "add_eos_token": True}
    GemmaTokenizerFast(vocab=vocabulary, merges=merges, **ends).save_pretrained(folder)
    settings = folder / "tokenizer_config.json"  # transformers 4 wrote all of it, and reads it; 5 does not
    settings.write_text(json.dumps(json.loads(settings.read_text()) | ends, indent=2) + "\n")


def make_xlm_roberta(folder: Path) -> None:
    """Train pieces as XLM-R has them."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=600, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(_cleaned(folder.name), trainer)
    pieces = [(piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]
    XLMRobertaTokenizerFast(vocab=[*pieces, ("<mask>", 0.0)]).save_pretrained(folder)


def tokenize(folder: Path) -> list[list[int]]:
    """Return open_clip's tokens for all texts."""
    tokenizer: Any = HFTokenizer(str(folder), context_length=CONTEXT_LENGTH, clean=CLEANING[folder.name])
    return tokenizer(TEXTS).tolist()  # type: ignore[no-any-return]


def _cleaned(name: str) -> list[str]:
    return [get_clean_fn(CLEANING[name])(text) for text in TEXTS]


def main() -> None:
    """Write both folders, and their tables into each."""
    for make, name in ((make_gemma, "gemma"), (make_xlm_roberta, "xlm_roberta")):
        folder = HERE / name
        make(folder)
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in tokenize(folder))
        (folder / "tokens.json").write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
