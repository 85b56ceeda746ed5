"""The tool bar: which commands stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolBar, QWidget

from app.core.base.translation import tr
from app.gui.common.theme import named

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def fill_tool_bar(window: MainWindow) -> None:
    """One bar: open, walk, look, explain; the model at the far end."""
    bar = named(QToolBar(tr("Tools")), "tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    groups = (
        ("open-folder", "open-files"),
        ("previous", "next", "next-unread", "thumbnails"),
        ("fit", "one-to-one", "invert", "window-panel", "reset"),
        ("heatmap",),
    )
    for place, group in enumerate(groups):
        if place:
            bar.addSeparator()
        for name in group:
            bar.addAction(window.commands[name])
    bar.addWidget(window.opacity)
    bar.addSeparator()
    bar.addAction(window.commands["training"])
    bar.addAction(window.commands["hide-identity"])
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    label = named(QLabel(tr("Model") + " "), "muted")
    label.setBuddy(window.model_chooser)
    bar.addWidget(label)
    bar.addWidget(window.model_chooser)
    window.addToolBar(bar)
    window.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
