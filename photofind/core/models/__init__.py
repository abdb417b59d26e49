"""Which models there are and how one arrives on this computer; not which one a library uses. Way in: `offered`."""
