"""Tools > Models in the real window, on real tiny models and the real child process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from tiny_data import write_training_folder
from tiny_model import save_tiny, wide_gate

from app.core.base.home import models_dir
from app.gui.models.models_dialog import ModelsDialog
from app.inference.registry.models import active_name, list_models, promote

WAIT = 120_000
MEASURED = {"held_out": {"auc": {"value": 0.91, "low": 0.88, "high": 0.94}, "n": 200}}


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Path:
    models = tmp_path_factory.mktemp("models")
    return save_tiny(models, "good", seed=3, gate=wide_gate(), metrics=MEASURED)


@pytest.fixture
def started(window, measured, qtbot):
    """The window once ``tiny-a`` is active and loaded."""
    shutil.copytree(measured, models_dir() / "good")
    promote("tiny-a", despite_missing=True)
    qtbot.waitUntil(lambda: window.controller.model_name != "", timeout=WAIT)
    window.controller.model_promoted("tiny-a")
    qtbot.waitUntil(lambda: window.controller.model_name == "tiny-a", timeout=WAIT)
    return window


@pytest.fixture
def dialog(started, qtbot) -> ModelsDialog:
    started.commands["models"].trigger()
    dialog = started.models_dialog
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def row_of(dialog: ModelsDialog, name: str) -> list[str]:
    table = dialog.table
    for row in range(table.rowCount()):
        if table.item(row, 0).data(Qt.ItemDataRole.UserRole) == name:
            return [table.item(row, column).text() for column in range(table.columnCount())]
    raise AssertionError(f"{name} is not listed")


def pick(dialog: ModelsDialog, name: str) -> None:
    table = dialog.table
    for row in range(table.rowCount()):
        if table.item(row, 0).data(Qt.ItemDataRole.UserRole) == name:
            table.selectRow(row)


def click(qtbot, button) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.slow
def test_every_model_is_listed_with_what_matters(dialog):
    assert row_of(dialog, "tiny-a")[-1] == "active"
    assert row_of(dialog, "good") == [
        "good 1.0", "best", "0.910 (0.880-0.940)", "0.500", "trained here", "",
    ]  # fmt: skip
    assert row_of(dialog, "tiny-b")[2] == "not measured"
    assert row_of(dialog, "damaged")[-1] == "not usable"
    pick(dialog, "damaged")
    assert "cannot be used" in dialog.card.toPlainText()
    assert not dialog.promote_button.isEnabled()
    assert not dialog.export_button.isEnabled()
    pick(dialog, "tiny-a")
    assert dialog.why.text() == "It is the active model."
    assert not dialog.compare_button.isEnabled()


def test_promote_is_one_click_and_so_is_going_back(dialog, started, qtbot):
    pick(dialog, "good")
    with qtbot.waitSignal(started.service.model_changed, timeout=WAIT):
        click(qtbot, dialog.promote_button)
    assert active_name() == "good"
    assert row_of(dialog, "good")[-1] == "active"
    assert "good is the active model now" in dialog.notice.text()
    assert started.controller.model_name == "good"
    assert "not the active model" not in started.status_line.engine.text()
    assert started.model_chooser.currentText() == "good 1.0 (active)"
    assert dialog.back_button.text() == "Roll back to tiny-a"
    with qtbot.waitSignal(started.service.model_changed, timeout=WAIT):
        click(qtbot, dialog.back_button)
    assert active_name() == "tiny-a"
    assert started.controller.model_name == "tiny-a"


def test_a_model_that_lacks_something_is_asked_about(dialog, started, qtbot):
    pick(dialog, "tiny-b")
    assert "MISSING\n- figures on held-out patients" in dialog.card.toPlainText()
    click(qtbot, dialog.promote_button)
    assert active_name() == "tiny-a"
    assert "lacks: figures on held-out patients" in dialog.prompt.text.text()
    click(qtbot, dialog.prompt.no_button)
    assert not dialog.prompt.isVisible()
    click(qtbot, dialog.promote_button)
    with qtbot.waitSignal(started.service.model_changed, timeout=WAIT):
        click(qtbot, dialog.prompt.yes_button)
    assert active_name() == "tiny-b"


def test_another_model_in_the_chooser_is_for_looking(started, qtbot):
    with qtbot.waitSignal(started.service.model_changed, timeout=WAIT):
        started.controller.choose_model("tiny-b")
    assert "not the active model" in started.status_line.engine.text()
    assert "not the active model" in started.prediction_panel.facts.text()
    assert active_name() == "tiny-a"


def test_promoting_from_outside_opens_the_dialog_only_to_ask(started, qtbot):
    with qtbot.waitSignal(started.service.model_changed, timeout=WAIT):
        started.promote_model("good")
    assert active_name() == "good"
    assert not started.models_dialog.isVisible()
    started.promote_model("tiny-b")
    assert started.models_dialog.prompt.isVisible()
    started.models_dialog.close()
    assert active_name() == "good"
    started.promote_model("damaged")
    assert started.models_dialog.isVisible()
    assert "damaged" in started.models_dialog.errors.text.text()


@pytest.mark.slow
def test_compare_on_a_folder(dialog, started, qtbot, monkeypatch, tmp_path):
    data = write_training_folder(tmp_path / "data", per_class=12)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(data))
    pick(dialog, "good")
    click(qtbot, dialog.compare_button)
    assert dialog.cancel_button.isVisible()
    assert not dialog.promote_button.isEnabled()
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=WAIT)
    text = dialog.comparison.toPlainText()
    assert "good 1.0 against tiny-a 1.0 on the same images: 24 (" in text
    assert dialog.tabs.currentWidget() is dialog.comparison
    assert not dialog.progress_row.isVisible()
    # A folder without labels: told in its place, and nothing is lost.
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "empty"))
    click(qtbot, dialog.compare_button)
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=WAIT)
    assert "no subfolder NORMAL or PNEUMONIA" in dialog.errors.text.text()
    # Esc leaves the dialog, and with it what goes on.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(data))
    click(qtbot, dialog.compare_button)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=20_000)
    assert dialog.notice.text().startswith("Cancelled")


@pytest.mark.slow
def test_export_and_import(dialog, started, qtbot, monkeypatch, tmp_path):
    file = tmp_path / "good.opacity"
    pick(dialog, "good")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: not dialog.process.running, timeout=WAIT)
    assert "was written to" in dialog.notice.text()
    click(qtbot, dialog.import_button)
    qtbot.waitUntil(lambda: dialog.prompt.isVisible(), timeout=WAIT)
    assert dialog.prompt.name.text() == "good-2"
    # A name that cannot be one is asked for again.
    dialog.prompt.name.setText("a/b")
    qtbot.keyClick(dialog.prompt.name, Qt.Key.Key_Return)
    assert "cannot name a model" in dialog.errors.text.text()
    assert dialog.prompt.isVisible()
    dialog.prompt.name.setText("theirs")
    with qtbot.waitSignal(dialog.models_changed, timeout=WAIT):
        qtbot.keyClick(dialog.prompt.name, Qt.Key.Key_Return)
    assert row_of(dialog, "theirs")[4] == "imported"
    assert active_name() == "tiny-a"
    assert started.model_chooser.findData("theirs") >= 0
    assert {"good", "theirs"} <= {entry.name for entry in list_models()}


@pytest.mark.slow
def test_nothing_is_exported_among_what_is_open(dialog, started, qtbot, monkeypatch, tmp_path):
    opened = write_training_folder(tmp_path / "opened", per_class=2)
    with qtbot.waitSignal(started.service.finished, timeout=WAIT):
        started.open([str(opened)])
    file = opened / "NORMAL" / "good.opacity"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    click(qtbot, dialog.export_button)
    assert "open for review" in dialog.errors.text.text()
    assert not file.exists()


def test_a_cards_text_is_never_rich_text(dialog, started, qtbot):
    evil = "<img src='/etc/passwd'><b>trust me</b>"
    card = json.loads((models_dir() / "good" / "card.json").read_text())
    card.update(licence=evil, version=evil, limits=[evil])
    (models_dir() / "good" / "card.json").write_text(json.dumps(card))
    dialog.controller.refresh()
    pick(dialog, "good")
    assert dialog.card.toPlainText().count(evil) == 3
    assert row_of(dialog, "good")[0] == f"good {evil}"
    started.controller.refresh_models()
    place = started.model_chooser.findData("good")
    tip = started.model_chooser.itemData(place, Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert started.model_chooser.itemText(place) == f"good {evil}"


def test_it_can_be_reached_by_keys_alone(started, qtbot):
    qtbot.keyClick(started, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    dialog = started.models_dialog
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.table.hasFocus() or not dialog.isActiveWindow()
    dialog.table.setFocus()
    before = dialog.controller.chosen
    dialog.table.setCurrentCell(0, 0)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.controller.chosen != before or dialog.table.currentRow() == 1
    for widget in (dialog.table, dialog.card, dialog.comparison, dialog.progress):
        assert widget.accessibleName()
