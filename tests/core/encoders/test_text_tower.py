"""A model folder says how its texts become tokens, and what of them its tower needs."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photofind.core.encoders.model_folder import ModelFolder, read_model_folder
from photofind.core.encoders.text_tower import cut_tokens, find_ends
from photofind.core.errors import PhotofindError
from tests.tiny_clip import TINY_CLIP


def folder_with(folder: Path, files: dict[str, str] | None = None, **text_cfg: Any) -> Path:
    """Copy the tiny CLIP, with other words about its text tower."""
    shutil.copytree(TINY_CLIP, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"].update(text_cfg)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    for name, content in (files or {}).items():
        (folder / name).write_text(content)
    return folder


def test_clips_own(tmp_path: Path) -> None:
    text = read_model_folder(TINY_CLIP).require_text()
    assert (text.vocabulary, text.cleaning, text.context_length, text.pool) == (None, "lower", 24, "argmax")
    assert text.is_causal


def test_the_id_that_vectors_are_stored_under_stays() -> None:
    assert read_model_folder(TINY_CLIP).spec.model_id == "open_clip:8b5cb94d6c46e80a6de4af831586ff84"


def test_siglip2s(tmp_path: Path) -> None:
    siglip2 = {
        "context_length": 64,
        "vocab_size": 256000,
        "hf_tokenizer_name": "timm/ViT-B-32-SigLIP2-256",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "no_causal_mask": True,
        "pool_type": "last",
    }
    text = read_model_folder(folder_with(tmp_path / "model", {"tokenizer.json": ""}, **siglip2)).require_text()
    assert text.vocabulary == tmp_path / "model" / "tokenizer.json"
    assert (text.cleaning, text.context_length, text.vocab_size, text.pool) == ("canonicalize", 64, 256000, "last")
    assert not text.is_causal


def test_a_tower_that_open_clip_does_not_build_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "model", {"config.json": "{}"}, hf_model_name="xlm-roberta-base")
    with pytest.raises(PhotofindError, match=r"reads words by transformers.*please choose another model\.$"):
        read_model_folder(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "model", hf_tokenizer_name="timm/ViT-B-32-SigLIP2-256")
    with pytest.raises(PhotofindError, match=r"The file “tokenizer\.json” is missing in .*model"):
        read_model_folder(folder)


@pytest.mark.parametrize(
    "text_cfg",
    [
        {"tokenizer_mode": "clips"},
        {"tokenizer_kwargs": {"clean": "lower", "strip_sep_token": True}},
        {"tokenizer_kwargs": {"clean": "otherwise"}},
    ],
)
def test_another_way_of_splitting_is_refused(tmp_path: Path, text_cfg: dict[str, Any]) -> None:
    with pytest.raises(PhotofindError, match="please choose another model"):
        read_model_folder(folder_with(tmp_path / "model", **text_cfg))


TOKENS = np.array([[7, 2, 9, 0, 0, 0], [7, 1, 1, 2, 9, 0]])


def model(folder: Path, **text_cfg: Any) -> ModelFolder:
    return read_model_folder(folder_with(folder, **text_cfg))


@pytest.mark.parametrize(
    ("text_cfg", "ends", "length"),
    [
        ({}, [2, 4], 5),
        ({"pool_type": "eos"}, [1, 3], 4),
        ({"pool_type": "eos", "eos_id": 9}, [2, 4], 5),
        ({"pool_type": "last"}, [5, 5], 6),
        ({"pool_type": "first"}, [0, 0], 1),
        ({"no_causal_mask": True}, [2, 4], 6),
        ({"embed_cls": True}, [2, 4], 6),
    ],
)
def test_tokens_are_cut_behind_the_last_that_counts(
    tmp_path: Path, text_cfg: dict[str, Any], ends: list[int], length: int
) -> None:
    text = model(tmp_path / "model", **text_cfg).require_text()
    assert find_ends(TOKENS, text).tolist() == ends
    assert cut_tokens(TOKENS, text).tolist() == TOKENS[:, :length].tolist()


def test_no_tokens_are_cut_to_none(tmp_path: Path) -> None:
    assert cut_tokens(TOKENS[:0], model(tmp_path / "model").require_text()).shape == (0, 6)
