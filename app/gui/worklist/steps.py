"""How far keys walk through the images, wherever they are pressed."""

from __future__ import annotations

from PySide6.QtCore import Qt

TO_THE_END = 1_000_000_000
"""So many images on, or back, is the last or the first."""
LINES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Home: -TO_THE_END,
    Qt.Key.Key_End: TO_THE_END,
}
"""Images on, by key."""
