"""Help > About this model: its card and what was measured on it, with the failures to look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.model.card import ModelCard
from app.core.reading.verdicts import ImageIdentity
from app.gui.common.document_browser import DocumentBrowser
from app.gui.common.message_box import MessageBox
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.jobs.gallery_process import GalleryProcess
from app.review.report.document.blocks import Document, Heading
from app.review.report.model_page import model_page, records_of
from app.review.report.model_page.gallery import failures
from app.review.report.model_page.records import default_folders

_SIZE = (940, 760)


class ModelPageWindow(QDialog):
    """Stays open beside the image.

    Parameters
    ----------
    settings
        Where the choice of a folder starts.
    parent
        Qt parent.
    """

    images_shown = Signal()
    """``failures`` are in sight: others, or again."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "model-page")
        self._settings = settings
        self._folder = Path()
        self._page: Document | None = None
        self.failures: tuple[ImageIdentity, ...] = ()
        """The images in sight with what the model says of them."""
        self.process = GalleryProcess(self)
        self.browser = DocumentBrowser(tr("About this model"))
        self.errors = MessageBox()
        self.gallery_button = QPushButton(tr("Show the failures in your copy of the data…"))
        self.gallery_button.setAutoDefault(False)
        self.stop = QPushButton(tr("Cancel"))
        self.stop.setAutoDefault(False)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress"))
        close = QPushButton(tr("Close"))
        close.setAutoDefault(False)
        row = QHBoxLayout()
        for part in (self.gallery_button, self.stop):
            row.addWidget(part)
        row.addWidget(self.bar, 1)
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.browser, 1)
        layout.addWidget(self.errors)
        layout.addLayout(row)
        self.resize(*_SIZE)
        self.gallery_button.clicked.connect(self.ask_for_data)
        self.stop.clicked.connect(self.process.cancel)
        close.clicked.connect(self.close)
        self.process.progress.connect(self._progressed)
        self.process.found.connect(self._keep)
        self.process.ready.connect(self._add_gallery)
        self.process.failed.connect(self._failed)
        self.process.cancelled.connect(self._enable)
        self._enable()

    def present(self, card: ModelCard, folder: Path) -> None:
        """Show the page of the model in a folder, and come to the front."""
        if self._page is None or folder != self._folder:
            self.process.cancel()
            self._folder, self.failures = folder, ()
            records = records_of(card, default_folders(folder))
            self._page = model_page(card, records)
            self.gallery_button.setVisible(bool(failures(records)))
            self.errors.show_errors(())
            self.browser.show_document(self._page)
        self.setWindowTitle(tr("About the model {title}", title=card.title))
        self.show()
        self.images_shown.emit()
        self.raise_()
        self.activateWindow()
        self.browser.setFocus()

    def ask_for_data(self) -> None:
        """Let the person's own copy of the data be chosen."""
        path = QFileDialog.getExistingDirectory(
            self, tr("Your copy of the data that the model was measured on"), self._settings.folder
        )
        if path:
            self.search(Path(path))

    def search(self, data: Path) -> None:
        """Look for the failures in a folder."""
        if self.process.running:
            return
        self.errors.show_errors(())
        self.bar.setRange(0, 0)
        self.process.search(self._folder, data)
        self._enable()

    def shutdown(self) -> None:
        """The program ends."""
        self.process.close()

    def _progressed(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _keep(self, images: tuple[ImageIdentity, ...]) -> None:
        self.failures = images
        self.images_shown.emit()

    def _add_gallery(self, blocks: object) -> None:
        self._enable()
        if self._page is not None and isinstance(blocks, tuple):
            title = tr("Failures in your copy of the data")
            added = (Heading(title), *blocks)
            self.browser.show_document(replace(self._page, blocks=(*self._page.blocks, *added)))
            self.browser.go_to(title)

    def _failed(self, error: ReviewError) -> None:
        self._enable()
        self.errors.show_errors((error,))

    def _enable(self) -> None:
        busy = self.process.running
        self.gallery_button.setEnabled(not busy)
        self.stop.setVisible(busy)
        self.bar.setVisible(busy)
