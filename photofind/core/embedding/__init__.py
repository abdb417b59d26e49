"""Which model is in use, what it still has to see, and keeping what it saw.

Knows nothing of queries. Way in: `model_choice`; `store` for photos.
"""
