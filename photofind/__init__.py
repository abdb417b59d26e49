"""photofind: find your photos by words, by a picture, or by another photo."""

__version__ = "0.1.0"
