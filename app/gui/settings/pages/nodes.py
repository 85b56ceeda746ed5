"""The page "DICOM nodes": the programs to which objects can be sent."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.gui.common.private_label import PrivateLabel
from app.gui.common.theme import named
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings
from app.gui.worklist.arrivals_desk import ArrivalsDesk
from app.jobs.sending import NodeTest
from app.network.config import Node, load

_NAME, _HOST, _PORT, _CALLED, _CALLING, _TLS, _CERTIFICATES, _OWN, _KEY = range(9)
_ROW_HEIGHT = 28


class NodesPage(SettingsPage):
    """A table of nodes that is edited in place; a C-ECHO tries the chosen one.

    Parameters
    ----------
    desk
        What keeps them.
    """

    def __init__(self, desk: ArrivalsDesk) -> None:
        super().__init__(
            tr("DICOM nodes"),
            tr("Where exports can be sent to. Nothing is sent but what you send."),
        )
        self._desk = desk
        self.table = self._make_table()
        self.add_button = QPushButton(tr("Add"))
        self.remove_button = QPushButton(tr("Remove"))
        self.test_button = QPushButton(tr("Test"))
        self.test_button.setToolTip(tr("Ask the chosen node whether it is there (C-ECHO)"))
        self.answer = named(PrivateLabel(), "muted")
        self.test = NodeTest(self)
        self._tested = ""
        line = QHBoxLayout()
        for button in (self.add_button, self.remove_button, self.test_button):
            button.setAutoDefault(False)
            line.addWidget(button)
        line.addStretch(1)
        at = self.body.count() - 1  # above the stretch
        self.body.insertWidget(at, self.table, 10)
        self.body.insertLayout(at + 1, line)
        self.body.insertWidget(at + 2, self.answer)
        self.table.itemSelectionChanged.connect(self._follow)
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.test_button.clicked.connect(self._test)
        self.test.answered.connect(self._answered)
        self.test.failed.connect(self._failed)

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        self.test.cancel()
        self.answer.setText("")
        self.table.setRowCount(0)
        for node in load().nodes:
            self._append(node)
        if self.table.rowCount():
            self.table.selectRow(0)
        self._follow()

    def check(self) -> None:
        """Every node must be able to work, and have a name of its own."""
        nodes = self.nodes()
        for node in nodes:
            node.check()
        names = [node.name for node in nodes]
        for name in names:
            if names.count(name) > 1 or not name:
                raise ReviewError(
                    tr("Two nodes are called “{name}”.", name=name)
                    if name
                    else tr("A node has no name."),
                    tr("Each node needs a name of its own."),
                    tr("Change it in the table."),
                )

    def apply(self, settings: Settings) -> None:
        """Keep the nodes."""
        self.test.cancel()
        self._desk.use_nodes(self.nodes())

    def nodes(self) -> tuple[Node, ...]:
        """What the table says."""
        return tuple(self._node(row) for row in range(self.table.rowCount()))

    def _make_table(self) -> QTableWidget:
        titles = (
            tr("Name"), tr("Address"), tr("Port"), tr("Its AE title"), tr("Our AE title"),
            tr("TLS"), "", "", "",
        )  # fmt: skip
        table = QTableWidget(0, len(titles))
        table.setHorizontalHeaderLabels(list(titles))
        for column, title, hint in (
            (
                _CERTIFICATES,
                tr("Certificates"),
                tr("A PEM file with the certificates to trust; empty for those of this system"),
            ),
            (
                _OWN,
                tr("Our certificate"),
                tr("A PEM file with the certificate that Opacity shows, where the node wants one"),
            ),
            (_KEY, tr("Our key"), tr("A PEM file with the private key of our certificate")),
        ):
            item = QTableWidgetItem(title)
            item.setToolTip(hint)
            table.setHorizontalHeaderItem(column, item)
        table.setAccessibleName(tr("DICOM nodes"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.setShowGrid(False)
        table.setMinimumHeight(6 * _ROW_HEIGHT)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_HOST, QHeaderView.ResizeMode.Stretch)
        return table

    def _append(self, node: Node) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, words in (
            (_NAME, node.name),
            (_HOST, node.host),
            (_PORT, str(node.port)),
            (_CALLED, node.called),
            (_CALLING, node.calling),
            (_CERTIFICATES, node.ca_file),
            (_OWN, node.certificate),
            (_KEY, node.key),
        ):
            self.table.setItem(row, column, QTableWidgetItem(words))
        tls = QTableWidgetItem()
        tls.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
        )
        tls.setCheckState(Qt.CheckState.Checked if node.tls else Qt.CheckState.Unchecked)
        self.table.setItem(row, _TLS, tls)

    def _node(self, row: int) -> Node:
        port, tls = self._text(row, _PORT), self.table.item(row, _TLS)
        return Node(
            self._text(row, _NAME),
            self._text(row, _HOST),
            int(port) if port.isdecimal() else 0,
            self._text(row, _CALLED),
            self._text(row, _CALLING),
            tls is not None and tls.checkState() is Qt.CheckState.Checked,
            self._text(row, _CERTIFICATES),
            self._text(row, _OWN),
            self._text(row, _KEY),
        )

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text().strip() if item is not None else ""

    # What the person does -------------------------------------------------------------------

    def _add(self) -> None:
        number = self.table.rowCount() + 1
        self._append(Node(tr("Node {number}", number=number), "", calling=load().listening.title))
        self.table.selectRow(number - 1)
        self.table.setFocus()
        self.table.setCurrentCell(number - 1, _NAME)
        self.table.edit(self.table.currentIndex())

    def _remove(self) -> None:
        self.table.removeRow(self.table.currentRow())
        self._follow()

    def _test(self) -> None:
        node = self._node(self.table.currentRow())
        self._tested = node.name
        self.answer.setText(tr("Asking {name}…", name=node.name))
        self.test.start(node)

    def _answered(self, seconds: float) -> None:
        self.answer.setText(
            tr("{name} answers ({ms} ms).", name=self._tested, ms=round(1000 * seconds))
        )

    def _failed(self, error: ReviewError) -> None:
        self.answer.setText(" ".join(filter(None, (error.what, error.expected, error.fix))))

    def _follow(self) -> None:
        chosen = self.table.currentRow() >= 0 and self.table.rowCount() > 0
        self.remove_button.setEnabled(chosen)
        self.test_button.setEnabled(chosen)
