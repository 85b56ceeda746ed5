"""Connects to the window what is done with the image in view: drawing, turning, tags, a prior."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.image.radiograph import Radiograph
from app.core.worklist.scan import Item
from app.gui.viewer.input_desk import InputDesk
from app.gui.viewer.prior_desk import PriorDesk
from app.gui.viewer.reading_area import ReadingArea
from app.gui.viewer.tags_window import TagsWindow

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class ImageDesk(QObject):
    """What the window's commands for the image do, and the area in which the image lies.

    Parameters
    ----------
    window
        Its image view, worklist and settings.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.view = window.image_view
        self.area = ReadingArea(self.view)
        # Before all others: what was drawn belongs to the image that was in view till now.
        window.worklist.item_chosen.connect(self._leave_image)
        self.prior = PriorDesk(window, self.area)
        self.input = InputDesk(window, self.area)
        self.tags: TagsWindow | None = None
        """Made when it is first asked for."""
        self.view.image_shown.connect(self._follow)

    def take_commands(self) -> None:
        """The commands are made: show them in the row of tools."""
        self.area.strip.fill(self._window.commands)
        drawing = self.view.drawing
        drawing.tool_changed.connect(self._show_tool)
        drawing.marks_changed.connect(self._show_selection)
        self.prior.opened.connect(self._show_tool)
        self._show_selection()

    def show_tags(self) -> None:
        """Image > Tags."""
        if self.tags is None:
            self.tags = TagsWindow(self._window)
        self.tags.present(self._path, self._image)

    def turn_heatmap(self, toward_normal: bool) -> None:
        """Image > Heatmap: evidence toward normal. Whoever asks for it wants to see it."""
        if toward_normal:
            self._window.commands["heatmap"].setChecked(True)
        self._window.review.show_toward_normal(toward_normal)

    def close(self) -> None:
        """The program ends."""
        self.prior.shutdown()
        if self.tags is not None:
            self.tags.shutdown()

    @property
    def _path(self) -> Path | None:
        current = self._window.controller.current
        # Of an image that cannot be read the header may still be.
        return current.path if current is not None else None

    @property
    def _image(self) -> Radiograph | None:
        """The image at that path, unless the one before is still to be seen."""
        image = self.view.radiograph
        return image if image is not None and image.path == self._path else None

    def _follow(self) -> None:
        if self.tags is not None and self.tags.isVisible():
            self.tags.follow(self._path, self._image)

    def _leave_image(self, item: Item) -> None:
        radiograph = self.view.radiograph
        if radiograph is not None and radiograph.path != item.path:
            self.view.drawing.freeze()

    def _show_tool(self) -> None:
        drawing = self.view.drawing
        lit = [drawing.kind.value] if drawing.kind else []
        lit += ["magnifier"] if drawing.magnifier.factor else []
        self.area.strip.light([*lit, *(["prior"] if self.prior.is_open else [])])

    def _show_selection(self) -> None:
        desk, commands = self.view.drawing.desk, self._window.commands
        mark = desk.selected_mark
        commands["remove-mark"].setEnabled(mark is not None)
        commands["name-region"].setEnabled(mark is not None and mark.is_region)
