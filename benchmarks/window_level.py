"""Frames per second while the window is dragged on a 3,000 x 3,000 image of 16 bits, and a peer.

Opacity is its image view as people have it, with heatmap, notes and colour bar, in a real window
on the screen. The peer is what a plain program does: a table over the whole image, a QImage of
it, drawn scaled and smooth, and nothing else. Both get the same mouse moves; a frame counts from
the move to the end of the paint, the hand-over to the window system included. The two take turns,
so that a slow moment of the machine hits both, and the first turn is not counted.

    python -m benchmarks.window_level [--frames 60] [--turns 5] [--json FILE]

Without a screen: xvfb-run -s "-screen 0 1920x1200x24" python -m benchmarks.window_level
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.core.image.radiograph import Radiograph, Window
from app.core.model.results import Heatmap
from app.gui.application import make_application
from app.gui.viewer.image_view import ImageView

SIDE = 3000
SIZES = ((1280, 800), (1920, 1080))
GOAL = 60


def picture() -> Radiograph:
    """Smooth shapes with grain, 16 bits; neither flat nor pure noise."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    shape = 0.5 + 0.25 * np.sin(7 * x) * np.cos(5 * y)
    grain = np.random.default_rng(1).normal(0, 0.02, (SIDE, SIDE))
    pixels = (np.clip(shape + grain, 0, 1) * 65535).astype(np.uint16)
    return Radiograph(Path("made"), pixels, windows=(Window(32768.0, 40000.0),))


class Plain(QWidget):
    """The peer: all pixels through a table for each frame, scaled by the painter."""

    def __init__(self, radiograph: Radiograph) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._pixels = radiograph.pixels
        self._center, self._width = 32768.0, 40000.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Another window."""
        self._width = 40000.0 + 50.0 * event.position().x()
        self._center = 32768.0 - 50.0 * event.position().y()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The whole image anew."""
        values = (np.arange(65536) - self._center) / self._width + 0.5
        table = (np.clip(values, 0.0, 1.0) * 255).astype(np.uint8)
        grey = table[self._pixels]
        image = QImage(grey.data, SIDE, SIDE, SIDE, QImage.Format.Format_Grayscale8)
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height())
        painter.drawImage(
            QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side), image
        )
        painter.end()


def send(widget: QWidget, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> None:
    event = QMouseEvent(
        kind, place, widget.mapToGlobal(place), button, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def drag(app: QApplication, widget: QWidget, frames: int) -> list[float]:
    """Seconds of each frame of a drag."""
    left = Qt.MouseButton.LeftButton
    middle = QPointF(widget.width() / 2, widget.height() / 2)
    send(widget, QEvent.Type.MouseButtonPress, middle, left)
    seconds = []
    for number in range(frames):
        place = middle + QPointF(40 * np.sin(number / 9), 30 * np.cos(number / 7))
        start = time.perf_counter()
        send(widget, QEvent.Type.MouseMove, place, left)
        app.processEvents()
        app.sync()
        seconds.append(time.perf_counter() - start)
    send(widget, QEvent.Type.MouseButtonRelease, middle, left)
    app.processEvents()
    return seconds


def measure(
    app: QApplication, size: tuple[int, int], frames: int, turns: int
) -> dict[str, list[list[float]]]:
    """Seconds of the frames of each turn, of both."""
    radiograph = picture()
    view = ImageView()
    view.set_radiograph(radiograph)
    evidence = np.zeros((7, 7), np.float32)
    evidence[2:5, 1:4] = 0.8
    view.set_heatmap(Heatmap(evidence, 1.0, "Grad-CAM"))
    widgets: dict[str, QWidget] = {"Opacity": view, "plain program": Plain(radiograph)}
    found: dict[str, list[list[float]]] = {name: [] for name in widgets}
    for turn in range(turns + 1):
        for name, widget in widgets.items():
            widget.resize(*size)
            widget.show()
            for _ in range(20):
                app.processEvents()
                time.sleep(0.01)
            seconds = drag(app, widget, frames)
            widget.hide()
            if turn:
                found[name].append(seconds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Frames per second while the window is dragged.")
    parser.add_argument("--frames", type=int, default=60, help="frames a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    app = make_application()
    report: dict[str, object] = {
        "platform": app.platformName(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "side": SIDE,
    }
    print(f"{SIDE} x {SIDE}, 16 bits, {app.platformName()}, {os.cpu_count()} cores")
    for size in SIZES:
        found = measure(app, size, arguments.frames, arguments.turns)
        print(f"{size[0]} x {size[1]}")
        for name, turns in found.items():
            frames = sorted(second for turn in turns for second in turn)
            rate = 1 / statistics.median(frames)
            slow = frames[round(0.95 * (len(frames) - 1))]
            in_time = sum(second <= 1 / GOAL for second in frames) / len(frames)
            print(
                f"  {name:14} {rate:6.1f} frames/s (median), 95 % of the frames within "
                f"{1000 * slow:.1f} ms, {in_time:.0%} within {1000 / GOAL:.1f} ms"
            )
        ratios = [
            statistics.median(theirs) / statistics.median(ours)
            for ours, theirs in zip(found["Opacity"], found["plain program"], strict=True)
        ]
        print(
            f"  Opacity / plain program: {statistics.median(ratios):.1f} times "
            f"({min(ratios):.1f} to {max(ratios):.1f})"
        )
        report[f"{size[0]}x{size[1]}"] = {"seconds": found, "ratio": ratios}
    if arguments.json:
        arguments.json.write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
