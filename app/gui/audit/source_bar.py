"""The line at the top of the bench: which folder, whose labels, which model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from app.core.base.translation import tr
from app.gui.audit.audit_controller import CSV, FOLDERS, VERDICTS, VERDICTS_ALL, Wish
from app.gui.common.path_label import PathLabel
from app.gui.common.privacy import privacy
from app.gui.common.qt_images import icon
from app.gui.common.theme import named
from app.inference.registry.models import ModelEntry
from app.review.audit import Audit


class SourceBar(QWidget):
    """Says what is audited, and lets another thing be.

    Signals
    -------
    wished(object)
        The ``Wish`` that the person made.
    folder_wanted()
        A dialog is asked for.

    Parameters
    ----------
    parent
        Qt parent.
    """

    wished = Signal(object)
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wish: Wish | None = None
        self._by_itself = self._has_folds = False
        self.path = PathLabel()
        self.folder_button = QPushButton(icon("open-folder"), tr("Folder…"))
        self.folder_button.setToolTip(tr("Audit another labelled folder (Ctrl+O)"))
        self.folder_button.clicked.connect(self.folder_wanted)
        self.labels = self._combo(tr("Labels"))
        self.labels.addItem(tr("subfolders"), FOLDERS)
        self.labels.addItem(tr("a CSV…"), CSV)
        self.labels.addItem(tr("verdicts given blind"), VERDICTS)
        self.labels.addItem(tr("all verdicts"), VERDICTS_ALL)
        self.model = self._combo(tr("Model"))
        self.out_of_fold = QCheckBox(tr("Out of fold"))
        self.out_of_fold.setChecked(True)
        self.out_of_fold.setToolTip(
            tr(
                "Images that the model was trained on take the score of a network from its "
                "cross-validation that never saw their patient. Without it the figures flatter."
            )
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.folder_button)
        layout.addWidget(self.path, 1)
        for words, box in ((tr("Labels:"), self.labels), (tr("Model:"), self.model)):
            label = named(QLabel(words), "muted")
            label.setBuddy(box)
            layout.addWidget(label)
            layout.addWidget(box)
        layout.addWidget(self.out_of_fold)
        # Activated: only what a person does, not what is shown.
        self.labels.activated.connect(self._choose_labels)
        self.model.activated.connect(self._choose_model)
        self.out_of_fold.clicked.connect(self._choose_folds)
        self._enable()

    def show_models(self, models: Sequence[ModelEntry], active: str) -> None:
        """Offer the models that judge pneumonia; the active one stands for no choice."""
        chosen = self.model.currentData() or ""
        self.model.clear()
        self.model.addItem(tr("active ({name})", name=active), "")
        for entry in models:
            if entry.card is not None and entry.card.judges_pneumonia:
                self.model.addItem(entry.name, entry.name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def show_wish(self, wish: Wish) -> None:
        """Show what is audited."""
        self._wish = wish
        self._by_itself = self._has_folds = False
        self.path.set_path(str(wish.folder))
        kind = wish.labels if wish.labels in (FOLDERS, VERDICTS, VERDICTS_ALL) else CSV
        at = self.labels.findData(CSV)
        name = privacy.shown(Path(wish.labels).name) if kind == CSV else ""
        self.labels.setItemText(at, tr("CSV: {name}", name=name) if name else tr("a CSV…"))
        self.labels.setCurrentIndex(self.labels.findData(kind))
        self.model.setCurrentIndex(max(0, self.model.findData(wish.model)))
        self.out_of_fold.setChecked(wish.out_of_fold)
        self._enable()

    def show_folds(self, audit: Audit) -> None:
        """Tick *Out of fold* only as far as the scores are so."""
        self._by_itself = audit.counts["seen_in_training"] > 0
        self._has_folds = audit.counts["out_of_fold"] > 0
        wanted = self._wish is None or self._wish.out_of_fold
        state = Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked
        if wanted and self._by_itself:
            some, none = Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked
            state = some if self._has_folds else none
        self.out_of_fold.setTristate(state is Qt.CheckState.PartiallyChecked)
        self.out_of_fold.setCheckState(state)
        self._enable()

    def set_busy(self, busy: bool) -> None:
        """Nothing else can be chosen while an audit is made, but a folder."""
        for part in (self.labels, self.model, self.out_of_fold):
            part.setEnabled(not busy and self._wish is not None)
        if (self._wish is None or self._wish.out_of_fold) and (
            self._by_itself and not self._has_folds
        ):
            self.out_of_fold.setEnabled(False)

    def _choose_labels(self) -> None:
        kind = str(self.labels.currentData())
        if self._wish is None:
            return
        if kind == CSV:
            kind, _ = QFileDialog.getOpenFileName(
                self,
                tr("A CSV with a path and a label for each image"),
                str(self._wish.folder),
                tr("Tables (*.csv *.tsv *.txt);;All files (*)"),
            )
            if not kind:
                self.show_wish(self._wish)
                return
        self._tell(replace(self._wish, labels=kind))

    def _choose_model(self) -> None:
        if self._wish is not None:
            self._tell(replace(self._wish, model=str(self.model.currentData() or "")))

    def _choose_folds(self) -> None:
        if self._wish is not None:
            self._tell(replace(self._wish, out_of_fold=not self._wish.out_of_fold))

    def _tell(self, wish: Wish) -> None:
        if wish != self._wish:
            self.wished.emit(wish)

    def _enable(self) -> None:
        self.set_busy(False)

    @staticmethod
    def _combo(name: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(14)
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return combo
