"""Watched folders: adding, leaving out, what is away. Way in: `folders_dialog`."""
