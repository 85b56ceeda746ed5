"""Keeps two image views together: zoom, pan and window of the one follow the other."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.core.image.presets import FILE
from app.core.image.radiograph import Voi
from app.gui.viewer.image_view import ImageView


class ViewLink(QObject):
    """Two views, either of which leads when it is changed by the person.

    Images of two examinations differ in size and in their grey values: zoom and pan are carried
    over as shares of the image, the window as a share of the image's own.

    Parameters
    ----------
    first, second
        The views.
    """

    def __init__(self, first: ImageView, second: ImageView) -> None:
        super().__init__(second)
        self._views = (first, second)
        self._on = False
        self._busy = False
        for view, other in (self._views, self._views[::-1]):
            view.view_changed.connect(lambda view=view, other=other: self._follow(view, other))

    @property
    def is_on(self) -> bool:
        """Whether one follows the other."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Link the views, or let them go; the second follows at once."""
        self._on = on
        self._follow(*self._views)

    def _follow(self, leader: ImageView, other: ImageView) -> None:
        if not self._on or self._busy or leader.radiograph is None or other.radiograph is None:
            return
        self._busy = True
        try:
            other.viewport.look_alike(leader.viewport)
            self._carry_window(leader, other)
            other.inverted = leader.inverted
            other.update()
        finally:
            self._busy = False

    def _carry_window(self, leader: ImageView, other: ImageView) -> None:
        assert leader.radiograph is not None
        assert other.radiograph is not None
        preset = leader.levels.preset
        if leader.window_in_use is None:
            if other.window_in_use is not None:
                other.levels.reset()
            return
        if preset is not None and preset.kind != FILE:
            alike = (mine for mine in other.levels.presets if mine.kind == preset.kind)
            if (mine := next(alike, None)) is not None:
                if other.levels.current != mine:
                    other.levels.choose(mine)
                return
        own, theirs = leader.radiograph.default_voi, other.radiograph.default_voi
        center, width = _relative(leader.levels.shown, own)
        wanted = theirs.center + center * theirs.width, width * theirs.width
        shown = other.levels.shown
        if (shown.center, shown.width) != wanted:
            other.levels.set(*wanted)


def _relative(shown: Voi, default: Voi) -> tuple[float, float]:
    """By how much a window is moved and stretched against the default, in its widths."""
    width = max(default.width, 1e-9)
    return (shown.center - default.center) / width, shown.width / width
