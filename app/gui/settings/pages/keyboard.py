"""The page "Keyboard": the keys of every command, to be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
)

from app.core.base.translation import tr
from app.gui.common.actions import Action, plain_title
from app.gui.common.keymap import Keymap, default_keys, native, reserved
from app.gui.common.theme import named
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings

_COMMAND, _KEYS, _CHANGED = range(3)


class KeyboardPage(SettingsPage):
    """A table of commands; a new key for the chosen one is recorded below it.

    Parameters
    ----------
    keymap
        The commands and their keys.
    """

    def __init__(self, keymap: Keymap) -> None:
        super().__init__(
            tr("Keyboard"),
            tr("Choose a command, press its new key in the field below, then Use this key."),
        )
        self._keymap = keymap
        self._keys: dict[str, tuple[str, ...]] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search for a command or a key"))
        self.search.setAccessibleName(tr("Search for a command or a key"))
        self.search.setClearButtonEnabled(True)
        self.table = self._make_table()
        self.recorder = QKeySequenceEdit()
        self.recorder.setMaximumSequenceLength(1)
        self.recorder.setClearButtonEnabled(True)
        self.recorder.setAccessibleName(tr("New key"))
        self.use_button = QPushButton(tr("Use this key"))
        self.none_button = QPushButton(tr("No key"))
        self.reset_button = QPushButton(tr("Reset"))
        self.reset_all_button = QPushButton(tr("Reset all"))
        self.conflict = named(QLabel(), "reasons")
        self.conflict.setWordWrap(True)
        self.conflict.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self.search.textChanged.connect(self._filter)
        self.table.itemSelectionChanged.connect(self._follow)
        self.recorder.keySequenceChanged.connect(self._follow)
        self.use_button.clicked.connect(self._use)
        self.none_button.clicked.connect(lambda: self._set(()))
        self.reset_button.clicked.connect(self._reset)
        self.reset_all_button.clicked.connect(self._reset_all)

    def load(self, settings: Settings) -> None:
        """Show the keys in use."""
        self._keys = self._keymap.all_keys()
        self.recorder.clear()
        self._fill()

    def apply(self, settings: Settings) -> None:
        """Keep the keys; the window gives them to its commands."""
        self._keymap.keep(self._keys)

    @property
    def chosen(self) -> Action | None:
        """The command chosen in the table."""
        rows = self.table.selectionModel().selectedRows()
        return self._keymap.actions[rows[0].row()] if rows else None

    def owner_of(self, key: str) -> Action | None:
        """The command, other than the chosen one, that a key belongs to."""
        others = (action for action in self._keymap.actions if action is not self.chosen)
        return next((action for action in others if key in self._keys[action.id]), None)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(len(self._keymap.actions), 3)
        table.setHorizontalHeaderLabels([tr("Command"), tr("Key"), tr("Changed")])
        table.setAccessibleName(tr("Commands and their keys"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        header = table.horizontalHeader()
        header.setSectionResizeMode(_COMMAND, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_KEYS, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_CHANGED, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(90)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        table.setMinimumHeight(220)
        return table

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.recorder, 1)
        for button in (
            self.use_button,
            self.none_button,
            self.reset_button,
            self.reset_all_button,
        ):
            button.setAutoDefault(False)
            line.addWidget(button)
        at = self.body.count() - 1  # above the stretch
        self.body.insertWidget(at, self.search)
        self.body.insertWidget(at + 1, self.table, 10)
        self.body.insertLayout(at + 2, line)
        self.body.insertWidget(at + 3, self.conflict)

    # What is shown --------------------------------------------------------------------------

    def _fill(self) -> None:
        for row, action in enumerate(self._keymap.actions):
            keys = self._keys[action.id]
            changed = keys != default_keys(action)
            cells = (
                plain_title(action),
                tr(" or ").join(map(native, keys)) or "–",
                tr("changed") if changed else "",
            )
            for column, words in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(words))
        self._filter()
        self._follow()

    def _filter(self) -> None:
        wanted = self.search.text().casefold().split()
        for row in range(self.table.rowCount()):
            cells = [self.table.item(row, column) for column in (_COMMAND, _KEYS)]
            words = " ".join(cell.text() for cell in cells if cell).casefold()
            self.table.setRowHidden(row, not all(word in words for word in wanted))

    def _follow(self) -> None:
        """Say what stands against the recorded key, and offer what can be done."""
        action, key = self.chosen, self._recorded()
        taken = reserved().get(key, "")
        owner = self.owner_of(key) if key else None
        self.use_button.setEnabled(action is not None and bool(key) and not taken)
        self.use_button.setText(tr("Take it over") if owner else tr("Use this key"))
        self.none_button.setEnabled(action is not None and bool(self._keys[action.id]))
        self.reset_button.setEnabled(
            action is not None and self._keys[action.id] != default_keys(action)
        )
        words = ""
        if taken:
            words = tr("{key} {what}, and cannot be a command's.", key=native(key), what=taken)
        elif owner and action:
            words = tr(
                "{key} belongs to “{owner}”. Taken over, it leaves that command without it.",
                key=native(key),
                owner=plain_title(owner),
            )
        self.conflict.setText(words)
        self.conflict.setVisible(bool(words))

    # What the person does -------------------------------------------------------------------

    def _recorded(self) -> str:
        return QKeySequence(self.recorder.keySequence()).toString()

    def _use(self) -> None:
        key = self._recorded()
        owner = self.owner_of(key)
        if owner is not None:
            self._keys[owner.id] = tuple(other for other in self._keys[owner.id] if other != key)
        self._set((key,))

    def _set(self, keys: tuple[str, ...]) -> None:
        action = self.chosen
        if action is not None:
            self._keys[action.id] = keys
            self.recorder.clear()
            self._fill()

    def _reset(self) -> None:
        """Back to the first day's keys; those that another command has by now stay there."""
        action = self.chosen
        if action is not None:
            self._set(tuple(key for key in default_keys(action) if self.owner_of(key) is None))

    def _reset_all(self) -> None:
        self._keys = {action.id: default_keys(action) for action in self._keymap.actions}
        self._fill()
