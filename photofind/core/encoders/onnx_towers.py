"""A model's two towers as ONNX Runtime runs them on the CPU: there in a fraction of a second, without torch.

Files are made by `export`. The text tower takes rows of the model's token table instead of tokens: of a table
of 800 MB only the few rows of a query are read, straight from the weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from photofind.core.cores import usable_cores
from photofind.core.errors import PhotofindError, said_by
from photofind.core.records.arrays import Ids, Pixels, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# As safetensors names them; bf16 is the upper half of a float32.
_DTYPES: Final = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_BATCH: Final = 32  # pictures in one pass; more only takes memory, 300 MB at 336 pixels
# The name of the token table in the weights of open_clip's two kinds of models.
TOKEN_TABLES: Final = ("token_embedding.weight", "text.token_embedding.weight")


class OnnxImages:
    """The image tower of an exported model."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, size, size, 3]; return float32 [n, dim] of unit length."""
        parts = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)] or [images]
        return np.concatenate([np.asarray(self._session.run(None, {"images": part})[0], np.float32) for part in parts])


class OnnxTexts:
    """The text tower of an exported model; the token table stays in the file of the weights."""

    def __init__(self, path: Path, weights: Path) -> None:
        self._session = open_session(path)
        self._table = TokenTable(weights)

    def encode(self, tokens: Ids, last: Ids) -> Vectors:
        """Embed tokens int64 [n, length], read off at `last` int64 [n]; return float32 [n, dim] of unit length."""
        (vectors,) = self._session.run(None, {"tokens": self._table.rows(tokens), "last": last})
        return np.asarray(vectors, np.float32)


class TokenTable:
    """A model's token embeddings, read row by row from its safetensors file.

    Not mapped into memory: a file that is cut short while it is mapped ends the program.
    """

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        with _reading(weights), weights.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
            about = next(header[name] for name in TOKEN_TABLES if name in header)
            self._width = int(about["shape"][1])
            self._start = 8 + length + int(about["data_offsets"][0])
            self._is_bf16 = about["dtype"] == "BF16"
            self._dtype = np.dtype(_DTYPES[about["dtype"]])

    def rows(self, tokens: Ids) -> Vectors:
        """Return the embeddings float32 [n, length, width] of tokens int64 [n, length]."""
        wanted, places = np.unique(tokens, return_inverse=True)
        size = self._width * self._dtype.itemsize
        with _reading(self._weights), self._weights.open("rb") as file:
            read = b"".join(_read_at(file, self._start + int(token) * size, size) for token in wanted)
        rows = np.frombuffer(read, self._dtype).reshape(len(wanted), self._width)
        exact = (rows.astype(np.uint32) << 16).view(np.float32) if self._is_bf16 else rows.astype(np.float32)
        return np.asarray(exact[places.reshape(tokens.shape)])


def _read_at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    row = file.read(size)
    if len(row) < size:
        raise ValueError("the file ends too early")
    return row


@contextmanager
def _reading(weights: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PhotofindError("model_unreadable", folder=weights.parent, said=said_by(error)) from error
    except (ValueError, KeyError, TypeError, IndexError, StopIteration) as error:
        raise PhotofindError("embeddings_table_damaged", file=weights) from error


def open_session(path: Path) -> InferenceSession:
    """Load a graph that `save_optimized` wrote; raise PhotofindError where it cannot be."""
    import onnxruntime as ort  # noqa: PLC0415 - 0.1 s that the window need not wait for

    options = _options()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # done when it was written
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no class of their own that is public
        raise PhotofindError("engine_damaged", file=path) from error


def save_optimized(path: Path, target: Path) -> None:
    """Write a graph as ONNX Runtime wants it on this processor, which makes loading three times as fast."""
    import onnxruntime as ort  # noqa: PLC0415 - as above

    options = _options()
    options.optimized_model_filepath = str(target)
    ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _options() -> ort.SessionOptions:  # type: ignore[name-defined]  # noqa: F821
    import onnxruntime as ort  # noqa: PLC0415 - as above

    options = ort.SessionOptions()
    options.intra_op_num_threads = usable_cores()
    # Threads that wait must not burn a core: the decoder's processes need it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
