"""Damage and problems, and what to do about them. Way in: the dialogs."""
