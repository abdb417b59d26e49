"""Where pictures are embedded: chosen here, in effect at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStyledItemDelegate, QWidget

from photofind.core.encoders.devices import find_gpu, may_have_gpu, name_device
from photofind.core.records.models import DeviceChoice

if TYPE_CHECKING:
    from photofind.background.worker import Worker
    from photofind.core.library import Library


@dataclass(frozen=True, slots=True)
class Devices:
    """What is chosen, the graphics card that there is, if there is one, and the name of what is in use."""

    choice: DeviceChoice
    card: DeviceChoice | None
    card_name: str
    in_use: str

    @property
    def uses_card(self) -> bool:
        """Whether learned models run on the graphics card."""
        return self.card is not None and self.choice in ("auto", self.card)


class DeviceLine(QWidget):
    """Lets the person choose; `shown` once it is known what there is, and after each change."""

    shown = Signal()
    failed = Signal(str)

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
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
        self.in_use = QLabel(self)
        self.in_use.setProperty("role", "quiet")
        label = QLabel(self.tr("Runs on:"), self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.box)
        row.addWidget(self.in_use, 1)

    def reload(self) -> None:
        """Read again what there is and what is chosen."""
        self._worker.do(read_devices, self._show, self.failed.emit)

    def _on_chosen(self, row: int) -> None:
        choice: DeviceChoice = self.box.itemData(row)
        if self.devices is not None and choice != self.devices.choice:
            self._worker.do(lambda library: _use(library, choice), self._show, self._on_failed)

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
        is_known = devices.in_use == choices[devices.choice]
        self.in_use.setText("" if is_known else self.tr("now: {device}").format(device=devices.in_use))
        self.shown.emit()

    def _choices(self, devices: Devices) -> dict[DeviceChoice, str]:
        """Return the name of each device that can be chosen; one that was chosen and is not there stays in the list."""
        choices: dict[DeviceChoice, str] = {"auto": self.tr("Automatic"), "cpu": name_device("cpu")}
        if devices.card is not None:
            choices[devices.card] = devices.card_name
        choices.setdefault(devices.choice, self.tr("A graphics card that is not there"))
        return {choice: choices[choice] for choice in sorted(choices, key=_PLACES.index)}


_PLACES: list[DeviceChoice] = ["auto", "cuda", "mps", "cpu"]


def read_devices(library: Library) -> Devices:
    """Return what there is; on the library's thread, because it takes seconds where torch has to tell."""
    card = find_gpu() if may_have_gpu() else None
    return Devices(library.device(), card, name_device(card) if card else "", library.indexing.encoder.device)


def _use(library: Library, choice: DeviceChoice) -> Devices:
    library.use_device(choice)
    return read_devices(library)
