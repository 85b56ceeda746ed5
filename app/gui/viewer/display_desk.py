"""Connects to the window how pixels are shown: presets, window panel, overlays, palettes, cine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QDockWidget

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.heatmap_paint import DEFAULT_PALETTE, PALETTES
from app.core.image.radiograph import Radiograph
from app.gui.viewer.cine_controller import CineController
from app.gui.viewer.window_panel import WindowPanel
from app.jobs.frame_service import FrameService

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

PALETTE_KEY = "heatmap-palette"
_GRAPHICS_KEY = "overlays"
_SHUTTER_KEY = "shutter"
_PANEL_HEIGHT = 118


class DisplayDesk(QObject):
    """What the window's commands for the display do; the ``FilmView`` of the cine controller.

    Parameters
    ----------
    window
        Its image view and settings.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.view = window.image_view
        self.panel = WindowPanel(self.view)
        self.dock: QDockWidget | None = None
        self.frames = FrameService(self)
        self.cine = CineController(self, self.frames)
        self._clock = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self.cine.tick)
        self.frames.ready.connect(self.cine.ready)
        self.frames.damaged.connect(self.cine.damaged)
        self.view.image_shown.connect(self._follow_image)
        self.use_palette(window.settings.text(PALETTE_KEY))

    def add_dock(self, dock: QDockWidget) -> None:
        """The dock with the panel: low, below the list, where it takes no room from the image."""
        self.dock = dock
        self.panel.setMaximumHeight(_PANEL_HEIGHT)
        dock.hide()

    def take_commands(self) -> None:
        """The commands are made: show which palette and which overlays are in use."""
        commands, group = self._window.commands, QActionGroup(self)
        for name in PALETTES:
            group.addAction(commands[f"palette-{name}"])
        commands[f"palette-{self.view.palette_name}"].setChecked(True)
        shown = self._window.settings.flag(_GRAPHICS_KEY, True)
        commands["overlays"].setChecked(shown)
        self.toggle_overlays(shown)
        covered = self._window.settings.flag(_SHUTTER_KEY, True)
        commands["shutter"].setChecked(covered)
        self.toggle_shutter(covered)
        self.show_film(1)

    def restored(self) -> None:
        """The layout is as it was left."""
        if self.dock is not None:
            self._window.commands["window-panel"].setChecked(not self.dock.isHidden())

    def stop(self) -> None:
        """The program ends."""
        self._clock.stop()
        self.frames.close()

    # Commands ---------------------------------------------------------------------------------

    def toggle_panel(self, shown: bool) -> None:
        """Show or hide the window panel; remembered with the layout."""
        if self.dock is not None:
            self.dock.setVisible(shown)

    def toggle_overlays(self, shown: bool) -> None:
        """Show or hide the overlays that came with the file, the prior's too; remembered."""
        for view in (self.view, self._window.image_desk.prior.pane.view):
            view.set_graphics_shown(shown)
        self._window.settings.set_flag(_GRAPHICS_KEY, shown)

    def toggle_shutter(self, shown: bool) -> None:
        """Apply the display shutter of the file or not, in the view alone; remembered."""
        for view in (self.view, self._window.image_desk.prior.pane.view):
            view.set_shutter_shown(shown)
        self._window.settings.set_flag(_SHUTTER_KEY, shown)

    def use_palette(self, name: str) -> None:
        """Draw heatmaps in these colours; remembered, and the same in every theme."""
        name = name if name in PALETTES else DEFAULT_PALETTE
        self.view.set_palette(name)
        self._window.settings.set_text(PALETTE_KEY, name)

    # The film ---------------------------------------------------------------------------------

    def show_film(self, frames: int) -> None:
        """Frames can be stepped through where there are some."""
        for name in ("frame-next", "frame-previous", "cine"):
            self._window.commands[name].setEnabled(frames > 1)

    def show_playing(self, rate: float) -> None:
        """Let the clock tick so often a second."""
        if rate > 0:
            self._clock.start(round(1000 / rate))
        else:
            self._clock.stop()

    def show_frame(self, radiograph: Radiograph) -> None:
        """Show a frame."""
        self.view.show_frame(radiograph)

    def show_damage(self, frame: int, frames: int, error: ReviewError) -> None:
        """Say in place of this frame why there is none."""
        head = tr("Frame {number} of {count} cannot be shown.", number=frame + 1, count=frames)
        self.view.show_frame(None, "\n\n".join((head, error.what, error.fix)))

    def _follow_image(self) -> None:
        self.frames.forget()
        self.cine.show_image(self.view.radiograph)
