"""The answer as tiles, and what can be done with them. Way in: `photo_grid`; its rows: `photo_model`."""
