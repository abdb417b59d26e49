"""Where pictures are embedded: chosen here, in effect at once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyledItemDelegate, QWidget

from photofind.core.records.models import DeviceChoice, Devices
from photofind.gui.look.elided_label import ElidedLabel
from photofind.gui.look.plain import PlainLabel, as_choice
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker, PhotoLibrary


class DeviceLine(QWidget):
    """Lets the person choose; `shown` once it is known what there is, and after each change."""

    shown = Signal()
    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.devices: Devices | None = None
        self.box = QComboBox(self)
        self.box.setAccessibleName(self.tr("What embeds pictures"))
        self.box.addItem(self.tr("Automatic"), "auto")
        self.box.setItemDelegate(QStyledItemDelegate(self.box))  # the list is as the style sheet says
        self.box.setMinimumHeight(28)
        self.box.setEnabled(False)
        self.box.activated.connect(self._on_chosen)
        self.in_use = ElidedLabel("", self)
        self.in_use.setProperty("role", "quiet")
        label = PlainLabel(self.tr("Runs on:"), self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.box)
        row.addWidget(self.in_use, 1)

    def reload(self) -> None:
        """Read again what there is and what is chosen."""
        self._worker.do(lambda library: library.models.devices(), self._show, in_words(self.failed.emit))

    def _on_chosen(self, row: int) -> None:
        choice: DeviceChoice = self.box.itemData(row)
        if self.devices is not None and choice != self.devices.choice:
            self._worker.do(lambda library: _use(library, choice), self._show, in_words(self._on_failed))

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self.reload()

    def _show(self, devices: Devices) -> None:
        self.devices = devices
        choices = self._choices(devices)
        if choices != {self.box.itemData(row): self.box.itemText(row) for row in range(self.box.count())}:
            self.box.clear()
            for choice, name in choices.items():
                self.box.addItem(name, choice)
        self.box.setCurrentIndex(list(choices).index(devices.choice))
        self.box.setEnabled(True)
        # Said where it is not what the box says already.
        in_use = as_choice(devices.in_use)
        is_known = in_use == choices[devices.choice]
        self.in_use.setText("" if is_known else self.tr("now: {device}").format(device=in_use))
        self.shown.emit()

    def _choices(self, devices: Devices) -> dict[DeviceChoice, str]:
        """Return the name of each device that can be chosen; one that was chosen and is not there stays in the list."""
        choices: dict[DeviceChoice, str] = {"auto": self.tr("Automatic"), "cpu": _PROCESSOR}
        if devices.card is not None:
            choices[devices.card] = as_choice(devices.card_name)
        choices.setdefault(devices.choice, self.tr("A graphics card that is not there"))
        return {choice: choices[choice] for choice in sorted(choices, key=_PLACES.index)}


_PROCESSOR = "CPU"
_PLACES: list[DeviceChoice] = ["auto", "cuda", "mps", "cpu"]


def _use(library: PhotoLibrary, choice: DeviceChoice) -> Devices:
    library.models.use_device(choice)
    return library.models.devices()
