"""What photofind computes for a photo is what open_clip itself computes for the upright image."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from photofind.core.disk.scan import scan_folder
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo
from photofind.core.records.arrays import Vectors
from photofind.core.records.query import Query
from tests.bench.models import make_model_folder
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of
from tests.tiny_clip import TINY_CLIP
from tests.tiny_clip.scenes import distinct_scenes, full_caption, render

LEAST_COSINE = 0.995


@pytest.fixture(scope="module", params=["tiny CLIP", "random ViT-B-32-256"])
def model_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "tiny CLIP":
        return TINY_CLIP
    return make_model_folder(tmp_path_factory.mktemp("models") / "random", "ViT-B-32-256")


class Reference:
    """open_clip's own preprocess and model, on the full-size upright sRGB image."""

    def __init__(self, folder: Path) -> None:
        import open_clip
        import torch

        self._torch = torch
        self._model, _, self._preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
        self._model.float().eval()

    def embed(self, path: bytes) -> Vectors:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(Path(os.fsdecode(path)).read_bytes())) as opened:
                image = _to_srgb(ImageOps.exif_transpose(opened))
        with self._torch.inference_mode():
            features = self._model.encode_image(self._preprocess(image)[None], normalize=True)
        vector: Vectors = features[0].numpy()
        return vector


def _to_srgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    profile = image.info.get("icc_profile")
    if profile and image.mode == "RGB":
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
        assert converted is not None
        return converted
    return image.convert("RGB")


def cosines(folder: Path, paths: list[bytes]) -> dict[str, float]:
    encoder, reference = LearnedEncoder(folder, folder / "no models here", "cpu"), Reference(folder)
    found = {}
    for path in paths:
        try:
            pixels = decode_photo(path, encoder.spec).pixels
            found[os.fsdecode(path)] = float(encoder.encode_images(pixels[None])[0] @ reference.embed(path))
        except (PhotofindError, UnidentifiedImageError):
            continue  # that both can read the same files is test_images' matter
    return found


def test_real_photos_embed_as_open_clip_embeds_them(model_folder: Path, real_photos: Path) -> None:
    root = os.fsencode(real_photos)
    paths = [os.path.join(root, path) for directory in scan_folder(root) for path, *_ in directory.photos]
    if model_folder != TINY_CLIP:
        paths = sorted(paths)[::6]  # a large model takes a while
    found = cosines(model_folder, paths)
    assert len(found) > (80 if model_folder == TINY_CLIP else 10)
    assert min(found.values()) >= LEAST_COSINE, sorted(found.items(), key=lambda item: item[1])[:5]


def test_12_megapixel_photos_embed_as_open_clip_embeds_them(model_folder: Path, tmp_path: Path) -> None:
    """JPEG is decoded at an eighth of the size; upright, sideways, progressive and grey."""
    rng = np.random.default_rng(4)
    kinds: list[dict[str, object]] = [{}, {"progressive": True}, {"orientation": 6}, {"mode": "L"}]
    for number, options in enumerate(kinds):
        coarse = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((4000, 3000), Image.Resampling.BICUBIC)
        noise = rng.normal(0, 4, (3000, 4000, 1))
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
        exif = Image.Exif()
        exif[0x0112] = options.get("orientation", 1)
        image = image.convert(str(options.get("mode", "RGB")))
        image.save(tmp_path / f"{number}.jpg", quality=90, exif=exif, progressive=options.get("progressive", False))
    found = cosines(model_folder, [os.fsencode(path) for path in sorted(tmp_path.glob("*.jpg"))])
    assert len(found) == 4
    assert min(found.values()) >= LEAST_COSINE, found


def test_ranking_through_the_library_equals_exact_ranking(tmp_path: Path) -> None:
    """From files through decoder, catalog and vector index, against a plain sort of open_clip's own vectors."""
    scenes = distinct_scenes(np.random.default_rng(11), 60)
    (tmp_path / "photos").mkdir()
    for number, scene in enumerate(scenes):
        render(scene, (640, 480)).save(tmp_path / "photos" / f"{number}.jpg", quality=85)
    library = Library(tmp_path / "library")
    library.models.use(str(TINY_CLIP))
    library.folders.add(tmp_path / "photos")
    sync(library)
    embed(library)
    library.models.finish_change()
    library.search.catch_up(10)
    ids = library.search.answer(Query()).photo_ids
    photos = library.search.photos(ids.tolist())
    vectors = np.stack([answering_of(library).embeddings.vector_of(int(i)) for i in ids])  # type: ignore[misc]
    reference = Reference(TINY_CLIP)
    exact = np.stack([reference.embed(photo.path) for photo in photos])
    assert np.sum(vectors * exact, axis=1).min() >= LEAST_COSINE
    right = 0
    for scene in scenes:
        words = full_caption(scene)
        result = library.search.answer(Query(text=words))
        scores = dict(zip(ids.tolist(), vectors @ answering_of(library).encode_text(words), strict=True))
        # The same scores in the same order, each at a photo that has it: equal ones may change places.
        np.testing.assert_allclose(result.scores, sorted(scores.values(), reverse=True), atol=1e-5)
        np.testing.assert_allclose(result.scores, [scores[i] for i in result.photo_ids.tolist()], atol=1e-5)
        best = photos[ids.tolist().index(int(result.photo_ids[0]))]
        right += best.name == f"{scenes.index(scene)}.jpg"
    assert right / len(scenes) >= 0.9
    library.close()
