"""Running a model: images and words become unit vectors of one space.

Knows nothing of photos or the catalog. Way in: `encoder`.

torch is imported inside functions of `torch_model` and its neighbours alone: the window must be painted first.
"""
