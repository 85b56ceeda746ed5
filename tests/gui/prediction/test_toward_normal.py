"""What a heatmap accounts for in the reading window, and its other side on a key."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest

from app.core.model.balance import Balance
from app.core.model.results import GRAD_CAM, Call, Heatmap
from app.gui.prediction.evidence_text import evidence_words, signed

WAIT = 30_000


def heatmap(positive=0.5, negative=0.0, **balance):
    account = {"logit": 1.0, "constant": 0.5, "toward_pneumonia": 1.0, "toward_normal": 0.5}
    return Heatmap(
        np.full((2, 2), positive, np.float32),
        1.0,
        GRAD_CAM,
        other=np.full((2, 2), negative, np.float32),
        balance=Balance(**{**account, **balance}),
    )


def corner(window):
    view = window.image_view
    return view.grab(QRect(view.width() - 210, view.height() - 90, 210, 90)).toImage()


@pytest.fixture
def explained(window, qtbot, mixed_folder, open_and_score):
    """An image with its heatmap in view."""
    open_and_score(mixed_folder)
    row = next(r for r in window.worklist_model.rows if r.item.path.name == "two.dcm")
    if window.controller.current.path != row.item.path:
        with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
            assert window.worklist.choose(row.item)
    qtbot.waitUntil(lambda: window.image_view.heatmap is not None, timeout=WAIT)
    window.image_view.setFocus()
    return window


def test_the_panel_says_what_makes_up_the_logit(explained):
    text = explained.prediction_panel.evidence.text()
    balance = explained.image_view.heatmap.balance
    assert f"Logit {signed(balance.logit)}" in text
    assert f"{signed(balance.toward_pneumonia)} for pneumonia" in text
    assert "All of it is on the map" in text


def test_a_key_turns_the_map_to_the_evidence_toward_normal(explained):
    window, view = explained, explained.image_view
    window.commands["heatmap"].setChecked(False)
    before, words = view.heatmap, window.prediction_panel.evidence.text()
    QTest.keyClick(view, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    # Who asks for it sees it.
    assert window.commands["heatmap"].isChecked()
    assert view.heatmap.toward is Call.NORMAL
    assert view.heatmap.full_scale == before.full_scale
    np.testing.assert_array_equal(view.heatmap.evidence, before.other)
    assert "toward normal" in window.prediction_panel.evidence.text().splitlines()[0]
    turned = corner(window)
    QTest.keyClick(view, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert view.heatmap.toward is Call.PNEUMONIA
    assert window.prediction_panel.evidence.text() == words
    assert corner(window) != turned  # the key of the colours says which it is


def test_it_stays_hidden_from_a_blinded_reader(explained):
    window = explained
    window.review.set_sealed(True)
    QTest.keyClick(window.image_view, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert window.image_view.heatmap is None
    assert not window.prediction_panel.evidence.isVisible()


def test_words():
    text = evidence_words(heatmap())
    assert text.splitlines()[0].endswith("at most 50% (Grad-CAM).")
    assert "Logit +1.00: +1.00 for pneumonia, \u22120.50 toward normal, bias +0.50." in text
    part = evidence_words(heatmap(logit=3.0))
    assert "rest +2.00" in part
    assert "42 %" in part
    nearly = evidence_words(heatmap(toward_pneumonia=1000.0, logit=998.0, toward_normal=0.0))
    assert "99 %" in nearly
    empty = heatmap(positive=0.0)
    assert evidence_words(empty).startswith(
        "The heatmap is empty. That does not exclude pneumonia."
    )
    assert evidence_words(empty.turned()).startswith("The heatmap toward normal is empty.")
    assert evidence_words(Heatmap(empty.evidence, 1.0, GRAD_CAM)).count("\n") == 0
    assert signed(-0.001) == "0.00"
