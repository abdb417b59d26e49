"""A path as a person types it: “~” is the home folder also where no shell put it in, and nothing is no path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from photofind.core.places import absolute, expanded


class _TypedPath(click.Path):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path as typed; an empty one, as of a variable that is not set, would be the present folder."""
        if str(value) == "":
            self.fail("the path is empty.", param, ctx)
        path = expanded(value)
        absolute(path)  # or it is told here that it leads nowhere, before something else is blamed
        return path


PATH = _TypedPath()
