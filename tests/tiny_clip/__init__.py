"""The tiny CLIP: a learned model small enough to lie beside the tests."""

from pathlib import Path

TINY_CLIP = Path(__file__).parent
