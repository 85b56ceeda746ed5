"""The colours that painted widgets need; the style sheet holds the same for the others."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPalette

VIEW = QColor("#000000")
GROUND = QColor("#101317")
PANEL = QColor("#171b21")
RAISED = QColor("#222831")
LINE = QColor("#333b46")
TEXT = QColor("#dde3ea")
MUTED = QColor("#9aa6b4")
ACCENT = QColor("#6fb3f2")
SELECTED = QColor("#234b73")
WARNING = QColor("#f0b458")
FINDING = QColor("#f39b6d")


_Named = TypeVar("_Named", bound=QObject)


def named(thing: _Named, name: str) -> _Named:
    """Give an object the name by which the style sheet and saved layouts know it."""
    thing.setObjectName(name)
    return thing


def palette() -> QPalette:
    """A dark palette, so that what the style sheet leaves out is dark as well."""
    roles = QPalette.ColorRole
    made = QPalette(RAISED, GROUND)
    for role, colour in (
        (roles.Window, GROUND),
        (roles.WindowText, TEXT),
        (roles.Base, PANEL),
        (roles.AlternateBase, RAISED),
        (roles.Text, TEXT),
        (roles.Button, RAISED),
        (roles.ButtonText, TEXT),
        (roles.BrightText, WARNING),
        (roles.Highlight, SELECTED),
        (roles.HighlightedText, QColor("#ffffff")),
        (roles.Link, ACCENT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, MUTED),
    ):
        made.setColor(role, colour)
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor("#6b7683"))
    return made
