"""A label for a path that may be longer than its place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel

from app.core.base.translation import tr
from app.gui.common.privacy import privacy


class PathLabel(QLabel):
    """A path on one line, shortened in its middle to the width there is.

    ``path`` is the whole of it, empty for none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.path = ""
        self.setMinimumWidth(60)
        self.setTextFormat(Qt.TextFormat.PlainText)
        privacy.changed.connect(self._show)

    def set_path(self, path: str) -> None:
        """Show a path."""
        self.path = path
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten it anew."""
        super().resizeEvent(event)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        """One line, however narrow."""
        return QSize(60, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """The layout stretches it to what is left."""
        return self.minimumSizeHint()

    def _show(self) -> None:
        self.setToolTip(privacy.path(self.path))
        self._elide()

    def _elide(self) -> None:
        text = privacy.path(self.path) or tr("No folder chosen")
        metrics = QFontMetrics(self.font())
        self.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.width()))
