"""Every command of the window as data; menus, tool bar and the list of keys are made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.core.base.translation import tr
from app.gui.common.qt_images import icon


@dataclass(frozen=True)
class Action:
    """One command.

    Parameters
    ----------
    id
        Unique; also the object name of the QAction.
    title
        As in the menu, without an accelerator of its own.
    callback
        Takes nothing, or the new state when ``checkable``.
    shortcut
        Keys separated by ", "; empty for none.
    menu
        The menu in which it stands, by its English name; see ``menu_title``.
    icon
        Name of an icon in resources/icons, empty for none.
    separator
        Whether a line stands above it.
    """

    id: str
    title: str
    callback: Callable[..., Any]
    shortcut: str = ""
    menu: str = ""
    icon: str = ""
    checkable: bool = False
    separator: bool = False


def menu_title(menu: str) -> str:
    """What stands in the menu bar, with the letter that opens it."""
    return {
        "File": tr("&File"),
        "View": tr("&View"),
        "Image": tr("&Image"),
        "Display": tr("&Display"),
        "Measure": tr("&Measure"),
        "Reading": tr("&Reading"),
        "Tools": tr("&Tools"),
        "Help": tr("&Help"),
    }[menu]


def plain_title(action: Action) -> str:
    """The title as lists and tool tips have it."""
    return action.title.rstrip("…")


def set_keys(qt_action: QAction, action: Action, keys: Sequence[str]) -> None:
    """Give a command its keys; its tool tip names the first."""
    sequences = [QKeySequence(key) for key in keys]
    qt_action.setShortcuts(sequences)
    native = QKeySequence.SequenceFormat.NativeText
    hint = f" ({sequences[0].toString(native)})" if sequences else ""
    qt_action.setToolTip(plain_title(action) + hint)


def build(actions: Sequence[Action], owner: QWidget, bar: QMenuBar) -> dict[str, QAction]:
    """Make QActions and menus, in the order given; ``set_keys`` gives them their keys.

    Returns
    -------
    dict of str to QAction
        By id. Menus of the bar have the object name ``menu-<English name>``.
    """
    menus: dict[str, QMenu] = {}
    made: dict[str, QAction] = {}
    for action in actions:
        qt_action = QAction(action.title, owner)
        qt_action.setObjectName(action.id)
        if action.icon:
            qt_action.setIcon(icon(action.icon))
        qt_action.setCheckable(action.checkable)
        if action.checkable:
            qt_action.toggled.connect(action.callback)
        else:
            qt_action.triggered.connect(lambda _=False, call=action.callback: call())
        qt_action.setToolTip(plain_title(action))
        owner.addAction(qt_action)
        made[action.id] = qt_action
        if action.menu:
            if action.menu not in menus:
                menus[action.menu] = bar.addMenu(menu_title(action.menu))
                menus[action.menu].setObjectName(f"menu-{action.menu}")
            if action.separator:
                menus[action.menu].addSeparator()
            menus[action.menu].addAction(qt_action)
    return made
