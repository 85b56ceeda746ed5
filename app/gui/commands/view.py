"""The menu "View": the list, the panels and the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.gui.common.actions import Action
from app.gui.worklist.arrangement import NO_SCORE, READ

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def view_commands(window: MainWindow) -> list[Action]:
    """Walk through the list, arrange the window."""
    worklist, menu = window.worklist, "View"
    fold = window.worklist_model.toggle_fold
    return [
        Action("next", tr("Next image"), lambda: worklist.step(1), "N", menu, "next"),
        Action("previous", tr("Previous image"), lambda: worklist.step(-1), "P", menu, "previous"),
        Action(
            "thumbnails", tr("Thumbnails"), worklist.show_thumbnails, "T", menu, "thumbnails",
            checkable=True, separator=True,
        ),
        Action(
            "fold-eyes", tr("Fold or unfold Could not be read"), partial(fold, NO_SCORE), "E", menu
        ),
        Action("fold-read", tr("Fold or unfold Read"), partial(fold, READ), "S", menu),
        Action("columns", tr("Columns of the list…"), window.reading.columns.open, "", menu),
        Action("filter", tr("Filter the list"), window.focus_search, "/, Ctrl+F", menu, "filter"),
        Action(
            "clear-filter", tr("Clear the filter"), worklist.clear_filter, "Ctrl+Shift+F", menu
        ),
        Action(
            "training", tr("Training panel"), window.toggle_training, "Ctrl+T", menu, "training",
            checkable=True, separator=True,
        ),
        Action(
            "hide-identity", tr("Hide identity"), window.desk.hide_identity, "Ctrl+Shift+I", menu,
            "hide-identity", checkable=True, separator=True,
        ),
        Action(
            "full-screen", tr("Full screen"), window.desk.full_screen, "F11", menu, "full-screen",
            checkable=True,
        ),
    ]  # fmt: skip
