"""The page "Look": theme and language."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.core.base.translation import tr
from app.gui.common.languages import available
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings


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
        self.language = QComboBox()
        self.language.addItem(tr("Follow the system"), "")
        for code, name in available().items():
            self.language.addItem(name, code)
        self.add_row(
            tr("Language"), self.language, tr("Takes effect when Opacity is started again.")
        )

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        self.theme.setCurrentIndex(max(0, self.theme.findData(settings.text("theme"))))
        self.language.setCurrentIndex(max(0, self.language.findData(settings.text("language"))))

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        settings.set_text("theme", str(self.theme.currentData()))
        settings.set_text("language", str(self.language.currentData()))
