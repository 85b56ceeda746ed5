"""The page "New images": watching the opened folders, listening for senders."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QSpinBox

from app.core.base.translation import tr
from app.gui.common.private_label import PrivateLabel
from app.gui.common.theme import named
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings
from app.gui.worklist.arrivals_desk import WATCH, ArrivalsDesk
from app.network.config import LOOPBACK, Limits, Listening, load, parse_callers

_EVERYWHERE = "0.0.0.0"
_FIELD_WIDTH = 260
_CALLERS_HEIGHT = 64


class NewImagesPage(SettingsPage):
    """How images arrive by themselves.

    Parameters
    ----------
    desk
        What listens and watches; it tells the state and takes the settings over.
    """

    def __init__(self, desk: ArrivalsDesk) -> None:
        super().__init__(
            tr("New images"),
            tr("The image in view stays in view, whatever arrives. Opacity never writes to a "
               "folder that you open."),
        )  # fmt: skip
        self._desk = desk
        self.watch = QCheckBox(tr("Show new images of the opened folders by themselves"))
        self.listen = QCheckBox(tr("Listen for images that other DICOM programs send (C-STORE)"))
        self.state = named(PrivateLabel(), "muted")
        self.title_field = QLineEdit()
        self.title_field.setMaxLength(16)
        self.address = QComboBox()
        self.address.setEditable(True)
        self.address.addItems([LOOPBACK, _EVERYWHERE])
        self.port = _number(1, 65535)
        self.warning = named(QLabel(), "reasons")
        self.warning.setWordWrap(True)
        self.callers = QPlainTextEdit()
        self.callers.setFixedHeight(_CALLERS_HEIGHT)
        self.callers.setTabChangesFocus(True)
        self.callers.setPlaceholderText("MODALITY@192.168.1.20")
        self.certificate, self.key, self.senders_ca = QLineEdit(), QLineEdit(), QLineEdit()
        for file in (self.certificate, self.key, self.senders_ca):
            file.setPlaceholderText(tr("A file in PEM form"))
            file.setFixedWidth(_FIELD_WIDTH)
            file.textChanged.connect(self._warn)
        self.largest = _number(1, 4096, " MiB")
        self.per_minute = _number(1, 100_000)
        self.free = _number(1, 1_000_000, " MiB")
        for field in (self.title_field, self.address, self.callers):
            field.setFixedWidth(_FIELD_WIDTH)
        self._lay_out()
        self.address.editTextChanged.connect(self._warn)
        self.callers.textChanged.connect(self._warn)
        desk.state_changed.connect(self._show_state)

    def _lay_out(self) -> None:
        self.add_row("", self.watch)
        self.add_row("", self.listen)
        self.form.addRow(self.state)
        self.add_row(tr("AE title"), self.title_field, tr("What senders have to call."))
        self.add_row(
            tr("Address"),
            self.address,
            tr("127.0.0.1: this computer alone. 0.0.0.0: every network it is in."),
        )
        self.add_row(tr("Port"), self.port)
        self.form.addRow(self.warning)
        self.add_row(
            tr("Allowed callers"),
            self.callers,
            tr("AE titles, one a line; with @ and an address or a network, only from there. "
               "Empty: every program on this computer."),
        )  # fmt: skip
        self.add_row(
            tr("TLS certificate"), self.certificate, tr("With its key: connections are encrypted.")
        )
        self.add_row(tr("TLS key"), self.key)
        self.add_row(
            tr("Senders' certificates"),
            self.senders_ca,
            tr("Only senders with a certificate that one in this file vouches for may send. "
               "Empty: senders need none."),
        )  # fmt: skip
        self.add_row(tr("Largest image"), self.largest)
        self.add_row(tr("Images a minute"), self.per_minute, tr("From one address."))
        self.add_row(tr("Disk kept free"), self.free)

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        listening = load().listening
        self.watch.setChecked(settings.flag(WATCH, True))
        self.listen.setChecked(listening.on)
        self.title_field.setText(listening.title)
        self.address.setEditText(listening.address)
        self.port.setValue(listening.port)
        self.callers.setPlainText("\n".join(map(str, listening.callers)))
        self.certificate.setText(listening.certificate)
        self.key.setText(listening.key)
        self.senders_ca.setText(listening.senders_ca)
        self.largest.setValue(listening.limits.object_mib)
        self.per_minute.setValue(listening.limits.per_minute)
        self.free.setValue(listening.limits.free_mib)
        self._show_state()
        self._warn()

    def check(self) -> None:
        """What is chosen must be able to work; what stays off may wait."""
        listening = self._chosen()
        if listening.on:
            listening.check()

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen, and listen and watch accordingly."""
        settings.set_flag(WATCH, self.watch.isChecked())
        self._desk.use(self._chosen())

    def _chosen(self) -> Listening:
        limits = Limits(self.largest.value(), self.per_minute.value(), self.free.value())
        known = load().listening
        return replace(
            known,
            on=self.listen.isChecked(),
            title=self.title_field.text().strip(),
            address=self.address.currentText().strip(),
            port=self.port.value(),
            callers=parse_callers(self.callers.toPlainText()),
            certificate=self.certificate.text().strip(),
            key=self.key.text().strip(),
            senders_ca=self.senders_ca.text().strip(),
            limits=replace(limits, connections=known.limits.connections),
        )

    def _warn(self) -> None:
        local = Listening(address=self.address.currentText().strip()).is_local
        words = tr(
            "Beyond this computer, images and names travel unencrypted, and whoever is in the "
            "network can try to send. Do this only in a network that you trust."
        )
        if self.certificate.text().strip():
            words = tr("Whoever is in the network can try to send.")
        if not self.callers.toPlainText().strip():
            words += " " + tr("At least one allowed caller is needed.")
        self.warning.setText("⚠ " + words)
        self.warning.setVisible(not local)

    def _show_state(self) -> None:
        desk = self._desk
        self.state.setText("\n".join(filter(None, (desk.state_words, desk.last_refusal))))


def _number(least: int, most: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.lineEdit().setTextMargins(6, 0, 0, 0)
    box.setRange(least, most)
    box.setSuffix(suffix)
    return box
