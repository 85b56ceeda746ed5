"""Closing the real window while a training runs; the worker is a script with the real bridge."""

import itertools
import sys
import textwrap
import time

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from app.core.settings.training import TrainConfig
from app.gui.common.leaving import LeavingDialog
from app.training.runs.runs import RunState, list_runs

WAIT = 20_000
WORKER = """
import json, os, sys, time
def event(kind, **values):
    line = json.dumps({"event": kind, **values})
    open(os.path.join(sys.argv[2], "events.jsonl"), "a").write(line + "\\n")
    print(line, flush=True)
event("RunStarted", run_dir="r", arch="best", epochs=2, steps_per_epoch=5, train_counts={},
      validation_counts={}, calibration_counts={}, device="CPU")
sys.stdin.readline()
"""
KEPT = """
time.sleep(0.5)
event("RunEnded", model_dir="m", model_name="best-9", epochs_run=1, best_epoch=1, stopped=True)
"""


@pytest.fixture
def train(window, qtbot, tmp_path):
    """Start a run whose worker does ``after`` once it is asked to stop."""
    process = window.training_panel.process
    said = []
    process.said.connect(said.append)

    def start(after):
        script = tmp_path / "worker.py"
        script.write_text(WORKER + textwrap.dedent(after), encoding="utf-8")
        process._command = [sys.executable, str(script)]
        process.start(TrainConfig(data=str(tmp_path)))
        qtbot.waitUntil(lambda: bool(said), timeout=WAIT)

    yield start
    process.close(0)


def dialog_of(window):
    (dialog,) = [d for d in window.findChildren(LeavingDialog) if d.isVisible()]
    return dialog


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_training_nothing_is_asked(window):
    assert window.close()
    assert not window.findChildren(LeavingDialog)


def test_keep_training_keeps_both_window_and_training(window, train, qtbot):
    train(KEPT)
    assert not window.close()
    press(dialog_of(window).keep_button)
    qtbot.wait(50)
    assert window.isVisible()
    assert window.training_panel.process.running
    assert not window.training_panel.process.stopping
    # Asked again the next time, and Escape is the same answer.
    assert not window.close()
    QTest.keyClick(dialog_of(window), Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.training_panel.process.running


@pytest.mark.slow
def test_stop_and_keep_waits_in_sight_and_then_closes(window, train, qtbot):
    train(KEPT)
    assert not window.close()
    dialog = dialog_of(window)
    beats = []
    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    press(dialog.stop_button)
    timer.start()
    assert dialog.bar.isVisible()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)
    timer.stop()
    gaps = [after - before for before, after in itertools.pairwise(beats)]
    assert len(beats) > 10
    assert max(gaps) < 0.4
    (run,) = list_runs()
    assert run.state is RunState.STOPPED
    assert run.model_name == "best-9"


def test_when_nothing_could_be_kept_the_window_stays_and_says_so(window, train, qtbot):
    train("sys.exit(3)")
    assert not window.close()
    press(dialog_of(window).stop_button)
    qtbot.waitUntil(lambda: window.training_panel.errors.isVisible(), timeout=WAIT)
    assert window.isVisible()
    assert "exit code 3" in window.training_panel.errors.text.text()
    qtbot.waitUntil(lambda: not window.findChildren(LeavingDialog), timeout=WAIT)


@pytest.mark.slow
def test_close_anyway_closes_while_it_waits(window, train, qtbot):
    train("time.sleep(60)")
    window.training_panel.controller.stop()
    assert not window.close()
    dialog = dialog_of(window)
    assert dialog.waits  # a stop is under way: there is nothing left to ask
    began = time.monotonic()
    press(dialog.close_now_button)
    assert not window.isVisible()
    assert time.monotonic() - began < 8
    assert not window.training_panel.process.running
    (run,) = list_runs()
    assert run.state is RunState.INTERRUPTED


@pytest.mark.slow
def test_a_training_that_ends_while_the_question_stands_takes_it_away(window, train, qtbot):
    train(KEPT)
    assert not window.close()
    window.training_panel.process._process.write(b"\n")
    qtbot.waitUntil(lambda: not window.training_panel.training, timeout=WAIT)
    qtbot.waitUntil(lambda: not window.findChildren(LeavingDialog), timeout=WAIT)
    assert window.isVisible()
    assert window.training_panel.isVisible()
