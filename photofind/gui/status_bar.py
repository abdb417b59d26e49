"""The line at the bottom: how far the library is, how fast, on what; pause; problems."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from photofind.core.records.progress import Progress
from photofind.gui.look import words
from photofind.gui.look.elided_label import ElidedLabel
from photofind.gui.look.icons import IconButton
from photofind.gui.look.plain import PlainButton, set_tooltip

_STEPS = 1000
_ROOM_FOR_ALL = 820
_LEAST_FOR_ENGINE = 120


class StatusBar(QFrame):
    """Shows a `Progress`."""

    paused = Signal()
    resumed = Signal()
    problems_wanted = Signal()
    model_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self._is_paused = False
        self.bar = QProgressBar(self, textVisible=False)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName(self.tr("Photos ready to be searched"))
        self.text = ElidedLabel("", self)
        self.problems = _quiet_button(self)
        self.problems.clicked.connect(self.problems_wanted)
        self.engine = _quiet_button(self)
        self.engine.setMinimumWidth(_LEAST_FOR_ENGINE)  # a long name must not keep the window from becoming narrow
        self.engine.clicked.connect(self.model_wanted)
        self.pause = IconButton("pause", self.tr("Pause indexing"), self)
        self.pause.clicked.connect(self._on_pause)
        self._lay_out()

    def show_progress(self, progress: Progress) -> None:
        """Show where the library stands."""
        working = progress.state in ("tidying", "scanning", "fitting", "loading", "embedding", "reading", "similar")
        has_share = progress.state == "tidying" and progress.share is not None
        self.bar.setVisible((progress.photos > 0 or has_share) and (working or progress.state == "paused"))
        done, total = progress.photos - progress.pending, progress.photos
        if progress.state == "similar":
            done, total = progress.similar, progress.embedded
        elif progress.state == "reading":
            done = max(0, total - progress.facts_pending)
        elif has_share:
            done, total = round(_STEPS * (progress.share or 0.0)), _STEPS
        # Nobody knows how long a model takes to be fitted: the bar only shows that something is done.
        self.bar.setRange(0, 0 if progress.state == "fitting" else _STEPS)
        self.bar.setValue(_STEPS * done // max(1, total))
        self.text.setText(" · ".join(self._parts(progress)))
        # A scan goes on while paused and must not turn “resume” back into “pause”.
        if progress.state not in ("opening", "tidying", "scanning", "halted", "damaged"):
            self._show_paused(progress.state == "paused")
        self.pause.setEnabled(progress.state not in ("opening", "halted", "damaged"))
        self.problems.setText(self.tr("%Ln problem(s)", "", progress.failed))
        self.problems.setVisible(progress.failed > 0)
        # During a change, device and engine are the next model's.
        model = " → ".join(filter(None, (progress.model, progress.next_model)))
        self.engine.setText(" · ".join(filter(None, (model, progress.device, progress.engine))))
        set_tooltip(self.engine, self.tr("The model in use, and what it runs on"))
        self._fit()

    def _parts(self, progress: Progress) -> list[str]:
        count = self._count(progress)
        done = progress.pending == 0
        first = {
            "opening": self.tr("Opening the library…"),
            "tidying": self.tr("Clearing up after removed photos…"),
            "scanning": self.tr("Looking for new photos…"),
            "fitting": self.tr("Fitting the model to this computer…"),
            "loading": self.tr("Loading the model…"),
            "embedding": "",
            "reading": self.tr("Reading dates and keywords: {count} to go").format(
                count=words.number(progress.facts_pending)
            ),
            "similar": self.tr("Getting ready for Find similar: {done} of {total}").format(
                done=words.number(progress.similar), total=words.number(progress.embedded)
            ),
            "idle": words.photos(progress.embedded) if done else "",
            "paused": self.tr("Paused"),
            "halted": self.tr("Stopped"),
            "damaged": self.tr("Stopped"),
        }[progress.state]
        if self._is_paused and progress.state == "scanning":
            first = self.tr("Paused")
        parts = [first] if first else []
        if progress.photos and not (progress.state in ("idle", "reading", "similar") and done):
            parts.append(count)
        if progress.state in ("embedding", "similar"):
            parts += [words.rate(progress.images_per_second)] if progress.images_per_second else []
            parts += [words.time_left(progress.seconds_left)] if progress.seconds_left is not None else []
        if progress.state == "idle" and progress.graph_share is not None:
            share = words.number(round(100 * progress.graph_share))
            parts.append(self.tr("making search faster: {share} %").format(share=share))
        # Those that cannot be read are no photos to the person, wherever their files are.
        shown = progress.photos - progress.failed
        if 1 < shown <= progress.offline:
            parts.append(self.tr("all away", "photos on drives that are not there"))
        elif shown and progress.offline:
            away = min(shown, progress.offline)
            parts.append(self.tr("%Ln away", "photos on drives that are not there", away))
        return parts

    def _count(self, progress: Progress) -> str:
        """Return how many photos can be found: with the model being prepared, where there is one."""
        done, total = words.number(progress.embedded), words.number(progress.photos - progress.failed)
        if progress.next_model is not None:
            text = self.tr("{done} of {total} photos ready for {model}")
            return text.format(done=done, total=total, model=progress.next_model)
        return self.tr("{done} of {total} photos ready").format(done=done, total=total)

    def _show_paused(self, paused: bool) -> None:
        if paused != self._is_paused:
            self._is_paused = paused
            self.pause.show_as(
                *(("play", self.tr("Resume indexing")) if paused else ("pause", self.tr("Pause indexing")))
            )

    def _on_pause(self) -> None:
        if self._is_paused:
            self.resumed.emit()
        else:
            self.paused.emit()
        self._show_paused(not self._is_paused)

    def _fit(self) -> None:
        """In a narrow window the model and the device leave their room to the progress."""
        wide = self.width() >= _ROOM_FOR_ALL
        self.engine.setVisible(bool(self.engine.text()) and wide)
        self.bar.setFixedWidth(120 if wide else 56)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 3, 16, 3)
        row.setSpacing(10)
        row.addWidget(self.bar)
        row.addWidget(self.text, 1)
        row.addWidget(self.problems)
        row.addWidget(self.engine)
        row.addWidget(self.pause)
        for part in (self.bar, self.problems, self.engine):
            part.hide()


def _quiet_button(parent: QWidget) -> PlainButton:
    button = PlainButton("", parent)
    button.setProperty("quiet", True)
    return button
