"""The leak guard: lock the audited folder as a test set, and see who looked at its figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.gui.audit.page import AuditPage
from app.gui.common.message_box import MessageBox
from app.gui.common.privacy import privacy
from app.gui.common.prompt import Prompt
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.jobs.lock_service import LockService
from app.review.audit import Audit
from app.review.holdout.lock_store import LOCKED, LOOKED, REFUSED, UNLOCKED, GuardedSet, Happening

WHAT = {
    LOCKED: mark("locked"),
    LOOKED: mark("figures looked at"),
    REFUSED: mark("training refused"),
    UNLOCKED: mark("unlocked"),
}
_ABOUT = mark(
    "A locked test set is never trained on: a training or sweep whose data hold one of its images "
    "or patients is refused, wherever they lie. Every look at its figures is counted and stated in "
    "the report, since whoever tunes to a test set also learns it. It can be unlocked; that is "
    "recorded too."
)


class LocksPage(AuditPage):
    """The sets of this computer, the history of one of them, and the two buttons.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Test lock")
    wants_height = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._sets: tuple[GuardedSet, ...] = ()
        self._held: frozenset[str] = frozenset()
        self.service = LockService(self)
        self.service.ready.connect(self._take)
        self.service.failed.connect(self._fail)
        self._build()
        privacy.changed.connect(self._fill)
        self._fill()

    def show_audit(self, audit: Audit | None) -> None:
        """Say whether an audited folder is locked."""
        self._audit = audit
        if audit is not None:
            self.state.setText(tr("Looking whether this folder is locked\N{HORIZONTAL ELLIPSIS}"))
        self.service.request(audit)

    def shutdown(self) -> None:
        """End the thread."""
        self.service.close()

    def lock(self) -> None:
        """Lock the audited folder."""
        if self._audit is not None:
            self.service.lock(self._audit)

    def unlock(self) -> None:
        """Ask why the chosen set is to be unlocked, and unlock it."""
        chosen = self.chosen
        if chosen is None or not chosen.locked:
            return
        self.prompt.ask(
            tr("Why may it be trained on? The reason stands in every later report."),
            tr("Unlock"),
            "",
            lambda reason: self.service.unlock(self._audit, chosen.id, reason),
        )

    @property
    def chosen(self) -> GuardedSet | None:
        """The set whose history is shown."""
        at = self.sets.currentRow()
        return self._sets[at] if 0 <= at < len(self._sets) else None

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.state = named(QLabel(), "heading")
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setWordWrap(True)
        about = named(QLabel(tr(_ABOUT)), "muted")
        about.setWordWrap(True)
        self.errors = MessageBox()
        self.prompt = Prompt()
        self.prompt.name.setAccessibleName(tr("Reason"))
        self.lock_button = named(QPushButton(tr("Lock this folder as a test set")), "primary")
        self.lock_button.clicked.connect(self.lock)
        self.unlock_button = QPushButton(tr("Unlock\N{HORIZONTAL ELLIPSIS}"))
        self.unlock_button.clicked.connect(self.unlock)
        self.sets = _table(
            tr("Test sets"),
            (tr("Test set"), tr("Images"), tr("Patients"), tr("Looks"), tr("State")),
            stretch=0,
        )
        self.sets.currentCellChanged.connect(lambda *_: self._show_history())
        self.history = _table(
            tr("History of the test set"),
            (tr("When (UTC)"), tr("What"), tr("Where"), tr("Model"), tr("Reason")),
            stretch=4,
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.lock_button)
        buttons.addWidget(self.unlock_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 2)
        layout.setSpacing(8)
        for part in (self.state, about, self.errors):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addWidget(self.prompt)
        layout.addWidget(self.sets, 2)
        layout.addWidget(self.history, 3)

    # -- inside ----------------------------------------------------------------------------------

    def _take(self, sets: tuple[GuardedSet, ...], held: set[str]) -> None:
        self.errors.show_errors(())
        self._sets, self._held = sets, frozenset(held)
        self._fill()

    def _fail(self, error: ReviewError) -> None:
        self.errors.show_errors((error,))

    def _fill(self) -> None:
        before = self.chosen
        rows = [
            (
                privacy.shown(one.name),
                f"{one.images:,}",
                f"{one.patients:,}",
                f"{one.looks:,}",
                tr("locked") if one.locked else tr("unlocked"),
            )
            for one in self._sets
        ]
        _fill(self.sets, rows)
        ids = [one.id for one in self._sets]
        wanted = [one for one in (before.id if before else "", *sorted(self._held)) if one in ids]
        if ids:
            self.sets.setCurrentCell(ids.index(wanted[0]) if wanted else len(ids) - 1, 0)
        self._show_history()
        mine = [one for one in self._sets if one.id in self._held]
        locked = [one for one in mine if one.locked]
        self.lock_button.setEnabled(self._audit is not None and not locked)
        self.state.setText(self._state_words(mine, locked))

    def _state_words(self, mine: Sequence[GuardedSet], locked: Sequence[GuardedSet]) -> str:
        if self._audit is None:
            return tr("Audit a labelled folder to lock it as a test set.")
        if locked:
            return tr(
                "Images of this folder are locked since {day}. Looks at their figures: {looks:,}.",
                day=locked[0].locked_at[:10],
                looks=locked[0].looks,
            )
        if mine:
            return tr("This folder was locked once, and is not now: it may be trained on.")
        return tr("This folder is not locked: it may be trained on.")

    def _show_history(self) -> None:
        chosen = self.chosen
        self.unlock_button.setEnabled(chosen is not None and chosen.locked)
        happened = reversed(chosen.history) if chosen else ()
        _fill(self.history, [_words(one) for one in happened])


def _words(one: Happening) -> tuple[str, ...]:
    when = one.at[:19].replace("T", " ")
    return when, tr(WHAT[one.what]), tr(one.place) if one.place else "", one.model, one.note


def _table(name: str, titles: Sequence[str], stretch: int) -> QTableWidget:
    table = QTableWidget(0, len(titles))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(titles))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    return table


def _fill(table: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    table.blockSignals(True)
    table.setRowCount(len(rows))
    for at, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.setItem(at, column, QTableWidgetItem(text))
    table.blockSignals(False)
