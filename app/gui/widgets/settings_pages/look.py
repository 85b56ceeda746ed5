"""The page "Look": theme and language."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.core.translation import tr
from app.gui.settings import Settings
from app.gui.widgets.settings_pages.page import SettingsPage


class LookPage(SettingsPage):
    """How the window looks and which language it speaks."""

    def __init__(self) -> None:
        super().__init__(tr("Look"), tr("The ground behind an image stays black in every theme."))
        self.theme = QComboBox()
        for words, value in (
            (tr("Follow the system"), "system"),
            (tr("Dark, for the reading room"), "dark"),
            (tr("Light"), "light"),
        ):
            self.theme.addItem(words, value)
        self.add_row(tr("Theme"), self.theme)

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        self.theme.setCurrentIndex(max(0, self.theme.findData(settings.text("theme"))))

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        settings.set_text("theme", str(self.theme.currentData()))
