"""The kinds of arrays, by what is in them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]
