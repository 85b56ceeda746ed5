"""The child process of a site report, with a fake worker: what it is handed, and every end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fake_worker import making
from made_audit import made_audit

from app.jobs.report_process import ReportProcess
from app.review.audit import load

WAIT = 60_000
ECHO = """
request = json.loads(sys.stdin.readline())
print(json.dumps({"result": request}))
"""


@pytest.fixture
def make(qtbot, tmp_path):
    yield from making(ReportProcess, tmp_path)


def write(process):
    process.write(made_audit(20), Path("report.pdf"), 0.4, names=False, pictures=True)


def test_the_audit_is_handed_over_as_a_file_of_the_users_own(make, qtbot, opacity_home):
    process = make(ECHO)
    with qtbot.waitSignal(process.done, timeout=WAIT) as done:
        write(process)
        assert process.running
        with pytest.raises(RuntimeError):
            write(process)
    assert not process.running
    (request,) = done.args
    file = Path(request.pop("audit"))
    assert file.parent == opacity_home / "audit"
    assert load(file).labels.tolist() == made_audit(20).labels.tolist()
    assert request == {
        "task": "report",
        "file": "report.pdf",
        "threshold": 0.4,
        "names": False,
        "pictures": True,
    }


@pytest.mark.parametrize("ending", ["cancel", "close"])
def test_an_end_while_the_audit_is_saved_leaves_no_file(make, qtbot, opacity_home, ending):
    process = make(ECHO)
    process._saver._pool.start(lambda: time.sleep(0.2))
    told = []
    process.cancelled.connect(lambda: told.append("cancelled"))
    process.done.connect(told.append)
    write(process)
    getattr(process, ending)()
    process.close()  # waits for the thread
    assert told == (["cancelled"] if ending == "cancel" else [])
    # It names images and patients.
    assert not list((opacity_home / "audit").glob("*"))


def test_cancelled_while_it_is_written(make, qtbot):
    process = make('print(\'{"done": 1, "total": 2}\', flush=True); sys.stdin.read()')
    with qtbot.waitSignal(process.progress, timeout=WAIT):
        write(process)
    with qtbot.waitSignal(process.cancelled, timeout=WAIT):
        process.cancel()
    assert not process.running


def test_an_audit_that_cannot_be_saved_is_told(make, qtbot, opacity_home):
    (opacity_home / "audit").write_text("in the way")
    process = make(ECHO)
    with qtbot.waitSignal(process.failed, timeout=WAIT) as failed:
        write(process)
    assert "expected to be writable" in failed.args[0].expected
    assert not process.running
