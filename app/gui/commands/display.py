"""The menu "Display": which greys and colours the image in view is shown with, and its frames."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.core.image.presets import AUTO, BONE, FILE, LUNGS, MEDIASTINUM
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def display_commands(window: MainWindow) -> list[Action]:
    """Presets, overlays, frames, palettes."""
    desk, menu = window.display, "Display"
    choose = window.image_view.levels.choose_kind

    def palette(name: str, title: str, *, separator: bool = False) -> Action:
        def use(chosen: bool) -> None:
            if chosen:
                desk.use_palette(name)

        return Action(f"palette-{name}", title, use, "", menu, checkable=True, separator=separator)

    return [
        Action("preset-file", tr("The image's own windows, one after the other"),
               partial(choose, FILE), "2", menu),
        Action("preset-auto", tr("Window: automatic"), partial(choose, AUTO), "3", menu),
        Action("preset-lungs", tr("Window: lungs"), partial(choose, LUNGS), "4", menu),
        Action("preset-mediastinum", tr("Window: mediastinum"), partial(choose, MEDIASTINUM), "5",
               menu),
        Action("preset-bone", tr("Window: bone"), partial(choose, BONE), "6", menu),
        Action("window-panel", tr("Window panel with histogram"), desk.toggle_panel, "W", menu,
               "histogram", checkable=True),
        Action("overlays", tr("Overlays of the file"), desk.toggle_overlays, "O", menu,
               "overlays", checkable=True, separator=True),
        Action("shutter", tr("Shutter of the file"), desk.toggle_shutter, "Shift+O", menu,
               checkable=True),
        Action("frame-previous", tr("Previous frame"), partial(desk.cine.step, -1), ",", menu,
               separator=True),
        Action("frame-next", tr("Next frame"), partial(desk.cine.step, 1), ".", menu),
        Action("cine", tr("Play or stop"), desk.cine.toggle, "C", menu, "play"),
        palette("inferno", tr("Heatmap: black to yellow (inferno)"), separator=True),
        palette("viridis", tr("Heatmap: blue to yellow (viridis)")),
        palette("cividis", tr("Heatmap: blue to yellow, muted (cividis)")),
        palette("magma", tr("Heatmap: purple to cream (magma)")),
    ]  # fmt: skip
