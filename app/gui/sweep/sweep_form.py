"""The settings of a sweep as a form; what they bring about is in ``SweepController``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.core.base.translation import mark, tr
from app.core.settings.sweep import INNER_FOLDS
from app.gui.common.help_line import HelpLine
from app.gui.training.training_fields import Choice, on_change, read, write
from app.gui.training.training_starts import Network

_FIELDS = (
    (
        "study",
        mark("Study"),
        mark("Its name: letters, digits, - and _. Its folder has it, and a database."),
    ),
    (
        "arch",
        mark("Network"),
        mark(
            "What is trained. Its other settings are those of the training panel where that has "
            "the "
            "same network chosen, else its own."
        ),
    ),
    (
        "sampler",
        mark("Settings"),
        mark(
            "The grid tries every combination once. Drawn settings come near to what did well so "
            "far "
            "(TPE), and their number is yours."
        ),
    ),
    (
        "trials",
        mark("Trials"),
        mark("How many settings are tried. A part of a grid is drawn from all over it."),
    ),
    (
        "pruner",
        mark("End early"),
        mark(
            "Ends a trial that falls behind. Median: worse than half of the others at the same "
            "epoch. "
            "Halving: only a third goes on at a time. Saves time, and its figures are lost."
        ),
    ),
    (
        "metric",
        mark("Choose by"),
        mark("What the best setting is chosen by, on patients that the trial was not trained on."),
    ),
    (
        "inner_folds",
        mark("Inner folds"),
        mark(
            "How often each setting is trained, each time with other patients to validate on. More "
            "are surer and take longer."
        ),
    ),
    (
        "workers",
        mark("Workers"),
        mark(
            "Trials at the same time on this computer, each with memory of its own. Automatic "
            "takes "
            "one a core for the small networks, one at a time for the large one."
        ),
    ),
    (
        "storage",
        mark("Storage"),
        mark(
            "Empty for a file of the sweep's own. A database address, such as "
            "postgresql://user:password@host/name, lets several computers share one study."
        ),
    ),
)
_METRICS = {
    "val_accuracy": mark("Validation accuracy"),
    "val_auc": mark("Validation AUC"),
    "val_loss": mark("Validation loss"),
}
_PRUNERS = {"none": mark("No"), "median": mark("By the median"), "halving": mark("By halving")}


class SweepForm(QWidget):
    """A field for each setting of ``SweepConfig``, with ``arch`` in place of the training.

    Parameters
    ----------
    networks
        The networks of the zoo by name.
    help_line
        Where the help on a field is shown.
    parent
        Qt parent.
    """

    changed = Signal()
    """The person has changed something."""

    def __init__(
        self, networks: Mapping[str, Network], help_line: HelpLine, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.study, self.storage = QLineEdit(), QLineEdit()
        self.study.setMaxLength(100)
        self.storage.setPlaceholderText(tr("a file of its own"))
        # It may hold a password, which a person looking over the shoulder need not read.
        self.storage.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self.arch = Choice({name: name for name in networks})
        for at, network in enumerate(networks.values()):
            self.arch.setItemData(at, network.title, Qt.ItemDataRole.ToolTipRole)
        self.sampler = Choice()
        self.trials = _spin(0, 100_000, tr("all"))
        self.fields: dict[str, QWidget] = {
            "study": self.study,
            "arch": self.arch,
            "sampler": self.sampler,
            "trials": self.trials,
            "pruner": Choice({name: tr(words) for name, words in _PRUNERS.items()}),
            "metric": Choice({name: tr(words) for name, words in _METRICS.items()}),
            "inner_folds": _spin(1, INNER_FOLDS),
            "workers": _spin(0, 64, tr("automatic")),
            "storage": self.storage,
        }
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(5)
        for name, words, text in _FIELDS:
            field = self.fields[name]
            field.setObjectName(f"sweep_{name}")
            field.setAccessibleName(tr(words))
            label = QLabel(tr(words))
            label.setBuddy(field)
            help_line.explain(field, label, f"{tr(words)}: {tr(text)}")
            layout.addRow(label, field)
            if isinstance(field, QLineEdit):
                field.textEdited.connect(self.changed)
            else:
                on_change(field, self.changed)

    def show_draft(self, draft: Mapping[str, Any], grid: int) -> None:
        """Fill the form without telling anybody; ``grid`` is the size of the network's grid."""
        blocked = self.blockSignals(True)
        words = {"tpe": tr("Drawn one by one (TPE)")}
        if grid:
            words = {"grid": tr("Grid of {grid:,} combinations", grid=grid), **words}
        self.sampler.offer(words)
        is_grid = draft["sampler"] == "grid"
        self.trials.setRange(0 if is_grid else 1, 100_000)
        self.trials.setSpecialValueText(tr("all {grid:,}", grid=grid) if is_grid else "")
        for name, field in self.fields.items():
            if not isinstance(field, QLineEdit):
                write(field, draft[name])
            elif field.text() != draft[name]:  # else the cursor would jump to the end
                field.setText(draft[name])
        self.blockSignals(blocked)

    def draft(self) -> dict[str, Any]:
        """What the form says."""
        return {
            name: field.text().strip() if isinstance(field, QLineEdit) else read(field)
            for name, field in self.fields.items()
        }

    def set_editable(self, names: frozenset[str]) -> None:
        """Let only these be changed."""
        for name, field in self.fields.items():
            field.setEnabled(name in names)


def _spin(low: int, high: int, special: str = "") -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setSpecialValueText(special)
    spin.lineEdit().setTextMargins(6, 0, 0, 0)
    return spin
