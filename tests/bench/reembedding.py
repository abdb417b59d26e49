"""Photos embedded a second for another model: from thumbnails, against from 12-megapixel originals.

What is left is the model: the second figure tells how near it comes to the model alone.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.originals import OriginalIndexing
from photofind.background.indexing.pace import UNATTENDED_SLICE_SECONDS
from photofind.core.encoders.encoder import Encoder
from photofind.core.library import Library
from photofind.core.settings import EMBED_FROM
from tests.bench.fitted import fit
from tests.bench.models import make_model_folder
from tests.bench.photos import write_photos
from tests.bench.report import Result, interleave, median, report
from tests.inside import catalog_of, indexing_of, sql

# So many that the first slices, in which the pace is found, do not count for much.
_DIFFERENT, _COPIES, _SIZE = 64, 5, (4000, 3000)
_PHOTOS = _DIFFERENT * _COPIES
_ROUNDS = 3
_BOUND = 4.0
_OF_MODEL = 0.9
_BATCH = 16
_WAIT_SECONDS = 0.5


def main() -> None:
    """Embed a known library for a model of the shape that is recommended, in turns from originals and thumbnails."""
    with tempfile.TemporaryDirectory() as directory:
        work_dir = Path(directory)
        model = make_model_folder(work_dir / "model", "ViT-B-32-256")
        fit(model, work_dir / "library")
        library = Library(work_dir / "library")
        decoder = Decoder()
        try:
            photos = write_photos(work_dir / "photos", _DIFFERENT, _SIZE, copies=_COPIES)
            for _ in library.folders.sync(library.folders.add(photos)):
                pass
            _embed(library, decoder)
            library.models.use(str(model))
            _embed(library, decoder)  # the first time loads the model
            encoder = indexing_of(library).encoder
            originals, thumbnails, model_only = interleave(
                _ROUNDS,
                lambda: _rate(library, decoder, again=0),
                lambda: _rate(library, decoder, again=2),
                lambda: _model_rate(encoder),
            )
        finally:
            decoder.stop()
            library.close()
    report(
        Result(
            "reembedding.thumbnails",
            median(thumbnails),
            f"images/s, {encoder.engine}",
            bound=">=",
            bound_value=_BOUND,
            peer="from originals of 12 megapixels",
            peer_value=median(originals),
        )
    )
    report(
        Result(
            "reembedding.of_model",
            median(thumbnails),
            "images/s",
            bound=">=",
            bound_value=_OF_MODEL,
            peer="the model alone",
            peer_value=median(model_only),
        )
    )


def _rate(library: Library, decoder: Decoder, again: int) -> float:
    """Embed all photos anew, from originals (`again` 0) or thumbnails (2), without a sample; return images a second."""
    with sql(library).atomic():
        sql(library).execute("DELETE FROM embedding WHERE model = ?", [indexing_of(library).embeddings.model])
        sql(library).execute("UPDATE photo SET state = 0, again = ?", [again])
        catalog_of(library).settings.set(EMBED_FROM.of(indexing_of(library).embeddings.model), "thumbnails")
    start = time.perf_counter()
    _embed(library, decoder)
    return _PHOTOS / (time.perf_counter() - start)


def _model_rate(encoder: Encoder) -> float:
    size = encoder.spec.size
    pixels = np.random.default_rng(0).integers(0, 256, (_BATCH, size, size, 3), np.uint8)
    start = time.perf_counter()
    for _ in range(_PHOTOS // _BATCH):
        encoder.encode_images(pixels)
    return _PHOTOS / (time.perf_counter() - start)


def _embed(library: Library, decoder: Decoder) -> None:
    indexing = OriginalIndexing(library, decoder, UNATTENDED_SLICE_SECONDS)
    while not indexing.is_done:
        indexing.step(_WAIT_SECONDS)
    indexing.stop()
    if library.embedding.counts.embedded != _PHOTOS:
        raise RuntimeError(f"{library.embedding.counts.embedded} of {_PHOTOS} photos were embedded")
