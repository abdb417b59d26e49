"""The space that pictures and words share: what a quick look vector's numbers mean and what each weighs.

A vector is blocks side by side: the colours of the whole picture, their dark and light shades, the colours at
each place, moods, layout. Colours stand in it as the square root of the share they cover, so a small red
car still counts, and so a text that asks for a colour scores about the square root of that colour's share.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from photofind.core.encoders.quick_look_colours import COLOURS, TONES
from photofind.core.records.arrays import Vectors

GRID: Final = 4  # places are the cells of a 4 by 4 grid
MOODS: Final = ("dark", "bright", "colourless", "vivid", "contrast", "foggy", "smooth", "busy")
LAYOUT_DIM: Final = 128

_COLOUR_DIM: Final = len(COLOURS)
_SHADE_DIM: Final = len(COLOURS) * len(TONES)
_PLACE_DIM: Final = GRID * GRID * len(COLOURS)
# The last number is 0 in every picture; a text that says nothing we know points there.
DIM: Final = _COLOUR_DIM + _SHADE_DIM + _PLACE_DIM + len(MOODS) + LAYOUT_DIM + 1

# A picture's colour, shade and place blocks each have length 1; its moods are 0 unless they strike the eye.
_COLOUR, _SHADE, _PLACE, _MOOD, _LAYOUT = 0.67, 0.35, 0.55, 0.7, 0.5


def join_blocks(colours: Vectors, shades: Vectors, places: Vectors, moods: Vectors, layout: Vectors) -> Vectors:
    """Return the unit vectors [n, DIM] of what was measured in n pictures or asked for by n texts.

    Shapes: colours [n, 13], shades [n, 13 * 3], places [n, 16 * 13], moods [n, 8], layout [n, 128].
    """
    nothing = np.zeros((len(colours), 1), np.float32)
    blocks = (_COLOUR * colours, _SHADE * shades, _PLACE * places, _MOOD * moods, _LAYOUT * layout, nothing)
    vectors = np.concatenate(blocks, axis=1)
    vectors[~vectors.any(axis=1), -1] = 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
