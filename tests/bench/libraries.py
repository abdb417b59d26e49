"""Libraries that are full already: rows written into a real catalog without opening a photo."""

from __future__ import annotations

from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.embeddings import Embeddings
from photofind.core.disk.volumes import volume_of
from photofind.core.library import Library
from photofind.core.records.arrays import Vectors
from photofind.core.records.models import Spec
from photofind.core.vectors.vector_index import VectorIndex
from tests.inside import answering_of, catalog_of, sql

_ROW = (
    "INSERT INTO photo (id, folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time, width, height) "
    "VALUES (?, ?, ?, 3000000, ?, ?, ?, 1, 1, ?, 4000, 3000)"
)


def add_embedded_photos(catalog: Catalog, embeddings: Embeddings, vectors: Vectors) -> None:
    """Insert one embedded photo for every vector float32 [n, dim]; ids are 1 to n."""
    folder = catalog.folders.add(b"/photos", volume_of(b"/"))
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            _ROW, ((i, folder, b"%06d.jpg" % i, i, i, i, float(i)) for i in range(1, len(vectors) + 1))
        )
        catalog.words.rebuild()
        embeddings.put(range(1, len(vectors) + 1), vectors)


def open_index(directory: Path, vectors: Vectors) -> VectorIndex:
    """Return a vector index that covers these vectors; label n is row n - 1."""
    catalog = Catalog(directory / "catalog.sqlite")
    embeddings = catalog.embeddings(Spec("bench", "bench", vectors.shape[1], 256))
    embeddings.enrol()
    add_embedded_photos(catalog, embeddings, vectors)
    index = VectorIndex(directory / "vectors", embeddings)
    index.catch_up(float("inf"))
    index.flush()
    index.make_codes(float("inf"))
    return index


def fill_library(library: Library, vectors: Vectors) -> None:
    """Fill an empty library with embedded photos, its caches included."""
    add_embedded_photos(catalog_of(library), answering_of(library).embeddings, vectors)
    library.search.catch_up(float("inf"))
    library.search.index.flush()
    library.search.make_codes(float("inf"))
