"""Walking folders, leaving out, telling drives apart: lists files and never opens one.

Knows nothing of the catalog. Way in: `scan`.
"""
