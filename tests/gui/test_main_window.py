"""The real window, the real service and a real, tiny model."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest
from window_steps import (
    WAIT,
    choose_with_heatmap,
    item_named,
    row_named,
)

from app.core.image.anatomy import lungs_box
from app.core.image.display import rendered_sample
from app.core.model.results import Heatmap, Status
from app.gui.main_window import _LAYOUT_VERSION, _PREDICTION_WIDTH
from app.gui.prediction.prediction_panel import _HEADLINES
from app.gui.worklist.arrangement import WorklistColumn

ROOT = Path(__file__).resolve().parents[2]


def test_the_list_and_the_panel_say_the_same(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "image3.png")
    row = row_named(window, "image3.png")
    panel = window.prediction_panel
    index = window.worklist_model.index_of(row.item)
    assert panel.score.text() == index.siblingAtColumn(WorklistColumn.SCORE).data()
    assert panel.call.text() == _HEADLINES[row.triage]
    assert "NORMAL" not in panel.call.text()
    assert "tiny-" in panel.facts.text()
    assert "CPU" in panel.facts.text() or "GPU" in panel.facts.text()
    assert "Stretched" in panel.facts.text()


def test_a_refused_image_has_no_score_and_is_never_normal(
    window, mixed_folder, open_and_score, qtbot
):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "knee.dcm")
    panel = window.prediction_panel
    assert panel.score.text() == "No score"
    assert "not a normal result" in panel.call.text()
    assert "KNEE" in panel.reasons.text()
    assert not panel.scale.isVisible()
    assert window.image_view.radiograph is not None
    assert window.image_view.heatmap is None
    row = row_named(window, "knee.dcm")
    assert row.prediction.status is Status.REFUSED
    assert row.triage is None


def test_an_unreadable_image_says_why_in_its_place(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "image0.png")
    with qtbot.waitSignal(window.service.image_failed, timeout=WAIT):
        assert window.worklist.choose(item_named(window, "broken.png"))
    assert window.image_view.radiograph is None
    assert window.image_view.message
    assert window.prediction_panel.score.text() == "No score"
    assert window.prediction_panel.reasons.isVisible()


def test_the_overlay_leaves_zoom_and_pan_alone(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "two.dcm")
    view = window.image_view
    assert view.heatmap is not None
    view.zoom_by(3.0)
    view.viewport.pan(QPointF(40, -25))
    before = (view.viewport.scale, view.viewport.centre.toTuple())
    # Off at first: the anatomy comes before what the network makes of it.
    assert not view.overlay_shown
    hidden = view.grab().toImage()
    QTest.keyClick(window, Qt.Key.Key_H)
    assert view.overlay_shown
    shown = view.grab().toImage()
    QTest.keyClick(window, Qt.Key.Key_H)
    assert not view.overlay_shown
    assert (view.viewport.scale, view.viewport.centre.toTuple()) == before
    assert hidden != shown
    assert view.grab().toImage() == hidden


@pytest.mark.slow
@pytest.mark.parametrize("shown", [False, True])
def test_the_heatmap_is_switched_for_as_long_as_its_key_is_held(window, qtbot, shown):
    view = window.image_view
    window.commands["heatmap"].setChecked(shown)
    QTest.keyPress(window, Qt.Key.Key_H)
    assert view.overlay_shown is not shown
    qtbot.wait(400)
    QTest.keyRelease(window, Qt.Key.Key_H)
    assert view.overlay_shown is shown
    assert window.commands["heatmap"].isChecked() is shown
    QTest.keyClick(window, Qt.Key.Key_H)
    assert view.overlay_shown is not shown
    # A key that is let go later, in a field, is no end of a peek.
    qtbot.wait(400)
    QTest.keyClick(window.worklist.search, Qt.Key.Key_H)
    assert view.overlay_shown is not shown


@pytest.mark.slow
def test_a_verdict_after_a_peek_was_not_given_without_the_heatmap(
    window, mixed_folder, open_and_score, qtbot
):
    window.reading.set_reader("Ada")
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "two.dcm")
    assert not window.reading.heatmap_in_sight()
    QTest.keyPress(window, Qt.Key.Key_H)
    qtbot.wait(400)
    QTest.keyRelease(window, Qt.Key.Key_H)
    assert not window.image_view.overlay_shown
    assert window.reading.heatmap_in_sight()
    choose_with_heatmap(window, qtbot, "image3.png")
    assert not window.reading.heatmap_in_sight()


def test_contour_lines_leave_more_of_the_image_free(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "two.dcm")
    view = window.image_view
    evidence = np.zeros((7, 7), np.float32)
    evidence[2:5, 2:5] = 1.0
    bare = _pixels(view)
    window.commands["heatmap"].setChecked(True)
    view.set_heatmap(Heatmap(evidence, 1.0, "Grad-CAM"))
    filled = _pixels(view)
    window.commands["contours"].setChecked(True)
    lines = _pixels(view)
    assert 0 < (lines != bare).any(axis=-1).sum() < 0.5 * (filled != bare).any(axis=-1).sum()


def _pixels(view):
    """What the view shows, but for its notes below."""
    picture = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    shape = (picture.height(), picture.width(), 4)
    values = np.frombuffer(picture.constBits(), np.uint8).reshape(shape)
    return values[: shape[0] * 3 // 4, :, :3].copy()


def test_evidence_outside_the_lungs_is_told(window, mixed_folder, open_and_score, qtbot):
    open_and_score(mixed_folder)
    choose_with_heatmap(window, qtbot, "image0.png")
    outside, lungs = np.zeros((7, 7), np.float32), np.zeros((7, 7), np.float32)
    outside[0, 0] = lungs[3, 2] = 1.0
    panel = window.prediction_panel
    assert lungs_box(rendered_sample(window.image_view.radiograph)) is not None
    for evidence, told in ((outside, True), (lungs, False), (0 * lungs, False)):
        window.review.show_heatmap(Heatmap(evidence, 1.0, "Grad-CAM"))
        assert panel.outside.isVisible() is told
    window.review.show_heatmap(Heatmap(outside, 1.0, "Grad-CAM"))
    window.review.set_sealed(True)
    assert not panel.outside.isVisible()


def test_the_training_panel_lies_beside_the_prediction(window):
    window.commands["training"].setChecked(True)
    assert window.training_dock.isVisible()
    assert window.training_panel.width() >= 340
    window.commands["training"].setChecked(False)
    assert not window.training_dock.isVisible()
    assert window.prediction_panel.isVisible()


def test_a_dropped_folder_is_opened(window, mixed_folder, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(mixed_folder))])
    event = QDropEvent(
        QPointF(600, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.service.finished, timeout=WAIT):
        window.dropEvent(event)
    assert len(window.worklist_model.rows) == 10


def test_a_missing_path_is_told(window, tmp_path, qtbot):
    with qtbot.waitSignal(window.service.failed, timeout=WAIT):
        window.open([str(tmp_path / "nowhere")])
    assert "does not exist" in window.notice_bar.text.text()


def test_what_is_remembered(window, mixed_folder, open_and_score, opacity_home):
    open_and_score(mixed_folder)
    window.opacity.set_percent(35)
    window.close()
    text = (opacity_home / "window.ini").read_text(encoding="utf-8")
    assert "opacity=35" in text
    assert str(mixed_folder) in text
    assert "folder=" + str(mixed_folder.parent) in text


def test_the_window_says_what_it_is_not(window):
    assert "not a medical device" in window.prediction_panel.disclaimer.text()
    window.show_about()
    window.desk.show_keys()


def test_every_command_has_its_own_keys(window):
    keys = [k for a in window.command_list for k in a.shortcut.split(", ") if k]
    assert len(keys) == len(set(keys))


@pytest.mark.slow
def test_importing_the_window_leaves_tensorflow_out():
    code = (
        "import sys; import app.gui.main_window, app.gui.application; "
        "print([n for n in ('tensorflow', 'keras') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.data
def test_a_real_chest_radiograph_is_shown_at_its_own_resolution(
    window, shared_data, qtbot, open_and_score, tmp_path
):
    source = next((shared_data / "fullsize" / "PNEUMONIA").glob("*.jpeg"))
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / source.name).write_bytes(source.read_bytes())
    open_and_score(folder)
    view = window.image_view
    qtbot.waitUntil(lambda: view.radiograph is not None, timeout=WAIT)
    assert view.radiograph.pixels.shape == cv2.imread(str(source), cv2.IMREAD_GRAYSCALE).shape
    assert window.worklist_model.rows[0].prediction.status is Status.OK


def test_the_prediction_panel_is_never_clipped_not_even_by_a_layout_saved_narrower(window, qtbot):
    panel, dock = window.reading.panel, window.prediction_dock
    panel.setMinimumWidth(0)
    window.resizeDocks([dock], [60], Qt.Orientation.Horizontal)
    qtbot.wait(50)
    broken = window.saveState(_LAYOUT_VERSION)
    panel.setMinimumWidth(_PREDICTION_WIDTH)
    assert window.restoreState(broken, _LAYOUT_VERSION)
    qtbot.waitUntil(lambda: dock.width() >= _PREDICTION_WIDTH, timeout=WAIT)
    window.resizeDocks([dock], [60], Qt.Orientation.Horizontal)
    qtbot.wait(50)
    assert panel.width() >= _PREDICTION_WIDTH
    assert panel.mapTo(window, panel.rect().topRight()).x() <= window.width()
