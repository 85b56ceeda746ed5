"""All that is drawn on one image view: puts desk, tools and lens together for the window."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from app.core.image.display import sampled
from app.core.image.radiograph import Radiograph
from app.core.reading.marks import REGION_KINDS, MarkKind
from app.core.reading.verdicts import Region
from app.gui.viewer.mark_desk import MarkDesk
from app.gui.viewer.tools.draw_tool import DrawTool
from app.gui.viewer.tools.kept import CachedLayer
from app.gui.viewer.tools.magnifier import Magnifier
from app.gui.viewer.tools.mark_painting import kind_words, words_of
from app.gui.viewer.tools.select_tool import ARROWS, SelectTool

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView

_PAUSE_MS = 400
"""After the last step of an arrow key its region is told."""
_SAMPLE = 250_000


class Drawing(QObject):
    """Measures, regions and the lens of an image view.

    Signals
    -------
    regions_changed(tuple[Region, ...])
        The reader changed the regions of the image in view.
    tool_changed()
        Another tool is in hand, or none; the lens came or went.
    marks_changed()
        Marks or the selection changed.
    """

    regions_changed = Signal(object)
    tool_changed = Signal()
    marks_changed = Signal()

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._view = view
        self.desk = MarkDesk()
        self.desk.on_change = self._marks_changed
        self.desk.on_regions = self.regions_changed.emit
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.desk.tell)
        self.magnifier = Magnifier()
        self.draw_tool = DrawTool(self.desk)
        self.draw_tool.on_end = self.tool_changed.emit
        self.select_tool = SelectTool(self.desk)
        self.region_kind = MarkKind.RECTANGLE
        """The shape that the next region gets."""
        view.layers += [CachedLayer(self.select_tool), self.magnifier, self.draw_tool]
        view.tools += [self.draw_tool, self.select_tool, self.magnifier]

    @property
    def kind(self) -> MarkKind | None:
        """What is being drawn; None for nothing."""
        return self.draw_tool.kind

    def show_image(self) -> None:
        """The view has another image, or none: its own marks come back, tools are put away."""
        self.select_tool.close_editor()
        self._pause.stop()
        self._view.frozen = False
        if self.draw_tool.kind is not None:
            self.draw_tool.stop(self._view)
        self.magnifier.forget()
        radiograph = self._view.radiograph
        if radiograph is None:
            self.desk.show(None, 0, 0)
            return
        rows, columns = radiograph.pixels.shape
        self.desk.show(_key_of(radiograph), columns, rows)
        self.desk.set_frame(radiograph.frame + 1)

    def freeze(self) -> None:
        """Another image was chosen: tell what is not told, and take nothing until it is here."""
        self.select_tool.close_editor()
        self._view.end_gesture()
        if self.kind is not None:
            self.put_away()
        self.desk.select(None)
        self.desk.tell()
        self._view.frozen = True

    def draw(self, kind: MarkKind) -> None:
        """Take a tool in hand; taking it again puts it away."""
        self.select_tool.close_editor()
        if kind in REGION_KINDS:
            self.region_kind = kind
        if self._view.radiograph is None or self._view.frozen or self.kind is kind:
            self.put_away()
            return
        self.draw_tool.start(kind, self._view)
        self.tool_changed.emit()

    def draw_region(self) -> None:
        """Draw a region; asked again, the next shape, and after the last none."""
        if self.kind not in REGION_KINDS:
            self.draw(self.region_kind)
            return
        place = REGION_KINDS.index(self.kind) + 1
        if place < len(REGION_KINDS):
            self.draw(REGION_KINDS[place])
        else:
            self.region_kind = REGION_KINDS[0]
            self.put_away()

    def put_away(self) -> None:
        """Draw nothing."""
        if self.kind is not None:
            self.draw_tool.stop(self._view)
        else:
            self.tool_changed.emit()

    def magnify(self) -> None:
        """The next lens, or none."""
        self.magnifier.step()
        self._view.update()
        self.tool_changed.emit()

    def remove(self) -> None:
        """Remove the selected mark."""
        self.select_tool.close_editor()
        if not self._view.frozen:
            self.desk.remove_selected()

    def rename(self) -> None:
        """Name the selected region."""
        self.select_tool.edit_label(self._view)

    def undo(self) -> None:
        """Take the last change back."""
        self.select_tool.close_editor()
        if not self._view.frozen:
            self.desk.undo()

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions of the image in view."""
        return self.desk.regions

    def set_regions(self, regions: Iterable[Region]) -> None:
        """Show the regions of a stored verdict."""
        self.select_tool.close_editor()
        self.desk.set_regions(regions)

    def before_key(self, event: QEvent) -> None:
        """A key is about to do something: what arrows moved is told before it is done."""
        if not (isinstance(event, QKeyEvent) and event.key() in ARROWS):
            self.desk.tell()

    def _marks_changed(self) -> None:
        if self.desk.has_untold:
            self._pause.start()
        self._view.setAccessibleDescription(self._description())
        self._view.update()
        self.marks_changed.emit()

    def _description(self) -> str:
        """The marks in words, for those who cannot see them; the selected one first."""
        desk, radiograph = self.desk, self._view.radiograph
        if radiograph is None:
            return ""
        numbers = sorted(desk.seen, key=lambda number: number != desk.selected)
        marks = [desk.marks[number] for number in numbers]
        return ". ".join(
            " ".join((kind_words(mark.kind), *words_of(mark, radiograph))) for mark in marks
        )


def _key_of(radiograph: Radiograph) -> Hashable:
    """By what the marks of an image are kept: another image may come under the same path."""
    some = np.ascontiguousarray(sampled(radiograph.pixels, _SAMPLE))
    uid = radiograph.header.sop_instance_uid
    return radiograph.path, uid, radiograph.pixels.shape, zlib.crc32(some.data)
