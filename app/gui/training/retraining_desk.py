"""From the audit bench to the training panel, and back to the flips when the training has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.gui.audit.audit_window import AuditWindow
from app.gui.audit.flips_page import FlipsPage
from app.training.data.layout import DataSource

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class RetrainingDesk(QObject):
    """Connects both.

    Parameters
    ----------
    window
        The reading window, which has the training panel.
    bench
        The audit bench.
    """

    def __init__(self, window: MainWindow, bench: AuditWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, bench
        self._asked: DataSource | None = None
        bench.training_wanted.connect(self.bring)
        window.training_panel.run_ended.connect(self.on_run_ended)

    def bring(self, source: DataSource) -> None:
        """Show the training panel with these images and labels."""
        panel = self._window.training_panel
        self._asked = source
        panel.data.controller.choose(source)
        self._window.commands["training"].setChecked(True)
        self._window.training_dock.raise_()
        self._window.raise_()
        self._window.activateWindow()
        panel.start_button.setFocus()

    def on_run_ended(self, run_dir: Path) -> None:
        """Open the flips of a training that was asked for here."""
        asked, trained = self._asked, self._window.training_panel.data.controller.source
        if asked is None or trained is None:
            return
        if (asked.folder, asked.labels) != (trained.folder, trained.labels):
            return
        page = self._bench.tabs.choose(FlipsPage)
        assert isinstance(page, FlipsPage)
        page.show_run(run_dir)
        self._bench.show_pages()
        self._bench.present()
