"""The menu "File": what comes in, what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def file_commands(window: MainWindow) -> list[Action]:
    """Open, score, leave."""
    controller, menu = window.controller, "File"
    return [
        Action(
            "open-folder", tr("Open folder…"), window.ask_for_folder, "Ctrl+O", menu, "open-folder"
        ),
        Action(
            "open-files", tr("Open files…"), window.ask_for_files, "Ctrl+Shift+O", menu,
            "open-files",
        ),
        Action("open-inbox", tr("Open inbox"), window.arrivals.open_inbox, "", menu),
        Action(
            "export", tr("Export image…"), window.exports.export_image, "Ctrl+E", menu,
            "export", separator=True,
        ),
        Action("export-list", tr("Export list…"), window.exports.export_list, "Ctrl+Shift+E", menu),
        Action("score-rest", tr("Score the rest"), controller.resume, "F5", menu, separator=True),
        Action("cancel", tr("Cancel scoring"), controller.cancel, "Esc", menu),
        Action("quit", tr("Quit"), window.close, "Ctrl+Q", menu, separator=True),
    ]  # fmt: skip
