"""One trial of a sweep: the verdict in words, its settings, its curves on each inner fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common import theme
from app.gui.common.plots import Plot, PlotStyle, legend
from app.gui.common.theme import named
from app.gui.sweep.text import settings_words
from app.training.sweep.ledger import TrialRow

_TRAINING = PlotStyle(mark("training"), theme.ACCENT, Qt.PenStyle.SolidLine, "")
_VALIDATION = PlotStyle(mark("validation"), theme.FINDING, Qt.PenStyle.DashLine, "")
_SYMBOLS = ("o", "s", "t1", "d")
_CURVES = {
    mark("Accuracy"): (("accuracy", _TRAINING), ("val_accuracy", _VALIDATION)),
    mark("Loss"): (("loss", _TRAINING), ("val_loss", _VALIDATION)),
    "AUC": (("val_auc", _VALIDATION),),
}
_EMPTY = mark("Select a trial to see its curves and what can be said of it.")


class TrialPanel(QWidget):
    """Shows the selected trial.

    Parameters
    ----------
    labels
        Words for settings, by their names.
    parent
        Qt parent.
    """

    def __init__(self, labels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = dict(labels)
        self._folds: Sequence[Sequence[Mapping[str, float]]] = ()
        self._epochs = 1
        self.title = named(QLabel(), "heading")
        self.verdict = _text(tr("Verdict on the trial"))
        self.settings = named(_text(tr("Settings of the trial")), "muted")
        self.use_button = QPushButton(tr("Use these settings"))
        self.use_button.setToolTip(tr("Fills the training form with them; nothing starts yet."))
        self.use_button.setAutoDefault(False)
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Curve shown"))
        for name in _CURVES:
            self.which.addItem(tr(name), name)
        self.note = named(QLabel(), "muted")
        self.note.setTextFormat(Qt.TextFormat.RichText)
        self.plot = Plot(tr("Curves of the trial"), tr("epoch"))
        line = QHBoxLayout()
        line.addWidget(self.title, 1)
        line.addWidget(self.use_button)
        under = QHBoxLayout()
        under.addWidget(self.note, 1)
        under.addWidget(self.which)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 4)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.verdict)
        layout.addWidget(self.settings)
        layout.addLayout(under)
        layout.addWidget(self.plot, 1)
        layout.addStretch(0)
        self.which.currentIndexChanged.connect(self._draw)
        self.show_trial(None, "", (), 1)
        theme.changes.happened.connect(self._draw)

    def show_trial(
        self,
        row: TrialRow | None,
        verdict: str,
        folds: Sequence[Sequence[Mapping[str, float]]],
        epochs: int,
    ) -> None:
        """Show a trial, or how to get to see one.

        Parameters
        ----------
        row
            The trial, None for none.
        verdict
            A sentence on it.
        folds
            The metrics of each epoch, inner fold by inner fold.
        epochs
            How many epochs a fold has at most.
        """
        self.title.setText(
            tr("Trial {number}", number=row.number) if row else tr("No trial selected")
        )
        self.verdict.setText(verdict[:1].upper() + verdict[1:] + "." if row else tr(_EMPTY))
        self.settings.setText(settings_words(row.settings, self._labels) if row else "")
        for part in (self.settings, self.which, self.note, self.plot):
            part.setVisible(row is not None)
        self._folds, self._epochs = folds, max(epochs, 1)
        self._draw()

    def points(self, metric: str) -> list[list[float]]:
        """The values drawn for a metric, fold by fold."""
        return [[epoch[metric] for epoch in fold if metric in epoch] for fold in self._folds]

    def _draw(self) -> None:
        self.plot.clear()
        lines = _CURVES[self.which.currentData()]
        for at, fold in enumerate(self._folds):
            for metric, look in lines:
                known = [(n, epoch[metric]) for n, epoch in enumerate(fold, 1) if metric in epoch]
                self.plot.plot(
                    [float(n) for n, _ in known],
                    [value for _, value in known],
                    pen=look.pen,
                    symbol=_SYMBOLS[at % len(_SYMBOLS)],
                    symbolSize=6,
                    symbolBrush=look.colour,
                    symbolPen=None,
                )
        self.plot.setXRange(1, max(self._epochs, 2), padding=0.03)
        self.plot.enableAutoRange(axis=pg.ViewBox.YAxis)
        folds = tuple(
            PlotStyle(
                tr("fold {number}", number=at + 1), theme.TEXT, Qt.PenStyle.SolidLine, _SYMBOLS[at]
            )
            for at in range(len(self._folds))
            if len(self._folds) > 1
        )
        colours = (
            f"<span style='color:{theme.ACCENT.name()}'>\N{EM DASH}\N{EM DASH}</span> "
            f"{tr('training')}&nbsp;&nbsp; "
            f"<span style='color:{theme.FINDING.name()}'>- - -</span> {tr('validation')}"
        )
        self.note.setText(
            f"{colours}&nbsp;&nbsp; {legend(folds)}" if self._folds else tr("No epoch yet")
        )


def _text(name: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAccessibleName(name)
    return label
