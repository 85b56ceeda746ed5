"""Where the image lies in the view: scale, centre, fit. Plain geometry, no painting."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF

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
    """

    view: QSizeF
    image: QSizeF
    scale: float = 1.0
    centre: QPointF = field(default_factory=QPointF)
    fitted: bool = True

    def fit(self) -> None:
        """Show the whole image."""
        self.fitted = True
        if self.image.isEmpty() or self.view.isEmpty():
            return
        width = max(1.0, self.view.width() - 2 * _MARGIN)
        height = max(1.0, self.view.height() - 2 * _MARGIN)
        self.scale = min(width / self.image.width(), height / self.image.height(), MAX_SCALE)
        self.centre = QPointF(self.image.width() / 2, self.image.height() / 2)

    def resize(self, view: QSizeF) -> None:
        """The view has another size: a fitted image stays fitted, another keeps its centre."""
        self.view = view
        if self.fitted:
            self.fit()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Change the scale with the image point under ``at`` (device pixels) held still."""
        held = self.to_image(at)
        self.scale = min(MAX_SCALE, max(MIN_SCALE, self.scale * factor))
        self.fitted = False
        middle = QPointF(self.view.width() / 2, self.view.height() / 2)
        self.centre = held + (middle - at) / self.scale
        self._stay_in_sight()

    def pan(self, by: QPointF) -> None:
        """Move the image by device pixels."""
        self.centre = self.centre - by / self.scale
        self.fitted = False
        self._stay_in_sight()

    def to_image(self, point: QPointF) -> QPointF:
        """Image coordinates of a point of the view."""
        middle = QPointF(self.view.width() / 2, self.view.height() / 2)
        return self.centre + (point - middle) / self.scale

    def image_rect(self) -> QRectF:
        """Where the whole image lies in the view."""
        return self.to_view(QRectF(QPointF(0, 0), self.image))

    def to_view(self, rect: QRectF) -> QRectF:
        """Where a rectangle of the image lies in the view."""
        middle = QPointF(self.view.width() / 2, self.view.height() / 2)
        corner = (rect.topLeft() - self.centre) * self.scale + middle
        return QRectF(corner, rect.size() * self.scale)

    def _stay_in_sight(self) -> None:
        """The middle of the view always lies on the image, so that it cannot get lost."""
        self.centre = QPointF(
            min(self.image.width(), max(0.0, self.centre.x())),
            min(self.image.height(), max(0.0, self.centre.y())),
        )
