"""Asks which class each class of the data is, where they are not NORMAL and PNEUMONIA."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common.wording import shortened

_KEEP = mark("Keep the name")
_CHOICES = (
    (_KEEP, None),
    ("NORMAL", "NORMAL"),
    ("PNEUMONIA", "PNEUMONIA"),
    (mark("Leave out"), ""),
)
_MOST = 20
"""More classes than these keep their names here; a CSV of labels can rename them."""


class ClassMapping(QWidget):
    """One choice a class.

    Parameters
    ----------
    parent
        Qt parent.
    """

    chosen = Signal(object)
    """The new mapping, as a dict; see ``app.training.data.layout.read_layout``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices: dict[str, QComboBox] = {}
        self._kept: dict[str, str] = {}
        heading = QLabel(tr("Which class is each? Review needs NORMAL and PNEUMONIA."))
        heading.setWordWrap(True)
        self._more = QLabel()
        self._more.setWordWrap(True)
        self._more.setObjectName("muted")
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading)
        layout.addLayout(self._form)
        layout.addWidget(self._more)

    def show_mapping(self, found: tuple[str, ...], mapping: Mapping[str, str]) -> None:
        """Show a choice for each class of the data; none hides the question."""
        self.setVisible(bool(found))
        if tuple(self.choices) != found[:_MOST]:
            self._ask(found[:_MOST])
        more = len(found) - _MOST
        self._more.setText(
            tr("Further classes, which keep their names: {more:,}.", more=more) if more > 0 else ""
        )
        self._more.setVisible(more > 0)
        by_upper = {name.upper(): new for name, new in mapping.items()}
        # What this form does not offer (another new name) stays as it is.
        self._kept = {
            name: new
            for name, new in mapping.items()
            if name not in self.choices or all(new != choice for _, choice in _CHOICES)
        }
        for name, box in self.choices.items():
            new = by_upper.get(name.upper())
            box.setCurrentIndex(max(0, box.findData(new)) if new is not None else 0)

    def mapping(self) -> dict[str, str]:
        """What the choices say; a class that keeps its name is not in it."""
        said = {name: box.currentData() for name, box in self.choices.items()}
        return {**self._kept, **{name: new for name, new in said.items() if new is not None}}

    def _ask(self, found: tuple[str, ...]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self.choices = {}
        for name in found:
            box = QComboBox()
            for text, new in _CHOICES:
                box.addItem(tr(text), new)
            box.setAccessibleName(tr("Class of {name}", name=name))
            box.setToolTip(tr("What a training takes the images of {name} for.", name=name))
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.activated.connect(lambda _index: self.chosen.emit(self.mapping()))
            label = QLabel(shortened(name, 20))
            label.setToolTip(name)
            label.setBuddy(box)
            label.setMinimumHeight(box.sizeHint().height())
            self._form.addRow(label, box)
            self.choices[name] = box
