"""When work happens: threads and child processes, no Qt. Way in: `session`, which puts all of it together."""
