"""A model that knows pictures only, such as DINOv2, loaded by timm; imported when it is needed, which takes seconds."""

from __future__ import annotations

from typing import Any

import timm
import torch

from photofind.core.encoders.model_folder import ModelFolder


class PictureModel(torch.nn.Module):
    """A model of timm's that is asked as open_clip's are."""

    def __init__(self, trunk: torch.nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def encode_image(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return what the model makes of pictures [n, 3, size, size] before any classes: [n, dim]."""
        return self.trunk(pixels)  # type: ignore[no-any-return]


def load_picture_model(folder: ModelFolder) -> PictureModel:
    """Load a folder that timm wrote, in single precision on the CPU; raise any kind of error where it is no such model.

    Positions are interpolated to the size that photofind gives it.
    """
    # The file is named here: in a folder, timm would look for weights itself, and might take a pickle.
    weights = {"source": "", "file": str(folder.weights), "state_dict": None, "custom_load": False}
    size, dim = folder.spec.size, folder.spec.dim
    name = f"local-dir:{folder.path}"
    trunk: Any = timm.create_model(
        name, pretrained=True, pretrained_cfg_overlay=weights, pretrained_strict=True, img_size=size
    ).eval()
    trunk.reset_classifier(0)
    with torch.inference_mode():
        made = tuple(trunk(torch.zeros((1, 3, size, size))).shape)
    if made != (1, dim):
        raise ValueError(f"it makes vectors of {made[-1]} numbers, not of {dim} as its config says")
    return PictureModel(trunk)
