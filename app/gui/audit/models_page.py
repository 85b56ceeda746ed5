"""Two models side by side: which images flip, each with the heatmaps of both, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.core.model.operating_points import OperatingPoint
from app.core.model.results import Heatmap
from app.gui.audit.flip_bar import FlipBar
from app.gui.audit.page import AuditPage
from app.gui.audit.pair_view import PairView
from app.gui.audit.text import label_words, source_words
from app.gui.audit.two_models_controller import Pair, TwoModelsController
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.gui.viewer.display_desk import PALETTE_KEY
from app.inference.registry.models import list_models
from app.jobs.audit_process import AuditProcess
from app.jobs.pair_finder import PairFinder
from app.jobs.pairs_process import PairsProcess
from app.review.audit.two_models import KINDS

if TYPE_CHECKING:
    from app.review.audit import Audit

AT_ONCE = 8
"""Images whose heatmaps are made together: the one in view and those that come after it."""
_PAUSE_MS = 150


class ModelsPage(AuditPage):
    """A second model beside the audited one.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Two models")
    wants_height = True
    shows_images = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self.process = AuditProcess(self)
        self.finder, self.writer = PairFinder(self), PairFinder(self)
        self.explainer = PairsProcess(self)
        self._maps: dict[Path, tuple[Heatmap | None, Heatmap | None]] = {}
        self._explained: tuple[Path, Path] | None = None
        self._asked: tuple[Path, Path] | None = None
        """Whose heatmaps are being made."""
        self._pair: Pair | None = None
        self._build()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self.controller = TwoModelsController(self, self.process, self.finder)
        self._pause.timeout.connect(self.controller.compare)
        self._connect()
        self._add_keys()
        privacy.changed.connect(self._name_again)
        self.show_audit(None)

    def show_audit(self, audit: Audit | None) -> None:
        """Another audit: the model beside it is to be chosen again."""
        self.explainer.cancel()
        self._maps.clear()
        self.model.clear()
        entries = list_models() if audit is not None else []
        for entry in entries:
            judges = entry.card is not None and entry.card.judges_pneumonia
            if judges and audit is not None and entry.folder != audit.model_folder:
                self.model.addItem(entry.name, entry.name)
        self.beside.setEnabled(self.model.count() > 0)
        self.controller.show_audit(audit)

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold of the first model."""
        self.controller.show_threshold(threshold)

    def shutdown(self) -> None:
        """End processes and threads."""
        self._pause.stop()
        self.process.close()
        self.explainer.close()
        self.finder.close()
        self.writer.close()
        self.view.close_threads()

    # -- what the controller shows ---------------------------------------------------------------

    def show_empty(self, words: str) -> None:
        """Say what to do."""
        self.empty.setText(words)
        self.stack.setCurrentWidget(self.empty)
        for widget in (self.point, self.save_button):
            widget.setEnabled(False)

    def show_busy(self, busy: bool) -> None:
        """Show whether the second model scores."""
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        self.cancel_button.setVisible(busy)
        self.beside.setVisible(not busy)
        self.model.setEnabled(not busy)

    def show_points(self, points: Sequence[OperatingPoint], threshold: float) -> None:
        """Offer the second model's operating points."""
        self.point.clear()
        for point in points:
            words = tr(
                "{point} ({threshold:.3f})", point=tr(point.title), threshold=point.threshold
            )
            self.point.addItem(words, point.threshold)
        if self.point.findData(threshold) < 0:
            self.point.addItem(f"{threshold:.3f}", threshold)
        self.point.setCurrentIndex(self.point.findData(threshold))

    def show_flips(self, counts: Mapping[str, int], chosen: str) -> None:
        """Show how many images are of each kind."""
        self.stack.setCurrentWidget(self.bench)
        for widget in (self.point, self.save_button):
            widget.setEnabled(True)
        self.flips.show_counts(counts, chosen)

    def show_words(self, words: str) -> None:
        """Show the figures in words."""
        self.words.setText(words or tr("The figures are being worked out\N{HORIZONTAL ELLIPSIS}"))

    def show_pair(self, pair: Pair | None, names: tuple[str, str]) -> None:
        """Show an image twice."""
        self._pair = pair
        following = self.controller.ahead(2)[1:]
        self.view.show_pair(pair, names, following[0].path if following else None)
        self._name(pair)
        for widget in (self.before, self.next, self.gallery_button, self.open_button):
            widget.setEnabled(pair is not None)
        self._lay_heatmaps()

    def show_error(self, error: ReviewError) -> None:
        """Say what went wrong."""
        self.failed.emit(error)

    def compare_soon(self) -> None:
        """Once the threshold rests."""
        self.show_words("")
        self._pause.start()

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.model = self._combo(tr("Model beside the audited one"))
        self.beside = QPushButton(tr("Put beside"))
        self.bar = QProgressBar()
        self.bar.setFixedWidth(140)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.point = self._combo(tr("Operating point of the second model"))
        self.with_seen = QCheckBox(tr("Training images too"))
        self.with_seen.setToolTip(
            tr("Images on which one of the two was trained: its own scores of them flatter it.")
        )
        self.save_button = QPushButton(tr("Save list\N{HORIZONTAL ELLIPSIS}"))
        self.save_button.setToolTip(
            tr("A CSV of all images that one of the two calls wrongly, with both scores.")
        )
        self.flips = FlipBar()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.view = PairView()
        self.view.set_palette(self.settings.text(PALETTE_KEY))
        self.about = named(QLabel(), "muted")
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setMinimumWidth(0)
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.heatmaps = QCheckBox(tr("Heatmaps of both (H)"))
        self.heatmaps.setToolTip(tr("Each on the scale of its own model."))
        self.before, self.next = QPushButton(tr("Previous")), QPushButton(tr("Next"))
        self.before.setToolTip(tr("The image before (Shift+Space, Up)"))
        self.next.setToolTip(tr("The image after (Space, Down)"))
        self.gallery_button = QPushButton(tr("Gallery"))
        self.gallery_button.setToolTip(tr("All images of this kind in the gallery below."))
        self.open_button = QPushButton(tr("Open"))
        self.open_button.setToolTip(
            tr("Walk the images of this kind in the reading window (Enter).")
        )
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.bench = QWidget()
        bench = QVBoxLayout(self.bench)
        bench.setContentsMargins(0, 0, 0, 0)
        bench.setSpacing(6)
        bench.addWidget(self.flips)
        bench.addWidget(self.words)
        bench.addWidget(self.view, 1)
        bench.addLayout(
            _line(self.about, self.heatmaps, self.before, self.next, self.gallery_button,
                  self.open_button)
        )  # fmt: skip
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.bench)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(6)
        layout.addLayout(
            _line(self.model, self.beside, self.bar, self.cancel_button, self.point,
                  self.with_seen, None, self.save_button)
        )  # fmt: skip
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        controller = self.controller
        self.beside.clicked.connect(
            lambda: controller.put_beside(str(self.model.currentData() or ""))
        )
        self.cancel_button.clicked.connect(controller.cancel)
        self.process.progress.connect(self._show_progress)
        self.point.activated.connect(lambda: controller.set_point(float(self.point.currentData())))
        self.with_seen.toggled.connect(controller.set_with_seen)
        self.flips.chosen.connect(controller.choose)
        self.view.stepped.connect(controller.step)
        self.before.clicked.connect(lambda: controller.step(-1))
        self.next.clicked.connect(lambda: controller.step(1))
        self.gallery_button.clicked.connect(self._ask_gallery)
        self.open_button.clicked.connect(self._open)
        self.heatmaps.toggled.connect(self._lay_heatmaps)
        self.explainer.made.connect(self._take_heatmaps)
        self.explainer.cancelled.connect(self._lay_heatmaps)
        self.explainer.failed.connect(self._no_heatmaps)
        self.save_button.clicked.connect(self._save)
        self.writer.failed.connect(self.failed)
        self.writer.written.connect(lambda path: self.noticed.emit(tr("Saved: {path}", path=path)))

    def _add_keys(self) -> None:
        for keys, act in (
            ("H", self.heatmaps.toggle),
            ("Space", lambda: self.controller.step(1)),
            ("Shift+Space", lambda: self.controller.step(-1)),
            ("Return", self._open),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.view, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @staticmethod
    def _combo(name: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.setMinimumContentsLength(12)
        return combo

    # -- reactions -------------------------------------------------------------------------------

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _name_again(self, _hidden: bool) -> None:
        self._name(self._pair)

    def _name(self, pair: Pair | None) -> None:
        if pair is None:
            self.about.setText("")
            return
        words = [
            tr("{place:,} of {count:,}", place=pair.place + 1, count=pair.count),
            privacy.file_name(pair.row.path),
            tr("label: {label}", label=label_words(pair.row)),
        ]
        self.about.setText("  \N{MIDDLE DOT}  ".join(words))
        self.about.setToolTip(source_words(pair.row))

    def _ask_gallery(self) -> None:
        self.gallery_asked.emit(self.controller.positions, tr(KINDS[self.controller.kind]))

    def _open(self) -> None:
        if len(self.controller.positions):
            self.open_asked.emit(self.controller.positions, self.controller.place)

    def _save(self) -> None:
        pair = self.controller.pair
        if pair is None:
            return
        start = str(Path(self.settings.folder).parent / f"{tr('two-models')}.csv")
        name, _ = QFileDialog.getSaveFileName(self, tr("Save list"), start, tr("Tables (*.csv)"))
        if name:
            path = Path(name)
            path = path if path.suffix else path.with_name(f"{path.name}.csv")
            self.writer.write(pair, path, *self.controller.thresholds)

    # -- heatmaps --------------------------------------------------------------------------------

    def _lay_heatmaps(self) -> None:
        """Those of the image in view; they are made for it and the next ones at once."""
        pair, wanted = self.controller.pair, self.heatmaps.isChecked()
        if self._pair is None or pair is None:
            return
        models = pair.first.model_folder, pair.second.model_folder
        if models != self._explained:
            self._maps.clear()
            self._explained = models
        path = self._pair.row.path
        self.view.show_heatmaps(path, self._maps.get(path) if wanted else None)
        self.heatmaps.setText(
            tr("Heatmaps of both\N{HORIZONTAL ELLIPSIS}")
            if wanted and path not in self._maps
            else tr("Heatmaps of both (H)")
        )
        if wanted and path not in self._maps and not self.explainer.running:
            rows = self.controller.ahead(AT_ONCE)
            files = [row.path for row in rows if row.path not in self._maps]
            self._asked = models
            self.explainer.make(models, files)

    def _take_heatmaps(self, found: Mapping[Path, tuple[Heatmap | None, Heatmap | None]]) -> None:
        # Another model may have been put beside meanwhile.
        if self._asked == self._explained:
            self._maps.update(found)
        self._lay_heatmaps()

    def _no_heatmaps(self, error: ReviewError) -> None:
        self.heatmaps.setChecked(False)
        self.failed.emit(error)


def _line(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets in a row; a gap (None) or a label that may be cut takes what is left."""
    line = QHBoxLayout()
    line.setSpacing(8)
    for widget in widgets:
        if widget is None:
            line.addStretch(1)
        else:
            ignored = widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored
            line.addWidget(widget, int(ignored))
    return line
