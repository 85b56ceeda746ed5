"""The page "Reading": who reads, how, and where the verdicts lie."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings
from app.gui.verdict.reading_desk import (
    ADVANCE_KEY,
    BLINDED_KEY,
    PATH_KEY,
    READER_KEY,
    READERS_KEY,
    ReadingDesk,
)
from app.review.verdicts.file_systems import is_local
from app.review.verdicts.store import default_path


class ReadingSettings(SettingsPage):
    """Verdicts, for one reader or several on one database.

    Parameters
    ----------
    desk
        What the settings are for.
    """

    def __init__(self, desk: ReadingDesk) -> None:
        super().__init__(
            tr("Reading"),
            tr("Every verdict is on disk before the window moves on, and none is ever deleted."),
        )
        self._desk = desk
        self.reader = QComboBox(editable=True)
        self.reader.setMinimumWidth(260)
        self.add_row(tr("Who reads"), self.reader, tr("Every verdict carries this name."))
        self.advance = QCheckBox(tr("Go to the next unread image after a verdict"))
        self.add_row("", self.advance)
        self.blinded = QCheckBox(tr("Blinded: hide score and heatmap until I have judged"))
        self.add_row(
            "",
            self.blinded,
            tr(
                "The list is then in the order of the folder. A verdict given after the score was "
                "seen says so; the first one stays in the history."
            ),
        )
        self.path = QLineEdit()
        self.path.setMinimumWidth(300)
        self.path.setPlaceholderText(str(default_path()))
        self.path.setAccessibleName(tr("Database of verdicts"))
        browse = QPushButton(tr("Choose…"))
        browse.clicked.connect(self._browse)
        field = QWidget()
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path)
        row.addWidget(browse)
        field.setFocusProxy(self.path)
        self.add_row(
            tr("Verdicts"),
            field,
            tr(
                "Empty for the usual place. Several readers may share one file, on a network "
                "share too: it is then written more slowly, in a way that is safe there."
            ),
        )

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        names = [name for name in settings.text(READERS_KEY).split("\n") if name]
        known = dict.fromkeys((*names, *self._desk.controller.book.readers()))
        self.reader.clear()
        self.reader.addItems(list(known))
        self.reader.setEditText(settings.text(READER_KEY))
        self.advance.setChecked(settings.flag(ADVANCE_KEY, True))
        self.blinded.setChecked(settings.flag(BLINDED_KEY, False))
        self.path.setText(settings.text(PATH_KEY))

    def check(self) -> None:
        """The file must be in a folder that is there."""
        text = self.path.text().strip()
        if not text:
            return
        path = Path(text)
        if not path.is_absolute() or path.is_dir() or not path.parent.is_dir():
            raise ReviewError(
                tr("{path} cannot be the database of verdicts.", path=text),
                tr("The whole path of a file in a folder that exists was expected."),
                tr("Choose it with the button, or leave the field empty."),
            )

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        settings.set_text(READER_KEY, self.reader.currentText().strip())
        settings.set_flag(ADVANCE_KEY, self.advance.isChecked())
        settings.set_flag(BLINDED_KEY, self.blinded.isChecked())
        settings.set_text(PATH_KEY, self.path.text().strip())

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            tr("Database of verdicts"),
            self.path.text() or str(default_path()),
            tr("Databases (*.sqlite);;All files (*)"),
            # A file that is there is opened, never replaced.
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if path:
            self.path.setText(path)
            self.path.setToolTip("" if is_local(Path(path)) else tr("On a network share"))
