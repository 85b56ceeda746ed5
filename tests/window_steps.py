"""What people do in the real window, step by step, and what its list shows then."""

from __future__ import annotations

from pathlib import Path

import cv2
from factories import chest_like
from pytestqt.qtbot import QtBot

from app.core.worklist.scan import Item
from app.gui.main_window import MainWindow
from app.gui.worklist.arrangement import Row

WAIT = 30_000


def shown_in_list(window: MainWindow) -> list[str]:
    """The names in the list, top to bottom; headings in brackets."""
    model = window.worklist_model
    shown = []
    for place in range(model.rowCount()):
        item = model.item_at(model.index(place, 0))
        shown.append(item.path.name if item else f"[{model.index(place, 0).data()}]")
    return shown


def row_named(window: MainWindow, name: str) -> Row:
    return next(row for row in window.worklist_model.rows if row.item.path.name == name)


def item_named(window: MainWindow, name: str) -> Item:
    return row_named(window, name).item


def wait_for_heatmap(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the current image has its heatmap, or cannot have one."""
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        pass


def choose_with_heatmap(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Make an image current and wait for its heatmap."""
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        assert window.worklist.choose(item_named(window, name))


def choose_to_read(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Make an image current and wait until a verdict on it can be given."""
    window.worklist_model.rearrange()
    if window.controller.current.path.name != name:
        assert window.worklist.choose(item_named(window, name))
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)


def many_images(folder: Path, count: int, side: int = 400) -> Path:
    """Write so many images that scoring them takes a while."""
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:04}.png"), chest_like(side, side, seed=number))
    return folder
