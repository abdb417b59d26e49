"""How everything looks and speaks: theme, icons, pictures, numbers and words. Knows nothing of photofind's parts."""
