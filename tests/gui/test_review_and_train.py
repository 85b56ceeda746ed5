"""The main job in one real window: open, score, sort, overlay, train two epochs, switch model."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from tiny_data import write_training_folder

from app.core.model.results import Status
from app.gui.worklist.model import WorklistColumn

TRAINING_MS = 400_000


def click_heading(window, column, qtbot) -> None:
    header = window.worklist.table.horizontalHeader()
    x = header.sectionViewportPosition(column) + 12
    place = QPoint(x, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    window.worklist_model.rearrange()


def scored_names(window) -> list[str]:
    """Names of the scored images from top to bottom, as the table shows them."""
    model = window.worklist.table.model()
    names = []
    for row in range(model.rowCount()):
        state = model.index(row, WorklistColumn.STATE).data()
        if state in ("scored", "caution"):
            names.append(model.index(row, WorklistColumn.NAME).data())
    return names


@pytest.mark.slow
def test_review_then_train_then_review_with_the_new_model(
    window, mixed_folder, open_and_score, qtbot, monkeypatch, tmp_path
):
    open_and_score(mixed_folder)
    rows = window.worklist_model.rows
    assert all(row.prediction is not None for row in rows)
    first = {row.item.path: row.prediction.model for row in rows}

    # Sort by a click on a heading, both ways; then the overlay by its key.
    click_heading(window, WorklistColumn.NAME, qtbot)
    one_way = scored_names(window)
    click_heading(window, WorklistColumn.NAME, qtbot)
    other_way = scored_names(window)
    assert len(one_way) >= 6
    assert one_way != other_way
    assert sorted(one_way) == sorted(other_way)
    shown = window.commands["heatmap"].isChecked()
    qtbot.keyClick(window.image_view, Qt.Key.Key_H)
    assert window.commands["heatmap"].isChecked() is not shown

    # Train two epochs on a tiny set, with the real worker.
    data = write_training_folder(tmp_path / "tiny", per_class=30)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(data))
    window.commands["training"].setChecked(True)
    panel = window.training_panel
    qtbot.mouseClick(panel.data.choose_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.start_button.isEnabled(), timeout=10_000)
    panel.form.fields["epochs"].setValue(2)
    panel.form.fields["batch_size"].setValue(16)
    panel.form.fields["frozen_blocks"].setValue(16)  # trains only the head, in a few seconds
    with qtbot.waitSignal(panel.model_trained, timeout=TRAINING_MS) as trained:
        qtbot.mouseClick(panel.start_button, Qt.MouseButton.LeftButton)
        # The viewer stays usable meanwhile.
        window.worklist.step(-20)
        before = window.worklist.current_item
        window.worklist.step(1)
        assert window.worklist.current_item != before
    (name,) = trained.args
    assert len(panel.curves.points("val_loss")[0]) == 2
    assert window.model_chooser.findData(name) >= 0

    # Use it: every image is scored again by the new model.
    with qtbot.waitSignal(window.service.finished, timeout=120_000):
        qtbot.mouseClick(panel.use_button, Qt.MouseButton.LeftButton)
    for row in window.worklist_model.rows:
        assert row.prediction.model == f"{name} 1.0"
        assert row.prediction.model != first[row.item.path]
        if row.prediction.status is Status.OK:
            assert 0 <= row.prediction.p_pneumonia <= 1
    assert window.controller.model_name == name
