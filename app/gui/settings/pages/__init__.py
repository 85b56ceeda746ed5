"""The pages of the settings dialog; one module a page, registered in ``make_pages``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.settings.pages.display import DisplayPage
from app.gui.settings.pages.export import ExportPage
from app.gui.settings.pages.keyboard import KeyboardPage
from app.gui.settings.pages.look import LookPage
from app.gui.settings.pages.new_images import NewImagesPage
from app.gui.settings.pages.nodes import NodesPage
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.pages.reading import ReadingSettings

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def make_pages(window: MainWindow) -> list[SettingsPage]:
    """Every page, in the order of the list at the left."""
    return [
        LookPage(),
        DisplayPage(window.commands),
        ReadingSettings(window.reading),
        NewImagesPage(window.arrivals),
        NodesPage(window.arrivals),
        ExportPage(),
        KeyboardPage(window.desk.keymap),
    ]
