"""The menu "Help": keys, and what Opacity is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def help_commands(window: MainWindow) -> list[Action]:
    """What a person looks up."""
    menu = "Help"
    return [
        Action("keys", tr("Keyboard shortcuts"), window.desk.show_keys, "?, F1", menu, "keyboard"),
        Action("about-model", tr("About this model"), window.model_page.show, "Shift+F1", menu),
        Action("about", tr("About Opacity"), window.show_about, "", menu),
    ]
