"""The table of runs, rebuilt from folders as workers and crashes leave them."""

from datetime import datetime

import pytest

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import EpochEnded, RunEnded, RunFailed, RunStarted, StepEnded, to_line
from app.core.base.home import runs_dir
from app.core.settings.training import TrainConfig
from app.training.runs.runs import (
    EVENTS_NAME,
    RunState,
    append_failure,
    list_runs,
    new_run,
    read_events,
    read_run,
)

CONFIG = TrainConfig(data="/images", epochs=3)
STARTED = RunStarted("r", "best", 3, 10, {}, {}, {}, "CPU")


def epoch(number, auc):
    return EpochEnded(number, 3, 1.0, {"loss": 0.5, "val_auc": auc}, True)


def run_with(*events, now=None):
    folder = new_run(CONFIG, now=now)
    lines = "".join(f"{to_line(event)}\n" for event in events)
    (folder / EVENTS_NAME).write_text(lines, encoding="utf-8")
    return folder


def test_a_new_run_lies_below_the_home_and_keeps_its_settings():
    folder = new_run(CONFIG, now=datetime(2026, 11, 23, 1, 2, 3))
    assert folder == runs_dir() / "20261123-010203"
    run = read_run(folder)
    assert run.config == CONFIG
    assert run.started == datetime(2026, 11, 23, 1, 2, 3)
    assert run.state is RunState.INTERRUPTED


def test_two_runs_of_one_second_get_two_folders():
    now = datetime(2026, 11, 23, 1, 2, 3)
    first, second = new_run(CONFIG, now=now), new_run(CONFIG, now=now)
    assert first != second
    assert read_run(second).started == now


@pytest.mark.parametrize(("stopped", "state"), [(False, "finished"), (True, "stopped")])
def test_a_run_with_a_model(stopped, state):
    ended = RunEnded("/m/best-1", "best-1", 2, 1, stopped)
    run = read_run(run_with(STARTED, epoch(1, 0.9), epoch(2, 0.8), ended))
    assert run.state == state
    assert (run.model_name, run.epochs_run, run.best_auc) == ("best-1", 2, 0.9)


def test_a_failed_run_says_why():
    run = read_run(run_with(STARTED, RunFailed("What.", "Expected.", "Fix.")))
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert str(run.error) == "What. Expected. Fix."


def test_a_crash_in_the_middle_of_a_line_is_failed_with_its_reason():
    folder = run_with(STARTED, epoch(1, 0.9))
    with (folder / EVENTS_NAME).open("a") as file:
        file.write('{"event": "StepEnded", "epo')
    assert read_run(folder).state is RunState.INTERRUPTED
    append_failure(folder, ReviewError("It crashed."))
    run = read_run(folder)
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.what == "It crashed."
    assert run.epochs_run == 1


def test_no_validation_auc_is_no_best():
    assert read_run(run_with(STARTED, epoch(1, float("nan")))).best_auc is None


def test_the_newest_first_and_folders_without_settings_left_out(opacity_home):
    old = new_run(CONFIG, now=datetime(2026, 1, 1))
    new = new_run(CONFIG, now=datetime(2026, 2, 1))
    (runs_dir() / "something else").mkdir()
    (runs_dir() / "a file").write_text("")
    assert [run.folder for run in list_runs()] == [new, old]


def test_no_runs_at_all():
    assert list_runs() == []


def test_damaged_settings_are_a_failed_run_and_the_others_stay():
    good = run_with(STARTED, RunEnded("/m", "m", 1, 1, False), now=datetime(2026, 1, 1))
    for number, text in enumerate(("{", '{"data": 1, "epochs": 0}', "[]", '{"foo": 1}', "null")):
        folder = new_run(CONFIG, now=datetime(2026, 2, 1 + number))
        (folder / "config.json").write_text(text)
    runs = list_runs()
    assert [run.state for run in runs] == [RunState.FAILED] * 5 + [RunState.FINISHED]
    assert all(run.config is None and run.error is not None for run in runs[:5])
    assert runs[-1].folder == good


def test_events_come_back_in_order_without_what_is_none():
    step = StepEnded(1, 1, 10, 0.5)
    folder = run_with(STARTED, step)
    with (folder / EVENTS_NAME).open("ab") as file:
        file.write(b"\xff\xfe garbage\n\n" + to_line(epoch(1, 0.9)).encode() + b"\n")
    assert read_events(folder) == [STARTED, step, epoch(1, 0.9)]
    assert read_events(folder, steps=False) == [STARTED, epoch(1, 0.9)]


def test_a_home_that_cannot_hold_runs_is_told(opacity_home, monkeypatch):
    blocked = opacity_home / "file"
    blocked.write_text("")
    monkeypatch.setenv("OPACITY_HOME", str(blocked))
    with pytest.raises(OutputError) as caught:
        new_run(CONFIG)
    assert "OPACITY_HOME" in caught.value.fix
    assert list(opacity_home.iterdir()) == [blocked]
