"""What the network saw, beside the image: the very input with its steps, or why there is none."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.base.reasons import texts
from app.core.image.preprocess import FRAME_SIZE
from app.inference.runtime.classifier import Classifier

WAIT = 30_000


def choose(window, name):
    item = next(r.item for r in window.worklist_model.rows if r.item.path.name == name)
    assert window.worklist.choose(item)


def test_the_very_input_stands_beside_the_image(
    window, qtbot, mixed_folder, open_and_score, monkeypatch
):
    seen = []
    answers = Classifier.answers

    def spy(self, inputs, maps=False):
        if maps:
            seen.append(inputs)
        return answers(self, inputs, maps)

    monkeypatch.setattr(Classifier, "answers", spy)
    open_and_score(mixed_folder)
    desk = window.image_desk.input
    assert not desk.is_open
    choose(window, "image0.png")
    qtbot.waitUntil(lambda: window.image_view.heatmap is not None, timeout=WAIT)
    with qtbot.waitSignal(window.service.input_ready, timeout=WAIT):
        QTest.keyClick(window.image_view, Qt.Key.Key_G)
    with qtbot.waitSignal(window.service.input_ready, timeout=WAIT):
        choose(window, "two.dcm")
    assert desk.pane.isVisible()
    # Not another way to the same: the array that the network had is the one on the screen.
    assert any(np.array_equal(each[0, ..., 0], desk.pane.view.radiograph.pixels) for each in seen)
    steps = desk.pane.steps.text().replace("\N{NO-BREAK SPACE}", " ")
    assert f"Stretched to {FRAME_SIZE} x {FRAME_SIZE}" in steps
    assert steps.startswith("What the network saw:   1. ")
    for number, step in enumerate(texts(window.prediction_panel._prediction.steps), 1):
        assert f"{number}. {step}" in steps

    choose(window, "knee.dcm")
    qtbot.waitUntil(lambda: "was given nothing" in desk.pane.view.message, timeout=WAIT)
    assert desk.pane.view.radiograph is None
    assert "knee" in desk.pane.steps.text().lower()

    choose(window, "broken.png")
    qtbot.waitUntil(lambda: desk.pane.view.message == "", timeout=WAIT)
    assert desk.pane.view.radiograph is None

    QTest.keyClick(window.image_view, Qt.Key.Key_G)
    assert not desk.is_open
    assert not desk.pane.bar.isVisible()
    choose(window, "image1.png")
    qtbot.waitUntil(lambda: window.image_view.heatmap is not None, timeout=WAIT)
    assert desk.pane.view.radiograph is None  # nobody asked


def test_it_follows_the_model(window, qtbot, mixed_folder, open_and_score):
    open_and_score(mixed_folder)
    desk = window.image_desk.input
    choose(window, "image0.png")
    with qtbot.waitSignal(window.service.input_ready, timeout=WAIT):
        desk.toggle()
    with qtbot.waitSignal(window.service.input_ready, timeout=WAIT):
        window.controller.choose_model("tiny-b")
    assert desk.pane.view.radiograph is not None
    qtbot.waitUntil(lambda: not window.service.is_busy, timeout=WAIT)
