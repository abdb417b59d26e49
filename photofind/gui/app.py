"""The graphical program: made here, in the order that puts the window on the screen first.

The library is opened, and torch imported, only after the first paint, on other threads.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from photofind.background.session import Session
from photofind.core.sentences.sentence import Sentence
from photofind.gui.desktop.main_thread import MainThread
from photofind.gui.desktop.quit_signals import QuitSignals
from photofind.gui.desktop.single_instance import SingleInstance
from photofind.gui.look.icons import app_icon
from photofind.gui.look.language import install_translations
from photofind.gui.look.question import tell_and_wait
from photofind.gui.look.sentences import say
from photofind.gui.look.theme import follow_system_theme
from photofind.gui.news import News
from photofind.gui.window import Window

APP_ID = "io.github.photofind.photofind"
NO_DISPLAY = "No display was found, so the window cannot open; the command line still works: photofind --help\n"
_SHOWS_NOTHING = "minimal"  # the platform that Qt is given as a last resort


def run(library_dir: Path, paths: list[Path]) -> int:
    """Show the window until it is closed; return the exit status. PhotofindError where it cannot open."""
    app = _find_application()
    if app is None:
        sys.stderr.write(NO_DISPLAY)
        return 1
    instance = SingleInstance(library_dir, app)
    signals = QuitSignals(app)
    try:
        if not instance.become_first(paths):
            return 0
        return _show(app, instance, library_dir, paths)
    finally:
        signals.restore()
        instance.close()


def tell_in_window(sentence: Sentence) -> None:
    """Say in a window of its own why there is no other, to a person whose launcher shows no standard error."""
    app = _find_application()
    if app is not None:
        signals = QuitSignals(app)
        tell_and_wait("photofind", say(sentence))
        signals.restore()


def leave_at_once(status: int) -> NoReturn:
    """End the process, now that all is written.

    Python's own way waits for a thread that still loads a model, and takes torch apart for seconds.
    """
    for child in multiprocessing.active_children():
        child.kill()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # full or closed: there is nowhere to tell it
            if stream is not None:  # as where there is no console
                stream.flush()
    os._exit(status)


def _show(app: QApplication, instance: SingleInstance, library_dir: Path, paths: list[Path]) -> int:
    """Run the window; return the exit status."""
    news = News()
    session = Session(
        library_dir,
        MainThread(app).post,
        on_progress=news.progressed.emit,
        on_notice=news.told.emit,
        on_changed=news.changed.emit,
        on_folders=news.folders_changed.emit,
    )
    window = Window(session)
    news.progressed.connect(window.show_progress)
    news.told.connect(window.show_notice)
    news.changed.connect(window.refresh)
    news.folders_changed.connect(window.show_folders)
    instance.received.connect(window.receive_paths)

    def begin() -> None:
        session.start()
        window.begin()
        if paths:
            window.receive_paths([path.absolute() for path in paths])

    @functools.cache
    def stop() -> bool:
        window.hide()
        return session.stop()

    window.painted.connect(begin)
    # At the end of a Windows session `exec` does not return: Qt says so by this signal alone.
    app.aboutToQuit.connect(lambda: stop())
    window.show()
    try:
        return app.exec()
    finally:
        stop()


def _find_application() -> QApplication | None:
    """Return the application, made where there is none; None where it could not show anything."""
    app = QApplication.instance() or (_make_application() if _has_display() else None)
    return app if isinstance(app, QApplication) and app.platformName() != _SHOWS_NOTHING else None


def _make_application() -> QApplication:
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["photofind", *_platform()])
    app.setApplicationName("photofind")
    app.setApplicationDisplayName("photofind")
    app.setDesktopFileName(APP_ID)
    app.setWindowIcon(app_icon())
    install_translations(app, QLocale())
    follow_system_theme(app)
    return app


def _has_display() -> bool:
    """Tell whether a screen is named at all."""
    if sys.platform != "linux" or "QT_QPA_PLATFORM" in os.environ:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _platform() -> list[str]:
    """Return the arguments with which Qt starts although the screen that is named does not answer.

    Without them it would abort the process. There are none where Qt chooses between Wayland and X11.
    """
    asked = os.environ.get("QT_QPA_PLATFORM")
    is_wayland = "WAYLAND_DISPLAY" in os.environ or os.environ.get("XDG_SESSION_TYPE") == "wayland"
    if sys.platform != "linux" or (is_wayland and not asked):
        return []
    return ["-platform", f"{asked or 'xcb'};{_SHOWS_NOTHING}"]
