"""The grid of photos: places, scrolling and painting. What mouse and keyboard do in it is `GridInput`'s.

A scroll area of its own instead of a Qt item view: a tile's place is arithmetic (`GridLayout`),
so a million photos show and resize in milliseconds, where a QListView needs seconds.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from photofind.core.records.answers import SearchResult
from photofind.gui.grid.layout import MARGIN, GridLayout
from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.grid.selection import Selection
from photofind.gui.grid.tile_painter import TileLook, TilePainter
from photofind.gui.grid.tile_pixmaps import TilePixmaps
from photofind.gui.look import words

EDGES = (96, 132, 176, 232, 304, 384)
USUAL_EDGE = 176


class PhotoGrid(QAbstractScrollArea):
    """Shows a `PhotoModel` and what is picked of it in `selection`.

    Nothing that the person looks at moves when the same query is answered again.
    """

    shown = Signal()  # another answer, of which less may be picked
    end_reached = Signal()

    def __init__(self, model: PhotoModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.selection = Selection()
        self._lit: int | None = None
        self._pixmaps = TilePixmaps()
        self._edge = USUAL_EDGE
        self._captions = False
        self._fetch = QTimer(self, interval=15, singleShot=True)
        self._fetch.timeout.connect(self._fetch_tiles)
        self._next_frame = QTimer(self, interval=0, singleShot=True)
        self._next_frame.timeout.connect(lambda: self.viewport().update())
        model.tiles_arrived.connect(self._on_tiles_arrived)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Photos"))
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a scroll bar that comes and goes would change the width of every tile.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.places = self._lay_out()

    def show_result(self, result: SearchResult) -> None:
        """Show an answer: a new query from its top, the same query again without a jump."""
        shown = self.model.query
        again = shown is not None and shown.asks_the_same(result.query)
        held_id, height = self._held() if again else (None, 0)
        self.model.show(result)
        if again:
            self.selection.keep(result.photo_ids)
        else:
            self.selection = Selection()
            self._lit = None
        self._apply_layout(held_id, height)
        if not again:
            QToolTip.hideText()  # it is about a photo that is elsewhere now
            self.verticalScrollBar().setValue(0)
        self.shown.emit()

    def show_captions(self, shown: bool) -> None:
        """Show names and scores below the pictures, or not."""
        self._captions = shown
        self._relayout()

    def zoom(self, steps: int) -> None:
        """Make tiles larger (positive) or smaller; 0 sets the usual size."""
        place = EDGES.index(self._edge) + steps if steps else EDGES.index(USUAL_EDGE)
        self._edge = EDGES[min(max(place, 0), len(EDGES) - 1)]
        self._relayout()

    def light_up(self, row: int | None) -> None:
        """Show that the pointer is over a row, or over none."""
        photo_id = None if row is None else self.model.id_at(row)
        if photo_id != self._lit:
            self._lit = photo_id
            self.viewport().update()

    def tile_rect(self, row: int) -> QRect:
        """Return where a row's picture is, in viewport coordinates."""
        return self.places.rect(row).translated(0, -self._top)

    def row_at(self, point: QPoint) -> int | None:
        """Return the row at a point in viewport coordinates."""
        return self.places.row_at(point + QPoint(0, self._top))

    def row_beside(self, row: int, key: Qt.Key) -> int:
        """Return the row that an arrow, Home, End or page key leads to."""
        return self.places.row_beside(row, key, self.viewport().height())

    def seen_rows(self) -> range:
        """Return the rows that are in view."""
        return self.places.rows_between(self._top, self._top + self.viewport().height())

    def scroll_to(self, row: int) -> None:
        """Scroll as little as needed to bring a row into view."""
        rect = self.tile_rect(row)
        below = rect.top() + self.places.line_height - self.viewport().height()
        above = rect.top() - MARGIN // 2
        bar = self.verticalScrollBar()
        if above < 0:
            bar.setValue(bar.value() + above)
        elif below > 0:
            bar.setValue(bar.value() + below)

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _lay_out(self) -> GridLayout:
        result = self.model.result
        return GridLayout(
            width=self.viewport().width(),
            count=len(self.model.ids),
            likely=0 if result is None else result.likely,
            wanted_edge=self._edge,
            captions=self._captions,
            right_to_left=self.isRightToLeft(),
        )

    def _relayout(self) -> None:
        self._apply_layout(*self._held())

    def _held(self) -> tuple[int | None, int]:
        """Return the photo that must not move, and its height on the screen.

        It is the current one if picked and seen, else the first seen. At the very top with
        nothing picked nothing is held, so that the newest photos come into view.
        """
        seen = self.seen_rows()
        current = self.model.row_of(self.selection.current) if len(self.selection) else None
        if current is not None and current in seen:
            row = current
        elif self._top > 0 and len(seen):
            row = seen.start
        else:
            return None, 0
        return self.model.id_at(row), self.tile_rect(row).top()

    def _apply_layout(self, held_id: int | None, height_on_screen: int) -> None:
        self.places = self._lay_out()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.places.height - self.viewport().height()))
        bar.setEnabled(bar.maximum() > 0)
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(20, self.places.line_height // 3))
        row = self.model.row_of(held_id)
        if row is not None:
            bar.setValue(self.places.rect(row).top() - height_on_screen)
        self._fetch.start()
        self.viewport().update()

    def _fetch_tiles(self) -> None:
        """Ask for what is seen first, then for one page more in each direction."""
        seen = self.seen_rows()
        page = self.viewport().height()
        near = self.places.rows_between(max(0, self._top - page), self._top + 2 * page)
        wanted = [*seen, *(row for row in near if row not in seen)]
        self.model.request(self.model.id_at(row) for row in wanted)
        if 0 < self.places.count <= near.stop:
            self.end_reached.emit()

    def _on_tiles_arrived(self, _photo_ids: set[int]) -> None:
        self._fetch.start()
        self.viewport().update()

    def _on_scrolled(self, _value: int) -> None:
        if not self._fetch.isActive():
            self._fetch.start()
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Paint anew instead of moving pixels: painting a screenful is cheap."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width."""
        super().resizeEvent(event)
        self._relayout()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Return room for a few lines of tiles."""
        return QSize(960, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles in view."""
        painter = QPainter(self.viewport())
        tiles = TilePainter(painter, self.palette(), self.devicePixelRatioF())
        self._pixmaps.start_frame()
        for row in self.places.rows_between(self._top + event.rect().top(), self._top + event.rect().bottom()):
            tiles.paint(self.tile_rect(row), self._look(row))
        if self.places.has_divider:
            place = self.places.divider().translated(0, -self._top)
            tiles.paint_divider(place, self.tr("Less likely"), self.layoutDirection())
        painter.end()
        if self._pixmaps.unfinished:
            self._next_frame.start()

    def _look(self, row: int) -> TileLook:
        photo_id = self.model.id_at(row)
        tile = self.model.tile(photo_id)
        pixmap = None
        if tile is not None:
            pixmap = self._pixmaps.pixmap(tile, self.places.edge, self.devicePixelRatioF())
        caption = None
        if self._captions:
            second = words.score(self.model.score(row)) or (words.date_taken(tile.photo) if tile else "")
            caption = (tile.photo.name if tile else "", second)
        return TileLook(
            tile=tile,
            pixmap=pixmap,
            picked=photo_id in self.selection,
            current=self._shows_focus(photo_id),
            hovered=photo_id == self._lit,
            caption=caption,
        )

    def _shows_focus(self, photo_id: int) -> bool:
        """Tell whether a tile shows the keyboard's place; a photo picked alone shows it by that."""
        picked_alone = len(self.selection) == 1 and photo_id in self.selection
        return photo_id == self.selection.current and self.hasFocus() and not picked_alone
