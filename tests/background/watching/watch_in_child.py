"""Watch a folder in a process of its own, which may be stopped or have lower limits; one JSON line for each call.

`python -m tests.background.watching.watch_in_child FOLDER`; ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import sys

from photofind.background.watching import watcher as watching
from photofind.background.watching.watcher import Watcher
from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.photos import Folder


def main() -> None:
    watching.QUIET_SECONDS = 0.2
    watcher = Watcher(
        lambda folder_id: print(json.dumps({"dirty": folder_id}), flush=True),  # noqa: T201
        lambda sentence: print(json.dumps({"notice": str(sentence)}), flush=True),  # noqa: T201
        look_seconds=0.1,
        poll_seconds=1.5,
    )
    watcher.start()
    watcher.watch([Folder(1, os.fsencode(sys.argv[1]), True, 0, 0, 0)], Exclusions())
    sys.stdin.read()
    watcher.stop()


if __name__ == "__main__":
    main()
