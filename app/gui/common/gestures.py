"""What mouse and fixed keys do, for the sheet of shortcuts: all that is no command."""

from __future__ import annotations

from app.core.base.translation import tr


def gestures() -> dict[str, list[tuple[str, str]]]:
    """Groups of (what it does, how it is done), by the title of the group."""
    return {
        tr("List"): [
            (tr("Next image"), tr("Down")),
            (tr("Previous image"), tr("Up")),
            (tr("Fold a group"), tr("Click its heading")),
        ],
        tr("Audit"): [
            (tr("To the matrix, the gallery, the threshold"), "M, G, T"),
            (tr("Images of a further cell too"), tr("Ctrl and click")),
            (tr("Open the image, and walk on with N"), tr("Enter, or double click")),
            (tr("Heatmaps in the gallery"), "H"),
            (tr("Larger or smaller pictures"), tr("+ and -, or Ctrl and wheel")),
            (tr("Next or previous page"), tr("Ctrl+Page down, Ctrl+Page up")),
        ],
        tr("Mouse on the image"): [
            (tr("Zoom at the cursor"), tr("Wheel")),
            (tr("Window and level"), tr("Left- or right-drag")),
            (tr("Window"), tr("Ctrl and wheel")),
            (tr("Level"), tr("Shift and wheel")),
            (tr("Pan"), tr("Middle-drag, or Space and left-drag")),
            (tr("Fit"), tr("Double click")),
        ],
        tr("Measures and regions"): [
            (tr("Move a point, or the whole"), tr("Drag its handle, or its line")),
            (tr("Name a region"), tr("Double click, or Enter")),
            (tr("Next point"), tr("Tab")),
            (tr("Move the point by a pixel"), tr("Arrow keys")),
            (tr("Move it by ten pixels"), tr("Shift and arrow keys")),
            (tr("Draw without a mouse"), tr("Arrow keys, Enter sets a point")),
            (tr("Put the tool away"), tr("Esc")),
        ],
    }
