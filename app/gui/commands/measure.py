"""The menu "Measure": what is drawn over the image."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.core.reading.marks import MarkKind
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def measure_commands(window: MainWindow) -> list[Action]:
    """Measures, regions, the lens."""
    drawing, menu = window.image_view.drawing, "Measure"

    def draw(kind: MarkKind) -> partial[None]:
        return partial(drawing.draw, kind)

    return [
        Action("length", tr("Distance"), draw(MarkKind.LENGTH), "L", menu, "length"),
        Action("angle", tr("Angle"), draw(MarkKind.ANGLE), "Shift+L", menu, "angle"),
        Action("ratio", tr("Cardiothoracic ratio"), draw(MarkKind.RATIO), "X", menu, "ratio"),
        Action(
            "region", tr("Draw a region, next shape"), drawing.draw_region, "V", menu,
            separator=True,
        ),
        Action(
            "rectangle", tr("Rectangle"), draw(MarkKind.RECTANGLE), "", menu, "rectangle"
        ),
        Action("ellipse", tr("Ellipse"), draw(MarkKind.ELLIPSE), "", menu, "ellipse"),
        Action("polygon", tr("Polygon"), draw(MarkKind.POLYGON), "", menu, "polygon"),
        Action("name-region", tr("Name the selected region…"), drawing.rename, "", menu),
        Action(
            "remove-mark", tr("Remove what is selected"), drawing.remove, "Delete", menu, "remove",
            separator=True,
        ),
        Action("magnifier", tr("Magnifier"), drawing.magnify, "M", menu, "magnifier"),
    ]  # fmt: skip
