"""Small JSON files that say what a large file beside them holds, and notice when they were changed themselves."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from photofind.core.atomic_file import write_atomically


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """Write a manifest together with its own checksum."""
    document = {"content": content, "crc": _checksum(content)}
    write_atomically(path, json.dumps(document).encode())


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what `write_manifest` wrote; FileNotFoundError without one, ValueError where it has changed."""
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict) or not isinstance(content := document.get("content"), dict):
        raise ValueError(f"{path.name} is no manifest")
    if document.get("crc") != _checksum(content):
        raise ValueError(f"the checksum of {path.name} does not match")
    return content


def _checksum(content: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())
