"""What runs the models keeps to itself that it does: nothing leaves the computer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What ONNX Runtime is to send, it keeps in the cache folder until it can.
MODEL = """
import onnxruntime
from onnx import TensorProto, helper
value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", value[:1], value[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": [1.0]})
"""


def files_kept(folder: Path, before: str) -> list[str]:
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder), "LOCALAPPDATA": str(folder)}
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"} | home
    subprocess.run([sys.executable, "-c", before + MODEL], env=environment, check=True, timeout=120)
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_onnx_runtime_keeps_nothing_to_tell(tmp_path: Path) -> None:
    for name in ("as it is", "ours"):
        (tmp_path / name).mkdir()
    if not files_kept(tmp_path / "as it is", ""):
        pytest.skip("this ONNX Runtime tells nobody anything, or keeps it elsewhere on this system")
    assert files_kept(tmp_path / "ours", "from photofind.core.encoders import onnx_towers\n") == []
