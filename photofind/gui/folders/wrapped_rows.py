"""Rows of a list that are as wide as the list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

# What the style sheet puts beside a row's text: Qt wraps as if it were not there, and the row is too wide by that.
_BESIDE = 2 * (8 + 1)


class WrappedRows(QStyledItemDelegate):
    """Has a row's text wrapped within what is visible of the list."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return a row's size, never wider than the list."""
        narrower = QStyleOptionViewItem(option)
        narrower.rect.setWidth(option.rect.width() - _BESIDE)
        size = super().sizeHint(narrower, index)
        return QSize(min(size.width(), option.rect.width()), size.height())
