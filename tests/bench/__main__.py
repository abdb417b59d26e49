"""Run the benchmarks named on the command line, or all of them, each in a process of its own.

Started with `-c`, because processes that a benchmark starts would import a main module again, torch and all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

NAMES = (
    "startup",
    "heartbeat",
    "search",
    "graph",
    "rebuild",
    "rescan",
    "indexing",
    "reembedding",
    "words",
    "model_speeds",
    "eight_bits",
    "quick_look",
    "memory",
    "catalog_size",
    "wire",
    "facts",
    "names",
    "structure",
)
# Measured only where it is named: it keeps 7 GB in `.bench/`, which are made in minutes.
LARGE = ("million",)
# A benchmark that hangs must not hold up the others.
SECONDS_A_BENCHMARK = 1800


def main() -> int:
    """Run what was asked for; return 1 where a benchmark could not be run to its end."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure photofind.")
    known = (*NAMES, *LARGE)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names = parser.parse_args().names or NAMES
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are: {', '.join(known)}")
    failed = [name for name in names if not run(name)]
    for name in failed:
        sys.stderr.write(f"The benchmark {name} could not be run to its end.\n")
    return 1 if failed else 0


def run(name: str) -> bool:
    """Run one benchmark; return whether it came to its end."""
    command = [sys.executable, "-c", f"from tests.bench.{name} import main; main()"]
    try:
        return subprocess.run(command, timeout=SECONDS_A_BENCHMARK).returncode == 0
    except subprocess.TimeoutExpired:
        return False


if __name__ == "__main__":
    sys.exit(main())
