"""What the rooms pass to each other: frozen, small, free of behaviour; each file is about one thing."""
