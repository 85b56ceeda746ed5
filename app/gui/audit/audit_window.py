"""The window of the audit bench: layout and wiring; what it does is in ``AuditController``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.audit.audit_controller import (
    AuditController,
    AuditJob,
    Statistician,
    Wish,
)
from app.gui.audit.audit_rows import Order, Picked
from app.gui.audit.figures_table import FiguresTable
from app.gui.audit.gallery import GalleryView, HeatmapSource
from app.gui.audit.matrix_view import MatrixView
from app.gui.audit.notes import Notes
from app.gui.audit.page import AuditPage
from app.gui.audit.page_tabs import PageTabs
from app.gui.audit.pages import PAGES
from app.gui.audit.source_bar import SourceBar
from app.gui.audit.start_page import StartPage
from app.gui.audit.threshold_bar import ThresholdBar
from app.gui.common.message_box import MessageBox
from app.gui.common.private_label import PrivateLabel
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.review.audit import Audit, Cell, Figures

_SIZE = QSize(1280, 800)
_LEFT = 330
_SPLIT = (350, 380)
_GEOMETRY, _SPLITTER, _PAGE = "audit-geometry", "audit-splitter", "audit-page"
_ORDER, _TILES, _RECENT = "audit-order", "audit-tiles", "audit-recent"
_MOST_RECENT = 4


class AuditWindow(QMainWindow):
    """Audit a labelled folder, look at what went wrong, move the threshold.

    Parameters
    ----------
    settings
        Where layout and recent folders are kept.
    job, statistician
        See ``AuditController``.
    heatmaps_of
        Gives the source of heatmaps for an audit, None for none.
    """

    walk_wanted = Signal(object, int, str)
    """A ``Picked`` to walk in the reading window, the place to begin at, what they are."""
    images_shown = Signal(object, object)
    """As that of ``PageTabs``."""
    training_wanted = Signal(object)
    """A ``DataSource`` for the training panel."""

    def __init__(
        self,
        settings: Settings,
        job: AuditJob,
        statistician: Statistician,
        heatmaps_of: Callable[[Audit], HeatmapSource | None] = lambda _audit: None,
    ) -> None:
        super().__init__()
        self.setWindowTitle(tr("Audit"))
        self.setWindowIcon(icon("opacity"))
        self.setAcceptDrops(True)
        self._settings = settings
        self._heatmaps_of = heatmaps_of
        self._heatmaps: HeatmapSource | None = None
        self._build()
        self.controller = AuditController(self, job, statistician)
        self._connect()
        self._add_keys()
        self._restore()
        self.show_start()

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def ask_for_folder(self) -> None:
        """Let a folder be chosen."""
        path = QFileDialog.getExistingDirectory(
            self, tr("Audit a labelled folder"), self._settings.folder
        )
        if path:
            self.open(path)

    def open(self, folder: str | Path) -> None:
        """Audit a folder by the labels of its subfolders."""
        before = self.controller.wish
        model, folds = (before.model, before.out_of_fold) if before else ("", True)
        self.controller.open(Wish(Path(folder), model=model, out_of_fold=folds))

    def shutdown(self) -> None:
        """Remember the layout and end what still runs, before the program ends."""
        settings = self._settings
        settings.set_state(_GEOMETRY, self.saveGeometry())
        settings.set_state(_SPLITTER, self.splitter.saveState())
        settings.set_number(_PAGE, self.tabs.currentIndex())
        settings.set_text(_ORDER, self.gallery.wanted_order)
        settings.set_number(_TILES, self.gallery.grid.side)
        self.tabs.shutdown()
        self.gallery.shutdown()
        self.hide()

    # -- what the controller shows ---------------------------------------------------------------

    def show_wish(self, wish: Wish) -> None:
        """Show what is audited, or is about to be."""
        self.source.show_wish(wish)
        path = str(wish.folder)
        others = [each for each in self._recent() if each != path]
        self._settings.set_text(_RECENT, "\n".join([path, *others][:_MOST_RECENT]))

    def show_progress(self, done: int, total: int) -> None:
        """Show how far the scoring is."""
        self.start.show_progress(done, total)
        self.source.set_busy(True)
        self.stack.setCurrentWidget(self.start)

    def show_start(self) -> None:
        """Show that there is nothing yet."""
        self.start.show_recent(self._recent())
        self.start.show_invitation()
        self.source.set_busy(False)
        self.stack.setCurrentWidget(self.start)

    def show_audit(self, audit: Audit) -> None:
        """Show another audit."""
        self.source.set_busy(False)
        self.source.show_folds(audit)
        self.stack.setCurrentWidget(self.bench)
        self.notes.show_notes(audit.problems)
        self.threshold.show_card(audit.card)
        self._heatmaps = self._heatmaps_of(audit)
        self.gallery.pictures.forget()
        self.tabs.show_audit(audit, self.controller.threshold)
        self.gallery.grid.setFocus()

    def show_pages(self) -> None:
        """Show the pages, also those that say something without an audit."""
        self.stack.setCurrentWidget(self.bench)

    def show_threshold(self, threshold: float) -> None:
        """Show the threshold, on all that follows it."""
        self.threshold.show_threshold(threshold)
        self.tabs.show_threshold(threshold)

    def show_matrix(self, counts: Mapping[Cell, int], chosen: frozenset[Cell]) -> None:
        """Show the confusion matrix."""
        self.matrix.show_counts(counts, chosen)

    def show_figures(self, figures: Figures) -> None:
        """Show the figures."""
        self.figures.show_figures(figures)

    def show_bands(self, audit: Audit) -> None:
        """The bands of the curves are there."""
        self.tabs.show_bands(audit)

    def show_gallery(self, rows: Picked, words: str) -> None:
        """Show images."""
        self.gallery.show_rows(rows, self.controller.threshold, words, self._heatmaps)

    def walk(self, rows: Picked, place: int, words: str) -> None:
        """Open images in the reading window."""
        self.walk_wanted.emit(rows, place, words)

    def show_errors(self, errors: tuple[ReviewError, ...]) -> None:
        """Say what happened, or nothing any more."""
        self.errors.show_errors(errors)

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.source = SourceBar()
        self.errors = MessageBox()
        self.start = StartPage()
        self.matrix = MatrixView()
        self.threshold = ThresholdBar()
        self.figures = FiguresTable()
        self.notes = Notes()
        self.notice = named(PrivateLabel(), "muted")
        self.notice.hide()
        self.tabs = PageTabs(PAGES, self._settings)
        self.gallery = GalleryView()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.gallery)
        self.splitter.setCollapsible(1, False)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes(list(_SPLIT))
        self.bench = QWidget()
        bench = QHBoxLayout(self.bench)
        bench.setContentsMargins(0, 0, 0, 0)
        bench.setSpacing(12)
        bench.addWidget(self._left())
        right = QVBoxLayout()
        right.setSpacing(6)
        for part in (self.notes, self.splitter, self.notice):
            right.addWidget(part)
        right.setStretchFactor(self.splitter, 1)
        bench.addLayout(right, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        self.stack.addWidget(self.bench)
        central = named(QWidget(), "central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.source)
        layout.addWidget(self.errors)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(central)

    def _left(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        for part in (self.matrix, self.threshold, self.figures):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.setFixedWidth(_LEFT)
        return area

    def _connect(self) -> None:
        controller, tabs = self.controller, self.tabs
        self.source.wished.connect(controller.open)
        self.source.folder_wanted.connect(self.ask_for_folder)
        self.start.folder_wanted.connect(self.ask_for_folder)
        self.start.recent_chosen.connect(self.open)
        self.start.cancelled.connect(controller.cancel)
        self.matrix.chosen.connect(controller.choose)
        self.matrix.many_chosen.connect(controller.choose_cells)
        self.threshold.moved.connect(controller.set_threshold)
        tabs.threshold_moved.connect(controller.set_threshold)
        tabs.gallery_asked.connect(self._ask)
        tabs.open_asked.connect(controller.walk)
        tabs.training_asked.connect(self.training_wanted)
        tabs.failed.connect(lambda error: self.show_errors((error,)))
        tabs.noticed.connect(self._tell)
        tabs.page_changed.connect(self._make_room)
        tabs.images_shown.connect(self.images_shown)
        self.gallery.opened.connect(controller.walk_gallery)

    def _add_keys(self) -> None:
        focus = Qt.FocusReason.ShortcutFocusReason
        for keys, act in (
            ("Ctrl+O", self.ask_for_folder),
            ("M", self.matrix.focus_chosen),
            ("G", lambda: self.gallery.grid.setFocus(focus)),
            ("T", lambda: self.threshold.number.setFocus(focus)),
            ("Ctrl+PgDown", lambda: self._turn(1)),
            ("Ctrl+PgUp", lambda: self._turn(-1)),
            ("Esc", self.controller.cancel),
            ("Ctrl+W", self.close),
        ):
            QShortcut(QKeySequence(keys), self, act)

    def _restore(self) -> None:
        settings = self._settings
        self.resize(_SIZE.boundedTo(self.screen().availableSize()))
        self.restoreGeometry(settings.state(_GEOMETRY))
        self.splitter.restoreState(settings.state(_SPLITTER))
        self.gallery.grid.set_side(settings.number(_TILES, self.gallery.grid.side))
        if (order := settings.text(_ORDER)) in set(Order):
            self.gallery.set_order(Order(order))
        page = settings.number(_PAGE, 0)
        self.tabs.setCurrentIndex(page if 0 <= page < self.tabs.count() else 0)

    def _recent(self) -> list[str]:
        return [path for path in self._settings.text(_RECENT).split("\n") if path]

    # -- reactions -------------------------------------------------------------------------------

    def _ask(self, positions: object, words: str) -> None:
        self.gallery.show()
        self.controller.ask(positions, words)  # type: ignore[arg-type]  # a signal's object

    def _make_room(self, page: AuditPage) -> None:
        self.gallery.setVisible(not page.wants_height)
        self.notice.hide()

    def _tell(self, words: str) -> None:
        self.notice.setText(words)
        self.notice.setVisible(bool(words))

    def _turn(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    # -- Qt --------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """An audit under way is given up: what is scored is kept for the next time."""
        self.controller.cancel()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder, or a CSV of labels."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Audit the folder; a CSV tells the labels of its own folder, or of the one in view."""
        paths = [Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()]
        event.acceptProposedAction()
        folders = [path for path in paths if path.is_dir()]
        tables = [path for path in paths if path.is_file() and path.suffix.lower() == ".csv"]
        if tables:
            folder = folders[0] if folders else tables[0].parent
            self.controller.open(Wish(folder, labels=str(tables[0])))
        elif folders:
            self.open(folders[0])
        else:
            self.show_errors(
                (
                    ReviewError(
                        tr("What was dropped is neither a folder nor a CSV."),
                        tr("A labelled folder was expected, or a CSV with paths and labels."),
                        tr("Drop the folder that holds the images."),
                    ),
                )
            )
