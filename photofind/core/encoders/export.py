"""Write a loaded model as ONNX files, two where it knows words; runs in a child process that ends with it.

The image tower takes the decoder's bytes as they are; both end in unit vectors. A model of another shape than
open_clip's usual ones fails here or at the gate, and is then run by torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from photofind.core.encoders.model_folder import ModelFolder

# Two of each, so that no length is taken for a constant.
_IMAGES, _TEXTS, _TOKENS = 2, 2, 9


class _Images(torch.nn.Module):
    """From bytes to unit vectors."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, model: Any, folder: ModelFolder) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(folder.mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(folder.std).view(3, 1, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pixels = (images.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        return functional.normalize(self.model.encode_image(pixels), dim=-1)


class _Texts(torch.nn.Module):
    """From rows of the token table to unit vectors: what open_clip's `encode_text` does behind the table."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.text = text

    def forward(self, tokens: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        text, length = self.text, tokens.shape[1]
        mask = None if text.attn_mask is None else text.attn_mask[:length, :length]
        hidden = text.transformer(tokens + text.positional_embedding[:length], attn_mask=mask)
        hidden = text.ln_final(hidden[torch.arange(hidden.shape[0]), last])
        projection = text.text_projection
        if isinstance(projection, torch.nn.Linear):
            hidden = projection(hidden)
        elif projection is not None:
            hidden = hidden @ projection
        return functional.normalize(hidden, dim=-1)


class _Attention(torch.nn.Module):
    """torch's self-attention with open shapes: its own is exported for one length of text, or not at all."""

    def __init__(self, attention: torch.nn.MultiheadAttention) -> None:
        super().__init__()
        if not attention.batch_first or attention.in_proj_weight is None:
            raise ValueError("another attention than open_clip's towers have")
        self.attention = attention

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        *,
        attn_mask: torch.Tensor | None = None,
        **_: Any,
    ) -> tuple[torch.Tensor, None]:
        if key is not query or value is not query:
            raise ValueError("an attention between two things, which open_clip's towers do not have")
        attention = self.attention
        count, length, width = query.shape
        projected = functional.linear(query, attention.in_proj_weight, attention.in_proj_bias)
        heads = projected.view(count, length, 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], attn_mask=attn_mask)
        return attention.out_proj(mixed.transpose(1, 2).reshape(count, length, width)), None


def export_images(model: Any, folder: ModelFolder, target: Path) -> None:
    """Write the image tower: `images` uint8 [n, size, size, 3] to `vectors` float32 [n, dim]."""
    size = folder.spec.size
    example = torch.zeros((_IMAGES, size, size, 3), dtype=torch.uint8)
    _write(_Images(model, folder), (example,), {"images": {0: "n"}}, target)


def export_texts(model: Any, target: Path, *, length: int | None) -> None:
    """Write the text tower: `tokens` float32 [n, length, width], `last` int64 [n] to `vectors` float32 [n, dim].

    `length` is what texts are padded to, None where they may have any length.
    """
    text = getattr(model, "text", model)
    if getattr(text, "cls_emb", None) is not None or getattr(text, "use_pad_mask", False):
        raise ValueError("another text tower than open_clip's usual ones")
    width = text.token_embedding.weight.shape[1]
    examples = torch.zeros((_TEXTS, length or _TOKENS, width)), torch.zeros(_TEXTS, dtype=torch.int64)
    shape = {0: "n"} if length else {0: "n", 1: "length"}
    _write(_Texts(text), examples, {"tokens": shape, "last": {0: "n"}}, target)


def _write(
    tower: torch.nn.Module, examples: tuple[torch.Tensor, ...], axes: dict[str, dict[int, str]], target: Path
) -> None:
    with _open_shapes(tower):
        torch.onnx.export(
            tower.eval(),
            examples,
            str(target),
            input_names=list(axes),
            output_names=["vectors"],
            dynamic_axes={**axes, "vectors": {0: "n"}},
            dynamo=False,  # the new exporter needs one more package, onnxscript, and a minute
        )


@contextmanager
def _open_shapes(tower: torch.nn.Module) -> Iterator[None]:
    """Put another attention in place of torch's for a while."""
    places = [
        (parent, name, child)
        for parent in tower.modules()
        for name, child in parent.named_children()
        if isinstance(child, torch.nn.MultiheadAttention)
    ]
    try:
        for parent, name, attention in places:
            setattr(parent, name, _Attention(attention))
        yield
    finally:
        for parent, name, attention in places:
            setattr(parent, name, attention)
