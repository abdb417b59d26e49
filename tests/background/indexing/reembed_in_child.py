"""Embed a library's pending photos slice by slice, telling after each how many are done; the tests kill it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.originals import OriginalIndexing
from photofind.core.library import Library


def main() -> None:
    """Embed the library named on the command line; a short rest after each slice lets the kill come anywhere."""
    library = Library(Path(sys.argv[1]))
    decoder = Decoder(1)
    indexing = OriginalIndexing(library, decoder, slice_seconds=0.02)
    while not indexing.is_done:
        indexing.step(0.05)
        sys.stdout.write(f"{library.embedding.counts.embedded}\n")
        sys.stdout.flush()
        time.sleep(0.01)
    indexing.stop()
    decoder.stop()
    library.close()


if __name__ == "__main__":
    main()
