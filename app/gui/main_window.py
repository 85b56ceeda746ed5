"""The window: puts the parts together and passes what the person does to the controller."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.core.base.translation import mark, tr
from app.core.settings.training import TrainConfig
from app.gui.audit.audit_desk import AuditDesk
from app.gui.commands import commands, fill_tool_bar
from app.gui.common.actions import build
from app.gui.common.dialogs import TextDialog, about_text
from app.gui.common.empty_state import EmptyState
from app.gui.common.leaving import SWEEP, TRAINING, Leaving
from app.gui.common.notice_bar import NoticeBar
from app.gui.common.notifications import Listener, Notification, NotificationManager
from app.gui.common.peek import Peek
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.export.export_desk import ExportDesk
from app.gui.models.model_page_desk import ModelPageDesk
from app.gui.models.models_dialog import ModelsDialog
from app.gui.prediction.review_controller import ReviewController
from app.gui.prediction.review_screen import ReviewScreen
from app.gui.settings.remembered import Settings
from app.gui.settings.settings_desk import SettingsDesk
from app.gui.training.training_panel import TrainingPanel
from app.gui.verdict.reading_desk import ReadingDesk
from app.gui.viewer.display_desk import DisplayDesk
from app.gui.viewer.image_desk import ImageDesk
from app.gui.viewer.opacity_slider import OpacitySlider
from app.gui.worklist.arrivals_desk import ArrivalsDesk
from app.gui.worklist.recent_menu import RecentMenu
from app.jobs.inference_service import InferenceService

if TYPE_CHECKING:
    from app.gui.sweep.sweep_window import SweepWindow

_SIZE = (1440, 900)
_DOCK_WIDTHS = (508, 262)
_LAYOUT_VERSION = 2
"""Counts up whenever a layout saved before would hide what now stands elsewhere."""
_TRAINING_WIDTH = 340
_PREDICTION_WIDTH = _DOCK_WIDTHS[1]


class _Bridge(QObject):
    """Carries notifications from any thread into the window's."""

    told = Signal(object)


