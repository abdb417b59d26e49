"""What a photo is beside a photo: a screenshot, a camera's raw file, an animation."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

from photofind.core.disk.scan import RAW_SUFFIXES
from photofind.core.photos.facts.blocks import Blocks
from photofind.core.photos.facts.said import Said

# As systems call them, and the folders that they put them in.
_SCREENSHOT: Final = re.compile(
    r"screen[ _-]?(?:shots?|captures?|grabs?)|bildschirmfotos?|captures? d[’'´ _]?[ée]crans?"
    r"|capturas? de (?:pantalla|ecr[ãa]|tela)|schermata|istantanea|scherm(?:afbeelding(?:en)?|afdruk)"
    r"|sk[äa]rmbild|skjermbilde|sk[æa]rmbillede|zrzut ekranu|sn[íi]mek obrazovky|ekran (?:g[öo]r|al[ıi]nt)"
    r"|снимок экрана|знімок екрана|スクリーンショット|屏幕截图|螢幕截圖|截屏|截图|스크린샷|화면 캡처",
    re.IGNORECASE,
)
_TYPES: Final = {
    "jpg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "mpo": "jpeg",
    "tif": "tiff",
    "heif": "heic",
    "hif": "heic",
}


def read_kind(blocks: Blocks, path: bytes | None) -> str | None:
    """Return the kind of a photo's file: a raw file's by its name, any other's by its content where that is known."""
    suffix = os.path.splitext(path or b"")[1].lower()
    named = suffix[1:].decode("ascii", "replace")
    if suffix in RAW_SUFFIXES and blocks.kind in (None, "tiff", "cr3"):
        return named
    return blocks.kind or _TYPES.get(named, named) or None


def read_traits(
    blocks: Blocks, kind: str | None, said: Sequence[Said], path: bytes | None, *, is_raw: bool
) -> tuple[str, ...]:
    """Return what a photo is beside a photo; `is_raw` where its content is surely a camera's, whatever its name."""
    is_raw = is_raw or (kind is not None and b"." + kind.encode() in RAW_SUFFIXES)
    folder, name = os.path.split(os.fsdecode(path or b""))
    texts = (name, os.path.basename(folder), *(caption for one in said for caption in one.captions))
    is_screenshot = any(_SCREENSHOT.match(text) for text in texts)
    found = (("screenshot", is_screenshot), ("raw", is_raw), ("animated", blocks.is_animated))
    return tuple(trait for trait, holds in found if holds)
