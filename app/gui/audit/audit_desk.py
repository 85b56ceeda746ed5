"""Connects the audit bench to the window: its menu entry, walking its images, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout

from app.core.base.translation import tr
from app.core.worklist.scan import Item
from app.gui.audit.audit_rows import Picked
from app.gui.audit.gallery import HeatmapSource
from app.gui.audit.walk_bar import WalkBar
from app.gui.verdict.reading_protocols import RowReading
from app.inference.registry.models import active_name, list_models
from app.jobs.audit_figures import AuditFigures
from app.jobs.audit_process import AuditProcess
from app.jobs.gallery_heatmaps import GalleryHeatmaps
from app.review.audit import Audit, AuditRow

if TYPE_CHECKING:
    from app.gui.audit.audit_window import AuditWindow
    from app.gui.main_window import MainWindow


class AuditDesk(QObject):
    """Opens the bench, and walks its images in the reading window.

    Parameters
    ----------
    window
        The reading window; its widgets and desks are made by now.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.bench: AuditWindow | None = None
        """Made when it is first asked for."""
        self.process: AuditProcess | None = None
        self.bar = WalkBar()
        self.bar.back_wanted.connect(self.back)
        middle = window.centralWidget()
        central = middle.layout() if middle is not None else None
        assert isinstance(central, QVBoxLayout)
        central.insertWidget(1, self.bar)
        self._walked: Picked | None = None
        self._title = ""
        self._threshold = 0.5
        self._places: dict[Path, int] = {}
        self._target: Path | None = None
        self._opening = False
        self._heatmaps: GalleryHeatmaps | None = None
        self._figures = AuditFigures(self)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window, self.back)
        self._escape.setEnabled(False)
        window.review.about_to_clear.connect(self._end_walk)

    @property
    def walking(self) -> bool:
        """Whether the list shows images of the audit."""
        return self._walked is not None

    def show(self) -> None:
        """Tools > Audit a labelled folder."""
        if self.bench is None:
            self.bench = self._make()
        self.bench.source.show_models(list_models(), active_name())
        self.bench.present()

    def walk(self, rows: Picked, place: int, title: str) -> None:
        """Open images in the reading window, in their order, at one of them.

        Whoever comes from the bench has seen scores and labels: no verdict on these images counts
        as given blind to the network any more.
        """
        window = self._window
        assert self.bench is not None
        window.reading.controller.saw_scores(row.identity for row in rows)
        self._walked, self._title = None, title
        self._opening = True
        paths = [row.path for row in rows]
        window.stack.setCurrentWidget(window.image_desk.area)
        window.opened = tuple(map(str, paths))
        window.controller.open(paths)
        self._opening = False
        audit, card = self.bench.controller.audit, window.controller.card
        if audit and card and audit.card.weights_sha256 == card.weights_sha256:
            # The image stands in the walk for its audited score: list and panel must not deny it.
            window.controller.audited = {
                row.path: row.p for row in rows if row.out_of_fold and row.p is not None
            }
        blinded = window.worklist_model.blinded
        window.worklist_model.kept_order = tr("Images of the audit") if blinded else title
        self._walked, self._threshold = rows, self.bench.controller.threshold
        self._places = {path: at for at, path in enumerate(paths)}
        self._target = paths[place]
        self._offer_escape()
        window.show()
        window.raise_()
        window.activateWindow()
        window.worklist.table.setFocus()

    def back(self) -> None:
        """To the bench, at the image that was in view."""
        if self.bench is None:
            return
        current = self._window.controller.current
        self.bench.gallery.refresh()
        if self._walked is not None and current is not None and current.path in self._places:
            self.bench.gallery.go_to(self._walked[self._places[current.path]])
        self.bench.present()
        self.bench.gallery.grid.setFocus()

    def close(self) -> None:
        """The program ends."""
        if self.bench is not None:
            self.bench.shutdown()
            self.bench.deleteLater()
        if self.process is not None:
            self.process.close()
        if self._heatmaps is not None:
            self._heatmaps.close()
        self._figures.close()

    # Inside ---------------------------------------------------------------------------------

    def _make(self) -> AuditWindow:
        # Its plots and figures take a moment to import.
        from app.gui.audit.audit_window import AuditWindow
        from app.gui.training.retraining_desk import RetrainingDesk

        window = self._window
        self.process = AuditProcess(self)
        bench = AuditWindow(window.settings, self.process, self._figures, self._heatmaps_of)
        bench.walk_wanted.connect(self.walk)
        bench.gallery.set_readings(self._read)
        bench.images_shown.connect(self._saw)
        window.reading.service.saved.connect(lambda *_: bench.gallery.refresh())
        window.reading.reader_changed.connect(bench.gallery.refresh)
        window.reading.reader_changed.connect(bench.tabs.tell_images)
        # Connected now, these come after the window's own: the list is filled by then.
        window.service.items_found.connect(lambda _items: self._begin_walk())
        window.worklist.item_chosen.connect(self._follow)
        RetrainingDesk(window, bench)
        return bench

    def _saw(self, audit: Audit | None, paths: Sequence[Path]) -> None:
        """A page lists images with their scores: which of them were looked at, nobody knows."""
        reading = self._window.reading.controller
        reading.saw_scores(row.identity for row in (audit.scored if audit else ()))
        reading.saw_scores_at(paths)

    def _read(self, row: AuditRow) -> RowReading:
        """The verdicts on an image that the gallery draws: its score is in sight with them.

        Who opens the folder itself afterwards does not judge these images blind any more.
        """
        reading = self._window.reading.controller
        reading.saw_scores((row.identity,))
        return reading.row_reading(row.identity)

    def _heatmaps_of(self, audit: Audit) -> HeatmapSource | None:
        """The window's network explains, where it is the audited one."""
        if self._heatmaps is not None:
            self._heatmaps.cancel()
            self._heatmaps = None
        card = self._window.controller.card
        if card is None or card.weights_sha256 != audit.card.weights_sha256:
            return None
        self._heatmaps = GalleryHeatmaps(self._window.service, card.title, self)
        return self._heatmaps

    def _begin_walk(self) -> None:
        """Go to the first image of the walk, once the list has it."""
        if self._target is None or self._walked is None:
            return
        row = self._walked[self._places[self._target]]
        item = Item(row.path, str(row.path))
        if self._window.worklist.choose(item):
            self._target = None
            self._follow(item)

    def _follow(self, item: Item) -> None:
        place = self._places.get(item.path)
        if self._walked is None or place is None:
            return
        row: AuditRow = self._walked[place]
        blinded = self._window.worklist_model.blinded
        self.bar.show_place(self._title, place, len(self._walked), row, self._threshold, blinded)

    def _end_walk(self) -> None:
        """Another folder is opened."""
        if self._opening:
            return
        self._walked, self._target, self._places = None, None, {}
        self.bar.hide()
        self._offer_escape()

    def _offer_escape(self) -> None:
        """While images are walked, Esc leads back; else it cancels the scoring."""
        self._window.commands["cancel"].setEnabled(not self.walking)
        self._escape.setEnabled(self.walking)
