"""Heatmaps by several methods: the mean of each cell, the maps behind it, and how far to trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.core.image.heatmap_paint import DEFAULT_PALETTE
from app.gui.audit.audit_rows import Picked
from app.gui.audit.cell_card import CellCard
from app.gui.audit.gallery import GalleryView
from app.gui.audit.maps_text import sanity_words
from app.gui.audit.page import AuditPage
from app.gui.audit.text import CELLS as NAMES
from app.gui.common.theme import named
from app.gui.settings.remembered import Settings
from app.gui.viewer.display_desk import PALETTE_KEY
from app.inference.attribution import METHODS
from app.jobs.maps_process import MadeMaps, MapsProcess
from app.review.audit.maps import LOOKED_AT, AuditMaps, sample
from app.review.audit.thresholds import CELLS, Cell

if TYPE_CHECKING:
    from app.review.audit import Audit

_METHOD_KEY = "audit-map-method"
_HELP = mark(
    "Share of the maps' mass outside the box around the lungs or the body, found by image "
    "processing: an estimate, and none where no lungs are found. Deletion and insertion: area "
    "under the curve of the probability while the places of the highest evidence are blurred away "
    "or put back first; low and high are good, beside a random order."
)
_INVITATION = mark(
    "Choose a method and make the maps: of each cell of the confusion matrix up to {count} images."
)


class MapsPage(AuditPage):
    """Chooses a method, has its maps made in a process, and shows them.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("Heatmaps")
    wants_height = True
    shows_images = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._threshold = 0.5
        self._maps: AuditMaps | None = None
        self._made_at = 0.5
        self._asked: tuple[Audit | None, float] = (None, 0.5)
        """Of which audit, at which threshold, maps are being made."""
        self._source: MadeMaps | None = None
        self.process = MapsProcess(self)
        self.method = QComboBox()
        self.method.setAccessibleName(tr("Method of the heatmaps"))
        for name, method in METHODS.items():
            self.method.addItem(tr(method.title), name)
        self.says = named(QLabel(), "muted")
        self.says.setWordWrap(True)
        self.make = QPushButton(tr("Make the maps"))
        self.cancel = QPushButton(tr("Cancel"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.trust = QLabel()
        self.trust.setWordWrap(True)
        self.trust.setToolTip(tr(_HELP))
        self.cards = {cell: CellCard(tr(NAMES[cell])) for cell in CELLS}
        self.gallery = GalleryView()
        self._lay_out()
        self._connect()
        chosen = self.method.findData(settings.text(_METHOD_KEY))
        self.method.setCurrentIndex(max(chosen, 0))
        self._describe()
        self._show_busy(False)

    def show_audit(self, audit: Audit | None) -> None:
        """Show another audit: maps of the one before are not its own."""
        self.process.cancel()
        self._audit, self._maps, self._source = audit, None, None
        self.gallery.pictures.forget()
        self._show()

    def show_threshold(self, threshold: float) -> None:
        """The cells hold other images now; maps that were made stay, and it is said."""
        self._threshold = threshold
        if self._maps is None:
            self._show()
        else:
            self._say_trust()

    def shutdown(self) -> None:
        """End the process and the gallery's thread."""
        self.process.close()
        self.gallery.shutdown()

    # -- building --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.method)
        line.addWidget(self.says, 1)
        line.addWidget(self.bar)
        line.addWidget(self.make)
        line.addWidget(self.cancel)
        cards = QHBoxLayout()
        cards.setSpacing(12)
        for card in self.cards.values():
            card.setToolTip(tr(_HELP))
            cards.addWidget(card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addLayout(cards, 5)
        layout.addWidget(self.trust)
        layout.addWidget(self.gallery, 4)

    def _connect(self) -> None:
        self.method.currentIndexChanged.connect(self._choose_method)
        self.make.clicked.connect(self._make)
        self.cancel.clicked.connect(self.process.cancel)
        self.process.progress.connect(self._show_progress)
        self.process.made.connect(self._take)
        self.process.failed.connect(self._fail)
        self.process.cancelled.connect(lambda: self._show_busy(False))
        self.gallery.opened.connect(self._open)
        for cell, card in self.cards.items():
            card.picture.chosen.connect(lambda cell=cell: self._show_cell(cell))

    # -- what the person does --------------------------------------------------------------------

    def _choose_method(self) -> None:
        self.settings.set_text(_METHOD_KEY, self.method.currentData())
        self._describe()

    def _describe(self) -> None:
        self.says.setText(tr(METHODS[self.method.currentData()].says))

    def _make(self) -> None:
        audit = self._audit
        if audit is None or self.process.running:
            return
        self._asked = audit, self._threshold
        files = {
            cell: [(at, audit.scored[at].path) for at in positions]
            for cell, positions in sample(audit, self._threshold).items()
        }
        self._show_busy(True)
        self.process.make(audit.model_folder, self.method.currentData(), files)

    def _show_cell(self, cell: Cell) -> None:
        """The images behind a mean, with the maps that it is the mean of."""
        if self._maps is None or self._audit is None or cell not in self._maps.cells:
            return
        for each, card in self.cards.items():
            card.mark(each == cell)
        positions = self._maps.cells[cell].positions
        words = f"{tr(NAMES[cell])}  ·  {tr(METHODS[self._maps.method].title)}"
        rows = Picked(self._audit, positions)
        self.gallery.show_rows(rows, self._made_at, words, self._source)
        self.gallery.heatmaps.setChecked(True)
        self._shown = positions

    def _open(self, order: object, place: int) -> None:
        """Walk the images of the gallery in the reading window."""
        self.open_asked.emit([self._shown[int(at)] for at in order], place)  # type: ignore[attr-defined]

    # -- from the process ------------------------------------------------------------------------

    def _take(self, maps: AuditMaps) -> None:
        self._show_busy(False)
        asked, threshold = self._asked
        # It may have been done before it heard that another audit came: its rows are not these.
        if self._audit is None or asked is not self._audit:
            return
        self._maps, self._made_at = maps, threshold
        title = tr(METHODS[maps.method].title)
        self._source = MadeMaps(maps, self._audit.scored, title, self)
        self._show()
        wrong: tuple[Cell, ...] = ("fn", "fp", "tp", "tn")
        self._show_cell(next(cell for cell in wrong if cell in maps.cells))

    def _fail(self, error: ReviewError) -> None:
        self._show_busy(False)
        self.failed.emit(error)

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    # -- showing ---------------------------------------------------------------------------------

    def _show_busy(self, busy: bool) -> None:
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.make.setVisible(not busy)
        self.make.setEnabled(self._audit is not None and bool(len(self._audit.scored)))
        self.method.setEnabled(not busy)

    def _show(self) -> None:
        maps, audit = self._maps, self._audit
        threshold = self._threshold if maps is None else self._made_at
        counts = audit.matrix(threshold).counts if audit is not None else dict.fromkeys(CELLS, 0)
        palette = self.settings.text(PALETTE_KEY) or DEFAULT_PALETTE
        for cell, card in self.cards.items():
            found = maps.cells.get(cell) if maps is not None else None
            if maps is None or found is None:
                card.show_none(counts[cell])
                card.mark(False)
            else:
                title = tr(METHODS[maps.method].title)
                card.show_cell(found, counts[cell], maps.full_scale, title, palette)
        if maps is None:
            self.gallery.show_empty(tr(_INVITATION, count=LOOKED_AT) if audit else "")
        self._say_trust()
        self._show_busy(self.process.running)

    def _say_trust(self) -> None:
        if self._maps is None:
            self.trust.setText("")
            return
        found = self._maps.sanity
        every = found.every
        lines = [sanity_words(found.flagged, every.value, every.low, every.high, found.images)]
        if self._audit is not None and any(row.out_of_fold for row in self._audit.scored):
            lines.append(
                tr(
                    "Scores here are out of fold; the maps are of the model itself, which was "
                    "trained on these images."
                )
            )
        if self._threshold != self._made_at:
            lines.append(
                tr(
                    "The maps were made at the threshold {threshold:.3f}: make them again for the "
                    "cells of the one in use.",
                    threshold=self._made_at,
                )
            )
        self.trust.setText("\n".join(lines))
        self.trust.setAlignment(Qt.AlignmentFlag.AlignTop)
