"""The seam between the image view and what is painted and done over the image.

The view paints the pixels, then each layer in order. A press of the left button and each key go
to the tools first, in order, until one takes them; a tool that took a press gets the moves and
the release that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

if TYPE_CHECKING:
    from app.gui.viewer.image_view import ImageView


class Layer(Protocol):
    """Paints something over the image."""

    def paint(self, painter: QPainter, view: ImageView) -> None:
        """Paint; ``painter`` is in logical pixels of the view, which shows an image.

        ``view.to_view`` gives the place of an image point.
        """


class Tool(Protocol):
    """Takes mouse and keys over the image."""

    def press(self, event: QMouseEvent, view: ImageView) -> bool:
        """The left button went down; True takes the gesture up to its release."""

    def move(self, event: QMouseEvent, view: ImageView) -> None:
        """The mouse moved, with the taken button down or with none."""

    def release(self, event: QMouseEvent, view: ImageView) -> None:
        """The taken button went up."""

    def cancel(self, view: ImageView) -> None:
        """The taken press ends without a release: another image is coming."""

    def double_click(self, event: QMouseEvent, view: ImageView) -> bool:
        """True takes it."""

    def key(self, event: QKeyEvent, view: ImageView) -> bool:
        """A key went down; True takes it, from the window's shortcuts too."""

    def wants_key(self, event: QKeyEvent, view: ImageView) -> bool:
        """Whether ``key`` would take this key; asked before the window's shortcuts are."""
