"""The library's SQLite files and all SQL there is.

Knows rows, not why they change. Way in: `catalog`, which hands out an object for each kind of rows; `thumbnails` beside
it. What the numbers in a row mean is said in `states` alone.
"""
