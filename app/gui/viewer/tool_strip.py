"""The narrow row of tools above the image: what is drawn, turned and looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.gui.common.theme import named

_ICON = 18
_GROUPS = (
    ("length", "angle", "ratio"),
    ("rectangle", "ellipse", "polygon"),
    ("remove-mark",),
    ("magnifier",),
    ("rotate-left", "rotate-right", "flip"),
    ("prior", "tags"),
)
_LIT = frozenset(
    {"length", "angle", "ratio", "rectangle", "ellipse", "polygon", "magnifier", "prior"}
)
"""Buttons that stay down while their tool is in hand."""


class ToolStrip(QWidget):
    """A button for each of some commands of the window."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "tool-strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(1)

    def fill(self, commands: Mapping[str, QAction]) -> None:
        """Make the buttons."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        for place, group in enumerate(_GROUPS):
            if place:
                layout.addWidget(_line())
            for name in group:
                layout.addWidget(self._button(name, commands[name]))
        layout.addStretch(1)

    def light(self, names: Iterable[str]) -> None:
        """Keep the buttons of these commands down, and no others."""
        wanted = set(names)
        for name in _LIT:
            self.buttons[name].setChecked(name in wanted)

    def _button(self, name: str, command: QAction) -> QToolButton:
        made = named(QToolButton(self), f"strip-{name}")
        made.setIconSize(QSize(_ICON, _ICON))
        # Tab goes from the list to the image: each tool has a key, or stands in the menu.
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if name in _LIT:
            # Not the command itself, which is no switch: pressing V twice is another shape.
            made.setCheckable(True)
            made.clicked.connect(command.trigger)
            command.changed.connect(lambda: _follow(made, command))
            _follow(made, command)
        else:
            made.setDefaultAction(command)
        self.buttons[name] = made
        return made


def _follow(button: QToolButton, command: QAction) -> None:
    button.setIcon(command.icon())
    button.setToolTip(command.toolTip())
    button.setAccessibleName(command.text())
    button.setEnabled(command.isEnabled())


def _line() -> QFrame:
    line = named(QFrame(), "strip-line")
    line.setFixedSize(11, 18)
    return line
