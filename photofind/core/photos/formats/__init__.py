"""How each kind of file is opened, by its content: with Pillow, or where that cannot or errs, otherwise.

Knows neither models nor thumbnails. Way in: `readers` for pictures, `raw` for cameras' own files.
"""
