"""Model folders of the shapes that text towers come in, tiny and with random weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import open_clip
import timm
import torch
from safetensors.torch import save_file
from timm.models import save_for_hf

from tests.tiny_tokenizers import TINY_TOKENIZERS

TOKENIZERS: Final = TINY_TOKENIZERS
CONTEXT_LENGTH: Final = 32  # what the tables of tokens there are for
SIMILAR: Final = "vit_small_patch14_dinov2"

_TEXT: Final[dict[str, Any]] = {"context_length": CONTEXT_LENGTH, "width": 32, "heads": 2, "layers": 2}
_VIT: Final[dict[str, Any]] = {"image_size": 32, "patch_size": 16, "width": 32, "head_width": 16, "layers": 1}
_TIMM: Final[dict[str, Any]] = {
    "image_size": 160,
    "timm_model_name": "test_vit3",
    "timm_model_pretrained": False,
    "timm_pool": "map",
    "timm_proj": "none",
}

CLIP: Final[dict[str, Any]] = {"embed_dim": 16, "vision_cfg": _VIT, "text_cfg": {**_TEXT, "vocab_size": 49408}}
PE: Final[dict[str, Any]] = {**CLIP, "custom_text": True}
SIGLIP2: Final[dict[str, Any]] = {
    "embed_dim": 96,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": _TIMM,
    "text_cfg": {
        **_TEXT,
        "vocab_size": 711,
        "hf_tokenizer_name": "timm/ViT-B-32-SigLIP2-256",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6},
        "act_kwargs": {"approximate": "tanh"},
    },
}
# As many rows as there are pieces but for T5's blanks, as in the model of that name.
SIGLIP_I18N: Final[dict[str, Any]] = {
    **SIGLIP2,
    "text_cfg": {**SIGLIP2["text_cfg"], "vocab_size": 600, "hf_tokenizer_name": "timm/ViT-B-16-SigLIP-i18n-256"},
}


def write_config(folder: Path, model_cfg: dict[str, Any], tokenizer: str | None = None) -> Path:
    """Write the folder of a model but for its weights, with one of the tiny tokenizers."""
    folder.mkdir()
    config = {"model_cfg": model_cfg, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    for name in ("tokenizer.json", "tokenizer_config.json") if tokenizer else ():
        shutil.copy(TOKENIZERS / str(tokenizer) / name, folder / name)
    return folder


def write_weights(folder: Path, **overrides: Any) -> torch.nn.Module:
    """Write random weights into a folder, and return open_clip's own model with them."""
    torch.manual_seed(0)
    model: torch.nn.Module = open_clip.create_model(f"local-dir:{folder}", load_weights=False, **overrides).eval()
    save_file({name: t.contiguous() for name, t in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    return model


def make_tiny_similar_model(path: Path, *, dim: int = 32, size: int = 56, seed: int = 0) -> Path:
    """Make a folder as timm saves one: a model of DINOv2's kind for Find similar, which knows no words."""
    torch.manual_seed(seed)
    return save_dino(timm.create_model(SIMILAR, embed_dim=dim, depth=2, num_heads=2, img_size=size), path)


def save_dino(model: torch.nn.Module, folder: Path) -> Path:
    """Save a model of DINOv2's kind with random weights, by timm itself."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith("gamma"):  # at first each block changes a hundred thousandth, and all pictures are alike
                weights.fill_(1)
    save_for_hf(model, str(folder), safe_serialization=True)
    return folder