class MainWindow(QMainWindow):
    """Worklist, image, prediction and training side by side.

    Parameters
    ----------
    notifications
        Where errors and notices come from; None for a manager of its own.
    """

    def __init__(self, notifications: NotificationManager | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Opacity")
        self.setWindowIcon(icon("opacity"))
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks)
        self.settings = Settings()
        self.notifications = notifications or NotificationManager()
        self._bridge = _Bridge(self)
        self._bridge.told.connect(self._show_notification)
        self._tell: Listener = self._bridge.told.emit
        self.notifications.listen(self._tell)
        self.service = InferenceService(self)
        self.review = ReviewScreen(self.settings, self.notifications, self)
        self.controller = ReviewController(self.review, self.service)
        self.opened: tuple[str, ...] = ()
        self._started = False
        self._make_widgets()
        self.desk = SettingsDesk(self)
        self.arrivals = ArrivalsDesk(self)
        self.exports = ExportDesk(self)
        self.audits = AuditDesk(self)
        self.model_page = ModelPageDesk(self)
        self.command_list = commands(self)
        self.commands: dict[str, QAction] = build(self.command_list, self, self.menuBar())
        self.desk.take_commands()
        self.image_desk.take_commands()
        self.display.take_commands()
        self.recent_menu = RecentMenu(self)
        fill_tool_bar(self)
        self._connect()
        self.reading.take_commands()
        self._restore()

    # Building -------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        review = self.review
        self.worklist_model, self.worklist = review.worklist_model, review.worklist
        self.image_view, self.prediction_panel = review.image_view, review.prediction_panel
        self.model_chooser, self.status_line = review.model_chooser, review.status_line
        self.empty = EmptyState()
        self.notice_bar = NoticeBar()
        self.opacity = OpacitySlider()
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.status_line, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.image_desk = ImageDesk(self)
        self.stack.addWidget(self.image_desk.area)
        self.display = DisplayDesk(self)
        central = named(QWidget(), "central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice_bar)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(central)
        self.training_panel = TrainingPanel()
        self.reading = ReadingDesk(self)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.worklist_dock = self._dock(mark("Worklist"), self.worklist, left)
        self.display.add_dock(self._dock(mark("Window"), self.display.panel, left))
        self.prediction_dock = self._dock(mark("Prediction"), self.reading.panel, right)
        self.training_dock = self._dock(mark("Training"), self.training_panel, right)
        self.models_dialog = ModelsDialog(self.settings, lambda: self.opened, self)
        panel = self.training_panel
        self.leaving = Leaving(TRAINING, panel.process, panel.controller.stop, panel.shutdown, self)
        self.sweep_window: SweepWindow | None = None
        """Made when it is first asked for: its plots take a moment."""
        self.setTabPosition(right, QTabWidget.TabPosition.North)
        self.tabifyDockWidget(self.prediction_dock, self.training_dock)
        self.training_dock.hide()
        # Narrower, and its form would be cut off at the edge of the window.
        self.training_panel.setMinimumWidth(_TRAINING_WIDTH)
        # A layout that was saved narrower, by a window that was small once, is widened by this too.
        self.reading.panel.setMinimumWidth(_PREDICTION_WIDTH)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = named(QDockWidget(tr(title), self), f"dock-{title}")
        # No title bars: they would take room from the image and move by accident.
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        service, controller = self.service, self.controller
        service.items_found.connect(controller.items_found)
        service.scan_finished.connect(controller.scan_finished)
        service.scored.connect(controller.scored)
        service.progress.connect(controller.progress)
        service.finished.connect(controller.finished)
        service.image_ready.connect(controller.image_ready)
        service.image_failed.connect(controller.image_failed)
        service.heatmap_ready.connect(controller.heatmap_ready)
        service.model_changed.connect(controller.model_changed)
        service.model_failed.connect(controller.model_failed)
        service.model_changed.connect(lambda _card, name: self.training_panel.show_device(name))
        service.thumbnail_ready.connect(self.worklist_model.take_thumbnail)
        service.notice.connect(self.notifications.notice)
        service.failed.connect(self.notifications.error)
        self.worklist_model.thumbnail_wanted.connect(service.thumbnail)
        self.review.rest_waits.connect(self.commands["score-rest"].setEnabled)
        self.worklist.item_chosen.connect(controller.choose)
        Peek(self.commands["heatmap"])
        self.prediction_panel.gradient_wanted.connect(self._show_heatmap)
        for command in self.commands.values():
            command.triggered.connect(self.worklist.stay)
        self.image_view.touched.connect(self.worklist.stay)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        self.image_view.step_wanted.connect(self.worklist.step)
        self.opacity.changed.connect(self.image_view.set_overlay_opacity)
        self.model_chooser.chosen.connect(controller.choose_model)
        self.prediction_panel.operating_point.threshold_chosen.connect(controller.use_threshold)
        self.status_line.cancelled.connect(controller.cancel)
        self.empty.folder_wanted.connect(self.ask_for_folder)
        self.empty.files_wanted.connect(self.ask_for_files)
        self.empty.recent_chosen.connect(lambda path: self.open([path]))
        self.training_panel.model_trained.connect(controller.model_trained)
        self.training_panel.controller.sweeping = lambda: (
            self.sweep_window is not None and self.sweep_window.sweeping
        )
        self.training_panel.use_model.connect(self._use_trained_model)
        self.training_panel.promote_model.connect(self.promote_model)
        self.training_panel.flips_wanted.connect(self.open)
        self.models_dialog.active_changed.connect(controller.model_promoted)
        self.models_dialog.models_changed.connect(controller.refresh_models)
        self.training_panel.model_trained.connect(self.models_dialog.follow)
        self.leaving.can_close.connect(self.close)
        self.leaving.must_stay.connect(self._show_training)
        self.training_panel.sweep_wanted.connect(self.show_sweeps)

    def _restore(self) -> None:
        # Larger than the screen, and its right side would be out of reach.
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableSize()))
        self.restoreGeometry(self.settings.state("geometry"))
        self._laid_out = self.restoreState(self.settings.state("layout"), _LAYOUT_VERSION)
        if self._laid_out:
            self.worklist.table.horizontalHeader().restoreState(self.settings.state("columns-2"))
        self.worklist.restore_header()
        self.opacity.set_percent(self.settings.number("opacity", 60))
        self.commands["contours"].setChecked(self.settings.flag("heatmap-contours", False))
        self.commands["heatmap"].setChecked(self.settings.flag("heatmap-shown", False))
        self.toggle_heatmap(self.commands["heatmap"].isChecked())
        self.commands["thumbnails"].setChecked(self.settings.flag("thumbnails", False))
        self.commands["training"].setChecked(not self.training_dock.isHidden())
        self.training_dock.visibilityChanged.connect(self._follow_training_dock)
        self.display.restored()
        self.empty.show_recent(self.settings.recent())

    # What the person does -------------------------------------------------------------------

    def open(self, paths: Sequence[str]) -> None:
        """Review folders and files."""
        if not paths:
            return
        self.settings.add_recent(str(paths[0]))
        self.settings.folder = str(Path(paths[0]).absolute().parent)
        self.stack.setCurrentWidget(self.image_desk.area)
        self.opened = tuple(map(str, paths))
        self.controller.open(paths)
        self.worklist.table.setFocus()

    def ask_for_folder(self) -> None:
        """File > Open folder."""
        path = QFileDialog.getExistingDirectory(
            self, tr("Open a folder of chest X-rays"), self.settings.folder
        )
        if path:
            self.open([path])

    def ask_for_files(self) -> None:
        """File > Open files."""
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            tr("Open chest X-rays"),
            self.settings.folder,
            tr("All files (*);;Images (*.png *.jpg *.jpeg *.tif *.tiff *.dcm *.dicom)"),
        )
        self.open(paths)

    def _show_heatmap(self, wanted: bool) -> None:
        """Who asks for a map by name wants to see it."""
        if wanted and not self.commands["heatmap"].isChecked():
            self.commands["heatmap"].trigger()

    def toggle_heatmap(self, shown: bool) -> None:
        """Show or hide the overlay; zoom and pan stay."""
        self.image_view.set_overlay_shown(shown)
        self.opacity.setEnabled(shown)

    def toggle_training(self, shown: bool) -> None:
        """Show or hide the training panel."""
        self.training_dock.setVisible(shown)
        if shown:
            self.training_dock.raise_()

    def show_models(self) -> None:
        """Tools > Models."""
        self.models_dialog.present()

    def show_sweeps(self) -> None:
        """Tools > Sweeps."""
        if self.sweep_window is None:
            self.sweep_window = self._make_sweep_window()
        self.sweep_window.present()

    def promote_model(self, name: str) -> None:
        """Make a model the active one; the Models window opens where something is to be asked."""
        self.models_dialog.controller.promote(name)

    def show_about(self) -> None:
        """Help > About."""
        self._open_dialog(TextDialog(tr("About Opacity"), about_text(__version__), self))

    def focus_search(self) -> None:
        """Put the cursor into the filter."""
        self.worklist.search.setFocus()
        self.worklist.search.selectAll()

    def _open_dialog(self, dialog: TextDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _use_trained_model(self, name: str) -> None:
        self.controller.refresh_models()
        self.controller.choose_model(name)

    def _make_sweep_window(self) -> SweepWindow:
        from app.gui.sweep.sweep_window import SweepWindow

        panel = self.training_panel
        made = SweepWindow(panel.controller.config, lambda: panel.training, self.settings, self)
        made.settings_wanted.connect(self._use_sweep_settings)
        stop, give_up = made.controller.stop, made.shutdown
        self.sweep_leaving = Leaving(SWEEP, made.process, stop, give_up, self)
        self.sweep_leaving.can_close.connect(self.close)
        self.sweep_leaving.must_stay.connect(made.present)
        return made

    def _use_sweep_settings(self, config: TrainConfig) -> None:
        self.training_panel.show_settings(config)
        self._show_training()
        self.raise_()
        self.activateWindow()
        self.training_panel.start_button.setFocus()

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Whoever goes to another part of the window has touched something."""
        lists = (self.worklist.table, self.worklist.tiles)
        if now is not None and now not in lists and self.isAncestorOf(now):
            self.worklist.stay()

    def _show_training(self) -> None:
        self.commands["training"].setChecked(True)
        self.training_dock.raise_()

    def _follow_training_dock(self) -> None:
        self.commands["training"].setChecked(not self.training_dock.isHidden())

    def _show_notification(self, notification: Notification) -> None:
        self.notice_bar.show_notification(notification)

    # Qt overrides ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Start the threads; TensorFlow is imported in one of them, after the first paint."""
        super().showEvent(event)
        if not self._started:
            self._started = True
            if not self._laid_out:
                docks = [self.worklist_dock, self.prediction_dock]
                self.resizeDocks(docks, _DOCK_WIDTHS, Qt.Orientation.Horizontal)
            self.service.start()
            self.controller.start()
            self.reading.start()
            self.arrivals.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and end the threads; what cannot be interrupted is waited for."""
        if self.training_panel.training:
            event.ignore()
            self.leaving.ask()
            return
        if self.sweep_window is not None and self.sweep_window.sweeping:
            event.ignore()
            self.sweep_leaving.ask()
            return
        if not self.reading.can_leave():
            event.ignore()
            return
        self.settings.set_state("geometry", self.saveGeometry())
        self.settings.set_state("layout", self.saveState(_LAYOUT_VERSION))
        self.settings.set_state("columns-2", self.worklist.table.horizontalHeader().saveState())
        self.settings.set_number("opacity", self.opacity.percent())
        self.settings.set_flag("heatmap-shown", self.commands["heatmap"].isChecked())
        self.settings.set_flag("heatmap-contours", self.commands["contours"].isChecked())
        self.settings.set_flag("thumbnails", self.commands["thumbnails"].isChecked())
        self.settings.save()
        self.hide()
        self.training_panel.shutdown()
        self.models_dialog.shutdown()
        if self.sweep_window is not None:
            self.sweep_window.shutdown()
        self.arrivals.close()
        self.exports.close()
        self.audits.close()
        self.model_page.close()
        self.reading.stop()
        self.image_desk.close()
        self.service.close()
        self.worklist_model.stop()
        self.review.stop()
        self.display.stop()
        self.notifications.ignore(self._tell)
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders and files may be dropped anywhere on the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.open(paths)
