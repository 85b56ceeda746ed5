"""What is on the screen as a picture for a file, with a line below it on what it is."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from app.gui.common.privacy import privacy
from app.gui.viewer.image_view import ImageView

_PAD = 8
_INK, _GROUND = QColor("#e6e6e6"), QColor("#000000")


def view_png(view: ImageView, words: str, *, anonymous: bool) -> bytes:
    """The image view as it is seen now, as a PNG file.

    Parameters
    ----------
    view
        On the screen.
    words
        Put below the picture: model, threshold, what it is not for.
    anonymous
        Leave out what may name the patient: the file's own overlays, and what was drawn by hand,
        whose labels are free text.
    """
    hidden, layers = privacy.hidden, view.layers
    # Nobody else is told: the window stays as it is.
    privacy.blockSignals(True)
    try:
        if anonymous:
            privacy.set_hidden(True)
            view.layers = [view.furniture]
        seen = view.grab().toImage()
    finally:
        view.layers = layers
        privacy.set_hidden(hidden)
        privacy.blockSignals(False)
    # Without the line that shows the keyboard's focus.
    return _png(_with_words(seen.copy(seen.rect().adjusted(1, 1, -1, -1)), words))


def _with_words(seen: QImage, words: str) -> QImage:
    font = QFont()
    font.setPixelSize(max(12, round(13 * seen.devicePixelRatio())))
    width = seen.width()
    room = QRect(_PAD, 0, width - 2 * _PAD, 10_000)
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
    height = QFontMetrics(font).boundingRect(room, int(flags), words).height() + 2 * _PAD
    picture = QImage(width, seen.height() + height, QImage.Format.Format_RGB32)
    picture.fill(_GROUND)
    seen.setDevicePixelRatio(1.0)
    painter = QPainter(picture)
    painter.drawImage(0, 0, seen)
    painter.setFont(font)
    painter.setPen(_INK)
    painter.drawText(room.translated(0, seen.height() + _PAD), int(flags), words)
    painter.end()
    return picture


def _png(picture: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
