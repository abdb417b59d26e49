"""Damage and its mending: knows what a sound library looks like.

Knows nothing of queries. Way in: `care` for an open library, `recovery` for one that cannot be opened.
"""
