"""The answer as tiles, and what can be done with them. Way in: `photo_grid`, `picking`; its rows: `photo_model`.

`input` listens to mouse and keyboard, so that the grid knows nothing of them.
"""
