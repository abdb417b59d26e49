"""What a photo's file, its name and the files beside it say of it: when, where, with what, and in words.

Reads heads, never pixels, and never fails for the sake of what it reads. Way in: `reading`; runs in decoder children.
"""
