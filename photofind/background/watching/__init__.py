"""Notices that a folder may have changed; opens nothing, decides nothing. Way in: `watcher`."""
