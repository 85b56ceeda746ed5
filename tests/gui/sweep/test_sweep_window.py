"""The real sweep window with a real, tiny sweep behind it; and the main window around it."""

import csv
import sys
import textwrap

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from sweep_rows import make_rows
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.events import TrialOver
from app.core.settings.sweep import SweepConfig
from app.gui.common.leaving import LeavingDialog
from app.gui.settings.remembered import Settings
from app.gui.sweep.sweep_window import SweepWindow
from app.training.sweep.folders import list_sweeps, open_sweep
from app.training.sweep.ledger import write_ledger

# A minute on two idle cores; the limit is for a machine that does other things.
LONG = 400_000
FAKE = """
import json, sys
print(json.dumps({"event": "SweepStarted", "folder": sys.argv[1], "study": "s", "total": 4,
                  "done": 0, "workers": 1, "device": "CPU"}), flush=True)
sys.stdin.readline()
print(json.dumps({"event": "SweepEnded", "done": 1, "failed": 0, "total": 4, "stopped": True}),
      flush=True)
"""


@pytest.fixture
def open_window(qtbot, tmp_path):
    """A window of sweeps on a tiny folder of images; several stand for restarts."""
    made = []

    def make(config=None, **options):
        window = SweepWindow(lambda: config, lambda: False, Settings(), **options)
        qtbot.addWidget(window)
        made.append(window)
        window.present()
        return window

    yield make
    for window in made:
        window.shutdown()


def press(button):
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def cells(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def states(window):
    board = window.board.board
    return [board.row(row).state for row in range(board.rowCount())]


@pytest.mark.slow
def test_the_time_is_told_before_the_start(open_window, qtbot, tmp_path):
    window = open_window(tiny("dense", data=write_training_folder(tmp_path / "tiny")))
    qtbot.waitUntil(lambda: "216 settings on" in window.time.text(), timeout=LONG)
    assert window.time.text().startswith("About ")
    window.form.trials.setValue(6)
    qtbot.waitUntil(lambda: "for 6 settings" in window.time.text(), timeout=LONG)
    assert not window.sweeping


@pytest.mark.slow
def test_start_stop_restart_go_on_use_and_export(open_window, qtbot, tmp_path, monkeypatch):
    data = write_training_folder(tmp_path / "tiny")
    window = open_window(tiny("dense", data=data))
    form = window.form
    assert form.trials.text() == "all 216"
    form.study.selectAll()
    QTest.keyClicks(form.study, "tiny-sweep")
    form.trials.setValue(6)
    form.fields["inner_folds"].setValue(2)
    form.fields["workers"].setValue(1)
    assert window.hint.text().startswith("6 settings, each trained 2 times")
    assert "Select a trial" in window.trial.verdict.text()

    press(window.start_button)
    assert window.sweeping
    assert not form.study.isEnabled()
    assert not window.progress_row.isHidden()
    events = []
    window.process.said.connect(events.append)
    qtbot.waitUntil(
        lambda: any(isinstance(e, TrialOver) for e in events) or not window.sweeping, timeout=LONG
    )
    assert window.sweeping, window.errors.text.text()
    assert cells(window.studies)[1][::2] == ["tiny-sweep", "running"]
    press(window.stop_button)
    assert "Stopping" in window.progress_label.text()
    qtbot.waitUntil(lambda: not window.sweeping, timeout=LONG)
    assert window.errors.isHidden(), window.errors.text.text()
    assert "are done and kept" in window.notice.text()
    qtbot.waitUntil(lambda: "complete" in states(window), timeout=LONG)
    done = states(window).count("complete")
    window.shutdown()

    window = open_window(None)
    qtbot.waitUntil(lambda: window.studies.rowCount() == 2, timeout=LONG)
    window.studies.selectRow(1)
    qtbot.waitUntil(lambda: states(window).count("complete") >= done, timeout=LONG)
    assert window.form.trials.value() == 6
    if "Go on" in window.hint.text():  # unless the stop came after the last trial
        press(window.start_button)
        qtbot.waitUntil(lambda: not window.sweeping, timeout=LONG)
    assert window.errors.isHidden(), window.errors.text.text()
    qtbot.waitUntil(lambda: states(window) == ["complete"] * 6, timeout=LONG)
    qtbot.waitUntil(lambda: cells(window.studies)[1][1:] == ["6/6", "finished"], timeout=LONG)
    assert not window.start_button.isEnabled()

    window.board.setFocus()
    window.board.select(window.board.proxy.index(0, 1).data(int(Qt.ItemDataRole.UserRole) + 1))
    best = window.board.selected
    row = window.board.board.row(window.board.board.row_of(best))
    QTest.keyClick(window.board, Qt.Key.Key_Down)
    assert window.board.selected != best
    QTest.keyClick(window.board, Qt.Key.Key_Up)
    assert window.trial.title.text() == f"Trial {best}"
    assert window.trial.verdict.text().startswith(("Fine", "Over-fitting", "Under-fitting"))
    curves = window.trial.points("val_accuracy")
    assert [len(fold) for fold in curves] == [row.settings["epochs"]] * 2
    wanted = []
    window.settings_wanted.connect(wanted.append)
    press(window.trial.use_button)
    assert wanted[0].batch_size == row.settings["batch_size"]

    table = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))
    press(window.export_button)
    with table.open(newline="") as file:
        assert [line["state"] for line in csv.DictReader(file)] == ["complete"] * 6
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(data / "o.csv"), ""))
    press(window.export_button)
    assert "folder of the training images" in window.errors.text.text()
    assert not (data / "o.csv").exists()


