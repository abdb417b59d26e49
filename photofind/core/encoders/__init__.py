"""Running a model: images and words become unit vectors of one space.

Knows nothing of photos or the catalog. Way in: `encoder`.

torch is imported inside functions of `torch_model` and its neighbours alone: the window must be painted first.
"""

import os

# Nothing leaves the computer: since 1.32, ONNX Runtime tells its makers how it is used unless this is set before it is
# loaded. Children inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
