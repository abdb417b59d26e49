"""Encoders turn images and words into unit vectors of one space; the only users of torch and open_clip.

torch is imported inside functions of `torch_model` and its neighbours alone: the window must be painted first.
"""
