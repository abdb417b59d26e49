"""Photos embedded a second from 12-megapixel JPEGs, photofind's whole path against the shape of the strongest peer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from photofind.background.decoder import Decoder
from photofind.background.indexing import SLICE_SECONDS as WINDOW_SLICE_SECONDS
from photofind.background.indexing import Indexing
from photofind.cli.index_all import SLICE_SECONDS
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from tests.bench.models import make_model_folder
from tests.bench.peer import Peer
from tests.bench.photos import write_photos
from tests.bench.report import Result, interleave, median, report

_PHOTOS, _COPIES, _SIZE = 32, 3, (4000, 3000)
_ROUNDS = 3
_BOUND = 1.6
_WAIT_SECONDS = 0.5


def main() -> None:
    """Index and embed the same photos in turns; the first round of each starts what has to be started."""
    with tempfile.TemporaryDirectory() as directory:
        work_dir = Path(directory)
        photos = write_photos(work_dir / "photos", _PHOTOS, _SIZE)
        _multiply(photos)
        paths = sorted(photos.iterdir())
        model = make_model_folder(work_dir / "model", "ViT-B-32-256")
        library = _open_library(work_dir / "library", photos, model)
        peer = Peer(read_model_folder(model), work_dir)
        decoder = Decoder()
        try:
            _index(library, decoder, SLICE_SECONDS)
            peer.embed(paths[:8])
            ours, theirs, in_window = interleave(
                _ROUNDS,
                lambda: _index(library, decoder, SLICE_SECONDS),
                lambda: _rate(len(paths), lambda: peer.embed(paths)),
                lambda: _index(library, decoder, WINDOW_SLICE_SECONDS),
            )
        finally:
            decoder.stop()
            library.close()
    peer_name, peer_rate = "full decode, ONNX Runtime fp32, batch 8", median(theirs)
    report(
        Result(
            "indexing.12_megapixels",
            median(ours),
            "images/s",
            bound=">=",
            bound_value=_BOUND,
            peer=peer_name,
            peer_value=peer_rate,
        )
    )
    report(
        Result(
            "indexing.12_megapixels.window",
            median(in_window),
            "images/s",
            peer=peer_name,
            peer_value=peer_rate,
        )
    )


def _multiply(photos: Path) -> None:
    """Add copies that differ by a byte after the picture's end: other files, the same work."""
    for path in sorted(photos.iterdir()):
        for number in range(1, _COPIES):
            copy = path.with_name(f"{path.stem}-{number}{path.suffix}")
            copy.write_bytes(path.read_bytes() + bytes([number]))


def _open_library(directory: Path, photos: Path, model: Path) -> Library:
    library = Library(directory)
    library.use_model(str(model))
    for _ in library.sync(library.add_folder(photos)):
        pass
    return library


def _index(library: Library, decoder: Decoder, slice_seconds: float) -> float:
    """Embed all photos anew, decoding to storing; return images a second."""
    with library.catalog.transaction():
        library.catalog.db.execute("DELETE FROM embedding")
        library.catalog.db.execute("UPDATE photo SET state = 0")
    return _rate(_PHOTOS * _COPIES, lambda: _run(Indexing(library, decoder, slice_seconds)))


def _run(indexing: Indexing) -> int:
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
