"""The command line: a second face on the core, and what starts the window.

Results go to standard output, progress and log lines to standard error. Nothing here imports Qt
or torch before a command needs it: the decoder's child processes import the main module again.
"""

from photofind.cli import care, indexing, models, searching
from photofind.cli.group import cli, main

__all__ = ["care", "cli", "indexing", "main", "models", "searching"]
