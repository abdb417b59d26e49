"""How far a model's download is, or its look at the library: a bar, and how much, how fast, and the time left."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from photofind.background.model_download import Transfer
from photofind.core.records.progress import Progress
from photofind.gui.look import words
from photofind.gui.look.plain import PlainLabel
from photofind.gui.look.sentences import say

_STEPS = 1000


class ProgressLine(QWidget):
    """Shows one model's download, running or half done, or how many photos it has embedded."""

    def __init__(self, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.text = PlainLabel("", self)
        self.text.setProperty("role", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.bar)
        column.addWidget(self.text)

    def show_transfer(self, transfer: Transfer, *, is_running: bool) -> None:
        """Show where a download stands."""
        words_for_it = self._running(transfer) if is_running else self._amount(transfer)
        self._show(self.tr("Download of {model}"), transfer.done, transfer.total, words_for_it)

    def show_change(self, progress: Progress | None) -> None:
        """Show how many photos are ready for the model; None where that is not known yet."""
        spoken = self.tr("Photos ready for {model}")
        if progress is None:
            self._show(spoken, 0, 0, self.tr("being prepared…"))
            return
        total = progress.embedded + progress.pending
        text = " · ".join(self._parts(progress, total))
        self._show(spoken, progress.embedded, total, text, is_busy=progress.state == "fitting")

    def show_similar(self, progress: Progress | None) -> None:
        """Show how many photos the model for Find similar has seen; None where that is not known yet."""
        if progress is None:
            self.show_change(None)
            return
        parts = [self._ready(progress.similar, progress.embedded)]
        if progress.state == "paused":
            parts.append(self.tr("paused"))
        elif progress.state == "similar" and progress.seconds_left is not None:
            parts.append(words.time_left(progress.seconds_left))
        self._show(self.tr("Photos ready for {model}"), progress.similar, progress.embedded, " · ".join(parts))

    def _show(self, spoken: str, done: int, total: int, text: str, *, is_busy: bool = False) -> None:
        self.bar.setAccessibleName(spoken.format(model=self._model))
        self.bar.setRange(0, 0 if is_busy else _STEPS)
        self.bar.setValue(min(_STEPS, _STEPS * done // total) if total else 0)
        self.text.setText(text)

    def _parts(self, progress: Progress, total: int) -> list[str]:
        if progress.state == "fitting":
            return [self.tr("being fitted to this computer…")]
        parts = [self._ready(progress.embedded, total)]
        if progress.state == "paused":
            parts.append(self.tr("paused"))
        elif progress.seconds_left is not None:
            parts.append(words.time_left(progress.seconds_left))
        return parts

    def _ready(self, done: int, total: int) -> str:
        return self.tr("{done} of {photos} ready").format(done=words.number(done), photos=words.photos(total))

    def _running(self, transfer: Transfer) -> str:
        if not transfer.total:
            return say(transfer.waits_for) if transfer.waits_for else self.tr("connecting…")
        if transfer.done >= transfer.total:
            return self.tr("checking…")
        parts = [self._amount(transfer)]
        if transfer.waits_for:
            return " · ".join([*parts, say(transfer.waits_for)])
        if transfer.bytes_per_second == 0:
            parts.append(self.tr("waiting for the network…"))
        elif transfer.bytes_per_second:
            parts.append(self.tr("{size}/s").format(size=words.size(round(transfer.bytes_per_second))))
        if transfer.seconds_left:
            parts.append(words.time_left(transfer.seconds_left))
        return " · ".join(parts)

    def _amount(self, transfer: Transfer) -> str:
        done, total = words.size(transfer.done), words.size(transfer.total)
        return self.tr("{done} of {total}").format(done=done, total=total)
