"""A slow disk and a model that breaks in an unheard-of way: the window never misleads or hangs."""

from __future__ import annotations

import time

import pytest

from app.core.base.errors import ReviewError
from app.inference.runtime.classifier import Classifier
from app.jobs import image_loader


@pytest.mark.slow
def test_the_image_before_does_not_stand_beside_the_next_ones_name(
    window, mixed_folder, open_and_score, qtbot, monkeypatch
):
    open_and_score(mixed_folder)
    item = {row.item.path.name: row.item for row in window.worklist_model.rows}
    window.worklist.choose(item["image0.png"])
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=10_000)
    real = image_loader.read_radiograph

    def slow(path):
        time.sleep(0.8)
        return real(path)

    monkeypatch.setattr(image_loader, "read_radiograph", slow)
    window.service._forget_wanted.emit()
    window.worklist.choose(item["image5.png"])
    qtbot.waitUntil(lambda: window.image_view.radiograph is None, timeout=600)
    assert "Reading" in window.image_view.message
    assert "image5" in window.prediction_panel.name.text()
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=10_000)
    assert window.image_view.radiograph.path.name == "image5.png"


def test_a_model_that_breaks_with_any_exception_is_told(window, qtbot, monkeypatch):
    qtbot.waitUntil(lambda: window.controller.model_name != "", timeout=30_000)
    used = window.controller.model_name
    other = {"tiny-a": "tiny-b", "tiny-b": "tiny-a"}[used]

    def broken(self):
        raise ZeroDivisionError("inside a library")

    monkeypatch.setattr(Classifier, "load", broken)
    with qtbot.waitSignal(window.service.model_failed, timeout=10_000) as failed:
        window.controller.choose_model(other)
    (error,) = failed.args
    assert isinstance(error, ReviewError)
    assert "ZeroDivisionError" in error.what
    assert window.controller.model_name == used
