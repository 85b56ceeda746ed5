"""The child process of the audit bench: the real one, and a fake for what seldom happens."""

from __future__ import annotations

import json
import time

import pytest
from fake_worker import making
from made_audit import made_audit
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.jobs.audit_process import AuditProcess
from app.review.audit import Readers, save

WAIT = 120_000


@pytest.fixture
def make(qtbot, tmp_path):
    yield from making(AuditProcess, tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("models"), "mine")


def test_an_audit_for_real(make, model, qtbot, tmp_path, opacity_home):
    folder = write_training_folder(tmp_path / "data", per_class=4)
    process, told = make(), []
    process.progress.connect(lambda done, total: told.append((done, total)))
    with qtbot.waitSignal(process.audited, timeout=WAIT) as audited:
        process.audit(folder, str(model))
        assert process.running
    audit = audited.args[0]
    assert audit.labels.tolist() == [0] * 4 + [1] * 4
    assert audit.card.name == "mine"
    assert told[-1] == (8, 8)
    assert not process.running
    # What names images and patients is not left lying about.
    assert not list((opacity_home / "audit").glob("*.jsonl*"))


def test_a_folder_without_labels_is_told(make, model, qtbot, tmp_path):
    process = make()
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.audit(tmp_path, str(model))
    assert "no subfolder NORMAL or PNEUMONIA" in failed.args[0].what
    assert not process.running


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (None, None),
        ("labels.csv", "labels.csv"),
        (Readers(), {"store": None, "blind_only": True, "reader": ""}),
        (
            Readers(reader="Ada", blind_only=False),
            {"store": None, "blind_only": False} | {"reader": "Ada"},
        ),
    ],
)
def test_what_is_asked_for(make, qtbot, labels, said):
    process = make(
        """
        request = json.loads(sys.stdin.readline())
        print(json.dumps({"error": [json.dumps(request), "", ""]}))
        """
    )
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.audit("/folder", labels=labels, out_of_fold=False)
    assert json.loads(failed.args[0].what) == {
        "task": "audit",
        "folder": "/folder",
        "model": None,
        "labels": said,
        "out_of_fold": False,
    }


def test_an_answer_that_is_damaged(make, qtbot, tmp_path):
    file = tmp_path / "audit.jsonl"
    save(made_audit(20), file)
    file.write_text(file.read_text()[:-40])
    process = make(f"print(json.dumps({{'result': {{'file': {str(file)!r}}}}}))")
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        process.audit("/folder")
    assert "cannot be read" in failed.args[0].what
    assert not process.running
    assert not file.exists()


def test_cancelled(make, qtbot):
    process = make("sys.stdin.read()")
    with qtbot.waitSignal(process.cancelled, timeout=WAIT):
        process.audit("/folder")
        with pytest.raises(RuntimeError):
            process.audit("/folder")
        process.cancel()
    assert not process.running


@pytest.mark.parametrize("ending", ["cancel", "close"])
def test_an_audit_that_was_done_before_it_heard_of_the_end(make, qtbot, tmp_path, ending):
    file = tmp_path / "audit.jsonl"
    save(made_audit(20), file)
    process = make(
        f"""
        sys.stdin.read()
        print(json.dumps({{"result": {{"file": {str(file)!r}}}}}))
        """
    )
    told = []
    process.audited.connect(told.append)
    process.audit("/folder")
    if ending == "cancel":
        with qtbot.waitSignal(process.cancelled, timeout=WAIT):
            process.cancel()
    else:
        process.close()
    # It names images and patients.
    assert not file.exists()
    assert not told
    assert not process.running


def test_the_end_of_the_program_before_the_answer_is_read(make, tmp_path):
    file = tmp_path / "audit.jsonl"
    save(made_audit(20), file)
    process = make()
    process._reader._pool.start(lambda: time.sleep(0.3))
    process._take({"file": str(file)})
    process.close()
    assert not file.exists()
