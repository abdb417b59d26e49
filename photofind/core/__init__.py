"""What photofind knows: no Qt, no threads, no processes. `library` is the only face of this package."""
