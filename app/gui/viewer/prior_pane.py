"""The prior: its image, and the bar that says which one it is and whether it is linked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.viewer.image_view import ImageView


class PriorPane(QWidget):
    """Shows one prior at a time.

    ``bar`` lies elsewhere, so that both images have the same room; it comes and goes with the pane.

    Signals
    -------
    chosen(int)
        The place of another prior in the list.
    link_wanted(bool)
        Link zoom, pan and window with the current image, or not.
    closed()
        The person wants it away.
    """

    chosen = Signal(int)
    link_wanted = Signal(bool)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        named(self, "prior-pane")
        self.view = ImageView()
        self.view.setAccessibleName(tr("Prior"))
        self.chooser = QComboBox()
        self.chooser.setAccessibleName(tr("Which prior"))
        self.chooser.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.chooser.setMinimumContentsLength(8)
        self.chooser.activated.connect(self.chosen)
        label = named(QLabel(tr("Prior")), "muted")
        label.setBuddy(self.chooser)
        self.link = QToolButton()
        self.link.setIcon(icon("link"))
        self.link.setCheckable(True)
        self.link.setToolTip(tr("Zoom, pan and window of both images together"))
        self.link.setAccessibleName(self.link.toolTip())
        self.link.toggled.connect(self.link_wanted)
        close = named(QToolButton(), "prior-close")
        close.setIcon(icon("close"))
        close.setToolTip(tr("Close the prior"))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.closed)
        self.bar = named(QWidget(), "tool-strip")
        self.bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(self.chooser, 1)
        row.addWidget(self.link)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view)

    def showEvent(self, event: QShowEvent) -> None:
        """The bar comes along."""
        super().showEvent(event)
        self.bar.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """The bar goes along."""
        super().hideEvent(event)
        self.bar.hide()

    def offer(self, titles: Sequence[str], place: int) -> None:
        """Offer these priors; of one alone there is nothing to choose."""
        self.chooser.clear()
        self.chooser.addItems(list(titles))
        self.chooser.setCurrentIndex(place)
        self.chooser.setEnabled(len(titles) > 1)