@pytest.mark.slow
def test_a_storage_that_cannot_be_reached_is_told_in_place(open_window, qtbot, tmp_path):
    data = write_training_folder(tmp_path / "tiny")
    window = open_window(tiny("dense", data=data))
    QTest.keyClicks(window.form.storage, f"sqlite:///{tmp_path}/no/such/folder.db")
    press(window.start_button)
    qtbot.waitUntil(lambda: not window.sweeping, timeout=LONG)
    assert "cannot be used" in window.errors.text.text()
    assert window.errors.isVisible()
    assert window.start_button.text() == "Go on"


@pytest.mark.slow
def test_finished_unfinished_and_damaged_studies_come_back_from_disk(open_window, qtbot):
    rows = make_rows()
    folder = open_sweep(SweepConfig("first", tiny("dense"), inner_folds=2))
    write_ledger(folder / "ledger.jsonl", rows)
    damaged = open_sweep(SweepConfig("second", tiny("cnn")))
    (damaged / "sweep.json").write_text("{")
    (damaged / "ledger.jsonl").write_text("{")
    assert len(list_sweeps()) == 2
    window = open_window(None)
    qtbot.waitUntil(lambda: window.studies.rowCount() == 3, timeout=LONG)
    shown = {row[0]: row[1:] for row in cells(window.studies)}
    done = sum(row.state != "running" for row in rows)
    assert shown["first"] == [f"{done}/216", "running elsewhere"]  # written a moment ago
    assert shown["second"][1] == "not readable"
    names = [row[0] for row in cells(window.studies)]
    window.studies.selectRow(names.index("first"))
    qtbot.waitUntil(lambda: window.board.proxy.rowCount() == 216, timeout=LONG)
    assert window.start_button.isEnabled()
    # Another process goes on with it: the window follows the disk.
    write_ledger(folder / "ledger.jsonl", rows[:200])
    qtbot.waitUntil(lambda: window.board.proxy.rowCount() == 200, timeout=LONG)
    window.studies.selectRow(names.index("second"))
    qtbot.waitUntil(lambda: window.board.proxy.rowCount() == 0, timeout=LONG)
    assert "cannot be read" in window.hint.text()


def test_help_and_names_for_every_field(open_window, qtbot):
    window = open_window(tiny("dense"))
    for field in window.form.fields.values():
        assert field.accessibleName()
        assert field.accessibleDescription()
    window.form.trials.setFocus()
    qtbot.waitUntil(lambda: window.help.text().startswith("Trials:"), timeout=LONG)
    # The longest help has room.
    text = max((f.accessibleDescription() for f in window.form.fields.values()), key=len)
    window.help.setText(text)
    assert window.help.heightForWidth(window.help.width()) <= window.help.height()
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 740


def test_the_main_window_opens_it_takes_settings_over_and_asks_before_it_closes(
    window, qtbot, tmp_path
):
    window.training_panel.setup.sweep_button.click()
    sweeps = window.sweep_window
    assert sweeps.isVisible()
    sweeps.close()
    window.commands["sweeps"].trigger()
    assert sweeps.isVisible()
    assert "Choose images" in sweeps.hint.text()

    sweeps.settings_wanted.emit(tiny("cnn", nodes_cnn=64, activation_dense="elu", epochs=20))
    said = window.training_panel.settings()
    assert (said["arch"], said["nodes_cnn"], said["activation_dense"]) == ("cnn", 64, "elu")
    assert said["epochs"] == 20
    assert window.training_panel.isVisible()

    script = tmp_path / "sweep.py"
    script.write_text(textwrap.dedent(FAKE), encoding="utf-8")
    sweeps.process._command = [sys.executable, str(script)]
    sweeps.process.start(SweepConfig("s", tiny("dense")))
    assert not window.close()
    (dialog,) = window.findChildren(LeavingDialog)
    assert dialog.windowTitle() == "A sweep is running"
    press(dialog.keep_button)
    assert sweeps.sweeping
    assert not window.close()
    (dialog,) = [d for d in window.findChildren(LeavingDialog) if d.isVisible()]
    press(dialog.stop_button)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    assert not sweeps.sweeping
