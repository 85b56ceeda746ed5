"""The pictures of a gallery: thumbnails and heatmaps by path, asked for when they are drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from app.core.image.heatmap_paint import paint
from app.core.model.results import Heatmap
from app.gui.common.qt_images import grey_image, rgba_image
from app.gui.training.protocols import SignalLike
from app.jobs.thumbnail_service import ThumbnailService

if TYPE_CHECKING:
    from app.review.audit import AuditRow

SIDE = 256
"""Longer side of a thumbnail, pixels: that of the largest tiles."""
_KEPT = 500
_MAP_SIDE = 128


class HeatmapSource(Protocol):
    """Gives heatmaps of audited images, from a thread or a process."""

    @property
    def ready(self) -> SignalLike:
        """Emitted with a row's ``path`` and its ``app.core.model.results.Heatmap``, None for none.

        All heatmaps of a source share one ``full_scale``, so that they can be compared.
        """

    def request(self, rows: Sequence[AuditRow]) -> None:
        """Ask for the heatmaps of these rows, in place of those asked for before."""


class GalleryPictures(QObject):
    """Thumbnails and heatmaps, as many as a person may have looked at lately.

    Signals
    -------
    changed(Path)
        There is another picture of an image.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._heatmaps: OrderedDict[Path, Heatmap | None] = OrderedDict()
        self._painted: dict[Path, QPixmap] = {}
        self._source: HeatmapSource | None = None
        self._asked: frozenset[Path] = frozenset()
        self._service = ThumbnailService(SIDE, self)
        self._service.ready.connect(self._take_thumbnail)
        # Drawn again, it is asked for again.
        self._service.dropped.connect(self.changed)

    def thumbnail(self, path: Path) -> QPixmap | None:
        """The thumbnail; None when there is none yet, which is then made, or none at all."""
        if path not in self._thumbnails:
            self._service.request(path)
            return None
        self._thumbnails.move_to_end(path)
        return self._thumbnails[path]

    def is_unreadable(self, path: Path) -> bool:
        """Whether the image was tried and cannot be read."""
        return path in self._thumbnails and self._thumbnails[path] is None

    def use_heatmaps(self, source: HeatmapSource | None) -> None:
        """Take heatmaps from here; those of another source are forgotten."""
        if source is self._source:
            return
        self._source, self._asked = source, frozenset()
        self._heatmaps.clear()
        self._painted.clear()
        if source is not None:
            source.ready.connect(lambda path, found: self._take_heatmap(source, path, found))

    @property
    def has_heatmaps(self) -> bool:
        """Whether heatmaps can be asked for."""
        return self._source is not None

    def want_heatmaps(self, rows: Sequence[AuditRow]) -> None:
        """Ask for those of these rows that are not there."""
        missing = [row for row in rows if row.path not in self._heatmaps]
        asked = frozenset(row.path for row in missing)
        # Those asked for are on their way: asked for again, they would be begun anew.
        if self._source is not None and not asked <= self._asked:
            self._asked = asked
            self._source.request(missing)

    def heatmap(self, path: Path) -> Heatmap | None:
        """The heatmap; None where there is none, or none yet."""
        return self._heatmaps.get(path)

    def knows_heatmap(self, path: Path) -> bool:
        """Whether its heatmap was asked for and came."""
        return path in self._heatmaps

    def overlay(self, path: Path) -> QPixmap | None:
        """The heatmap in colours, to be stretched over the image; None where there is none."""
        heatmap = self._heatmaps.get(path)
        if heatmap is None or heatmap.is_empty:
            return None
        if path not in self._painted:
            rgba = paint(heatmap, _MAP_SIDE, _MAP_SIDE)
            self._painted[path] = QPixmap.fromImage(rgba_image(rgba))
        return self._painted[path]

    def forget(self) -> None:
        """Other images come."""
        self._service.forget()
        self._thumbnails.clear()
        self._heatmaps.clear()
        self._painted.clear()
        self._asked = frozenset()

    def close(self) -> None:
        """End the thread."""
        self._service.close()

    def _take_thumbnail(self, path: Path, grey: np.ndarray | None) -> None:
        self._thumbnails[path] = None if grey is None else QPixmap.fromImage(grey_image(grey))
        while len(self._thumbnails) > _KEPT:
            self._thumbnails.popitem(last=False)
        self.changed.emit(path)

    def _take_heatmap(self, source: HeatmapSource, path: Path, heatmap: Heatmap | None) -> None:
        if source is not self._source:
            return
        self._heatmaps[path] = heatmap
        self._painted.pop(path, None)
        while len(self._heatmaps) > _KEPT:
            gone, _ = self._heatmaps.popitem(last=False)
            self._painted.pop(gone, None)
        self.changed.emit(path)
