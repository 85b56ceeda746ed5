"""The look at the images of a training: counts, sizes, what to look at, random samples."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.base import counts
from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.fact_table import FactTable
from app.gui.common.listed import listed
from app.gui.common.message_box import MessageBox
from app.gui.common.privacy import privacy
from app.gui.common.private_label import PrivateLabel
from app.gui.common.qt_images import grey_image
from app.gui.common.theme import named
from app.gui.training.class_plot import ClassPlot
from app.gui.training.inspection_controller import InspectionController
from app.jobs.folder_inspector import THUMBNAIL, FolderInspector
from app.training.data.findings import Inspection
from app.training.data.findings_text import common_sizes, count_rows, groups, size_rows
from app.training.data.layout import DataSource, TrainingFile

_SIZE = QSize(1160, 736)
_MOST_SHOWN = 1000
"""Members of a group in the tree; `inspect --json` has them all."""


class DataWindow(QDialog):
    """Shows the findings of one folder; reading goes on in the background.

    Parameters
    ----------
    parent
        Qt parent.
    """

    found = Signal(object, object)
    """``DataSource`` and ``Inspection`` of a look that has ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: DataSource | None = None
        self._name_window()
        privacy.changed.connect(self._follow_privacy)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.inspector = FolderInspector(self)
        self._found: Inspection | None = None
        self._build()
        self.controller = InspectionController(
            self, self.inspector, lambda: random.randrange(1 << 31)
        )
        self.stop_button.clicked.connect(self.controller.cancel)
        self.again_button.clicked.connect(self.controller.look_again)
        self.sample_button.clicked.connect(self.controller.another_sample)
        self.show_findings(None)
        self.show_error(None)
        self.show_progress("", None)
        self.resize(_SIZE)

    def inspect(self, source: DataSource) -> None:
        """Come to the front, and look at these images unless that is done."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.controller.look(source)

    def shutdown(self) -> None:
        """End what still runs, before the program ends."""
        self.inspector.close()
        self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A look whose window is closed is not wanted any more."""
        self.controller.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it like its cross."""
        self.controller.cancel()
        super().reject()

    # -- what the controller shows ---------------------------------------------------------

    def show_source(self, source: DataSource) -> None:
        """Show which images these are."""
        self._source = source
        self._name_window()

    def _name_window(self) -> None:
        name = f": {privacy.shown(self._source.folder.name)}" if self._source else ""
        self.setWindowTitle(tr("Training images{name}", name=name))

    def _follow_privacy(self) -> None:
        self._name_window()
        if self._found is not None:
            self._show_groups(self._found)
        for at in range(self.samples.count()):
            item = self.samples.item(at)
            item.setToolTip(privacy.path(item.data(Qt.ItemDataRole.UserRole)))

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show how far the look is, an empty text when it is over."""
        self.progress_label.setText(text)
        for widget in (self.progress_label, self.progress, self.stop_button):
            widget.setVisible(bool(text))
        self.again_button.setVisible(not text)
        self.progress.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.progress.setValue(round(1000 * fraction))

    def show_findings(self, found: Inspection | None) -> None:
        """Show what was found, None to empty the window."""
        self._found = found
        self.body.setVisible(found is not None)
        self.headline.setVisible(found is not None)
        self.filler.setVisible(found is None)
        if found is None:
            self.findings.clear()
            return
        self.headline.setText(_headline(found))
        self.counts.show_rows(count_rows(found))
        self.plot.show_findings(found)
        self.sizes.show_rows(size_rows(found))
        self.sizes_title.setVisible(bool(found.sizes))
        self.sizes.setVisible(bool(found.sizes))
        self.common.setText(common_sizes(found) if found.sizes else "")
        self.warnings.setText(listed(found.warnings))
        self.warnings.setVisible(bool(found.warnings))
        self.problems.show_errors(found.problems)
        self._show_groups(found)
        self.sample_button.setEnabled(bool(found.usable))

    def show_samples(self, samples: Sequence[tuple[TrainingFile, Any]]) -> None:
        """Show images with their greys, by class."""
        self.samples.clear()
        classes = self._found.layout.classes if self._found else ()
        for entry, greys in samples:
            item = QListWidgetItem(
                QIcon(QPixmap.fromImage(grey_image(greys))), classes[entry.label]
            )
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            item.setToolTip(privacy.path(entry.name))
            self.samples.addItem(item)

    def show_error(self, error: ReviewError | None) -> None:
        """Show why there are no findings."""
        self.errors.show_errors((error,) if error else ())

    def tell_findings(self, source: DataSource, found: Inspection) -> None:
        """Tell the training panel."""
        self.found.emit(source, found)

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.headline = QLabel()
        self.headline.setObjectName("name")
        self.headline.setWordWrap(True)
        self.progress_label = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.stop_button = QPushButton(tr("Stop"))
        self.again_button = QPushButton(tr("Look again"))
        self.again_button.setToolTip(tr("Reads all images anew, after files were changed."))
        for button in (self.stop_button, self.again_button):
            button.setAutoDefault(False)
        self.errors = MessageBox()
        self.filler = QWidget()
        top = QHBoxLayout()
        top.addWidget(self.headline, 1)
        top.addWidget(self.progress_label, 1)
        top.addWidget(self.stop_button)
        top.addWidget(self.again_button)
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self.body.setChildrenCollapsible(False)
        self.body.addWidget(self._facts())
        self.body.addWidget(self._tabs())
        self.body.setSizes([520, 640])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 14)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.progress)
        layout.addWidget(self.errors)
        layout.addWidget(self.body, 1)
        layout.addWidget(self.filler, 1)

    def _facts(self) -> QWidget:
        self.counts = FactTable(tr("Images per class and split"))
        self.plot = ClassPlot()
        self.sizes_title = _heading(tr("Sizes in pixels: lowest, median, highest"))
        self.sizes = FactTable(tr("Image sizes per class"))
        self.common = QLabel()
        self.common.setWordWrap(True)
        self.common.setObjectName("muted")
        self.warnings = named(PrivateLabel(), "reasons")
        self.problems = MessageBox()
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        for widget in (
            self.problems,
            _heading(tr("Images per class")),
            self.counts,
            self.plot,
            self.warnings,
            self.sizes_title,
            self.sizes,
            self.common,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(column)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(380)
        return area

    def _tabs(self) -> QWidget:
        self.samples = QListWidget()
        self.samples.setAccessibleName(tr("Random samples"))
        self.samples.setViewMode(QListView.ViewMode.IconMode)
        self.samples.setResizeMode(QListView.ResizeMode.Adjust)
        self.samples.setMovement(QListView.Movement.Static)
        self.samples.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.samples.setGridSize(QSize(THUMBNAIL + 14, THUMBNAIL + 22))
        self.samples.setUniformItemSizes(True)
        self.samples.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.sample_button = QPushButton(tr("Another sample"))
        self.sample_button.setAutoDefault(False)
        sample_page = named(QWidget(), "central")
        layout = QVBoxLayout(sample_page)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.samples, 1)
        layout.addWidget(self.sample_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.findings = QTreeWidget()
        self.findings.setAccessibleName(tr("Files to look at"))
        self.findings.setHeaderHidden(True)
        self.findings.setUniformRowHeights(True)
        self.tabs = QTabWidget()
        self.tabs.addTab(sample_page, tr("Random samples"))
        self.tabs.addTab(self.findings, tr("Files to look at"))
        return self.tabs

    def _show_groups(self, found: Inspection) -> None:
        self.findings.clear()
        total = 0
        for title, members in groups(found):
            total += len(members)
            top = QTreeWidgetItem(
                [f"{title}: {len(members):,}" if members else f"{title}: {tr('none')}"]
            )
            self.findings.addTopLevelItem(top)
            for member in members[:_MOST_SHOWN]:
                shown = privacy.path(member)
                child = QTreeWidgetItem([shown])
                child.setToolTip(0, shown)
                top.addChild(child)
            if len(members) > _MOST_SHOWN:
                top.addChild(
                    QTreeWidgetItem([tr("And {number:,} more", number=len(members) - _MOST_SHOWN)])
                )
            top.setExpanded(0 < len(members) <= 30)
        self.tabs.setTabText(1, tr("Files to look at ({total:,})", total=total))


def _headline(found: Inspection) -> str:
    classes = len(found.layout.classes)
    images, patients = found.images(), found.patients
    parts = [
        counts.images(images),
        tr("1 class") if classes == 1 else tr("{count} classes", count=classes),
        tr("1 known patient") if patients == 1 else tr("{count:,} known patients", count=patients),
    ]
    return ", ".join(parts)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
