"""The disk against the catalog: what is new, changed, moved, away.

Opens no photo. Way in: `watched_folders`.
"""
