"""The colours of the window, in two themes; painted widgets and the style sheet take them here.

Each colour is one ``QColor`` for good: ``use`` gives it another value, so that whoever holds it
follows. A pen, a brush or a piece of rich text keeps a copy and is to be made anew, best at paint
time, or when ``changes.happened`` comes.

What lies over an image takes ``IMAGE_TEXT`` and its kin: the ground there is black in both themes.
"""

from __future__ import annotations

import re
from string import Template
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette

_COLOURS = {
    # name: (dark, light)
    "GROUND": ("#101317", "#e9edf1"),
    "PANEL": ("#171b21", "#f8fafb"),
    "RAISED": ("#222831", "#dfe5eb"),
    "FIELD": ("#0c0f12", "#ffffff"),
    "MENU": ("#1b2027", "#ffffff"),
    "LINE": ("#333b46", "#bcc5cf"),
    "FAINT_LINE": ("#2a313b", "#d0d7de"),
    "EDGE": ("#4a5563", "#8b97a4"),
    "TEXT": ("#dde3ea", "#161d25"),
    "STRONG": ("#ffffff", "#000000"),
    "MUTED": ("#9aa6b4", "#475463"),
    "DISABLED": ("#6b7683", "#7b8794"),
    "ACCENT": ("#6fb3f2", "#0f5ca8"),
    "SELECTED": ("#1f4468", "#c3def8"),
    "SELECTED_EDGE": ("#3d6d9c", "#6ba3d8"),
    "HOVER": ("#262e38", "#d6dee6"),
    "BUTTON": ("#2b3440", "#e4e9ee"),
    "BUTTON_HOVER": ("#343f4d", "#d3dbe3"),
    "BUTTON_OFF": ("#1d2229", "#eceff2"),
    "PRIMARY": ("#2c6199", "#0f5ca8"),
    "PRIMARY_HOVER": ("#3571ae", "#0c4c8c"),
    "PRIMARY_EDGE": ("#4b86c2", "#0c4c8c"),
    "HANDLE": ("#566273", "#8b97a4"),
    "PROGRESS": ("#3d78b3", "#3d78b3"),
    "WARNING": ("#f0b458", "#774700"),
    "WARNING_GROUND": ("#332a18", "#fdf0d6"),
    "WARNING_TEXT": ("#f6dcae", "#4a3206"),
    "FINDING": ("#f39b6d", "#9a3412"),
    "GREEN": ("#9ccf8a", "#2c6e1f"),
}

VIEW = QColor("#000000")
"""Behind an image, in every theme."""
IMAGE_TEXT = QColor("#dde3ea")
IMAGE_MUTED = QColor("#9aa6b4")
IMAGE_LINE = QColor("#333b46")
IMAGE_ACCENT = QColor("#6fb3f2")
IMAGE_WARNING = QColor("#f0b458")

GROUND, PANEL, RAISED, FIELD, MENU = (QColor() for _ in range(5))
LINE, FAINT_LINE, EDGE = (QColor() for _ in range(3))
TEXT, STRONG, MUTED, DISABLED = (QColor() for _ in range(4))
ACCENT, SELECTED, SELECTED_EDGE, HOVER = (QColor() for _ in range(4))
BUTTON, BUTTON_HOVER, BUTTON_OFF = (QColor() for _ in range(3))
PRIMARY, PRIMARY_HOVER, PRIMARY_EDGE = (QColor() for _ in range(3))
HANDLE, PROGRESS = QColor(), QColor()
WARNING, WARNING_GROUND, WARNING_TEXT = (QColor() for _ in range(3))
FINDING, GREEN = QColor(), QColor()


class _Changes(QObject):
    happened = Signal()


changes = _Changes()
"""``happened`` tells those that keep copies of colours that there are others now."""

_Named = TypeVar("_Named", bound=QObject)
_light = False


def named(thing: _Named, name: str) -> _Named:
    """Give an object the name by which the style sheet and saved layouts know it."""
    thing.setObjectName(name)
    return thing


def use(light: bool) -> None:
    """Give the colours the values of the light theme, or of the dark one."""
    global _light
    _light = light
    for name, values in _COLOURS.items():
        globals()[name].setRgb(QColor(values[light]).rgb())
    changes.happened.emit()


def is_light() -> bool:
    """Whether the light theme is in use."""
    return _light


def filled(style_sheet: str) -> str:
    """A style sheet with the colours in use in place of ``$TEXT`` and its like."""
    colours = {name: globals()[name].name() for name in _COLOURS}
    return Template(style_sheet).substitute(colours, ICONS="icons:light/" if _light else "icons:")


def recoloured(svg: str) -> str:
    """An icon, drawn in the dark theme's colours, in those in use."""
    values = {dark: light if _light else dark for dark, light in _COLOURS.values()}
    return re.sub("#[0-9a-f]{6}", lambda found: values.get(found[0], found[0]), svg)


def palette() -> QPalette:
    """The palette to the theme, so that what the style sheet leaves out has its colours too."""
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
        (roles.HighlightedText, STRONG),
        (roles.Link, ACCENT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, MUTED),
    ):
        made.setColor(role, colour)
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, DISABLED)
    return made


use(light=False)
