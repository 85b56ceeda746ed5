"""The bridge to the training child: a fake worker for every way to end, and the real one."""

import sys
import textwrap
import time

import pytest
from tiny_data import write_training_folder

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import EpochEnded, Notice, RunEnded, RunStarted, StepEnded
from app.core.settings.training import TrainConfig
from app.inference.registry.models import list_models
from app.jobs.training_process import TrainingProcess
from app.training.runs.run_lock import lock_run
from app.training.runs.runs import RunState, list_runs, read_run

CONFIG = TrainConfig(data="/images/secret ward")
PRELUDE = """
import json, os, signal, sys, time
def say(text, end="\\n"):
    sys.stdout.write(text + end); sys.stdout.flush()
def event(kind, **values):
    line = json.dumps({"event": kind, **values})
    open(os.path.join(sys.argv[2], "events.jsonl"), "a").write(line + "\\n")
    say(line)
def started():
    event("RunStarted", run_dir="r", arch="best", epochs=2, steps_per_epoch=5, train_counts={},
          validation_counts={}, calibration_counts={}, device="CPU")
def ended(stopped=False):
    event("RunEnded", model_dir="m", model_name="best-1", epochs_run=2, best_epoch=1,
          stopped=stopped)
"""


class Watched:
    """A process with a fake worker, and everything it said."""

    def __init__(self, qtbot, tmp_path):
        self.qtbot = qtbot
        self.script = tmp_path / "worker.py"
        self.events = []
        self.outcomes = []
        self.process = None

    def make(self, body, **options):
        self.script.write_text(PRELUDE + textwrap.dedent(body), encoding="utf-8")
        command = options.pop("command", [sys.executable, str(self.script)])
        self.process = TrainingProcess(command=command, **options)
        self.process.said.connect(self.events.append)
        self.process.finished.connect(self.outcomes.append)
        return self.process

    def run(self, body, **options):
        process = self.make(body, **options)
        process.start(CONFIG)
        return self.end()

    def end(self, timeout=20_000):
        self.qtbot.waitUntil(lambda: bool(self.outcomes), timeout=timeout)
        (outcome,) = self.outcomes
        assert not self.process.running
        return outcome


@pytest.fixture
def watched(qtbot, tmp_path):
    watched = Watched(qtbot, tmp_path)
    yield watched
    if watched.process is not None:
        watched.process.close(0)


def test_a_run_that_ends_well(watched):
    outcome = watched.run("started(); event('Notice', text='hello'); ended()")
    assert (outcome.ok, outcome.stopped, outcome.exit_code, outcome.crashed) == (
        True,
        False,
        0,
        False,
    )
    assert outcome.model_name == "best-1"
    assert outcome.error is None
    assert [type(event) for event in watched.events] == [RunStarted, Notice, RunEnded]
    (run,) = list_runs()
    assert run.folder == outcome.run_dir
    assert run.config == CONFIG
    assert run.state is RunState.FINISHED


def test_the_worker_gets_its_settings_its_folder_and_the_program(watched):
    outcome = watched.run(
        """
        from app.core.settings.training import TrainConfig
        from pathlib import Path
        config = TrainConfig.load(Path(sys.argv[1]))
        event("Notice", text=f"{config.data}|{Path(sys.argv[1]).parent == Path(sys.argv[2])}")
        ended()
        """
    )
    assert outcome.ok
    assert watched.events[0] == Notice("/images/secret ward|True")


def test_lines_that_come_in_pieces_and_letters_cut_in_two(watched):
    outcome = watched.run(
        """
        line = json.dumps({"event": "Notice", "text": "K\\u00fchlraum"}, ensure_ascii=False)
        for byte in line.encode() + b"\\n":
            sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush(); time.sleep(0.002)
        ended()
        """
    )
    assert outcome.ok
    assert watched.events[0] == Notice("Kühlraum")


def test_a_last_line_without_its_end_is_heard(watched):
    outcome = watched.run(
        """
        say(json.dumps({"event": "RunEnded", "model_dir": "m", "model_name": "best-2",
            "epochs_run": 1, "best_epoch": 1, "stopped": False}), end="")
        """
    )
    assert outcome.ok
    assert outcome.model_name == "best-2"


