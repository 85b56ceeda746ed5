"""File > Export: which images, in which formats, with or without identity, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.message_box import MessageBox
from app.gui.common.path_label import PathLabel
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.export.export_formats import ExportFormats
from app.gui.export.export_question import ExistingQuestion
from app.gui.export.export_result import ExportResult
from app.gui.export.text import Scope, burned_in_words, identity_words
from app.gui.settings.remembered import Settings
from app.review.export.plan import ExportOutcome
from app.review.export.reviewed import Format

FOLDER_KEY, FORMATS_KEY = "export-folder", "export-formats"
DEIDENTIFY_KEY, SHIFT_KEY, HEATMAP_KEY = "export-deidentify", "export-shift-dates", "export-heatmap"
_SIZE = QSize(720, 560)
_FIRST_FORMATS = frozenset({Format.PDF})


@dataclass(frozen=True)
class ExportChoice:
    """What the person wants exported, and how."""

    scope: Scope
    formats: frozenset[Format]
    folder: Path
    deidentified: bool
    shift_dates: bool
    with_heatmap: bool


class ExportDialog(QDialog):
    """Stays open until closed: one may export the same images again in another way.

    Signals
    -------
    export_wanted(ExportChoice)
        Export was pressed.
    cancel_wanted()
        The export under way is to stop.
    send_wanted(tuple[Path])
        What was written may be sent on.
    """

    export_wanted = Signal(object)
    cancel_wanted = Signal()
    send_wanted = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._has_view = False
        self._running = False
        self._scopes: list[Scope] = []
        self.setWindowTitle(tr("Export"))
        self._make_widgets()
        self._lay_out()
        self.scope.currentIndexChanged.connect(self._follow)
        self.formats.changed.connect(self._follow)
        self.deidentify.toggled.connect(self._follow)
        self.choose_button.clicked.connect(self._choose_folder)
        self.export_button.clicked.connect(self._export)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.close_button.clicked.connect(self.close)
        self.written.send_wanted.connect(self.send_wanted)

    def _make_widgets(self) -> None:
        self.scope = QComboBox()
        self.scope.setAccessibleName(tr("Images"))
        self.left_out = named(QLabel(), "muted")
        self.left_out.setWordWrap(True)
        self.formats = ExportFormats()
        self.with_heatmap = QCheckBox(tr("With heatmap, where there is one"))
        self.deidentify = QCheckBox(tr("Remove the identity (DICOM PS3.15, basic profile)"))
        self.shift_dates = QCheckBox(tr("Move dates, by the same days for each patient"))
        self.identity = named(QLabel(), "muted")
        self.identity.setWordWrap(True)
        self.warning = named(QLabel(), "reasons")
        self.warning.setWordWrap(True)
        self.folder = PathLabel()
        self.choose_button = QPushButton(tr("Choose…"))
        self.choose_button.setAccessibleName(tr("Choose the folder"))
        self.errors = MessageBox()
        self.question = ExistingQuestion()
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Progress of the export"))
        self.written = ExportResult()
        self.export_button = QPushButton(tr("Export"))
        self.export_button.setDefault(True)
        self.cancel_button = QPushButton(tr("Cancel the export"))
        self.close_button = QPushButton(tr("Close"))
        for button in (self.choose_button, self.cancel_button, self.close_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.addRow(tr("Images"), self.scope)
        form.addRow("", self.left_out)
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.choose_button)
        identity = QVBoxLayout()
        identity.setSpacing(3)
        identity.addWidget(self.deidentify)
        shift = QHBoxLayout()
        shift.addSpacing(24)
        shift.addWidget(self.shift_dates, 1)
        identity.addLayout(shift)
        identity.addWidget(self.identity)
        identity.addWidget(self.warning)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.cancel_button, self.close_button, self.export_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.formats)
        layout.addWidget(self.with_heatmap)
        layout.addLayout(identity)
        below = QFormLayout()
        below.setHorizontalSpacing(14)
        below.addRow(tr("Folder"), place)
        layout.addLayout(below)
        for widget in (self.errors, self.question, self.progress, self.written):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.progress.hide()
        self.cancel_button.hide()
        self.resize(_SIZE)

    # What is offered ------------------------------------------------------------------------

    def present(self, scopes: Sequence[Scope], chosen: int, *, has_view: bool) -> None:
        """Offer these images, with what was chosen last time.

        Parameters
        ----------
        scopes
            At least one.
        chosen
            Which of them is chosen at first.
        has_view
            Whether the image in view is on the screen now.
        """
        if not self._running:
            self._scopes, self._has_view = list(scopes), has_view
            self.scope.blockSignals(True)
            self.scope.clear()
            self.scope.addItems([each.title for each in scopes])
            self.scope.setCurrentIndex(chosen)
            self.scope.blockSignals(False)
            self.load()
            self.errors.show_errors(())
            self.written.hide()
            self.question.hide()
        self.show()
        self.raise_()
        self.activateWindow()
        self._fit()
        self.scope.setFocus()

    def load(self) -> None:
        """Show what is set, or was chosen last time."""
        settings = self._settings
        names = settings.text(FORMATS_KEY)
        known = {str(each): each for each in Format}
        chosen = frozenset(known[name] for name in names.split(",") if name in known)
        self.formats.tick(chosen or _FIRST_FORMATS)
        # Who hides identity on the screen hardly wants it in a file.
        hidden = settings.flag(DEIDENTIFY_KEY, False) or privacy.hidden
        self.deidentify.setChecked(hidden)
        self.shift_dates.setChecked(settings.flag(SHIFT_KEY, False))
        self.with_heatmap.setChecked(settings.flag(HEATMAP_KEY, True))
        self.folder.set_path(settings.text(FOLDER_KEY))
        self._follow()

    @property
    def choice(self) -> ExportChoice | None:
        """What is chosen; None while something is missing."""
        scope = self._scope
        formats = self.formats.chosen()
        if scope is None or not scope.images or not formats or not self.folder.path:
            return None
        return ExportChoice(
            scope,
            formats,
            Path(self.folder.path),
            self.deidentify.isChecked(),
            self.shift_dates.isChecked(),
            self.with_heatmap.isChecked(),
        )

    @property
    def _scope(self) -> Scope | None:
        place = self.scope.currentIndex()
        return self._scopes[place] if 0 <= place < len(self._scopes) else None

    # What goes on ---------------------------------------------------------------------------

    def show_running(self, running: bool) -> None:
        """An export begins, or is over."""
        self._running = running
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)
        self.progress.setRange(0, 0)
        if running:
            self.errors.show_errors(())
            self.written.hide()
        self._follow()

    def show_progress(self, done: int, total: int) -> None:
        """So many images are done."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.setFormat(tr("Images: {done} of {total}", done=done, total=total))

    def show_outcome(self, outcome: ExportOutcome, folder: Path) -> None:
        """It is over."""
        self.show_running(False)
        self.written.show_outcome(outcome, folder)
        self._fit()

    def show_error(self, error: ReviewError) -> None:
        """Nothing was written."""
        self.show_running(False)
        self.errors.show_errors([error])

    # Inside ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        scope = self._scope
        if scope is None:
            return
        for widget in (self.scope, self.formats, self.deidentify, self.choose_button):
            widget.setEnabled(not self._running)
        hidden = self.deidentify.isChecked()
        self.formats.show_for(scope, deidentified=hidden, has_view=self._has_view)
        self.shift_dates.setEnabled(hidden and not self._running)
        self.identity.setText(identity_words(hidden))
        warning = burned_in_words(scope.images) if hidden else ""
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self.left_out.setVisible(bool(scope.left_out))
        self.left_out.setText(
            tr(
                "Left out, since reading is blinded and they are not judged yet: {count}.",
                count=scope.left_out,
            )
        )
        pictures = self.formats.chosen() & {Format.SECONDARY_CAPTURE, Format.PNG, Format.PDF}
        self.with_heatmap.setEnabled(bool(pictures) and not self._running)
        self.export_button.setEnabled(self.choice is not None and not self._running)
        self._fit()

    def _fit(self) -> None:
        """Wrapped words need their lines: never shorter than what is in it."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        needed = layout.totalHeightForWidth(self.width())
        if needed > self.height():
            self.resize(self.width(), needed)

    def _choose_folder(self) -> None:
        start = self.folder.path or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for exports"), start)
        if folder:
            self.set_folder(folder)

    def set_folder(self, folder: str) -> None:
        """Write into this folder."""
        self.folder.set_path(folder)
        self._settings.set_text(FOLDER_KEY, folder)
        self._follow()

    def _export(self) -> None:
        choice = self.choice
        if choice is None:
            return
        self._keep()
        self.export_wanted.emit(choice)

    def _keep(self) -> None:
        """What is chosen is offered again the next time; only the identity is asked anew."""
        names = sorted(str(each) for each in self.formats.wanted())
        self._settings.set_text(FORMATS_KEY, ",".join(names))
        self._settings.set_flag(HEATMAP_KEY, self.with_heatmap.isChecked())
        self._settings.set_flag(SHIFT_KEY, self.shift_dates.isChecked())
        self._settings.save()

    def event(self, event: QEvent) -> bool:
        """Escape is the dialog's own here, and not the window's command."""
        taken = event.type() == QEvent.Type.ShortcutOverride
        if taken and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def reject(self) -> None:
        """Escape, or closed: an unanswered question is a no, and a running export goes on."""
        self.question.hide()
        super().reject()
