"""Send…: to which node, how far, and what became of each file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.message_box import MessageBox
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.jobs.sending import Sending
from app.network.config import Node, load
from app.network.words import SendResult

_WIDTH = 620
_ROW_HEIGHT = 26


class SendDialog(QDialog):
    """Sends files by C-STORE to a node that the person chooses.

    Nothing leaves the machine before Send is pressed.

    Parameters
    ----------
    files
        DICOM files.
    show_settings
        Opens the settings page of the nodes; None where there is no way to it.
    parent
        Qt parent.
    about
        A word of caution about what is sent, in the person's language.
    """

    def __init__(
        self,
        files: Sequence[Path],
        show_settings: Callable[[], None] | None = None,
        parent: QWidget | None = None,
        about: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Send"))
        self.files = list(files)
        self.sending = Sending(self)
        self._under_way = False
        self._done = 0
        self.node = QComboBox()
        self.node.setAccessibleName(tr("Node"))
        self.nodes_button = QPushButton(tr("Nodes…"))
        self.nodes_button.setAutoDefault(False)
        self.nodes_button.setVisible(show_settings is not None)
        self.hint = named(QLabel(), "muted")
        self.hint.setWordWrap(True)
        self.about = named(QLabel(about), "reasons")
        self.about.setWordWrap(True)
        self.about.setVisible(bool(about))
        self.errors = MessageBox()
        self.table = self._make_table()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.words = QLabel()
        self.send_button = named(QPushButton(tr("Send")), "primary")
        self.send_button.setDefault(True)
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setAutoDefault(False)
        self._lay_out()
        self.send_button.clicked.connect(self._send)
        self.close_button.clicked.connect(self.reject)
        if show_settings is not None:
            self.nodes_button.clicked.connect(show_settings)
        self.sending.sent.connect(self._take)
        self.sending.finished.connect(self._finished)
        self.sending.failed.connect(self._failed)
        privacy.changed.connect(self._name_files)
        self.load_nodes()
        self._tell()

    def load_nodes(self) -> None:
        """Offer the nodes of the settings, the one chosen before first."""
        before = self.node.currentText()
        self.node.clear()
        for node in load().nodes:
            self.node.addItem(node.name, node)
        self.node.setCurrentIndex(max(0, self.node.findText(before)))
        any_node = self.node.count() > 0
        self.node.setEnabled(any_node and not self._under_way)
        self.send_button.setEnabled(any_node and bool(self.files) and not self._under_way)
        self._show_hint()

    @property
    def under_way(self) -> bool:
        """Whether it is sending."""
        return self._under_way

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(len(self.files), 2)
        table.setHorizontalHeaderLabels([tr("File"), tr("Result")])
        table.setAccessibleName(tr("Files and what became of them"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        label = QLabel(tr("Send to"))
        label.setBuddy(self.node)
        first.addWidget(label)
        first.addWidget(self.node, 1)
        first.addWidget(self.nodes_button)
        last = QHBoxLayout()
        last.addWidget(self.bar, 1)
        last.addWidget(self.words)
        last.addStretch(1)
        last.addWidget(self.close_button)
        last.addWidget(self.send_button)
        layout = QVBoxLayout(self)
        layout.addLayout(first)
        layout.addWidget(self.hint)
        layout.addWidget(self.about)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.errors)
        layout.addLayout(last)
        self.resize(_WIDTH, 380)
        self.node.currentIndexChanged.connect(self._show_hint)
        self._name_files()

    def _name_files(self) -> None:
        for row, path in enumerate(self.files):
            self.table.setItem(row, 0, QTableWidgetItem(privacy.file_name(path)))

    def _show_hint(self) -> None:
        node = self.node.currentData()
        if not isinstance(node, Node):
            self.hint.setText(tr("No node is set up yet: Settings, DICOM nodes."))
            return
        line = tr(
            "{host}, port {port}, as {calling} to {called}",
            host=node.host,
            port=node.port,
            calling=node.calling,
            called=node.called,
        )
        end = tr("encrypted") if node.tls else tr("not encrypted")
        self.hint.setText(f"{line}  ·  {end}")

    # What goes on ---------------------------------------------------------------------------

    def _send(self) -> None:
        node = self.node.currentData()
        assert isinstance(node, Node)
        self.errors.show_errors(())
        self._under_way, self._done = True, 0
        for row in range(len(self.files)):
            self._say(row, "")
        self._tell()
        self.sending.start(self.files, node)

    def _take(self, sent: SendResult) -> None:
        self._done += 1
        row = self.files.index(sent.path)
        self._say(row, ("✓ " if sent.ok else "✗ ") + sent.words)
        self.table.scrollTo(self.table.model().index(row, 1))
        self._tell()

    def _finished(self, results: list[SendResult]) -> None:
        self._under_way = False
        ok = sum(sent.ok for sent in results)
        self._tell(tr("{ok} of {total} sent", ok=ok, total=len(results)))
        self.close_button.setFocus()

    def _failed(self, error: ReviewError) -> None:
        self._under_way = False
        self.errors.show_errors([error])
        self._tell(tr("Nothing was sent"))

    def _say(self, row: int, words: str) -> None:
        item = QTableWidgetItem(words)
        item.setToolTip(words)
        self.table.setItem(row, 1, item)

    def _tell(self, words: str = "") -> None:
        busy, total = self._under_way, len(self.files)
        self.bar.setVisible(busy)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(self._done)
        self.words.setText(tr("{done} of {total}", done=self._done, total=total) if busy else words)
        self.close_button.setText(tr("Cancel") if busy else tr("Close"))
        self.nodes_button.setEnabled(not busy)
        self.node.setEnabled(not busy and self.node.count() > 0)
        self.send_button.setEnabled(not busy and self.node.count() > 0 and bool(self.files))

    # Qt overrides ---------------------------------------------------------------------------

    def reject(self) -> None:
        """Cancel what is under way; close when nothing is."""
        if self._under_way:
            self.sending.stop()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Wait for nothing any more."""
        self.sending.stop()
        self.sending.cancel()
        super().done(result)
