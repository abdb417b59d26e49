"""Damage and its mending: knows what a sound library looks like.

Knows nothing of queries. Way in: `check` to look, `recovery` to mend.
"""
