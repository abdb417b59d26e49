"""Photos embedded a second from 12-megapixel JPEGs, photofind's whole path against the shape of the strongest peer."""

from __future__ import annotations

import os
import queue
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.originals import OriginalIndexing
from photofind.background.indexing.pace import SLICE_SECONDS as WINDOW_SLICE_SECONDS
from photofind.background.indexing.pace import UNATTENDED_SLICE_SECONDS
from photofind.core.encoders.engines import ENGINES, Engine
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from tests.bench.fitted import fit
from tests.bench.models import make_model_folder
from tests.bench.peer import Peer
from tests.bench.photos import write_photos
from tests.bench.report import Result, interleave, median, report
from tests.inside import indexing_of, sql

_PHOTOS, _COPIES, _SIZE = 32, 3, (4000, 3000)
_ROUNDS = 3
_BOUNDS: dict[Engine, float] = {"torch fp32": 1.6, "ONNX fp32": 1.6, "torch bf16": 2.5, "ONNX INT8": 3.3}
_EFFICIENCY = 0.90
_WAIT_SECONDS = 0.5
_BATCH = 32


def main() -> None:
    """Index and embed the same photos in turns; the first round of each starts what has to be started."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as closing:
        work_dir = Path(directory)
        photos = write_photos(work_dir / "photos", _PHOTOS, _SIZE, copies=_COPIES)
        paths = sorted(photos.iterdir())
        model = make_model_folder(work_dir / "model", "ViT-B-32-256")
        libraries = {engine: _open_library(work_dir / engine, photos, model, [engine]) for engine in _BOUNDS}
        chosen = _open_library(work_dir / "chosen", photos, model, ENGINES)
        for library in (*libraries.values(), chosen):
            closing.callback(library.close)
        decoder = Decoder()
        closing.callback(decoder.stop)
        peer = Peer(read_model_folder(model), work_dir)
        for library in (*libraries.values(), chosen):
            _index(library, decoder, UNATTENDED_SLICE_SECONDS)
        peer.embed(paths[:8])
        spec, encoder = chosen.embedding.decoding_spec, indexing_of(chosen).encoder
        pixels = np.zeros((_BATCH, spec.size, spec.size, 3), np.uint8)
        theirs, in_window, decoded, model_alone, best, *ours = interleave(
            _ROUNDS,
            lambda: _rate(len(paths), lambda: peer.embed(paths)),
            lambda: _index(chosen, decoder, WINDOW_SLICE_SECONDS),
            lambda: _rate(len(paths), lambda: _decode(decoder, paths, spec)),
            lambda: _rate(4 * _BATCH, lambda: sum(len(encoder.encode_images(pixels)) for _ in range(4))),
            lambda: _index(chosen, decoder, UNATTENDED_SLICE_SECONDS),
            *(partial(_index, library, decoder, UNATTENDED_SLICE_SECONDS) for library in libraries.values()),
        )
        names = {engine: indexing_of(library).encoder.engine for engine, library in libraries.items()}
        used = encoder.engine
    peer_name, peer_rate = "full decode, ONNX Runtime fp32, batch 8", median(theirs)
    for (engine, bound), rates in zip(_BOUNDS.items(), ours, strict=True):
        name = f"indexing.12_megapixels.{engine}" + ("" if names[engine] == engine else f".as {names[engine]}")
        report(Result(name, median(rates), "images/s", ">=", bound, peer_name, peer_rate))
    report(
        Result(f"indexing.12_megapixels.chosen {used}", median(best), "images/s", peer=peer_name, peer_value=peer_rate)
    )
    report(Result("indexing.12_megapixels.window", median(in_window), "images/s", peer=peer_name, peer_value=peer_rate))
    together = 1 / (1 / median(decoded) + 1 / median(model_alone))
    alone = f"decoding alone {median(decoded):.1f}/s, model alone {median(model_alone):.1f}/s, each on all cores"
    report(Result("indexing.12_megapixels.efficiency", median(best), "images/s", ">=", _EFFICIENCY, alone, together))


def _decode(decoder: Decoder, paths: list[Path], spec: Spec) -> int:
    """Decode all photos and do nothing with them."""
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for path in paths:
        decoder.submit(os.fsencode(path), spec, answers.put)
    return sum(isinstance(answers.get(timeout=60), DecodedPhoto) for _ in paths)


def _open_library(directory: Path, photos: Path, model: Path, among: Sequence[Engine]) -> Library:
    fit(model, directory, among)
    library = Library(directory)
    library.models.use(str(model))
    for _ in library.folders.sync(library.folders.add(photos)):
        pass
    return library


def _index(library: Library, decoder: Decoder, slice_seconds: float) -> float:
    """Embed all photos anew, decoding to storing; return images a second."""
    with sql(library).atomic():
        sql(library).execute("DELETE FROM embedding")
        sql(library).execute("UPDATE photo SET state = 0")
    return _rate(_PHOTOS * _COPIES, lambda: _run(OriginalIndexing(library, decoder, slice_seconds)))


def _run(indexing: OriginalIndexing) -> int:
    embedded = 0
    while True:
        stored = indexing.step(_WAIT_SECONDS)
        if stored is not None:
            embedded += stored.embedded
        elif indexing.is_done:
            return embedded


def _rate(photos: int, embed: Callable[[], int]) -> float:
    start = time.perf_counter()
    embedded = embed()
    if embedded != photos:
        raise RuntimeError(f"{embedded} of {photos} photos were embedded")
    return embedded / (time.perf_counter() - start)
