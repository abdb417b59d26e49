"""The main window: search bar, notices, grid or empty state, status bar, and how they speak.

Everything that comes in (typed, dropped, pasted, handed over by a second start) ends in
`receive`; everything the library says ends in `show_progress`, `show_notice` and `refresh`.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from photofind.core.places import pictures_dir
from photofind.core.records.answers import SearchResult
from photofind.core.records.models import QUICK_LOOK
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Progress
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.gui.asking.drop_target import DropTarget
from photofind.gui.asking.incoming import (
    Folders,
    Incoming,
    OwnPhoto,
    Picture,
    Refusal,
    Words,
    clipboard_content,
    name_library,
    read_drop,
    read_paths,
)
from photofind.gui.asking.search_bar import SearchBar
from photofind.gui.asking.searches import Searches
from photofind.gui.care.damage_page import DamagePage
from photofind.gui.dialogs import Dialogs
from photofind.gui.empty_state import EmptyState
from photofind.gui.folders.changes import FolderChanges
from photofind.gui.folders.locate import ask_place
from photofind.gui.grid.actions import PhotoActions
from photofind.gui.grid.input import GridInput
from photofind.gui.grid.photo_grid import PhotoGrid
from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.grid.picking import Picking
from photofind.gui.grid.result_header import ResultHeader
from photofind.gui.look.icons import app_icon
from photofind.gui.look.pictures import to_image
from photofind.gui.look.sentences import say
from photofind.gui.main_menu import Actions, MainMenu
from photofind.gui.models.chooser import ModelChooser
from photofind.gui.needs import WindowSession
from photofind.gui.notice_bar import NoticeBar
from photofind.gui.status_bar import StatusBar
from photofind.gui.window_settings import WindowSettings


class Window(QWidget):
    """Shows one session; start the session once `painted` was emitted."""

    painted = Signal()

    def __init__(self, session: WindowSession) -> None:
        super().__init__()
        self._session = session
        self._progress: Progress | None = None
        self._was_painted = False
        self._picture_name = ""
        self._settings = WindowSettings(session.library_dir)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.setWindowTitle("photofind")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(560, 420)
        self._restore_geometry()
        self.search_bar.setFocus()

    def _make_parts(self) -> None:
        worker = self._session.worker
        self.search_bar = SearchBar(self)
        self.drop_target = DropTarget(self, self.search_bar, name_library(self._session.library_dir))
        self.notices = NoticeBar(self)
        self.empty_state = EmptyState(pictures_dir(), self)
        self.damage_page = DamagePage(worker, self)
        self.header = ResultHeader(self)
        self.model = PhotoModel(self._session.reader, self)
        self.grid = PhotoGrid(self.model, self)
        self.picking = Picking(self.grid)
        self.grid_input = GridInput(self.picking, name_library(self._session.library_dir))
        self.actions_on_photos = PhotoActions(self.picking, worker)
        self.searches = Searches(worker, self)
        self.folder_changes = FolderChanges(worker, self)
        self.status_bar = StatusBar(self)
        self.model_chooser = ModelChooser(worker, self._session.download, self)
        self.dialogs = Dialogs(worker, self.model_chooser, self)
        self.menu = MainMenu(self, self._actions())

    def _actions(self) -> Actions:
        return Actions(
            add_folder=self.choose_folder,
            show_folders=self.dialogs.show_folders,
            show_problems=self.dialogs.show_problems,
            show_models=self.dialogs.show_models,
            show_check=self.dialogs.show_check,
            open_log=self.dialogs.open_log,
            show_captions=self.show_captions,
            zoom=self.grid.zoom,
            rescan=self.rescan,
            quit=self.close,
            focus_search=self._focus_search,
            go_back=self.go_back,
            paste=self.paste,
        )

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 16, 8)
        top.setSpacing(8)
        top.addWidget(self.search_bar, 1)
        top.addWidget(self.menu.button)
        results = QWidget(self)
        below = QVBoxLayout(results)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.header)
        below.addWidget(self.grid, 1)
        self.pages = QStackedWidget(self)
        # In a small window notices keep their room: the grid scrolls, they do not.
        self.pages.setMinimumHeight(120)
        self._results_page = results
        self.pages.addWidget(self.empty_state)
        self.pages.addWidget(results)
        self.pages.addWidget(self.damage_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.notices)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status_bar)

    def _connect(self) -> None:
        worker = self._session.worker
        self.search_bar.asked.connect(self._ask)
        self.search_bar.pasted.connect(self.receive)
        self.drop_target.dropped.connect(self.receive)
        self.search_bar.refused.connect(self.notices.show_info)
        self.searches.answered.connect(self._on_answered)
        self.searches.failed.connect(self._on_failed)
        self.grid.end_reached.connect(self.searches.ask_for_more)
        self.grid_input.menu_wanted.connect(self.actions_on_photos.show_menu)
        self.grid_input.drag_refused.connect(self.actions_on_photos.tell_away)
        self.actions_on_photos.similar_wanted.connect(self.find_similar)
        self.actions_on_photos.leave_out_wanted.connect(self.dialogs.show_exclusions)
        self.folder_changes.warned.connect(self.notices.show_error)
        self.folder_changes.outdated.connect(self.notices.withdraw)
        self.folder_changes.locate_wanted.connect(self.locate_folder)
        self.folder_changes.list_wanted.connect(self.dialogs.show_folders)
        self.folder_changes.changed.connect(self._on_folders_changed)
        self.folder_changes.added.connect(self.search_bar.setFocus)
        self.pages.currentChanged.connect(self._on_page_changed)
        self.empty_state.folder_wanted.connect(self.choose_folder)
        self.empty_state.folder_chosen.connect(self.folder_changes.add)
        self.status_bar.paused.connect(worker.pause)
        self.status_bar.resumed.connect(worker.resume)
        self.status_bar.problems_wanted.connect(self.dialogs.show_problems)
        self.dialogs.folder_wanted.connect(self.choose_folder)
        self.dialogs.folder_removed.connect(self.folder_changes.tell_removed)
        self.model_chooser.chosen.connect(self._on_model_chosen)
        self.damage_page.recovered.connect(self.show_notice)
        self.damage_page.quit_wanted.connect(self.close)
        for tells in (self.actions_on_photos, self.folder_changes, self.model_chooser, self.dialogs):
            tells.told.connect(self.notices.show_info)
        for asks in (self.header, self.empty_state, self.status_bar):
            asks.model_wanted.connect(self.dialogs.show_models)
        for source in (self.actions_on_photos, self.folder_changes, self.dialogs):
            source.failed.connect(self.notices.show_error)

    # What the library says

    def begin(self) -> None:
        """Ask for the folders and the newest photos; call once the session was started."""
        self.folder_changes.reload()
        self._ask(self.search_bar.query)

    def show_progress(self, progress: Progress) -> None:
        """Show where the library stands."""
        before, self._progress = self._progress, progress
        self.status_bar.show_progress(progress)
        self.dialogs.show_progress(progress)
        if progress.state in ("halted", "damaged"):
            # Damage is said again where mending did not help.
            if progress.state == "damaged" or before is None or before.note != progress.note:
                self._show_stop(progress)
            return
        if progress.state == "idle" and (before is None or before.state != "idle"):
            self.model.refresh_all()
            self.searches.ask_again()
        if progress.state not in ("opening", "tidying", "scanning"):
            self.folder_changes.tell_away()
        self._choose_page()

    def _show_stop(self, progress: Progress) -> None:
        self.header.stop_expecting()
        sentence = say(progress.note) if progress.note else ""
        if progress.state == "damaged":
            self.damage_page.offer(sentence)
            self.pages.setCurrentWidget(self.damage_page)
        elif self.folder_changes.folders is None:
            self.empty_state.show_stopped(sentence)
            self.pages.setCurrentWidget(self.empty_state)
        else:
            self.notices.show_error(sentence)

    def show_folders(self, folders: list[Folder]) -> None:
        """Take in the folders: one was added or removed, went away or came back."""
        self.folder_changes.show(folders)

    def show_notice(self, sentence: Sentence) -> None:
        """Show a sentence the library has for the person."""
        self.notices.show_error(say(sentence))

    def refresh(self) -> None:
        """Ask again: photos were added, removed or embedded."""
        self.model.refresh_unfinished()
        self.searches.ask_again()
        self.dialogs.refresh()

    # What the person does

    def receive(self, incoming: Incoming) -> None:
        """Do what a drop, a paste or a path means."""
        match incoming:
            case Words(text):
                self.search_bar.show_words(text)
            case Picture(source, name, preview, ignored):
                self._search_picture(Query(picture=source), name, preview)
                if ignored:
                    self.notices.show_info(self.tr("A search takes one picture at a time: this is the first."))
            case OwnPhoto(photo_id):
                self.find_similar(photo_id)
            case Folders(paths):
                for path in paths:
                    self.folder_changes.add(path)
            case Refusal(sentence):
                self.notices.show_error(sentence)

    def receive_paths(self, paths: list[Path]) -> None:
        """Do what paths on the command line mean, and come to the front."""
        incoming = read_paths(paths) if paths else None
        if isinstance(incoming, Folders):
            for path in incoming.paths:
                self.folder_changes.add_unless_known(path)
        elif incoming is not None:
            self.receive(incoming)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def find_similar(self, photo_id: int) -> None:
        """Search by one of the library's photos."""
        tile = self.model.tile(photo_id)
        name = self.tr("this photo") if tile is None else tile.photo.name
        preview = None if tile is None or tile.thumbnail is None else to_image(tile.thumbnail)
        self._search_picture(Query(photo_id=photo_id), name, preview)

    def paste(self) -> None:
        """Search by what is on the clipboard."""
        self.receive(read_drop(clipboard_content()))

    def choose_folder(self) -> None:
        """Ask for a folder and watch it."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder with photos"))
        if folder:
            self.folder_changes.add(Path(folder))

    def locate_folder(self, folder: Folder) -> None:
        """Ask where a folder lies now, and watch it there."""
        place = ask_place(folder, self)
        if place is not None:
            self.folder_changes.locate(folder.path, place)

    def go_back(self) -> None:
        """Undo one step: the picks first, then the query."""
        if not self.picking.clear():
            self.search_bar.clear()
            self.search_bar.setFocus()

    def rescan(self) -> None:
        """Look at every folder again."""
        self.model.refresh_all()
        self._session.worker.sync()
        self.notices.show_info(self.tr("Looking through your folders again."))

    def show_captions(self, shown: bool) -> None:
        """Show names and scores below the photos, now and at the next start."""
        self.grid.show_captions(shown)
        self._settings.captions = shown

    def _focus_search(self) -> None:
        self.search_bar.setFocus()
        self.search_bar.field.selectAll()

    # Searching

    def _search_picture(self, query: Query, name: str, preview: QImage | None) -> None:
        self._picture_name = name
        self.search_bar.show_picture(query, name, preview)

    def _ask(self, query: Query) -> None:
        self.header.expect_answer()
        self.searches.ask(query)

    def _on_answered(self, result: SearchResult) -> None:
        by_picture = result.query.picture is not None or result.query.photo_id is not None
        pending = self._progress is None or self._progress.pending > 0
        indexing = pending and result.searched < result.total
        self.header.describe(result, self._picture_name if by_picture else "", indexing=indexing)
        if result.picture is not None:
            self.search_bar.show_preview(to_image(result.picture))
        self.grid.show_result(result)
        self._choose_page()

    def _on_failed(self, query: Query, sentence: str) -> None:
        self.header.stop_expecting()
        self.notices.show_error(sentence)
        if query.picture is not None and query.asks_the_same(self.search_bar.query):
            self.search_bar.clear()

    def _on_folders_changed(self) -> None:
        self.model.absence.note_folders(self.folder_changes.folders or [])
        self.model.refresh_all()
        self.dialogs.refresh()
        self._choose_page()

    def _on_page_changed(self) -> None:
        """Once there are photos, the next step is a search; the button that led here is gone."""
        if self.pages.currentWidget() is self._results_page:
            self.search_bar.setFocus()

    def _on_model_chosen(self, model: str, answering: str) -> None:
        if model == answering:
            self.notices.show_info(self.tr("“{model}” is in use.").format(model=model))
        else:
            sentence = self.tr("“{model}” is being prepared; “{old}” answers until it is ready.")
            self.notices.show_info(sentence.format(model=model, old=answering))

    def _choose_page(self) -> None:
        """Show the grid if there is anything to show in it, else what the person can do."""
        folders, result, progress = self.folder_changes.folders, self.model.result, self._progress
        if folders is None or result is None:
            self.empty_state.show_opening()
            self.pages.setCurrentWidget(self.empty_state)
            return
        asked = not result.query.asks_the_same(Query())
        if len(result.photo_ids) or (folders and asked):
            self.pages.setCurrentWidget(self._results_page)
            return
        self.pages.setCurrentWidget(self.empty_state)
        if not folders:
            quick = progress is None or progress.model in ("", QUICK_LOOK)
            self.empty_state.show_first_run(quick_look=quick)
        elif progress is None or progress.state != "idle":
            self.empty_state.show_looking()
        else:
            self.empty_state.show_no_photos()

    # The window itself

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say so when the window is on the screen for the first time."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the button that has the keyboard, as it does in a dialog."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QAbstractButton):
            button.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window's place."""
        self._settings.geometry = self.saveGeometry()
        self._settings.save()
        super().closeEvent(event)

    def _restore_geometry(self) -> None:
        self.resize(1120, 760)
        geometry = self._settings.geometry
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.menu.captions.setChecked(self._settings.captions)
