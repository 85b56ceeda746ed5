"""A network without a convolution in the window: why no Grad-CAM, and what stands in for it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from tiny_model import save_tiny

from app.core.model.results import GRAD_CAM, INPUT_GRADIENT
from app.gui.main_window import MainWindow
from app.gui.prediction.prediction_panel import NO_GRAD_CAM

WAIT = 30_000


@pytest.fixture
def dense_window(window, qtbot, opacity_home, mixed_folder, open_and_score):
    """The window with one image of a score in view, judged by a network without a convolution."""
    save_tiny(opacity_home / "models", "plain", cam_layer="", cam_full_scale=0.01)
    window.controller.refresh_models()
    open_and_score(mixed_folder)
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.controller.choose_model("plain")
    window.worklist_model.rearrange()
    item = next(r.item for r in window.worklist_model.rows if r.item.path.name == "two.dcm")
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        assert window.worklist.choose(item)
    return window


def corner(window):
    """The corner of the image where the colour bar stands."""
    view = window.image_view
    return view.grab(QRect(view.width() - 210, view.height() - 90, 210, 90)).toImage()


@pytest.mark.slow
def test_it_says_why_and_shows_the_input_gradient_on_wish(dense_window, qtbot):
    window = dense_window
    panel, view = window.prediction_panel, window.image_view
    assert panel.no_grad_cam.isVisible()
    assert panel.no_grad_cam.text() == NO_GRAD_CAM
    assert panel.gradient.isVisible()
    assert not panel.gradient.isChecked()
    assert view.heatmap is None
    assert not panel.evidence.isVisible()
    bare = corner(window)

    panel.gradient.setFocus()
    QTest.keyClick(panel.gradient, Qt.Key.Key_Space)
    assert view.heatmap.method == INPUT_GRADIENT
    assert "Input gradient" in panel.evidence.text()
    assert corner(window) != bare
    QTest.keyClick(panel.gradient, Qt.Key.Key_Space)
    assert view.heatmap is None


@pytest.mark.slow
def test_the_wish_is_remembered_and_leaves_grad_cam_alone(dense_window, qtbot):
    window = dense_window
    window.prediction_panel.gradient.setChecked(True)
    again = MainWindow()
    qtbot.addWidget(again)
    assert again.prediction_panel.gradient.isChecked()
    again.service.close(5)

    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        window.controller.choose_model("tiny-a")
    assert window.image_view.heatmap.method == GRAD_CAM
    assert not window.prediction_panel.gradient.isVisible()
    assert not window.prediction_panel.no_grad_cam.isVisible()
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
