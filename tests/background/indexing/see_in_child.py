"""Embed a library's photos for Find similar slice by slice, telling after each how many are done; the tests kill it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from photofind.background.indexing.similar import SimilarIndexing
from photofind.core.library import Library


def main() -> None:
    """Embed the library named on the command line; a short rest after each slice lets the kill come anywhere."""
    library = Library(Path(sys.argv[1]))
    library.search.catch_up(float("inf"))
    similar = SimilarIndexing(library, slice_seconds=0.02)
    while not similar.is_done:
        similar.step()
        sys.stdout.write(f"{similar.count()}\n")
        sys.stdout.flush()
        time.sleep(0.01)
    similar.stop()
    library.close()


if __name__ == "__main__":
    main()
