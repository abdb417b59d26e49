"""What is done in slices until nothing is pending: originals, thumbnails, Find similar, fitting.

Way in: `pipeline`, which has the order of it.
"""
