"""Where every tile lies: plain arithmetic on rows, so that a million photos cost nothing.

A *row* is a photo's place in the result, counted from 0; a *line* is one horizontal run of
tiles. When a result has both likely and less likely photos, a divider with words lies between.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import Qt

MARGIN = 24
SCROLL_BAR = 14  # lies in the trailing margin, so that tiles end where the search bar does
GAP = 12
DIVIDER = 60
CAPTION = 42


@dataclass(frozen=True, slots=True)
class GridLayout:
    """The geometry of `count` tiles in a viewport `width` wide; all lengths in logical pixels.

    `likely` rows come before the divider, which is drawn only where photos follow it too.
    """

    width: int
    count: int
    likely: int
    wanted_edge: int
    captions: bool = False
    right_to_left: bool = False

    @property
    def columns(self) -> int:
        """Tiles in one line."""
        return max(1, round((self._room + GAP) / (self.wanted_edge + GAP)))

    @property
    def edge(self) -> int:
        """Width and height of a tile's picture: as wanted, stretched to fill the line."""
        return max(48, (self._room - (self.columns - 1) * GAP) // self.columns)

    @property
    def _room(self) -> int:
        """Width between the margins; one of them is partly the scroll bar."""
        return self.width - 2 * MARGIN + SCROLL_BAR

    @property
    def _left(self) -> int:
        return MARGIN - SCROLL_BAR if self.right_to_left else MARGIN

    def divider(self) -> QRect:
        """Return where the divider's words and line are, in content coordinates."""
        return QRect(self._left, self.divider_top, self._room, DIVIDER - GAP)

    @property
    def line_height(self) -> int:
        """From the top of one line to the top of the next."""
        return self.edge + GAP + (CAPTION if self.captions else 0)

    @property
    def has_divider(self) -> bool:
        """Whether likely and less likely photos are both shown."""
        return 0 < self.likely < self.count

    @property
    def _split(self) -> int:
        return self.likely if self.has_divider else self.count

    @property
    def _likely_lines(self) -> int:
        return -(-self._split // self.columns)

    @property
    def divider_top(self) -> int:
        """Top of the divider, in content coordinates."""
        return GAP // 2 + self._likely_lines * self.line_height

    @property
    def height(self) -> int:
        """Height of the whole content."""
        lines = self._likely_lines - (-(self.count - self._split) // self.columns)
        return GAP // 2 + lines * self.line_height + (DIVIDER if self.has_divider else 0) + GAP

    def rect(self, row: int) -> QRect:
        """Return the picture's square of a row, in content coordinates."""
        line, column = self.place(row)
        if self.right_to_left:
            column = self.columns - 1 - column
        top = GAP // 2 + line * self.line_height
        if row >= self._split:
            top += DIVIDER
        return QRect(self._left + column * (self.edge + GAP), top, self.edge, self.edge)

    def place(self, row: int) -> tuple[int, int]:
        """Return the line and the column of a row."""
        if row < self._split:
            return divmod(row, self.columns)
        line, column = divmod(row - self._split, self.columns)
        return self._likely_lines + line, column

    def rows_between(self, top: int, bottom: int) -> range:
        """Return the rows whose tiles may be seen between two content heights."""
        return range(self._row_from(top), self._row_from(bottom, after=True))

    def _row_from(self, y: int, *, after: bool = False) -> int:
        """Return the first row on the line at height `y`, or, with `after`, the first below it."""
        if self.has_divider and y >= self.divider_top + DIVIDER:
            start, y, end = self._split, y - self.divider_top - DIVIDER, self.count
        else:
            start, y, end = 0, y - GAP // 2, self._split
        line = max(0, y // self.line_height) + (1 if after else 0)
        return min(end, start + line * self.columns)

    def row_at(self, point: QPoint) -> int | None:
        """Return the row whose picture or caption is at a point in content coordinates."""
        for row in self.rows_between(point.y(), point.y()):
            tile = self.rect(row)
            tile.setHeight(self.line_height - GAP)
            if tile.contains(point):
                return row
        return None

    def row_beside(self, row: int, key: Qt.Key, page: int) -> int:
        """Return the row that an arrow, Home, End or page key leads to; `page` is in pixels."""
        step = -1 if self.right_to_left else 1
        if key == Qt.Key.Key_Left:
            return self._bounded(row - step)
        if key == Qt.Key.Key_Right:
            return self._bounded(row + step)
        if key == Qt.Key.Key_Home:
            return 0
        if key == Qt.Key.Key_End:
            return self.count - 1
        lines = max(1, page // self.line_height)
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -lines, Qt.Key.Key_PageDown: lines}
        return self._row_on_line(row, moves.get(key, 0))

    def _row_on_line(self, row: int, lines: int) -> int:
        """Return the row `lines` lower in the same column, or the nearest there is."""
        line, column = self.place(row)
        target = line + lines
        last_line, _ = self.place(self.count - 1)
        if not 0 <= target <= last_line:
            if abs(lines) == 1:
                return row
            target = 0 if target < 0 else last_line
        if target < self._likely_lines:
            return min(target * self.columns + column, self._split - 1)
        return min(self._split + (target - self._likely_lines) * self.columns + column, self.count - 1)

    def _bounded(self, row: int) -> int:
        return min(max(row, 0), self.count - 1)
