"""Tokenizers of real shape, with small vocabularies."""

from pathlib import Path

TINY_TOKENIZERS = Path(__file__).parent
