"""The list of models in their dialog: a row each, which stays the same widget while it tells something new."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from photofind.core.records.models import ModelState
from photofind.gui.look.plain import PlainButton, PlainLabel
from photofind.gui.models.row import ModelRow


class ModelRows(QScrollArea):
    """Scrolls through the rows; `connect_row` is called with each new one."""

    def __init__(self, connect_row: Callable[[ModelRow], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connect_row = connect_row
        self.rows: list[ModelRow] = []
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self.similar_heading = PlainLabel(
            self.tr("For Find similar, beside the model that finds words"), inside, wraps=True
        )
        self.similar_heading.setContentsMargins(0, 10, 0, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setMinimumHeight(200)  # a whole row, with its progress, in the smallest window
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it scrolls to the button that the Tab key has reached
        self.setWidget(inside)

    @property
    def buttons(self) -> Iterable[PlainButton]:
        """The buttons of all rows in the order of the Tab key."""
        return (button for row in self.rows for button in row.buttons)

    def show_models(self, models: list[ModelState]) -> bool:
        """Show how the models stand, those for Find similar last; tell whether they are others than before.

        Rows of those that were there keep the keyboard and their place.
        """
        models = sorted(models, key=lambda model: model.for_similar)
        are_others = [model.name for model in models] != [row.model.name for row in self.rows]
        if are_others:
            self._make_rows(models)
        for row, model in zip(self.rows, models, strict=True):
            row.show_model(model)
        return are_others

    def show_in_use(self, *, for_similar: bool) -> None:
        """Scroll to the model in use, or to the one for Find similar."""
        for row in self.rows:
            if row.model.in_use and row.model.for_similar == for_similar:
                self.show_row(row)

    def show_row(self, row: ModelRow) -> None:
        """Scroll to a row, once the rows have found their places."""
        QTimer.singleShot(0, row, lambda: self._scroll_to(row))

    def _scroll_to(self, row: ModelRow) -> None:
        # A row that is new, or has just grown, has its place only once the layouts have been told.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self.ensureWidgetVisible(row)

    def _make_rows(self, models: list[ModelState]) -> None:
        known = {row.model.name: row for row in self.rows}
        recommended = next((model for model in models if model.download_bytes), None)
        self.rows = [
            known.pop(model.name) if model.name in known else self._make_row(model, model is recommended)
            for model in models
        ]
        for row in known.values():
            row.leave()
            row.deleteLater()
        words = sum(not model.for_similar for model in models)
        self.similar_heading.setVisible(words < len(models))
        for place, widget in enumerate([*self.rows[:words], self.similar_heading, *self.rows[words:]]):
            self._column.insertWidget(place, widget)

    def _make_row(self, model: ModelState, recommended: bool) -> ModelRow:
        row = ModelRow(model, recommended=recommended, parent=self.widget())
        self._connect_row(row)
        return row
