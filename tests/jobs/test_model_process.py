"""The child process of the Models window: a fake for bad ends, and the real one."""

from __future__ import annotations

import shutil

import pytest
from fake_worker import making
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.core.base.home import models_dir
from app.inference.registry.models import list_models
from app.jobs.model_process import ModelProcess

WAIT = 120_000


@pytest.fixture
def make(qtbot, tmp_path):
    yield from making(ModelProcess, tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=20)


@pytest.fixture
def models(opacity_home):
    save_tiny(models_dir(), "old", seed=1)
    save_tiny(models_dir(), "new", seed=5)
    return models_dir()


@pytest.mark.slow
def test_compare_for_real(make, models, data, qtbot):
    process = make()
    told = []
    process.progress.connect(lambda done, total: told.append((done, total)))
    with qtbot.waitSignal(process.done, timeout=WAIT) as done:
        process.compare("old", "new", str(data))
        assert process.running
        with pytest.raises(RuntimeError):
            process.compare("old", "new", str(data))
    assert done.args[0]["n"] == 40
    assert set(done.args[0]["flipped"]) == set(done.args[0]["flips"])
    assert told[-1] == (80, 80)
    assert not process.running


@pytest.mark.slow
def test_export_and_import_for_real(make, models, tmp_path, qtbot):
    process, file = make(), tmp_path / "old.opacity"
    with qtbot.waitSignal(process.done, timeout=WAIT) as done:
        process.export("old", str(file))
    assert done.args[0] == {"model": "old", "file": str(file)}
    with qtbot.waitSignal(process.done, timeout=WAIT) as done:
        process.import_file(str(file))
    assert done.args[0] == {"taken": "old"}
    with qtbot.waitSignal(process.done, timeout=WAIT) as done:
        process.import_file(str(file), "copy")
    assert done.args[0] == {"name": "copy"}
    assert "copy" in {entry.name for entry in list_models()}
    file.write_bytes(b"no model")
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.import_file(str(file), "third")
    assert "cannot be imported" in failed.args[0].what


@pytest.mark.slow
def test_cancel_for_real(make, models, data, qtbot, tmp_path):
    many = tmp_path / "many"
    for number in range(8):
        shutil.copytree(data / "NORMAL", many / "NORMAL" / str(number))
    process = make()
    with qtbot.waitSignal(process.progress, timeout=WAIT):
        process.compare("old", "new", str(many))
    with qtbot.waitSignal(process.cancelled, timeout=20_000):
        process.cancel()
    assert not process.running


def test_an_error_is_told_in_its_three_parts(make, models, qtbot, tmp_path):
    process = make()
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.compare("old", "new", str(tmp_path / "empty"))
    assert "no subfolder NORMAL or PNEUMONIA" in failed.args[0].what
    assert failed.args[0].fix


def test_the_request_stands_in_no_list_of_processes(make, qtbot):
    process = make("print(json.dumps({'result': {'seen': sys.argv[1:], 'asked': input()}}))")
    with qtbot.waitSignal(process.done, timeout=20_000) as done:
        process.compare("a", "b", "/home/jane/smith")
    assert done.args[0]["seen"] == []
    assert "/home/jane/smith" in done.args[0]["asked"]


@pytest.mark.parametrize("body", ["sys.exit(3)", "import os; os.kill(os.getpid(), 9)"])
def test_a_process_that_dies(make, qtbot, body):
    process = make(body)
    with qtbot.waitSignal(process.failed, timeout=20_000) as failed:
        process.compare("a", "b", "c")
    assert "without an answer" in failed.args[0].what


def test_a_process_that_does_not_listen_is_killed(make, qtbot, monkeypatch):
    process = make('print(\'{"done": 1, "total": 2}\', flush=True); time.sleep(60)')
    process._grace.setInterval(200)
    with qtbot.waitSignal(process.progress, timeout=20_000):
        process.compare("a", "b", "c")
    with qtbot.waitSignal(process.cancelled, timeout=10_000):
        process.cancel()


def test_a_python_that_is_not_there(qtbot):
    process = ModelProcess(command=["/nowhere/python"])
    with qtbot.waitSignal(process.failed, timeout=10_000) as failed:
        process.compare("a", "b", "c")
    assert "could not be started" in failed.args[0].what


def test_closing_ends_it_without_a_word(make, qtbot, monkeypatch):
    monkeypatch.setattr("app.jobs.request_process._GRACE_MS", 300)
    process = make('print(\'{"done": 1, "total": 2}\', flush=True); time.sleep(60)')
    with qtbot.waitSignal(process.progress, timeout=20_000):
        process.compare("a", "b", "c")
    with qtbot.assertNotEmitted(process.failed), qtbot.assertNotEmitted(process.cancelled):
        process.close()
    assert not process.running
