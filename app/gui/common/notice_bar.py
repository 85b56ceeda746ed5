"""A quiet bar above the image: what happened, what was expected, how to fix it."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.common.notifications import Notification, Severity
from app.gui.common.privacy import privacy
from app.gui.common.private_label import PrivateLabel
from app.gui.common.qt_images import icon

_KEPT = 20


class NoticeBar(QFrame):
    """Shows one notification at a time and keeps the others waiting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._waiting: deque[Notification] = deque(maxlen=_KEPT)
        self.shown: Notification | None = None
        self.mark = QLabel()
        self.text = PrivateLabel()
        self.details_button = QPushButton(tr("Details"))
        self.details_button.setCheckable(True)
        self.copy_button = QPushButton(tr("Copy"))
        self.close_button = QPushButton(tr("Close"))
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setMaximumHeight(140)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.text, 1)
        for button in (self.details_button, self.copy_button, self.close_button):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addLayout(line)
        layout.addWidget(self.details)
        self.details_button.toggled.connect(self.details.setVisible)
        self.copy_button.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.details.toPlainText())
        )
        self.close_button.clicked.connect(self.next)
        privacy.changed.connect(self._show_details)
        self.hide()

    def show_notification(self, notification: Notification) -> None:
        """Show it now, or after those before it; the same one twice in a row is one."""
        if self.shown is None:
            self._show(notification)
        elif notification != self.shown and notification not in self._waiting:
            self._waiting.append(notification)
            self._name_close_button()

    def next(self) -> None:
        """Close this one, show the next."""
        if self._waiting:
            self._show(self._waiting.popleft())
        else:
            self.shown = None
            self.hide()

    def withdraw(self, what: str) -> None:
        """Take away what is no longer so, shown or waiting."""
        if not what:
            return
        kept = [each for each in self._waiting if each.what != what]
        self._waiting = deque(kept, maxlen=_KEPT)
        if self.shown is not None and self.shown.what == what:
            self.next()
        else:
            self._name_close_button()

    def _show(self, notification: Notification) -> None:
        self.shown = notification
        name = "error" if notification.severity is Severity.ERROR else "info"
        self.mark.setPixmap(icon(name).pixmap(20, 20))
        self.mark.setAccessibleName(notification.severity.value)
        parts = (notification.what, notification.expected, notification.fix)
        self.text.setText("\n".join(part for part in parts if part))
        self._show_details()
        self.details_button.setChecked(False)
        self.details.hide()
        self.details_button.setVisible(bool(notification.details))
        self.copy_button.setVisible(bool(notification.details))
        self._name_close_button()
        self.show()

    def _show_details(self) -> None:
        details = self.shown.details if self.shown else ""
        self.details.setPlainText(privacy.sentence(details))

    def _name_close_button(self) -> None:
        waiting = len(self._waiting)
        self.close_button.setText(
            tr("Next ({waiting})", waiting=waiting) if waiting else tr("Close")
        )
