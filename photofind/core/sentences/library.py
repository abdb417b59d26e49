"""What stands against opening, reading or writing a library; `library` is its folder."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Template

LIBRARY: Final[dict[str, Template]] = {
    "library_damaged": (
        "The library “{library}” is damaged; “photofind check --repair” rescues what can be read, or goes back to the "
        "last snapshot. Your photos are not touched."
    ),
    "library_damaged_in_use": (
        "The library “{library}” is damaged; close photofind and start it again: it then offers to mend it. "
        "Your photos are not touched."
    ),
    "library_in_use": "The library “{library}” is open in another photofind; use that one, or close it first.",
    "library_newer": "The library “{library}” was written by a newer photofind; please update photofind.",
    "library_older": "The library “{library}” is of an older photofind; open it once in the window.",
    "library_disk_full": "The disk with the library “{library}” is full; free some space and photofind goes on.",
    "library_read_only": "The library “{library}” cannot be written; check the folder's permissions.",
    "library_busy": "The library “{library}” is busy in another program; try again in a moment.",
    "library_not_there": ("The library “{library}” cannot be opened; check that the folder exists and may be written."),
    "library_disk_fails": "The disk with the library “{library}” cannot be read or written; check the drive.",
    "library_unusable": "The library “{library}” cannot be used: {said}.",
    "library_unopened": "The library “{library}” cannot be opened: {said}.",
    "library_unread": "The library “{library}” cannot be read: {said}.",
    "library_unwritten": "The library “{library}” cannot be written: {said}.",
    "library_not_permitted": (
        "The library “{library}” cannot be written: {said}; check the folder's permissions, or choose another with "
        "--library."
    ),
    "library_file_unreadable": "The library file “{file}” cannot be read: {said}.",
    # What answers a search, and why
    "search_is_small": "A search compares every photo; up to {rows:,.0f} of them, that is fast.",
    "graph_answers": (
        "A search goes by a graph, which finds {recall:.1f} % of the 100 nearest photos in {graph_ms:.1f} ms; "
        "comparing every photo takes {exact_ms:.1f} ms."
    ),
    "graph_finds_too_little": (
        "A search compares every photo: a graph finds only {recall:.1f} % of the 100 nearest, or takes longer."
    ),
    "graph_not_faster": (
        "A search compares every photo: that takes {exact_ms:.1f} ms, and a graph would take {graph_ms:.1f} ms."
    ),
    "graph_lacks_memory": (
        "A search compares every photo: a graph would take {needed_mb:,.0f} MB of memory, which is more than half of "
        "the {free_mb:,.0f} MB that are free."
    ),
    "graph_is_built": "A search compares every photo until a graph is built; {percent:.0f} % of it are done.",
    "graph_to_come": "A search compares every photo until the window, with nothing else to do, has built a graph.",
    "graph_failed": "A search compares every photo: its graph could not be made or read; the next start tries again.",
    "thumbnails_damaged": "The thumbnails “{file}” are damaged; “photofind check --repair” has them made again.",
    "thumbnails_damaged_in_use": (
        "The thumbnails “{file}” are damaged and cannot be made again while they are open elsewhere; close photofind "
        "and start it again."
    ),
}
