"""Train the tiny CLIP that the tests search with: `python -m tests.tiny_clip.train`.

Seeded; writes `open_clip_config.json` and `open_clip_model.safetensors` (half precision) beside this file.
Scenes that hold a kept-back thing (`Scene.held_out`) are never drawn here, so tests can ask for them.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from open_clip.model import CLIP
from PIL import Image, ImageOps
from safetensors.torch import save_file

from tests.tiny_clip.scenes import Scene, caption, distinct_scenes, full_caption, random_scene, render

HERE = Path(__file__).parent

SEED = 20
PIXELS = 64
CONTEXT = 24
MODEL: dict[str, Any] = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": PIXELS, "layers": [1, 2, 2, 1], "width": 12, "head_width": 32},
    "text_cfg": {"context_length": CONTEXT, "vocab_size": 49408, "width": 64, "heads": 4, "layers": 3},
}
PREPROCESS = {
    "mean": open_clip.OPENAI_DATASET_MEAN,
    "std": open_clip.OPENAI_DATASET_STD,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
POOL = 50_000
STEPS = 900
BATCH = 192
PEAK_RATE = 2e-3
WARM_UP = 150


def say(what: str, started: float) -> None:
    """Show where training stands, and after how many seconds."""
    print(f"{time.monotonic() - started:4.0f} s: {what}", flush=True)  # noqa: T201


def draw_photo(scene: Scene) -> npt.NDArray[np.uint8]:
    """Render as a JPEG photo of some size and shape, then size it as the model's preprocessing would."""
    rng = np.random.default_rng([scene.look, 1])
    edge = int(rng.integers(72, 320))
    long_edge = round(edge * rng.choice([1, 4 / 3, 3 / 2, 16 / 9]))
    photo = render(scene, (long_edge, edge) if rng.random() < 0.7 else (edge, long_edge))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=int(rng.integers(45, 96)))
    return np.asarray(ImageOps.fit(Image.open(file), (PIXELS, PIXELS), Image.Resampling.BICUBIC))


def draw_scene(seed: int) -> tuple[Scene, npt.NDArray[np.uint8]]:
    """Draw a scene that training may see, and its photo."""
    rng = np.random.default_rng([SEED, seed])
    while (scene := random_scene(rng)).held_out:
        pass
    return scene, draw_photo(scene)


def batches(scenes: list[Scene], rng: np.random.Generator) -> Iterator[tuple[npt.NDArray[np.int64], list[str]]]:
    """Yield indices and captions without end; in one batch neither things nor captions repeat."""
    waiting: list[int] = []
    while True:
        chosen: dict[str, int] = {}
        things = set()
        while len(chosen) < BATCH:
            if not waiting:
                waiting = rng.permutation(len(scenes)).tolist()
            index = waiting.pop()
            words = caption(scenes[index], rng)
            if scenes[index].things not in things and words not in chosen:
                things.add(scenes[index].things)
                chosen[words] = index
        yield np.array(list(chosen.values())), list(chosen)


def to_input(pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
    """Turn uint8 [n, h, w, 3] into what the model takes."""
    mean = torch.tensor(open_clip.OPENAI_DATASET_MEAN).view(1, 3, 1, 1)
    std = torch.tensor(open_clip.OPENAI_DATASET_STD).view(1, 3, 1, 1)
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - mean) / std


def make_optimizer(model: CLIP) -> torch.optim.Optimizer:
    """Decay the matrices only, never the vocabulary: most of its words are never seen."""
    decayed = [p for n, p in model.named_parameters() if p.ndim >= 2 and "embedding" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim < 2 or "embedding" in n]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.98))


def rate_at(step: int, steps: int) -> float:
    """Return the share of the peak learning rate: a warm-up, then half a cosine."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


def train(model: CLIP, scenes: list[Scene], pixels: npt.NDArray[np.uint8], steps: int, started: float) -> None:
    """Teach the model which caption belongs to which photo."""
    tokenize = open_clip.SimpleTokenizer(context_length=CONTEXT)
    optimizer = make_optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_at(step, steps))
    loss_of = open_clip.ClipLoss()
    supply = batches(scenes, np.random.default_rng(SEED))
    model.train()
    for step in range(steps):
        indices, words = next(supply)
        images, texts, scale = model(to_input(pixels[indices]), tokenize(words))
        loss = loss_of(images, texts, scale)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        if step % 100 == 99:
            say(f"step {step + 1} of {steps}: loss {loss:.3f}", started)


@torch.inference_mode()
def recall(model: CLIP, count: int = 400) -> tuple[float, float]:
    """Return text-to-image and image-to-image recall at 1 among scenes never trained on."""
    rng = np.random.default_rng(SEED + 1)
    scenes = [s for s in distinct_scenes(rng, 6 * count) if s.held_out][:count]
    others = [Scene(s.things, s.look + 1) for s in scenes]

    tokenize = open_clip.SimpleTokenizer(context_length=CONTEXT)
    model.eval()
    gallery = model.encode_image(to_input(np.stack([draw_photo(s) for s in scenes])), normalize=True)
    again = model.encode_image(to_input(np.stack([draw_photo(s) for s in others])), normalize=True)
    texts = model.encode_text(tokenize([full_caption(s) for s in scenes]), normalize=True)
    right = torch.arange(len(scenes))
    by_text = (texts @ gallery.T).argmax(1) == right
    by_image = (again @ gallery.T).argmax(1) == right
    return by_text.float().mean().item(), by_image.float().mean().item()


def save(model: CLIP, folder: Path) -> None:
    """Write the checkpoint as a folder that open_clip opens through `local-dir:`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {n: v.half() if v.is_floating_point() else v for n, v in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": MODEL, "preprocess_cfg": PREPROCESS}, indent=2) + "\n"
    )


def main() -> None:
    """Draw the photos, train, say how well it finds unseen scenes, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write the checkpoint")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pool", type=int, default=POOL)
    options = parser.parse_args()
    started = time.monotonic()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        drawn = pool.map(draw_scene, range(options.pool), chunksize=250)
    scenes, pixels = [scene for scene, _ in drawn], np.stack([photo for _, photo in drawn])
    say(f"{len(scenes)} photos drawn", started)
    torch.set_num_threads(1)  # two would wait for each other on a busy computer
    torch.manual_seed(SEED)
    model = CLIP(**MODEL)
    train(model, scenes, pixels, options.steps, started)
    by_text, by_image = recall(model)
    say(f"recall@1 text to image {by_text:.3f}, image to image {by_image:.3f}", started)
    save(model, options.folder)


if __name__ == "__main__":
    main()
