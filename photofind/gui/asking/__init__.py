"""How a question is put: typed, dropped, pasted; knows nothing of the grid. Way in: `search_bar`, `incoming`."""
