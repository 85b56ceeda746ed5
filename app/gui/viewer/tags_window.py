"""Image > Tags: every data element of the header of the image in view, with a search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.viewer.tags_model import TagColumn, TagsModel, TagsSearch, row_text
from app.jobs.tag_reader import TagReader

if TYPE_CHECKING:
    from app.core.dicom.tags import Element

_SIZE = (860, 640)
_WIDTHS = {TagColumn.TAG: 150, TagColumn.NAME: 270, TagColumn.VR: 50}
_UNFOLDED = 200
"""A search with more hits leaves the sequences folded: unfolding them all would take a while."""


class TagsWindow(QDialog):
    """Stays open beside the image and follows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "tags-window")
        self.reader = TagReader(self)
        self.reader.read.connect(self._show)
        self.reader.failed.connect(self._failed)
        self._path: Path | None = None
        self._image: Radiograph | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search by keyword, tag or value"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Search"))
        self.search.textChanged.connect(self._search)
        self.model = TagsModel(self)
        self.found = TagsSearch(self)
        self.found.setSourceModel(self.model)
        self.tree = QTreeView()
        self.tree.setModel(self.found)
        self.tree.setAccessibleName(tr("Data elements"))
        self.tree.setUniformRowHeights(True)
        for column, width in _WIDTHS.items():
            self.tree.header().resizeSection(column, width)
        self.tree.setAlternatingRowColors(True)
        self.tree.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.state = named(QLabel(), "muted")
        self.state.setWordWrap(True)
        self.copy_action = QAction(tr("Copy the row"), self)
        self.copy_action.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_action.triggered.connect(self.copy_rows)
        self.tree.addAction(self.copy_action)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = QPushButton(tr("Copy the row"))
        copy.clicked.connect(self.copy_rows)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.state)
        layout.addWidget(buttons)
        self.resize(*_SIZE)
        privacy.changed.connect(self._identity_changed)

    def present(self, path: Path | None, image: Radiograph | None = None) -> None:
        """Open, or come to the front, with the header of a file."""
        self.follow(path, image)
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus()
        self.search.selectAll()

    def follow(self, path: Path | None, image: Radiograph | None = None) -> None:
        """Another image is in view; None for none, or for one that is still being read.

        The same path may hold another image: its file was replaced, and was read again.
        """
        if path is None:
            self.reader.cancel()
        known = image is None or self._image is None or image is self._image
        if path == self._path and known:
            self._image = image or self._image
            return
        self._path, self._image = path, image
        # The tags of one patient must not stand beside the image of another.
        self.model.show_elements(())
        self._name()
        self.state.setText(tr("Reading…") if path else tr("There is no image in view."))
        if path is not None:
            self.reader.request(path)

    def shutdown(self) -> None:
        """The program ends."""
        self.reader.close()

    def copy_rows(self) -> None:
        """Copy the selected rows as they are shown, one a line."""
        rows = self.tree.selectionModel().selectedRows() or [self.tree.currentIndex()]
        lines = [row_text(index) for index in sorted(rows, key=_place) if index.isValid()]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _show(self, path: Path, elements: tuple[Element, ...]) -> None:
        if path == self._path:
            self.model.show_elements(elements)
            self._search(self.search.text())

    def _failed(self, error: ReviewError) -> None:
        self.state.setText(privacy.sentence(str(error)))

    def _identity_changed(self) -> None:
        self.model.show_again()
        self._name()
        self._search(self.search.text())

    def _search(self, words: str) -> None:
        self.found.search(words)
        count = self.found.rowCount()
        if words and count <= _UNFOLDED:
            self.tree.expandAll()
        if self._path is not None:
            self.state.setText(
                tr("{count} elements", count=count) if count else tr("Nothing has these words.")
            )

    def _name(self) -> None:
        name = privacy.file_name(self._path) if self._path else ""
        self.setWindowTitle(tr("Tags of {name}", name=name) if name else tr("Tags"))


def _place(index: QModelIndex) -> list[int]:
    """Where a row stands in the tree, from its root down."""
    place: list[int] = []
    while index.isValid():
        place.insert(0, index.row())
        index = index.parent()
    return place
