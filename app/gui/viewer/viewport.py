"""Where the image lies in the view: scale, centre, turn, fit. Plain geometry, no painting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

MIN_SCALE = 0.01
MAX_SCALE = 32.0
_MARGIN = 6.0


@dataclass
class Viewport:
    """Maps image pixels to view pixels; both are device pixels, so that 1 is truly 1:1.

    Parameters
    ----------
    view, image
        Sizes in device pixels and in image pixels.
    scale
        Device pixels per image pixel.
    centre
        The point of the image in the middle of the view.
    fitted
        Whether the scale follows the size of the view.
    turns
        Quarter turns clockwise, 0 to 3.
    flipped
        Whether left and right are swapped on the screen, after the turns.
    """

    view: QSizeF
    image: QSizeF
    scale: float = 1.0
    centre: QPointF = field(default_factory=QPointF)
    fitted: bool = True
    turns: int = 0
    flipped: bool = False

    def fit(self) -> None:
        """Show the whole image."""
        self.fitted = True
        if self.image.isEmpty() or self.view.isEmpty():
            return
        size = self.image.transposed() if self.turns % 2 else self.image
        width = max(1.0, self.view.width() - 2 * _MARGIN)
        height = max(1.0, self.view.height() - 2 * _MARGIN)
        self.scale = min(width / size.width(), height / size.height(), MAX_SCALE)
        self.centre = QPointF(self.image.width() / 2, self.image.height() / 2)

    def look_alike(self, other: Viewport) -> None:
        """Show the same part of another image: zoom and place as shares of the whole."""
        if other.fitted:
            self.fit()
            return
        whole = replace(other)
        whole.fit()
        zoom = other.scale / whole.scale
        # Where the other looks, from the middle of its image, in shares, as seen on the screen.
        seen = other.image_rect()
        middle = QRectF(QPointF(0, 0), other.view).center()
        across = (middle.x() - seen.center().x()) / max(seen.width(), 1e-9)
        down = (middle.y() - seen.center().y()) / max(seen.height(), 1e-9)
        self.fit()
        self.scale = min(MAX_SCALE, max(MIN_SCALE, self.scale * zoom))
        own = self.image_rect()
        self.centre = self.to_image(
            own.center() + QPointF(across * own.width(), down * own.height())
        )
        self.fitted = False
        self._stay_in_sight()

    def resize(self, view: QSizeF) -> None:
        """The view has another size: a fitted image stays fitted, another keeps its centre."""
        self.view = view
        if self.fitted:
            self.fit()

    def rotate(self, by: int) -> None:
        """Turn what is seen by quarters, clockwise; a fitted image stays fitted."""
        # Turning a mirrored picture to the right is turning the picture itself to the left.
        self.turns = (self.turns + (-by if self.flipped else by)) % 4
        self.resize(self.view)

    def flip(self) -> None:
        """Swap left and right of what is seen."""
        self.flipped = not self.flipped

    def stand_upright(self) -> None:
        """Neither turned nor flipped; a fitted image stays fitted."""
        self.turns, self.flipped = 0, False
        self.resize(self.view)

    @property
    def is_turned(self) -> bool:
        """Whether the image does not stand as it is stored."""
        return self.turns != 0 or self.flipped

    def zoom(self, factor: float, at: QPointF) -> None:
        """Change the scale with the image point under ``at`` (device pixels) held still."""
        held = self.to_image(at)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, self.scale * factor))
        self.fitted = False
        self.centre = self.centre + held - self.to_image(at)
        self._stay_in_sight()

    def pan(self, by: QPointF) -> None:
        """Move the image by device pixels."""
        self.centre = self.centre + self.to_image(QPointF(0, 0)) - self.to_image(by)
        self.fitted = False
        self._stay_in_sight()

    def transform(self) -> QTransform:
        """From image coordinates to device pixels of the view."""
        made = QTransform.fromTranslate(self.view.width() / 2, self.view.height() / 2)
        # Qt applies what is added last first.
        made.scale(-self.scale if self.flipped else self.scale, self.scale)
        made.rotate(90 * self.turns)
        made.translate(-self.centre.x(), -self.centre.y())
        return made

    def to_image(self, point: QPointF) -> QPointF:
        """Image coordinates of a point of the view."""
        inverse, _ = self.transform().inverted()
        return inverse.map(point)

    def to_view(self, rect: QRectF) -> QRectF:
        """Where a rectangle of the image lies in the view."""
        return self.transform().mapRect(rect)

    def image_rect(self) -> QRectF:
        """Where the whole image lies in the view."""
        return self.to_view(QRectF(QPointF(0, 0), self.image))

    def in_sight(self) -> tuple[int, int, int, int]:
        """Whole pixels of the image that are seen: first and last column, first and last row.

        Returns
        -------
        tuple[int, int, int, int]
            Left, top, right, bottom in image pixels, right and bottom exclusive; empty (right not
            beyond left) when nothing is seen.
        """
        inverse, _ = self.transform().inverted()
        view = QRectF(QPointF(0, 0), self.view)
        seen = inverse.mapRect(view.intersected(self.image_rect()))
        if seen.isEmpty():
            return 0, 0, 0, 0
        return (
            max(0, math.floor(seen.left() + 1e-6)),
            max(0, math.floor(seen.top() + 1e-6)),
            min(round(self.image.width()), math.ceil(seen.right() - 1e-6)),
            min(round(self.image.height()), math.ceil(seen.bottom() - 1e-6)),
        )

    def turned(self, picture: NDArray) -> NDArray:
        """A part of the image, (rows, columns, ...), as it stands on the screen; a view."""
        made = np.rot90(picture, -self.turns)
        return made[:, ::-1] if self.flipped else made

    def _stay_in_sight(self) -> None:
        """The middle of the view always lies on the image, so that it cannot get lost."""
        self.centre = QPointF(
            min(self.image.width(), max(0.0, self.centre.x())),
            min(self.image.height(), max(0.0, self.centre.y())),
        )
