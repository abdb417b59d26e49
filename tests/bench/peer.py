"""The shape of the strongest peer: every photo decoded in full, ONNX Runtime in single precision, batches of 8.

Loader threads as many as cores, three batches ahead of the model: what rclip 3.3 does, with nothing beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import open_clip
import torch
from PIL import Image

from photofind.core.cores import usable_cores
from photofind.core.encoders.model_folder import ModelFolder
from photofind.core.records.arrays import Vectors

_BATCH = 8
_BATCHES_AHEAD = 3


class Peer:
    """Embeds photos of a folder; nothing is stored."""

    def __init__(self, model: ModelFolder, work_dir: Path) -> None:
        self._size = model.spec.size
        self._mean = np.array(model.mean, np.float32)
        self._std = np.array(model.std, np.float32)
        self._session = onnxruntime.InferenceSession(export(model, work_dir), providers=["CPUExecutionProvider"])

    def embed(self, paths: Sequence[Path]) -> int:
        """Embed all photos; return how many vectors came out."""
        waiting: deque[Future[Vectors]] = deque()
        done = 0
        with ThreadPoolExecutor(usable_cores()) as pool:
            for path in paths:
                waiting.append(pool.submit(self._load, path))
                if len(waiting) == _BATCHES_AHEAD * _BATCH:
                    done += self._embed_batch(waiting)
            while waiting:
                done += self._embed_batch(waiting)
        return done

    def _load(self, path: Path) -> Vectors:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
        scale = self._size / min(rgb.size)
        small = rgb.resize((round(rgb.width * scale), round(rgb.height * scale)), Image.Resampling.BICUBIC)
        left, top = (small.width - self._size) // 2, (small.height - self._size) // 2
        pixels = np.asarray(small.crop((left, top, left + self._size, top + self._size)), np.float32) / 255
        return np.asarray(((pixels - self._mean) / self._std).transpose(2, 0, 1), np.float32)

    def _embed_batch(self, waiting: deque[Future[Vectors]]) -> int:
        batch = np.stack([waiting.popleft().result() for _ in range(min(_BATCH, len(waiting)))])
        (vectors,) = self._session.run(None, {"images": batch})
        return len(vectors)


def export(model: ModelFolder, work_dir: Path) -> str:
    """Export a model's visual tower for ONNX Runtime; return the file's path."""
    visual = open_clip.create_model(f"local-dir:{model.path}", require_pretrained=True).visual.eval()
    path = str(work_dir / "visual.onnx")
    example = torch.zeros(_BATCH, 3, model.spec.size, model.spec.size)
    # torch's own fused attention has no ONNX form.
    torch.backends.mha.set_fastpath_enabled(False)
    torch.onnx.export(
        visual,
        (example,),
        path,
        input_names=["images"],
        output_names=["vectors"],
        dynamic_axes={"images": {0: "n"}, "vectors": {0: "n"}},
        dynamo=False,
    )
    torch.backends.mha.set_fastpath_enabled(True)
    return path
