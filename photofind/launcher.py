"""Put photofind into the desktop's launcher, for this person only, and take it out again.

Only files that this module lists are written or removed, all below the data folder ($XDG_DATA_HOME), where
the desktop-entry, icon-theme and AppStream conventions want them.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from photofind.core.errors import PhotofindError, said_by
from photofind.core.log.nameless import Plain
from photofind.core.places import home_dir
from photofind.resources import resource

APP_ID = "io.github.photofind.photofind"
_DESKTOP_FILE = f"{APP_ID}.desktop"
_METAINFO_FILE = f"{APP_ID}.metainfo.xml"
_COMMAND = "photofind-gui"
_TOOL_TIMEOUT = 30  # seconds

_log = logging.getLogger(__name__)


def user_data_home() -> Path:
    """Return this person's data folder as the desktop sees it; a relative $XDG_DATA_HOME does not count.

    PhotofindError where there is none for want of a home.
    """
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    if named.is_absolute():
        return named
    home = home_dir()
    if home is None:
        raise PhotofindError("launcher_home_unknown")
    return home / ".local" / "share"


def gui_command() -> Path:
    """Return the absolute path of this installation's `photofind-gui`; PhotofindError if there is none."""
    user_scheme = sysconfig.get_preferred_scheme("user")
    folders = [
        Path(sys.argv[0]).absolute().parent,
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", user_scheme)),
    ]
    for folder in folders:
        if (folder / _COMMAND).is_file():
            return folder / _COMMAND
    raise PhotofindError("launcher_command_missing", command=_COMMAND)


def install(data_home: Path, command: Path) -> list[Path]:
    """Write the desktop entry, icons and metainfo below `data_home`; return the files.

    `command` is the absolute path of `photofind-gui`, which the entry starts. Installing again renews the
    files. Raises PhotofindError where the system has no such launcher or a file cannot be written.
    """
    _refuse_other_systems()
    files = {data_home / target: source for target, source in _icons_and_metainfo()}
    entry = data_home / "applications" / _DESKTOP_FILE
    try:
        for target, source in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        entry.parent.mkdir(parents=True, exist_ok=True)
        # A path that is not UTF-8 is written byte for byte.
        entry.write_text(_desktop_entry(command), encoding="utf-8", errors="surrogateescape")
        _refresh(data_home)
    except OSError as error:
        raise _cannot_write(error, data_home) from error
    return [entry, *files]


def remove(data_home: Path) -> list[Path]:
    """Delete what `install` wrote and the folders that are empty then; return the files that were there."""
    _refuse_other_systems()
    targets = [data_home / "applications" / _DESKTOP_FILE]
    targets += [data_home / target for target, _ in _icons_and_metainfo()]
    removed = [target for target in targets if target.is_file()]
    try:
        for target in removed:
            target.unlink()
        _refresh(data_home)
        for target in removed:
            _remove_empty_folders(target.parent, data_home)
    except OSError as error:
        raise _cannot_write(error, data_home) from error
    return removed


def _refuse_other_systems() -> None:
    if sys.platform in ("darwin", "win32"):
        raise PhotofindError("launcher_on_linux_only", command=_COMMAND)


def _cannot_write(error: OSError, data_home: Path) -> PhotofindError:
    where = error.filename or data_home
    return PhotofindError("launcher_cannot_write", file=where, said=said_by(error), folder=data_home)


def _icons_and_metainfo() -> Iterator[tuple[Path, Path]]:
    """Yield (path below the data folder, source file)."""
    yield Path("metainfo", _METAINFO_FILE), resource(f"packaging/{_METAINFO_FILE}")
    yield Path("icons/hicolor/scalable/apps", f"{APP_ID}.svg"), resource(f"icons/{APP_ID}.svg")
    themed = resource("icons/hicolor")
    for png in sorted(themed.rglob(f"{APP_ID}.png")):
        yield Path("icons/hicolor") / png.relative_to(themed), png


def _desktop_entry(command: Path) -> str:
    """Return the desktop entry with `command` in the place of the bare command's name."""
    text = resource(f"packaging/{_DESKTOP_FILE}").read_text(encoding="utf-8")
    text = text.replace(f"TryExec={_COMMAND}", f"TryExec={_escaped(str(command))}")
    return text.replace(f"\nExec={_COMMAND} ", f"\nExec={_escaped(_quoted(str(command)))} ")


def _quoted(argument: str) -> str:
    """Quote one argument of an Exec line: the shell's special characters escaped, a percent sign doubled."""
    for character in '\\"`$':
        argument = argument.replace(character, f"\\{character}")
    return '"{}"'.format(argument.replace("%", "%%"))


def _escaped(value: str) -> str:
    """Escape a value as every string of a desktop entry is; this comes after an argument's own quoting."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _refresh(data_home: Path) -> None:
    """Tell the desktop that its entries and icons changed."""
    applications = data_home / "applications"
    if applications.is_dir():
        _run_if_there("update-desktop-database", str(applications))
        _drop_empty_cache(applications)
    theme = data_home / "icons" / "hicolor"
    if theme.is_dir():
        # Desktops look at this time to notice new icons. A cache is renewed but never begun: once there is
        # one, icons of programs that do not renew it stay unseen.
        os.utime(theme)
        if (theme / "icon-theme.cache").is_file():
            _run_if_there("gtk-update-icon-cache", "--force", "--ignore-theme-index", str(theme))


def _run_if_there(tool: str, *arguments: str) -> None:
    """Run one of the desktop's tools; without it the desktop only notices the change later."""
    found = shutil.which(tool)
    if found is None:
        _log.info("%s is not installed; the launcher may show the change only after the next login.", Plain(tool))
        return
    try:
        subprocess.run([found, *arguments], check=True, capture_output=True, timeout=_TOOL_TIMEOUT)
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("%s did not work: %s", Plain(tool), error)


def _drop_empty_cache(applications: Path) -> None:
    """Delete the list of file types where no desktop entry is left that it could list."""
    cache = applications / "mimeinfo.cache"
    if list(applications.iterdir()) == [cache]:
        cache.unlink()


def _remove_empty_folders(folder: Path, stop: Path) -> None:
    while folder != stop and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
