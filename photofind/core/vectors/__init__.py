"""Nearest vectors of one model, exact or by HNSW.

Caches of the catalog that may be deleted at any time. Way in: `vector_index`.
"""