def test_garbage_between_the_events_is_passed_over(watched):
    outcome = watched.run(
        """
        say("Downloading data")
        say('{"event": "Unknown"}')
        say('{"event": "StepEnded", "what": 1}')
        say("[1, 2"); say("")
        sys.stdout.buffer.write(bytes(range(128, 256)) + b"\\n")
        sys.stdout.buffer.write(b"x" * 3_000_000)
        sys.stdout.buffer.write(b"\\n")
        event("StepEnded", epoch=1, step=1, steps_per_epoch=5, loss=0.5)
        ended()
        """
    )
    assert outcome.ok
    assert watched.events[0] == StepEnded(1, 1, 5, 0.5)
    assert len(watched.events) == 2


def test_ten_thousand_events_all_arrive_in_order(watched):
    watched.run(
        """
        for n in range(10_000):
            say(json.dumps({"event": "StepEnded", "epoch": 1, "step": n,
                "steps_per_epoch": 10_000, "loss": 0.5}))
        ended()
        """
    )
    assert [event.step for event in watched.events[:-1]] == list(range(10_000))


def test_a_failure_in_the_workers_own_words(watched):
    outcome = watched.run(
        "event('RunFailed', what='No images.', expected='Some.', fix='Add.'); sys.exit(1)"
    )
    assert not outcome.ok
    assert outcome.exit_code == 1
    assert str(outcome.error) == "No images. Some. Add."
    assert read_run(outcome.run_dir).state is RunState.FAILED


def test_an_exit_code_without_words_shows_the_log_without_image_names(watched):
    outcome = watched.run(
        """
        print("cannot read /images/secret ward/NORMAL/Mary Doe.png", file=sys.stderr)
        print("and MaryDoe.dcm", file=sys.stderr)
        raise RuntimeError("broken inside")
        """
    )
    assert "exit code 1" in outcome.error.what
    assert "RuntimeError: broken inside" in outcome.log_tail
    assert "Mary" not in outcome.log_tail
    log = (outcome.run_dir / "worker.log").read_text()
    assert "broken inside" in log
    assert "Mary" not in log
    run = read_run(outcome.run_dir)
    assert run.state is RunState.FAILED
    assert run.error.what == outcome.error.what


def test_an_end_without_a_model_or_a_reason(watched):
    outcome = watched.run("pass")
    assert not outcome.ok
    assert "without a model and without a reason" in outcome.error.what


def test_a_run_that_was_cut_off_goes_on_in_its_own_folder(watched):
    process = watched.make(
        """
        from pathlib import Path
        kept = Path(sys.argv[2]) / "checkpoint-1"
        if not kept.exists():
            kept.mkdir(); (kept / "state.npz").write_text("weights")
            (kept.parent / "checkpoint.json").write_text('{"folder": "checkpoint-1"}')
            started(); os.abort()
        event("Notice", text="resumed"); ended()
        """
    )
    folder = process.start(CONFIG)
    assert not watched.end().ok
    assert read_run(folder).can_resume  # though it failed
    watched.outcomes.clear()
    with lock_run(folder), pytest.raises(ReviewError, match="is under way"):
        process.resume(folder)
    process.resume(folder)
    with pytest.raises(ReviewError, match="already running"):
        process.resume(folder)
    outcome = watched.end()
    assert outcome.ok
    assert outcome.run_dir == folder
    assert Notice("resumed") in watched.events
    assert [run.folder for run in list_runs()] == [folder]
    with pytest.raises(ReviewError, match="it is finished"):
        process.resume(folder)
    assert not process.running


@pytest.mark.skipif(sys.platform == "win32", reason="signals end processes elsewhere")
@pytest.mark.parametrize(
    ("signal", "words"),
    [("SIGSEGV", "crashed (segmentation fault)"), ("SIGKILL", "memory ran out")],
)
def test_a_crash_in_plain_words(watched, signal, words):
    outcome = watched.run(f"started(); os.kill(os.getpid(), signal.{signal})")
    assert outcome.crashed
    assert words in outcome.error.what
    assert outcome.error.fix
    assert read_run(outcome.run_dir).state is RunState.FAILED


def test_a_crash_after_the_model_was_saved_is_no_loss(watched):
    outcome = watched.run("ended(); os.abort()")
    assert outcome.ok
    assert outcome.crashed
    assert outcome.error is None


def test_a_worker_that_cannot_be_started(watched):
    outcome = watched.run("", command=["/no/such/python"])
    assert "could not be started" in outcome.error.what
    assert not outcome.ok


def test_stop_is_a_line_on_stdin_and_keeps_the_best_so_far(watched):
    process = watched.make("started(); assert sys.stdin.readline() == 'stop\\n'; ended(True)")
    process.start(CONFIG)
    watched.qtbot.waitUntil(lambda: bool(watched.events), timeout=20_000)
    process.stop()
    process.stop()
    assert process.stopping
    outcome = watched.end()
    assert outcome.ok
    assert outcome.stopped
    assert read_run(outcome.run_dir).state is RunState.STOPPED


