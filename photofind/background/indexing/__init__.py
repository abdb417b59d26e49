"""What is done in slices until nothing is pending: originals, thumbnails, Find similar, fitting.

Way in: `originals`.
"""
