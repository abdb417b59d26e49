"""The desktop around the window: opening files, one window a library, signals. Knows nothing of photos in it."""
