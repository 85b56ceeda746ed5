"""The training panel's "Training images": folder, CSVs, class balance, and the look at them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.gui.common.listed import listed
from app.gui.common.message_box import MessageBox
from app.gui.common.path_label import PathLabel
from app.gui.common.private_label import PrivateLabel
from app.gui.training.balance_table import BalanceTable
from app.gui.training.class_mapping import ClassMapping
from app.gui.training.data_controller import DataController
from app.jobs.folder_counter import FolderCounter
from app.training.data.layout import DataSource
from app.training.data.summary import FolderSummary

if TYPE_CHECKING:
    from app.gui.training.data_window import DataWindow

_KEY = "training/images"


class DataSection(QWidget):
    """Choose the images of a training.

    Parameters
    ----------
    locked
        Whether a run is under way.
    settings
        Where the last choice is remembered; None for a file below ``home()``.
    parent
        Qt parent.
    """

    def __init__(
        self,
        locked: Callable[[], bool],
        settings: QSettings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.counter = FolderCounter(self)
        self._build()
        self.controller = DataController(self, self.counter, _Memory(settings), locked)
        self._connect()
        self.show_source(None)
        self.show_summary(None)
        self.show_mapping((), {})
        self.show_cautions(())

    def shutdown(self) -> None:
        """End what still runs, before the program ends."""
        self.counter.close()
        if "window_of_data" in self.__dict__:
            self.window_of_data.shutdown()

    @cached_property
    def window_of_data(self) -> DataWindow:
        """Made when it is first asked for: its plots take a moment."""
        from app.gui.training.data_window import DataWindow

        made = DataWindow(self)
        made.found.connect(self.controller.take_findings)
        return made

    def set_editable(self, editable: bool) -> None:
        """Whether another choice may be made now."""
        for widget in (
            self.choose_button,
            self.labels.button,
            self.patients.button,
            self.mapping,
        ):
            widget.setEnabled(editable)

    # -- what the controller shows ---------------------------------------------------------

    def show_source(self, source: DataSource | None) -> None:
        """Show folder and CSVs."""
        self.folder_label.set_path(str(source.folder) if source else "")
        self.labels.show_table(source.labels if source else None)
        self.patients.show_table(source.patients if source else None)
        for widget in (*self.labels.parts, *self.patients.parts, self.inspect_button):
            widget.setVisible(source is not None)

    def show_summary(self, summary: FolderSummary | None) -> None:
        """Show the class balance, or none while it is being counted."""
        shown = summary is not None and bool(summary.classes)
        self.balance.setVisible(shown)
        self.inspect_button.setEnabled(shown)
        if summary is not None and shown:
            self.balance.show_summary(summary)

    def show_mapping(self, found: tuple[str, ...], mapping: Mapping[str, str]) -> None:
        """Ask which class each class of the data is."""
        self.mapping.show_mapping(found, mapping)

    def show_cautions(self, cautions: tuple[str, ...]) -> None:
        """Show what should be known before a training."""
        self.cautions.setText(listed(cautions))
        self.cautions.setVisible(bool(cautions))

    def show_error(self, errors: tuple[ReviewError, ...]) -> None:
        """Show what stands in the way."""
        self.errors.show_errors(errors)

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.folder_label = PathLabel()
        self.choose_button = QPushButton(tr("Choose folder\N{HORIZONTAL ELLIPSIS}"))
        self.choose_button.setToolTip(tr("A folder with one subfolder per class; or drop it here."))
        self.labels = _TableChooser(
            tr("Classes"),
            tr("from the subfolders"),
            tr(
                "CSV with the columns path and label (perhaps patient, split, weight), in place of "
                "class subfolders."
            ),
        )
        self.patients = _TableChooser(
            tr("Patients"),
            tr("from headers or names"),
            tr("CSV with the columns path and patient: images of one patient are kept together."),
        )
        self.mapping = ClassMapping()
        self.balance = BalanceTable()
        self.inspect_button = QPushButton(tr("Inspect images\N{HORIZONTAL ELLIPSIS}"))
        self.inspect_button.setToolTip(
            tr("Reads every image: sizes, damaged files, copies, patients, random samples.")
        )
        self.cautions = PrivateLabel()
        self.cautions.setObjectName("reasons")
        self.errors = MessageBox()
        folder_row = QHBoxLayout()
        folder_row.addWidget(self.folder_label, 1)
        folder_row.addWidget(self.choose_button)
        tables = QGridLayout()
        tables.setContentsMargins(0, 0, 0, 0)
        tables.setHorizontalSpacing(8)
        tables.setVerticalSpacing(4)
        tables.setColumnStretch(1, 1)
        for row, chooser in enumerate((self.labels, self.patients)):
            for column, part in enumerate(chooser.parts):
                tables.addWidget(part, row, column)
        heading = QLabel(tr("Training images"))
        heading.setObjectName("heading")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addLayout(folder_row)
        layout.addLayout(tables)
        for widget in (
            self.mapping,
            self.balance,
            self.inspect_button,
            self.cautions,
            self.errors,
        ):
            layout.addWidget(widget)

    def _connect(self) -> None:
        controller = self.controller
        self.choose_button.clicked.connect(self._choose)
        self.labels.chosen.connect(controller.choose_labels)
        self.patients.chosen.connect(controller.choose_patients)
        self.mapping.chosen.connect(controller.choose_mapping)
        self.inspect_button.clicked.connect(self._inspect)

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, tr("Folder with one subfolder per class"), self.folder_label.path
        )
        if folder:
            self.controller.choose_folder(folder)

    def _inspect(self) -> None:
        if self.controller.source:
            self.window_of_data.inspect(self.controller.source)


class _TableChooser(QObject):
    """A CSV that may be chosen, or left: its three parts stand in a row of the section's grid."""

    chosen = Signal(str)
    """Path of the table, empty for none."""

    def __init__(self, what: str, without: str, help_text: str) -> None:
        super().__init__()
        self._what, self._without = what, without
        self._path = ""
        title = QLabel(what)
        self.name = PathLabel()
        self.button = QPushButton()
        self.button.clicked.connect(self._clicked)
        self.button.setToolTip(help_text)
        title.setToolTip(help_text)
        title.setBuddy(self.button)
        self.parts: tuple[QWidget, ...] = (title, self.name, self.button)
        self.show_table(None)

    def show_table(self, table: Path | None) -> None:
        """Show which table is used."""
        self._path = str(table) if table else ""
        self.name.set_path(table.name if table else self._without)
        self.name.setToolTip(self._path)
        self.button.setText(tr("Clear") if table else tr("CSV\N{HORIZONTAL ELLIPSIS}"))
        self.button.setAccessibleName(
            tr("{what}: no CSV", what=self._what)
            if table
            else tr("{what} from a CSV", what=self._what)
        )

    def _clicked(self) -> None:
        if self._path:
            self.chosen.emit("")
            return
        path, _ = QFileDialog.getOpenFileName(
            self.button.window(),
            tr("{what} from a CSV", what=self._what),
            "",
            tr("Tables (*.csv *.tsv *.txt);;All files (*)"),
        )
        if path:
            self.chosen.emit(path)


class _Memory:
    """The last choice as JSON in the window's settings."""

    def __init__(self, settings: QSettings | None) -> None:
        self._settings = settings or QSettings(
            str(home() / "window.ini"), QSettings.Format.IniFormat
        )

    def load(self) -> DataSource | None:
        try:
            kept = parse_json(str(self._settings.value(_KEY, "") or "{}"))
            labels, patients = (kept.get(key) for key in ("labels", "patients"))
            return (
                DataSource(
                    Path(kept["folder"]),
                    Path(labels) if labels else None,
                    Path(patients) if patients else None,
                    {str(old): str(new) for old, new in kept.get("mapping", {}).items()},
                )
                if kept.get("folder")
                else None
            )
        except (ValueError, TypeError, AttributeError):  # written by hand, or by another version
            return None

    def save(self, source: DataSource) -> None:
        kept = {
            "folder": str(source.folder),
            "labels": str(source.labels or ""),
            "patients": str(source.patients or ""),
            "mapping": dict(source.mapping),
        }
        self._settings.setValue(_KEY, json.dumps(kept))
