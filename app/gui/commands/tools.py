"""The menu "Tools": models, sweeps, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.translation import tr
from app.gui.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def tools_commands(window: MainWindow) -> list[Action]:
    """What opens a window of its own."""
    menu = "Tools"
    return [
        Action("models", tr("Models…"), window.show_models, "Ctrl+M", menu),
        Action("sweeps", tr("Sweeps…"), window.show_sweeps, "Ctrl+Shift+T", menu),
        Action(
            "settings", tr("Settings…"), window.desk.show_settings, "Ctrl+,", menu, separator=True
        ),
    ]
