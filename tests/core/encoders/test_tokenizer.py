"""Tokens equal open_clip's: CLIP's are compared here and now, others with a table that transformers made."""

import gzip
import json
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import ftfy
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from open_clip.tokenizer import SimpleTokenizer

from photofind.core.encoders import tokenizer as tokenizer_module
from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.encoders.text_tower import Cleaning
from photofind.core.encoders.tokenizer import Tokenizer, normalize_text
from photofind.core.errors import PhotofindError
from tests.tiny_clip import TINY_CLIP
from tests.tiny_tokenizers import TINY_TOKENIZERS
from tests.tiny_tokenizers.texts import TEXTS

TABLES = TINY_TOKENIZERS
CLIP = read_model_folder(TINY_CLIP)
CLIP_TEXT = CLIP.require_text()
OPEN_CLIP = SimpleTokenizer(context_length=CLIP_TEXT.context_length)


def model(vocabulary: Path | None = None, cleaning: Cleaning = "lower", length: int = 32) -> ModelFolder:
    return replace(CLIP, text=replace(CLIP_TEXT, vocabulary=vocabulary, cleaning=cleaning, context_length=length))


def copy_table(name: str, folder: Path) -> Path:
    shutil.copytree(TABLES / name, folder)
    return folder / "tokenizer.json"


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("length", [77, 24, 3])
def test_clip_equals_open_clip_on_all_texts(length: int) -> None:
    expected = OPEN_CLIP(TEXTS, length).numpy()
    tokens = Tokenizer(model(length=length)).encode(TEXTS)
    assert tokens.dtype == np.int64
    assert [t for t, ours, theirs in zip(TEXTS, tokens, expected, strict=True) if (ours != theirs).any()] == []


@pytest.mark.parametrize("cleaning", ["lower", "whitespace", "canonicalize"])
def test_texts_are_cleaned_as_by_open_clip(cleaning: Cleaning) -> None:
    theirs = SimpleTokenizer(clean=cleaning).clean_fn
    assert [normalize_text(text, cleaning) for text in TEXTS] == [theirs(text) for text in TEXTS]


CLIP_TOKENIZER = Tokenizer(CLIP)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_clip_equals_open_clip_on_anything(text: str) -> None:
    # What is newer than this Python's Unicode is a letter to one library and none to another.
    assume(all(unicodedata.category(letter) != "Cn" for letter in normalize_text(text, "lower")))
    assert CLIP_TOKENIZER.encode([text]).tolist() == OPEN_CLIP([text]).tolist()


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_what_is_not_shown_to_ftfy_has_nothing_to_mend(text: str) -> None:
    if "&" not in text:
        assert ftfy.fix_text(text) == text


@pytest.mark.parametrize("name", ["gemma", "t5"])
def test_other_vocabularies_equal_the_stored_tokens_of_transformers(name: str) -> None:
    expected = json.loads((TABLES / name / "tokens.json").read_text())
    tokens = Tokenizer(model(TABLES / name / "tokenizer.json", "canonicalize")).encode(TEXTS)
    assert [t for t, ours, theirs in zip(TEXTS, tokens, expected, strict=True) if ours.tolist() != theirs] == []


def test_siglip2s_texts_end_and_are_padded_to_the_full_length() -> None:
    tokenizer = Tokenizer(model(TABLES / "gemma" / "tokenizer.json", "canonicalize", length=64))
    short, long = tokenizer.encode(["A dog!", "a dog " * 100])
    assert (short.shape, long.shape) == ((64,), (64,))
    assert short.tolist()[-60:] == [0] * 60
    assert (np.flatnonzero(short == 1).tolist(), long[-1]) == ([short.tolist().index(0) - 1], 1)


def test_padding_is_as_the_settings_say(tmp_path: Path) -> None:
    vocabulary = copy_table("gemma", tmp_path / "model")
    change(tmp_path / "model" / "tokenizer_config.json", pad_token={"content": "<mask>"}, padding_side="left")
    assert Tokenizer(model(vocabulary, "canonicalize")).encode([""]).tolist() == [[4] * 31 + [1]]


