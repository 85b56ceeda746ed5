"""What real child processes say arrives in the window's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiny_data import write_training_folder

from app.core.base import translation
from app.core.base.translation_file import VARIABLE, use_the_windows_language
from app.core.settings.training import TrainConfig
from app.jobs.event_process import worker_environment
from app.jobs.model_process import ModelProcess
from app.jobs.training_process import TrainingProcess

WAIT = 120_000


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, "de")
    use_the_windows_language()
    monkeypatch.delenv(VARIABLE)
    yield
    translation.install(None)


def run_on_one_class(qtbot, folder):
    write_training_folder(folder)
    for image in (folder / "NORMAL").iterdir():
        image.unlink()
    (folder / "NORMAL").rmdir()
    process = TrainingProcess()
    with qtbot.waitSignal(process.finished, timeout=WAIT) as done:
        process.start(TrainConfig(data=str(folder)))
    (outcome,) = done.args
    return outcome.error


def test_the_trainings_error_is_german(qtbot, tmp_path, german):
    error = run_on_one_class(qtbot, tmp_path / "images")
    assert error.what == "Der Ordner images enthält nur eine Klasse, PNEUMONIA."
    assert error.expected.startswith("Erwartet wurden mindestens zwei Klassen")


def test_a_window_in_english_has_english_children(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "de")  # left over from somewhere: the window decides
    assert worker_environment().value(VARIABLE) == ""
    error = run_on_one_class(qtbot, tmp_path / "images")
    assert error.what == "The folder images holds only one class, PNEUMONIA."


def test_the_models_windows_error_is_german(qtbot, tmp_path, german):
    damaged = tmp_path / "a.opacity-model"
    damaged.write_bytes(b"no archive")
    process = ModelProcess()
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.import_file(str(damaged))
    (error,) = failed.args
    assert error.what.startswith("a.opacity-model kann nicht importiert werden: sie ist beschädigt")


def test_a_death_without_a_word_is_told_in_german(qtbot, tmp_path, german):
    process = TrainingProcess(command=["/bin/sh", "-c", "exit 3"])
    with qtbot.waitSignal(process.finished, timeout=WAIT) as done:
        process.start(TrainConfig(data=str(tmp_path)))
    (outcome,) = done.args
    assert outcome.error.what == "Der Prozess „Training“ endete mit dem Exit-Code 3."
