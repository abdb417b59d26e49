"""The search bar: words are asked after a moment of quiet, a picture at once, as one `Query`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QClipboard,
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QWidget

from photofind.core.records.query import MAX_CHARACTERS, Query
from photofind.gui.asking.incoming import clipboard_content, read_paste
from photofind.gui.asking.query_chip import QueryChip
from photofind.gui.look.icons import IconButton, tinted
from photofind.gui.look.plain import PlainLabel

_QUIET_MS = 200
_PASTE = "edit-paste"  # as Qt calls the action in its menu


class SearchField(QLineEdit):
    """A line of text; a pasted picture, file or path is handed on instead of being typed."""

    pasted = Signal(object)  # Incoming
    focus_changed = Signal(bool)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that the keyboard is here."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the keyboard went elsewhere."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what is no text when it is pasted."""
        if not (event.matches(QKeySequence.StandardKey.Paste) and self._hand_on(QClipboard.Mode.Clipboard)):
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do with what was selected elsewhere, on a middle click, as with what is pasted."""
        is_paste = event.button() == Qt.MouseButton.MiddleButton and QApplication.clipboard().supportsSelection()
        if not (is_paste and self._hand_on(QClipboard.Mode.Selection)):
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the usual menu, whose “Paste” does what the keys for it do."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        paste = menu.findChild(QAction, _PASTE)
        if paste is not None:
            paste.setEnabled(bool(clipboard_content().formats()))
            paste.triggered.disconnect()
            paste.triggered.connect(self._paste)
        menu.popup(event.globalPos())

    def _paste(self) -> None:
        if not self._hand_on(QClipboard.Mode.Clipboard):
            self.paste()

    def _hand_on(self, mode: QClipboard.Mode) -> bool:
        """Hand on what a clipboard holds, unless that is text; tell whether nothing is left to be typed."""
        incoming = read_paste(clipboard_content(mode))
        if incoming is not None:
            self.pasted.emit(incoming)
        return incoming is not None


class SearchBar(QFrame):
    """Holds words or one picture; `asked` carries every new query."""

    asked = Signal(object)  # Query
    pasted = Signal(object)  # Incoming
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._picture: Query | None = None
        self._lens = PlainLabel("", self)
        self.field = SearchField(self)
        self.field.setFrame(False)
        self.field.setAcceptDrops(False)  # The window takes every drop, so that all mean the same.
        self.field.setMaxLength(MAX_CHARACTERS + 1)
        self.field.setAccessibleName(self.tr("Search your photos"))
        self.chip = QueryChip(self)
        self.clear_button = IconButton("clear", self.tr("Clear the search"), self)
        self._quiet = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._lay_out()
        self._connect()
        self._on_chip_changed()
        self._tint()

    @property
    def query(self) -> Query:
        """What is asked now; an empty query where there is nothing to ask."""
        if self._picture is not None:
            return self._picture
        return Query(text=self.field.text().strip()[:MAX_CHARACTERS].rstrip())

    def show_words(self, text: str) -> None:
        """Put words into the field and ask at once."""
        self._drop_picture()
        self.field.setText(text)
        self._ask()

    def show_picture(self, query: Query, name: str, preview: QImage | None) -> None:
        """Show a picture as the query and ask at once."""
        self._set_text_silently("")
        self._picture = query
        self.chip.show_picture(name, preview)
        self._on_chip_changed()
        self._ask()

    def show_preview(self, preview: QImage) -> None:
        """Show the thumbnail of the picture that is the query, once it was opened."""
        self.chip.show_preview(preview)

    def clear(self) -> None:
        """Ask nothing: the newest photos show."""
        self._set_text_silently("")
        self._drop_picture()
        self._ask()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(10)
        for part in (self._lens, self.chip, self.field, self.clear_button):
            row.addWidget(part)
        row.setStretchFactor(self.field, 1)
        self.setFixedHeight(46)
        self.setFocusProxy(self.field)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._on_text_changed)
        self.field.returnPressed.connect(self._ask)
        self.field.pasted.connect(self.pasted)
        self.field.focus_changed.connect(self.show_active)
        self.chip.removed.connect(self.clear)
        self.clear_button.clicked.connect(self.clear)
        self._quiet.timeout.connect(self._ask)

    def show_active(self, active: bool) -> None:
        """Show that what is typed or let go now comes here."""
        self.setProperty("active", active)
        self.style().unpolish(self)
        self.style().polish(self)

    def _on_text_changed(self, text: str) -> None:
        if text:
            self._drop_picture()
        if len(text.strip()) > MAX_CHARACTERS:
            self.refused.emit(
                self.tr("These are more words than a search can use; the first {count} characters count.").format(
                    count=self.locale().toString(MAX_CHARACTERS)
                )
            )
        self._on_chip_changed()
        self._quiet.start()

    def _ask(self) -> None:
        self._quiet.stop()
        self.asked.emit(self.query)

    def _drop_picture(self) -> None:
        self._picture = None
        self.chip.hide()
        self._on_chip_changed()

    def _on_chip_changed(self) -> None:
        has_picture = self._picture is not None
        self.clear_button.setVisible(not has_picture and bool(self.field.text()))
        self.field.setPlaceholderText("" if has_picture else self.tr("Search your photos…"))

    def _set_text_silently(self, text: str) -> None:
        blocked = self.field.blockSignals(True)
        self.field.setText(text)
        self.field.blockSignals(blocked)
        self._on_chip_changed()

    def changeEvent(self, event: QEvent) -> None:
        """Tint the lens again when the colours change."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        color = self.palette().placeholderText().color()
        self._lens.setPixmap(tinted("search", color, 20, self.devicePixelRatioF()))
