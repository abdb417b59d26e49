"""The person's language: photofind's own translations and Qt's, where they exist."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from photofind.resources import resource


def install_translations(app: QCoreApplication, locale: QLocale) -> None:
    """Load what there is for a locale; English lies below it, as it holds the plural forms."""
    ours = str(resource("translations"))
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    english = QLocale(QLocale.Language.English)
    for wanted, name, folder in (
        (english, "photofind", ours),
        (locale, "qtbase", qt),
        (locale, "photofind", ours),
    ):
        translator = QTranslator(app)
        if translator.load(wanted, name, "_", folder):
            app.installTranslator(translator)
