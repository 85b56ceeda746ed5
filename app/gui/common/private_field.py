"""A field to type in that does not show a name while identity is hidden."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit

from app.gui.common.privacy import privacy


class Mask(QObject):
    """Shows dots for a text that has identity inside, and any other text as it is.

    Parameters
    ----------
    field
        What it watches for as long as it lives.
    """

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        field.textChanged.connect(self._follow)
        privacy.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        text = self._field.text()
        modes = QLineEdit.EchoMode
        wanted = modes.Password if privacy.sentence(text) != text else modes.Normal
        if self._field.echoMode() is not wanted:
            self._field.setEchoMode(wanted)
