"""The log of what went wrong, in the library folder: a file a kind of process, and nothing of the person's in it.

Knows no photos. Way in: `log`.
"""