def test_padding_is_found_without_settings(tmp_path: Path) -> None:
    vocabulary = copy_table("t5", tmp_path / "model")
    (tmp_path / "model" / "tokenizer_config.json").unlink()
    assert Tokenizer(model(vocabulary)).encode([""]).tolist() == [[1] + [0] * 31]


def test_nothing_in_nothing_out() -> None:
    assert CLIP_TOKENIZER.encode([]).shape == (0, CLIP_TEXT.context_length)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"model": {"type": "BPE"}}'])
def test_a_damaged_vocabulary_is_named(tmp_path: Path, content: bytes) -> None:
    vocabulary = copy_table("gemma", tmp_path / "model")
    vocabulary.write_bytes(content)
    with pytest.raises(PhotofindError, match=r"tokenizer\.json” is damaged"):
        Tokenizer(model(vocabulary))


@pytest.mark.parametrize(
    "content", ["", "[]", '{"pad_token": "<never>"}', '{"pad_token": 5}', '{"padding_side": "up"}']
)
def test_damaged_settings_are_named(tmp_path: Path, content: str) -> None:
    vocabulary = copy_table("gemma", tmp_path / "model")
    (tmp_path / "model" / "tokenizer_config.json").write_text(content)
    with pytest.raises(PhotofindError, match=r"tokenizer_config\.json” is damaged"):
        Tokenizer(model(vocabulary))


def with_rows(vocabulary: Path, rows: int, cleaning: Cleaning = "canonicalize") -> ModelFolder:
    folder = model(vocabulary, cleaning)
    return replace(folder, text=replace(folder.require_text(), vocab_size=rows))


@pytest.mark.parametrize(("name", "rows"), [("gemma", 700), ("t5", 599), ("t5", 1)])
def test_a_vocabulary_of_a_larger_model_is_refused(name: str, rows: int) -> None:
    with pytest.raises(PhotofindError, match=r"tokenizer\.json” has more tokens than the model"):
        Tokenizer(with_rows(TABLES / name / "tokenizer.json", rows))


def test_the_blanks_of_t5_need_no_rows_and_reach_none() -> None:
    """timm's SigLIP of many languages has 100 more pieces than its model has rows (open_clip#735)."""
    vocabulary = TABLES / "t5" / "tokenizer.json"
    assert len(json.loads(vocabulary.read_text())["model"]["vocab"]) == 620
    expected = json.loads((TABLES / "t5" / "tokens.json").read_text())
    assert Tokenizer(with_rows(vocabulary, 600)).encode(TEXTS).tolist() == expected
    typed = ["a dog <extra_id_3>", "<extra_id_0>"]
    assert (Tokenizer(with_rows(vocabulary, 620, "whitespace")).encode(typed) >= 600).any()
    assert Tokenizer(with_rows(vocabulary, 600, "whitespace")).encode(typed).max() < 600


@pytest.mark.parametrize(
    "content",
    [None, b"not gzip", gzip.compress(b"#version\ni n\n\n"), gzip.compress(b"\nx" * 9)[:-9]],
    ids=["missing", "not gzip", "too short", "cut off"],
)
def test_a_damaged_installation_of_open_clip_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    (tmp_path / "open_clip").mkdir()
    (tmp_path / "open_clip" / "__init__.py").touch()
    if content is not None:
        (tmp_path / "open_clip" / "bpe_simple_vocab_16e6.txt.gz").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "open_clip", raising=False)
    with pytest.raises(PhotofindError, match="pip install "):
        tokenizer_module.Tokenizer(CLIP)


def test_a_plain_search_imports_nothing_slow() -> None:
    program = """
import sys
from pathlib import Path
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.encoders.tokenizer import Tokenizer
Tokenizer(read_model_folder(Path(sys.argv[1]))).encode(["Grandma's garden, 1998"])
print(sorted({"torch", "open_clip", "transformers", "timm", "ftfy"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program, str(TINY_CLIP)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
