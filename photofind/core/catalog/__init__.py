"""The library's SQLite files and all SQL there is.

Knows rows, not why they change. Way in: `catalog` for photos and folders, `thumbnails` beside it.
"""
