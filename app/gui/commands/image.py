"""The menu "Image": how the image in view is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def image_commands(window: MainWindow) -> list[Action]:
    """Zoom, window, heatmap."""
    view, menu = window.image_view, "Image"
    return [
        Action("fit", tr("Fit"), view.fit, "F", menu, "fit"),
        Action("one-to-one", tr("One to one"), view.one_to_one, "1", menu, "one-to-one"),
        Action("zoom-in", tr("Zoom in"), lambda: view.zoom_by(1.25), "+, =", menu),
        Action("zoom-out", tr("Zoom out"), lambda: view.zoom_by(0.8), "-", menu),
        Action("invert", tr("Invert"), view.toggle_inverted, "I", menu, "invert", separator=True),
        Action("reset", tr("Reset zoom, window and rotation"), view.reset, "R", menu, "reset"),
        Action(
            "rotate-right", tr("Rotate right"), lambda: view.rotate(1), "Ctrl+Right", menu,
            "rotate-right", separator=True,
        ),
        Action(
            "rotate-left", tr("Rotate left"), lambda: view.rotate(-1), "Ctrl+Left", menu,
            "rotate-left",
        ),
        Action("flip", tr("Flip left and right"), view.flip, "Ctrl+Shift+H", menu, "flip"),
        Action(
            "heatmap", tr("Heatmap"), window.toggle_heatmap, "H", menu, "heatmap",
            checkable=True, separator=True,
        ),
        Action(
            "toward-normal", tr("Heatmap: evidence toward normal"), window.image_desk.turn_heatmap,
            "Shift+H", menu, checkable=True,
        ),
        Action("contours", tr("Heatmap as contour lines"), view.set_contours, "", menu,
               checkable=True),
        Action("more-overlay", tr("Heatmap stronger"), window.opacity.more, "]", menu),
        Action("less-overlay", tr("Heatmap weaker"), window.opacity.less, "[", menu),
        Action(
            "network-input", tr("What the network saw"), window.image_desk.input.toggle, "G", menu,
        ),
        Action(
            "prior", tr("Prior beside it"), window.image_desk.prior.toggle, "Y", menu, "prior",
            separator=True,
        ),
        Action("tags", tr("Tags…"), window.image_desk.show_tags, "Ctrl+I", menu, "tags"),
    ]  # fmt: skip
