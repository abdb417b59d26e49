"""The language and region that the system is set to, found without Qt and without the process's own locale."""

from __future__ import annotations

import os
import plistlib
import re
import sys
from xml.parsers.expat import ExpatError

# In the order in which they count; the first one is for everything.
_VARIABLES = ("LC_ALL", "LC_TIME", "LC_MESSAGES", "LANG")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{4}))?(?:[-_]([a-zA-Z]{2}|\d{3}))?")


def system_language() -> str | None:
    """Return the system's language as de_AT; None where it is set to none, as in a container."""
    set_to = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return parse_language(set_to.partition(".")[0].partition("@")[0]) or parse_language(_of_desktop())


def parse_language(text: str) -> str | None:
    """Return a language written as de-at, de_AT or de as photofind writes it; None for what is none."""
    match = _LANGUAGE.fullmatch(text)
    if match is None:
        return None
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "_".join(part for part in parts if part)


def _of_mac(settings: str) -> str:
    """Return what a Mac's settings say; nothing where there are none, or others than are known."""
    try:
        with open(settings, "rb") as file:
            known = plistlib.load(file)
    except (OSError, ValueError, ExpatError):
        return ""
    return str(known.get("AppleLocale", "")).partition("@")[0] if isinstance(known, dict) else ""


def _of_desktop() -> str:
    """Return what systems say whose windows are started without variables."""
    if sys.platform == "darwin":
        return _of_mac(os.path.expanduser("~/Library/Preferences/.GlobalPreferences.plist"))
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - has this on Windows alone

        name = ctypes.create_unicode_buffer(85)
        ctypes.windll.kernel32.GetUserDefaultLocaleName(name, len(name))
        return name.value
    return ""
