"""Child processes that build and serve the HNSW graph; know no catalog. Way in: `builder`, `server`."""
