"""The page "Export": where to, and what becomes of identity unless the person says otherwise."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from app.core.base.translation import tr
from app.gui.common.path_label import PathLabel
from app.gui.export.export_dialog import DEIDENTIFY_KEY, FOLDER_KEY, SHIFT_KEY
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings

BOM_KEY = "export-bom"


class ExportPage(SettingsPage):
    """What the export dialog begins with."""

    def __init__(self) -> None:
        super().__init__(
            tr("Export"),
            tr(
                "Exports are written into a folder, never among the opened images. Nothing leaves "
                "this computer unless you send it."
            ),
        )
        self.folder = PathLabel()
        self.choose_button = QPushButton(tr("Choose…"))
        self.choose_button.setAccessibleName(tr("Choose the folder for exports"))
        self.choose_button.clicked.connect(self._choose)
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose_button)
        place.setMinimumWidth(380)
        self.add_row(tr("Folder"), place)
        self.deidentify = QCheckBox(tr("Remove the identity unless I say otherwise"))
        self.add_row(
            "",
            self.deidentify,
            tr(
                "DICOM PS3.15, Basic Application Level Confidentiality Profile. The same patient "
                "gets the same stand-in in every export from this computer. Text that is burned "
                "into the pixels stays."
            ),
        )
        self.shift = QCheckBox(tr("Move dates instead of removing them"))
        self.add_row(
            "",
            self.shift,
            tr("By the same number of days for each patient, so that intervals remain."),
        )
        self.bom = QCheckBox(tr("Mark CSV files as UTF-8 for Excel"))
        self.add_row("", self.bom, tr("Some other programs stumble over the mark: turn it off."))

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        self.folder.set_path(settings.text(FOLDER_KEY))
        self.deidentify.setChecked(settings.flag(DEIDENTIFY_KEY, False))
        self.shift.setChecked(settings.flag(SHIFT_KEY, False))
        self.bom.setChecked(settings.flag(BOM_KEY, True))

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        settings.set_text(FOLDER_KEY, self.folder.path)
        settings.set_flag(DEIDENTIFY_KEY, self.deidentify.isChecked())
        settings.set_flag(SHIFT_KEY, self.shift.isChecked())
        settings.set_flag(BOM_KEY, self.bom.isChecked())

    def _choose(self) -> None:
        start = self.folder.path or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for exports"), start)
        if folder:
            self.folder.set_path(folder)
