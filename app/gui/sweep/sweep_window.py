"""The window of sweeps: layout and wiring; what it does is in ``SweepController``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.core.settings.text import ADVANCED, BASIC
from app.core.settings.training import TrainConfig
from app.gui.common.help_line import HelpLine
from app.gui.common.message_box import MessageBox
from app.gui.common.private_label import PrivateLabel
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.gui.sweep.leaderboard import Leaderboard
from app.gui.sweep.protocols import Folds, SweepControls
from app.gui.sweep.study_list import StudyList
from app.gui.sweep.sweep_controller import SweepController
from app.gui.sweep.sweep_form import SweepForm
from app.gui.sweep.sweep_plots import SweepPlots
from app.gui.sweep.sweep_time import SweepTime
from app.gui.sweep.trial_panel import TrialPanel
from app.gui.training.training_starts import networks
from app.jobs.sweep_process import SweepProcess
from app.jobs.sweep_reader import StudyOnDisk, SweepReader
from app.training.sweep.ledger import TrialRow
from model_zoo import architecture

_SIZE = QSize(1240, 736)
_LEFT = 318
_NO_STUDY = mark(
    "A sweep tries many settings of a network on the same images, and ranks them here.\n"
    "Start one on the left, or choose one that was begun before."
)
_NO_TRIAL = mark("No trial of this study has begun yet.")


class SweepWindow(QDialog):
    """Begin a sweep, watch it, go on with it, use what it found.

    Parameters
    ----------
    source
        The training that the training panel would start; see ``TrainingController.config``.
    training
        Whether a training is under way.
    settings
        Where the file dialogs start.
    parent
        Qt parent.
    process
        The process of the sweep; None for a new one.
    """

    settings_wanted = Signal(object)
    """The ``TrainConfig`` of the trial whose settings are to be used."""

    def __init__(
        self,
        source: Callable[[], TrainConfig | None],
        training: Callable[[], bool],
        settings: Settings,
        parent: QWidget | None = None,
        *,
        process: SweepProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Sweeps"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._settings = settings
        self._labels = {setting.name: tr(setting.label) for setting in (*BASIC, *ADVANCED)}
        self.process = process or SweepProcess(self)
        self.reader = SweepReader(self)
        self._build()
        self.controller = SweepController(
            self,
            self.process,
            self.reader,
            source=source,
            training=training,
            arch_defaults=lambda arch: architecture(arch).DEFAULTS,
            grid_size=_grid_size,
        )
        self._connect()
        self.resize(_SIZE)

    @property
    def sweeping(self) -> bool:
        """Whether a sweep is under way."""
        return self.process.running

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def shutdown(self) -> None:
        """End what still runs, before the program ends; what is done is on disk."""
        self.process.close()
        self.reader.close()
        self.time.close_process()
        self.hide()

    # -- what the controller shows ---------------------------------------------------------

    def show_studies(self, studies: Sequence[StudyOnDisk], chosen: str, live: str) -> None:
        """List the studies."""
        self.studies.show_studies(studies, chosen, live)

    def show_draft(self, draft: Mapping[str, Any], grid: int) -> None:
        """Fill the form."""
        self.form.show_draft(draft, grid)

    def draft(self) -> dict[str, Any]:
        """What the form says."""
        return self.form.draft()

    def show_controls(self, controls: SweepControls) -> None:
        """Enable what can be done now."""
        self.form.set_editable(controls.can_edit)
        self.start_button.setEnabled(controls.can_start)
        self.start_button.setText(controls.start_text)
        self.start_button.setVisible(not controls.running)
        self.stop_button.setEnabled(controls.can_stop)
        self.stop_button.setVisible(controls.running)
        self.trial.use_button.setEnabled(controls.can_use)
        self.export_button.setEnabled(controls.can_export)
        self.hint.setText(controls.hint)
        self.time.follow(controls.plan if self.isVisible() else None)

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show how far the sweep is."""
        self.progress_label.setText(text)
        self.progress_row.setVisible(bool(text))
        self.progress.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.progress.setValue(round(1000 * fraction))

    def show_under_way(self, text: str) -> None:
        """Show which trials are being trained."""
        self.under_way.setText(text)
        self.under_way.setVisible(bool(text))

    def show_rows(self, rows: Sequence[TrialRow], metric: str, under_way: bool) -> None:
        """Show the trials of a study."""
        self.board.empty_text = tr(_NO_TRIAL if self.studies.currentRow() > 0 else _NO_STUDY)
        self.board.show_rows(rows, metric, under_way)
        self.plots.show_rows(rows, metric)

    def show_trial(self, row: TrialRow | None, verdict: str, folds: Folds, total: int) -> None:
        """Show one trial."""
        self.trial.show_trial(row, verdict, folds, total)
        self.plots.select(row.number if row else None)

    def show_errors(self, errors: tuple[ReviewError, ...], details: str = "") -> None:
        """Show errors in the window, or none."""
        self.errors.show_errors(errors, details)

    def show_notice(self, text: str) -> None:
        """Show something worth knowing."""
        self.notice.setText(text)

    def announce_settings(self, config: TrainConfig) -> None:
        """Tell the window that these settings are wanted."""
        self.settings_wanted.emit(config)

    # -- Qt ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the disk while somebody looks."""
        super().showEvent(event)
        if not event.spontaneous():
            self.controller.open()
            self.reader.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more; a sweep under way goes on."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.reader.watch(False)
            self.time.follow(None)

    def _build(self) -> None:
        self.studies = StudyList()
        self.help = HelpLine(5)
        self.form = SweepForm(networks(), self.help)
        self.start_button = _button(
            tr("Start sweep"), tr("Try the settings that are not done yet.")
        )
        named(self.start_button, "primary")
        self.stop_button = _button(
            tr("Stop"), tr("Ends the sweep; every trial that is done is kept.")
        )
        self.hint = _muted()
        self.time = SweepTime()
        self.progress_label = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(tr("Progress of the sweep"))
        self.under_way = _muted()
        self.errors = MessageBox()
        self.notice = PrivateLabel()
        self.board = Leaderboard(self._labels)
        self.trial = TrialPanel(self._labels)
        self.plots = SweepPlots(self._labels)
        self.export_button = _button(
            tr("Export CSV\N{HORIZONTAL ELLIPSIS}"), tr("Write all trials.")
        )
        close = _button(tr("Close"), tr("Closes the window; a sweep under way goes on."))
        close.clicked.connect(self.close)

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(7)
        for part in (
            *(self.studies, self.form, self.hint, self.time),
            *(self.start_button, self.stop_button),
        ):
            column.addWidget(part)
        column.addStretch(1)
        column.addWidget(self.help)
        left.setFixedWidth(_LEFT)

        self.progress_row = QWidget()
        rows = QVBoxLayout(self.progress_row)
        rows.setContentsMargins(0, 0, 0, 2)
        rows.setSpacing(4)
        rows.addWidget(self.progress_label)
        rows.addWidget(self.progress)
        rows.addWidget(self.under_way)
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setChildrenCollapsible(False)
        tab = QTabWidget()
        tab.addTab(named(self.trial, "panel"), tr("Selected trial"))
        below.addWidget(tab)
        below.addWidget(self.plots)
        below.setSizes([1000, 1000])
        for at in (0, 1):
            below.setStretchFactor(at, 1)
        main = QSplitter(Qt.Orientation.Vertical)
        main.setChildrenCollapsible(False)
        main.addWidget(self.board)
        main.addWidget(below)
        for at in (0, 1):
            main.setStretchFactor(at, 1)
        main.setSizes([300, 340])
        buttons = QHBoxLayout()
        buttons.addWidget(self.notice, 1)
        buttons.addWidget(self.export_button)
        buttons.addWidget(close)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.progress_row)
        right.addWidget(self.errors)
        right.addWidget(main, 1)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(12)
        layout.addWidget(left)
        layout.addLayout(right, 1)
        self.show_progress("", None)
        self.show_under_way("")
        self.show_notice("")
        self.stop_button.hide()

    def _connect(self) -> None:
        controller = self.controller
        self.studies.chosen.connect(controller.choose)
        self.form.changed.connect(controller.on_draft_changed)
        self.start_button.clicked.connect(controller.start)
        self.stop_button.clicked.connect(controller.stop)
        self.board.chosen.connect(controller.select)
        self.plots.picked.connect(self.board.select)
        self.trial.use_button.clicked.connect(controller.use)
        self.export_button.clicked.connect(self._ask_where_to)

    def _ask_where_to(self) -> None:
        start = str(Path(self._settings.folder) / f"{self.controller.chosen}.csv")
        file, _ = QFileDialog.getSaveFileName(
            self, tr("Export the trials"), start, tr("Tables (*.csv);;All files (*)")
        )
        if file:
            self.controller.export(file)


def _grid_size(arch: str) -> int:
    grid = getattr(architecture(arch), "GRID", None)
    return math.prod(len(values) for values in grid.values()) if grid else 0


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _muted() -> QLabel:
    label = named(QLabel(), "muted")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
