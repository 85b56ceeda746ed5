"""The training panel: layout and wiring; what it does is in ``TrainingController``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.settings.training import TrainConfig
from app.gui.common.message_box import MessageBox
from app.gui.common.private_label import PrivateLabel
from app.gui.training.data_section import DataSection
from app.gui.training.protocols import TrainingControls
from app.gui.training.runs_table import RunsTable
from app.gui.training.text import Rows
from app.gui.training.training_controller import TrainingController
from app.gui.training.training_result import TrainingResult
from app.gui.training.training_settings import TrainingSettings
from app.jobs.estimate_process import EstimateProcess
from app.jobs.training_process import TrainingProcess

if TYPE_CHECKING:
    from app.gui.common.curves import CurvesView
from app.training.runs.runs import Run, list_runs, read_events
from model_zoo import architecture


class TrainingPanel(QWidget):
    """Choose a folder, see its balance, train, watch, stop, use the new model.

    Parameters
    ----------
    parent
        Qt parent.
    process
        The training process; None for a new one.
    estimator
        Tells how long a run would take; None for a new one.
    settings
        Where the last folder is remembered; None for a file below ``home()``.
    """

    model_trained = Signal(str)
    """Name of a model that a run has just added to the registry."""
    run_ended = Signal(object)
    """Folder of a run that has just left a model."""
    use_model = Signal(str)
    """Name of the model that the person wants for review."""
    promote_model = Signal(str)
    """Name of the model that is to become the active one."""
    flips_wanted = Signal(list)
    """Paths of the images that a new model calls otherwise than the active one."""
    sweep_wanted = Signal()
    """The person wants to try many settings."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        process: TrainingProcess | None = None,
        estimator: EstimateProcess | None = None,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__(parent)
        self.process = process or TrainingProcess(self)
        self.estimator = estimator or EstimateProcess(self)
        self.data = DataSection(lambda: self.process.running, settings)
        self._build()
        self.setAcceptDrops(True)
        self.controller = TrainingController(
            self,
            self.process,
            self.data.controller,
            self.estimator,
            list_runs=list_runs,
            read_events=read_events,
            arch_defaults=lambda arch: architecture(arch).DEFAULTS if arch else {},
        )
        self._connect()
        self.controller.open()

    @property
    def training(self) -> bool:
        """Whether a run is under way."""
        return self.process.running

    def shutdown(self) -> None:
        """End what still runs, before the window closes; a run under way is interrupted."""
        self.data.shutdown()
        self.estimator.cancel()
        self.process.close()

    # -- what the controller shows ---------------------------------------------------------

    def show_error(self, errors: tuple[ReviewError, ...], details: str = "") -> None:
        """Show errors in the panel, or none."""
        self.errors.show_errors(errors, details)
        if errors:
            self._reveal(self.errors)

    @property
    def in_sight(self) -> bool:
        """Whether the person sees the panel."""
        return self.isVisible()

    def show_estimate(self, text: str) -> None:
        """Say how long a run would take, empty for nothing."""
        self.setup.show_estimate(text)

    def show_device(self, name: str) -> None:
        """Name what the networks run on."""
        self.form.show_device(name)

    def show_settings(self, config: TrainConfig) -> None:
        """Fill the form."""
        self.form.show_config(config)

    def settings(self) -> dict[str, Any]:
        """What the form says."""
        return self.form.settings()

    def show_controls(self, controls: TrainingControls) -> None:
        """Enable what can be done now."""
        self.data.set_editable(controls.can_edit)
        self.form.setEnabled(controls.can_edit)
        self.setup.preview_button.setEnabled(controls.can_start)
        self.setup.help.setVisible(controls.can_edit)
        self.runs.setEnabled(controls.can_edit)
        self.resume_button.setEnabled(controls.can_edit)
        self.start_button.setEnabled(controls.can_start)
        self.stop_button.setEnabled(controls.can_stop)
        self.stop_button.setVisible(not controls.can_edit)
        # What is said of a run stands beside its progress, what is said of the form below it.
        for label, here in (
            (self.hint, controls.can_edit),
            (self.stop_hint, not controls.can_edit),
        ):
            label.setText(controls.hint if here else "")
            label.setVisible(bool(label.text()))

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show a line of progress and its bar; an empty text hides both."""
        self.progress_label.setText(text)
        self.progress_label.setVisible(bool(text))
        self.progress.setVisible(bool(text))
        if fraction is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * fraction))

    @cached_property
    def curves(self) -> CurvesView:
        """Made when a run first needs them: the library of plots takes a moment to import."""
        from app.gui.common.curves import CurvesView

        made = CurvesView()
        layout = self.curves_section.layout()
        assert layout is not None  # the section was made with one
        layout.addWidget(made)
        made.show()
        return made

    def clear_curves(self, epochs: int) -> None:
        """Empty the curves for a run of so many epochs."""
        self.curves_section.show()
        self.curves.clear(epochs)
        self._reveal(self.curves_section)

    def add_step(self, epoch_position: float, loss: float) -> None:
        """Draw the running loss."""
        self.curves.add_step(epoch_position, loss)

    def add_epoch(self, epoch: int, metrics: Mapping[str, float], best: bool) -> None:
        """Draw the figures of an epoch."""
        self.curves.add_epoch(epoch, metrics, best)

    def show_notice(self, text: str) -> None:
        """Show something worth knowing."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_result(self, rows: Rows, model_name: str, usable: bool) -> None:
        """Show a run's result and offer its model."""
        self.result_section.show_result(rows, model_name, usable)
        if rows:
            self._reveal(self.result_section)

    def show_comparison(self, lines: tuple[str, ...], flips: tuple[Path, ...]) -> None:
        """Show the new model against the active one."""
        self.result_section.show_comparison(lines, flips)

    def show_runs(self, runs: list[Run], live: Path | None) -> None:
        """Show the table of runs."""
        self.runs.show_runs(runs, live)
        self.runs_section.setVisible(bool(runs))

    def offer_resume(self, run: Run | None) -> None:
        """Offer to go on with a run that was cut off."""
        self.resume_button.setVisible(run is not None)
        if run is not None:
            self.resume_button.setText(
                tr("Resume after epoch {epochs_run}", epochs_run=run.epochs_run)
            )

    def announce_model(self, name: str) -> None:
        """Tell the window that the registry has a new model."""
        self.setup.refresh_models()
        self.model_trained.emit(name)

    def announce_run(self, run_dir: Path) -> None:
        """Tell the window that a run has ended, after its result is shown."""
        self.run_ended.emit(run_dir)

    # -- Qt ----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """The width that suits a dock."""
        return QSize(380, 720)

    def minimumSizeHint(self) -> QSize:
        """Narrower would clip the tables."""
        return QSize(320, 200)

    def showEvent(self, event: QShowEvent) -> None:
        """What could not be seen was not asked for."""
        super().showEvent(event)
        self.setup.refresh_models()
        self.controller.on_settings_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for an estimate any more."""
        super().hideEvent(event)
        self.controller.on_settings_changed()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one folder, unless a run is under way."""
        if not self.process.running and _dropped_folder(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Choose the dropped folder."""
        if folder := _dropped_folder(event):
            event.acceptProposedAction()
            self.data.controller.choose_folder(folder)

    def _build(self) -> None:
        self.errors = MessageBox()
        self.setup = TrainingSettings()
        self.form = self.setup.form
        self.start_button = self.setup.start_button
        self.hint = self.setup.hint
        self.stop_button = QPushButton(tr("Stop"))
        self.stop_button.setToolTip(tr("Ends the training; the best weights so far are kept."))
        self.stop_hint = _hint()
        self.progress_label = QLabel()
        self.progress_label.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.notice = PrivateLabel()
        self.notice.setObjectName("muted")
        self.result_section: TrainingResult = TrainingResult()
        self.result = self.result_section.table
        self.use_button = self.result_section.use_button
        self.runs = RunsTable()
        self.resume_button: QPushButton = QPushButton(tr("Resume"))
        self.resume_button.setToolTip(
            tr("Goes on from the run's last whole epoch, as if it had never been cut off.")
        )

        # Stop stands where a person looks during a run, beside the progress.
        progress_row = QHBoxLayout()
        progress_row.addWidget(self.progress_label, 1)
        # At the top: a second line of words does not move it.
        progress_row.addWidget(self.stop_button, 0, Qt.AlignmentFlag.AlignTop)
        self.curves_section = _section(
            tr("Progress"), progress_row, self.progress, self.stop_hint, self.notice
        )
        self.runs_section = _section(tr("Runs"), self.runs, self.resume_button)

        body = QWidget()
        body.setObjectName("panel")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(16)
        for section in (
            self.data,
            self.setup,
            self.errors,
            self.curves_section,
            self.result_section,
            self.runs_section,
        ):
            layout.addWidget(section)
        layout.addStretch(1)
        self._scroll_area = QScrollArea()
        self._scroll_area.setWidget(body)
        self._scroll_area.setWidgetResizable(True)
        self._scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._scroll_area, 1)
        outer.addWidget(self.setup.help)
        self.curves_section.hide()
        self.show_progress("", None)
        self.show_notice("")
        self.show_result((), "", False)
        self.offer_resume(None)

    def _connect(self) -> None:
        self.form.arch_chosen.connect(self.controller.choose_arch)
        self.form.changed.connect(self.controller.on_settings_changed)
        self.setup.preview_wanted.connect(self._preview)
        self.setup.sweep_wanted.connect(self.sweep_wanted)
        self.start_button.clicked.connect(self.controller.start)
        self.stop_button.clicked.connect(self.controller.stop)
        self.result_section.use_wanted.connect(self.use_model)
        self.result_section.promote_wanted.connect(self.promote_model)
        self.result_section.flips_wanted.connect(self.flips_wanted)
        self.runs.picked.connect(self.controller.show_run)
        self.resume_button.clicked.connect(self.controller.resume)

    def _preview(self) -> None:
        try:
            config = self.controller.config()
        except ReviewError as error:
            self.show_error((error,))
            return
        if config is not None:
            self.setup.preview(config)

    def _reveal(self, section: QWidget) -> None:
        # Once the layout has given the section its place.
        QTimer.singleShot(0, self, lambda: self._scroll_area.ensureWidgetVisible(section, 0, 12))


def _section(title: str, *parts: QWidget | QHBoxLayout) -> QWidget:
    section = QWidget()
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    heading = QLabel(title)
    heading.setObjectName("heading")
    layout.addWidget(heading)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return section


def _hint() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setObjectName("muted")
    return label


def _dropped_folder(event: QDropEvent) -> str:
    urls = event.mimeData().urls()
    if len(urls) == 1 and urls[0].isLocalFile() and Path(urls[0].toLocalFile()).is_dir():
        return urls[0].toLocalFile()
    return ""