def test_stop_before_the_first_step_says_that_there_is_nothing_to_keep(watched):
    process = watched.make(
        """
        event("DataRead", done=1, total=9); sys.stdin.readline()
        event("RunFailed", what="The class PNEUMONIA has 0 readable images."); sys.exit(1)
        """
    )
    process.start(CONFIG)
    watched.qtbot.waitUntil(lambda: bool(watched.events), timeout=20_000)
    process.stop()
    outcome = watched.end()
    assert outcome.stopped
    assert "stopped while it was reading" in outcome.error.what
    assert read_run(outcome.run_dir).error.what == outcome.error.what


def test_a_worker_that_ignores_the_stop_is_killed_in_the_end(watched):
    process = watched.make(
        "started()\nwhile True: time.sleep(0.05)",
        stop_grace_s=0.5,
    )
    process.start(CONFIG)
    watched.qtbot.waitUntil(lambda: bool(watched.events), timeout=20_000)
    asked = time.monotonic()
    process.stop()
    outcome = watched.end()
    assert time.monotonic() - asked > 0.4
    assert not outcome.ok
    assert outcome.stopped
    assert "did not answer the stop" in outcome.error.what


def test_one_run_at_a_time(watched):
    process = watched.make("started(); sys.stdin.readline()")
    process.start(CONFIG)
    with pytest.raises(ReviewError, match="already running"):
        process.start(CONFIG)
    assert len(list_runs()) == 1


def test_the_next_run_starts_with_nothing_of_the_last(watched):
    first = watched.run("started(); say('{\"event\"', end=''); sys.exit(3)")
    assert first.exit_code == 3
    watched.outcomes.clear()
    watched.script.write_text(PRELUDE + "started(); ended()")
    watched.process.start(CONFIG)
    assert watched.end().ok


@pytest.mark.parametrize("answers", [True, False])
def test_closing_the_program_ends_the_worker_and_leaves_an_interrupted_run(watched, answers):
    rest = "sys.stdin.read(); sys.exit(0)" if answers else "time.sleep(60)"
    process = watched.make(f"started(); {rest}")
    folder = process.start(CONFIG)
    watched.qtbot.waitUntil(lambda: bool(watched.events), timeout=20_000)
    began = time.monotonic()
    process.close(500)
    assert time.monotonic() - began < 5
    assert not process.running
    assert watched.outcomes == []
    assert read_run(folder).state is RunState.INTERRUPTED


def test_a_run_folder_that_cannot_be_made_starts_nothing(watched, opacity_home, monkeypatch):
    (opacity_home / "file").write_text("")
    monkeypatch.setenv("OPACITY_HOME", str(opacity_home / "file"))
    process = watched.make("ended()")
    with pytest.raises(OutputError):
        process.start(CONFIG)
    assert not process.running


@pytest.mark.slow
def test_the_real_worker_trains_two_epochs_and_leaves_a_model(qtbot, tmp_path):
    data = write_training_folder(tmp_path / "tiny")
    config = TrainConfig(
        data=str(data), epochs=2, batch_size=16, augmentation=0.0, frozen_blocks=16
    )
    process = TrainingProcess()
    events = []
    process.said.connect(events.append)
    try:
        # Twenty seconds on two idle cores; the limit is for a machine that does other things.
        with qtbot.waitSignal(process.finished, timeout=400_000) as heard:
            process.start(config)
    finally:
        process.close()
    (outcome,) = heard.args
    assert outcome.ok, outcome
    assert not outcome.stopped
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.epoch for event in epochs] == [1, 2]
    assert {"loss", "val_loss", "val_accuracy", "val_auc"} <= set(epochs[0].metrics)
    (model,) = [model for model in list_models() if not model.bundled]
    assert model.name == outcome.model_name
    assert model.card is not None, model.error
    (run,) = list_runs()
    assert run.state is RunState.FINISHED
    assert run.epochs_run == 2
    assert run.model_name == outcome.model_name


@pytest.mark.slow
def test_the_real_worker_says_what_is_wrong_with_a_folder(qtbot, tmp_path):
    (tmp_path / "NORMAL").mkdir()
    process = TrainingProcess()
    with qtbot.waitSignal(process.finished, timeout=60_000) as heard:
        process.start(TrainConfig(data=str(tmp_path)))
    (outcome,) = heard.args
    assert not outcome.ok
    assert "holds only one class" in outcome.error.what
