"""A file becomes pixels, a thumbnail and facts.

Knows nothing of the catalog or of encoders. Way in: `images`; runs in decoder children.
"""
