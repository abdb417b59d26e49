"""Make model folders with random weights: an architecture's true shape and speed, without a download."""

from __future__ import annotations

import json
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file

from photofind.core.encoders.model_folder import CONFIG_FILE, WEIGHTS_FILE


def make_model_folder(folder: Path, architecture: str, seed: int = 0) -> Path:
    """Write a model of one of open_clip's architectures ("ViT-B-32-256") as a folder that photofind can use."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = open_clip.create_model(architecture, require_pretrained=False)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_FILE)
    config = {
        "model_cfg": open_clip.get_model_config(architecture),
        "preprocess_cfg": dict(open_clip.get_model_preprocess_cfg(model)),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n")
    return folder
