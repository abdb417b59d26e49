"""Make model folders with random weights: an architecture's true shape and speed, without a download."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import open_clip
import timm
import torch
from safetensors.torch import save_file

from photofind.core.encoders.model_folder import OPEN_CLIP
from tests.core.encoders.tiny_models import save_dino
from tests.tiny_tokenizers import TINY_TOKENIZERS

_VOCABULARY = TINY_TOKENIZERS / "gemma"


def make_model_folder(folder: Path, architecture: str, seed: int = 0) -> Path:
    """Write a model of one of open_clip's architectures ("ViT-B-32-256"), or timm's, as a folder for photofind."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    if architecture not in open_clip.list_models():
        return save_dino(timm.create_model(architecture), folder)
    model = open_clip.create_model(architecture, require_pretrained=False)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / OPEN_CLIP.weights_file)
    config = {
        "model_cfg": open_clip.get_model_config(architecture),
        "preprocess_cfg": dict(open_clip.get_model_preprocess_cfg(model)),
    }
    (folder / OPEN_CLIP.config_file).write_text(json.dumps(config, indent=2) + "\n")
    if "hf_tokenizer_name" in config["model_cfg"]["text_cfg"]:  # its own is on the hub; any gives tokens
        for file in _VOCABULARY.iterdir():
            shutil.copy(file, folder)
    return folder
