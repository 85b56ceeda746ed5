"""The menu "Tools": models, sweeps, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def tools_commands(window: MainWindow) -> list[Action]:
    """What opens a window of its own."""
    menu = "Tools"
    choose_point = window.prediction_panel.choose_operating_point
    return [
        Action("operating-point", tr("Operating point…"), choose_point, "Ctrl+P", menu),
        Action(
            "listen", tr("Listen for new images"), window.arrivals.toggle, "Ctrl+L", menu,
            "listen", checkable=True,
        ),
        Action("models", tr("Models…"), window.show_models, "Ctrl+M", menu, "models"),
        Action("sweeps", tr("Sweeps…"), window.show_sweeps, "Ctrl+Shift+T", menu),
        Action("audit", tr("Audit a labelled folder…"), window.audits.show, "Ctrl+U", menu),
        Action("audit-back", tr("Back to the audit"), window.audits.back, "Backspace", menu),
        Action(
            "settings", tr("Settings…"), window.desk.show_settings, "Ctrl+,", menu, "settings",
            separator=True,
        ),
    ]  # fmt: skip
