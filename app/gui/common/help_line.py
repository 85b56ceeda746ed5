"""A line that tells what the field under the cursor or the focus is for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.core.base.translation import mark, tr
from app.gui.common.theme import named

NO_HELP = mark("Point at a setting, or move to it, to read what it does.")


class HelpLine(QLabel):
    """Keeps its height, so that nothing jumps while the cursor passes over a form.

    Parameters
    ----------
    lines
        How many lines of text it has room for.
    parent
        Qt parent.
    """

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "help")
        self._helps: dict[QObject, str] = {}
        self._pointed: QObject | None = None
        self._focused: QObject | None = None
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(tr("Help on the setting"))
        self.ensurePolished()
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 18)
        self.setText(tr(NO_HELP))

    def explain(self, field: QWidget, label: QWidget, text: str) -> None:
        """Tell this while a field or its label is pointed at, or the field has the focus."""
        for part in (field, label):
            part.setToolTip(text)
            self._helps[part] = text
            part.installEventFilter(self)
        field.setAccessibleDescription(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow cursor and focus."""
        match event.type():
            case QEvent.Type.Enter:
                self._pointed = watched
            case QEvent.Type.Leave:
                self._pointed = None
            case QEvent.Type.FocusIn:
                self._pointed, self._focused = None, watched
            case QEvent.Type.FocusOut:
                self._focused = None
            case QEvent.Type.Wheel if isinstance(watched, QWidget) and not watched.hasFocus():
                event.ignore()  # it scrolls, and must not change what it passes over
                return True
            case _:
                return False
        about = self._pointed or self._focused
        self.setText(self._helps.get(about, tr(NO_HELP)) if about else tr(NO_HELP))
        return False
