"""Which model is in use, what it still has to see, and keeping what it saw.

Knows nothing of queries. Way in: `chosen_models`; `embedding` for photos.
"""
