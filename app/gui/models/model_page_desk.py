"""Connects the page about the model in use to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.base.errors import ModelError
from app.gui.models.model_page_window import ModelPageWindow
from app.inference.registry.models import find_model

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class ModelPageDesk(QObject):
    """Opens the page.

    Parameters
    ----------
    window
        Whose model it is.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page: ModelPageWindow | None = None
        """Made when it is first asked for."""

    def show(self) -> None:
        """Help > About this model."""
        controller = self._window.controller
        name = controller.model_name or controller.active_model
        try:
            folder = find_model(name)
        except ModelError as error:
            self._window.notifications.error(error)
            return
        card = controller.card
        if card is None or card.name != folder.name:
            from app.core.model.card import ModelCard

            card = ModelCard.load(folder / "card.json")
        if self.page is None:
            self.page = ModelPageWindow(self._window.settings, self._window)
            self.page.images_shown.connect(self._saw)
            self._window.reading.reader_changed.connect(self._saw)
        self.page.present(card, folder)

    def _saw(self) -> None:
        """Images stand there with their scores: no verdict on them is blind any more."""
        if self.page is not None and self.page.isVisible():
            self._window.reading.controller.saw_scores(self.page.failures)

    def close(self) -> None:
        """The program ends."""
        if self.page is not None:
            self.page.shutdown()
