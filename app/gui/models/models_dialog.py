"""Tools > Models: compare, promote, roll back, export, import; layout and wiring only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QHideEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.gui.common import theme
from app.gui.common.message_box import MessageBox
from app.gui.common.private_label import PrivateLabel
from app.gui.common.prompt import Prompt
from app.gui.models.models_controller import Can, ModelsController
from app.gui.models.models_table import ModelsTable
from app.gui.settings.remembered import Settings
from app.inference.registry.models import ModelEntry
from app.jobs.model_process import ModelProcess

_FILES = mark("Opacity models (*.opacity)")


class ModelsDialog(QDialog):
    """The models, the card of the chosen one, and what can be done with it.

    Parameters
    ----------
    settings
        Where the file dialogs start.
    opened
        What is open for review: no file is written among it.
    parent
        Qt parent.

    Signals
    -------
    active_changed(str)
        Another model was made the active one.
    models_changed()
        A model came in.
    """

    active_changed = Signal(str)
    models_changed = Signal()

    def __init__(
        self,
        settings: Settings,
        opened: Callable[[], Sequence[str]] = lambda: (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Models"))
        self._settings = settings
        self.process = ModelProcess(self)
        self.controller = ModelsController(self, self.process, opened)
        self._build()
        self._connect()
        self.resize(960, 720)

    def _build(self) -> None:
        self.table = ModelsTable()
        self.promote_button = _button(tr("Promote"), tr("Make the chosen model the active one."))
        self.back_button = _button(tr("Roll back"), "")
        self.compare_button = _button(
            tr("Compare with active…"), tr("Score a labelled folder with both models.")
        )
        self.export_button = _button(
            tr("Export…"), tr("Write the chosen model as one file, without anything private.")
        )
        self.import_button = _button(tr("Import…"), tr("Take a model's file in among your models."))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.promote_button, self.back_button, self.compare_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.export_button)
        buttons.addWidget(self.import_button)
        self.why: QLabel = theme.named(QLabel(), "muted")
        self.notice = PrivateLabel()
        self.why.setWordWrap(True)
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.errors = MessageBox()
        self.prompt = Prompt()
        self.progress_label = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.cancel_button = _button(tr("Cancel"), tr("Give up; nothing changes."))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.progress_label)
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel_button)
        self.progress_row = QWidget()
        self.progress_row.setLayout(line)
        self.card = _text(tr("Card of the chosen model"))
        self.comparison = _text(tr("Comparison"))
        self.tabs = QTabWidget()
        self.tabs.addTab(self.card, tr("Card"))
        self.tabs.addTab(self.comparison, tr("Comparison"))
        self.tabs.setTabEnabled(1, False)
        top = QWidget()
        layout = QVBoxLayout(top)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        for part in (self.why, self.progress_row, self.errors, self.prompt, self.notice):
            layout.addWidget(part)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(top)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        close = _button(tr("Close"), "")
        close.clicked.connect(self.close)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 14, 14, 12)
        outer.addWidget(splitter, 1)
        outer.addLayout(last)
        self.show_progress("", 0, 0)
        self.show_notice("")

    def _connect(self) -> None:
        controller, process = self.controller, self.process
        self.table.chosen.connect(controller.choose)
        self.promote_button.clicked.connect(lambda: controller.promote())
        self.back_button.clicked.connect(controller.roll_back)
        self.compare_button.clicked.connect(self._ask_for_folder)
        self.export_button.clicked.connect(self._ask_where_to)
        self.import_button.clicked.connect(self._ask_for_file)
        self.cancel_button.clicked.connect(controller.cancel)
        process.progress.connect(controller.progress)
        process.notice.connect(controller.notice)
        process.done.connect(controller.done)
        process.failed.connect(controller.failed)
        process.cancelled.connect(controller.cancelled)

    def present(self) -> None:
        """Look again which models there are, and come to the front."""
        if not self.isVisible():
            self.errors.show_errors(())
            self.controller.refresh()
        self.show()
        self.raise_()
        self.activateWindow()
        self.table.setFocus()

    def follow(self) -> None:
        """A training has added a model."""
        if self.isVisible():
            self.controller.refresh()

    def shutdown(self) -> None:
        """End what still runs, before the window closes."""
        self.process.close()

    # What the controller shows --------------------------------------------------------------

    def show_models(self, models: Sequence[ModelEntry], active: str, chosen: str) -> None:
        """Fill the table."""
        self.table.show_models(models, active, chosen)

    def show_card(self, text: str) -> None:
        """Show what is known of the chosen model."""
        if text != self.card.toPlainText():
            self.card.setPlainText(text)
            self.tabs.setCurrentWidget(self.card)

    def show_comparison(self, text: str) -> None:
        """Show a comparison."""
        self.comparison.setPlainText(text)
        self.tabs.setTabEnabled(1, True)
        self.tabs.setCurrentWidget(self.comparison)

    def show_can(self, can: Can) -> None:
        """Enable what can be done."""
        self.promote_button.setEnabled(can.promote)
        self.compare_button.setEnabled(can.compare)
        self.export_button.setEnabled(can.export)
        self.import_button.setEnabled(can.import_)
        self.back_button.setEnabled(bool(can.back_to))
        self.back_button.setText(
            tr("Roll back to {back_to}", back_to=can.back_to) if can.back_to else tr("Roll back")
        )
        self.back_button.setToolTip(
            tr(
                "Make {back_to}, which was active before, the active model again.",
                back_to=can.back_to,
            )
            if can.back_to
            else tr("No model was active before this one.")
        )
        self.why.setText(can.why)
        self.why.setVisible(bool(can.why))

    def show_progress(self, text: str, done: int, total: int) -> None:
        """Show what goes on."""
        self.progress_label.setText(text)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress_row.setVisible(bool(text))

    def show_error(self, error: ReviewError | None) -> None:
        """Say what happened."""
        if error and not self.isVisible():
            self.present()
        self.prompt.dismiss()
        self.errors.show_errors((error,) if error else ())

    def show_notice(self, text: str) -> None:
        """Say what was done."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def ask(self, text: str, yes: str, name: str | None, answer: Callable[[str], None]) -> None:
        """Ask in place."""
        if not self.isVisible():
            self.present()
        self.prompt.ask(text, yes, name, answer)

    def announce_active(self, name: str) -> None:
        """Another model is active."""
        self.active_changed.emit(name)

    def announce_models(self) -> None:
        """A model came in."""
        self.models_changed.emit()

    # Qt -------------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        """A comparison nobody waits for is given up; minimising hides too, and gives up nothing."""
        if not event.spontaneous():
            self.controller.leave()
            self.prompt.dismiss()
        super().hideEvent(event)

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, tr("Folder with the subfolders NORMAL and PNEUMONIA"), self._settings.folder
        )
        if folder:
            self.controller.compare(folder)

    def _ask_where_to(self) -> None:
        start = str(Path(self._settings.folder) / f"{self.controller.chosen}.opacity")
        file, _ = QFileDialog.getSaveFileName(self, tr("Export the model"), start, tr(_FILES))
        if file:
            self.controller.export(file)

    def _ask_for_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self,
            tr("Import a model"),
            self._settings.folder,
            tr("{files};;All files (*)", files=tr(_FILES)),
        )
        if file:
            self.controller.import_file(file)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _text(name: str) -> QPlainTextEdit:
    """Plain text only: a card may come from anywhere."""
    text = QPlainTextEdit()
    text.setReadOnly(True)
    text.setAccessibleName(name)
    text.setTabChangesFocus(True)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    return text
