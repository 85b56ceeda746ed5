"""What the training panel does, with a view and services that only take notes."""

import dataclasses
from pathlib import Path

import pytest

from app.core.config import TrainConfig
from app.core.errors import OutputError, ReviewError
from app.core.events import DataRead, EpochEnded, Notice, RunEnded, RunStarted, StepEnded
from app.gui.controllers.data_controller import DataController
from app.gui.controllers.training_controller import TrainingController
from app.gui.controllers.training_words import Progress, result_rows, time_left
from app.jobs.estimate_process import Estimate
from app.jobs.training_process import Outcome
from app.training.layout import DataSource
from app.training.runs import Run, RunState
from app.training.summary import ClassCount, FolderSummary

FOLDER = Path("/images")
GOOD = FolderSummary(FOLDER, (ClassCount("NORMAL", 30, 30, 0), ClassCount("PNEUMONIA", 90, 45, 0)))
STARTED = RunStarted("r", "best", 2, 10, {}, {}, {}, "the CPU")
METRICS = {"loss": 0.5, "val_loss": 0.6, "val_accuracy": 0.8, "val_auc": 0.9}
ENDED = RunEnded(
    "/m/best-1",
    "best-1",
    2,
    1,
    False,
    {
        "n": 1034,
        "patients": 590,
        "auc": {"value": 0.994, "low": 0.99, "high": 0.997},
        "accuracy": 0.96,
        "sensitivity": {"value": 0.951, "low": None, "high": None},
        "specificity": {"value": float("nan"), "low": 0.9, "high": 0.95},
        "threshold": 0.431,
    },
)


class Signal:
    def __init__(self):
        self.slots = []

    def connect(self, slot):
        self.slots.append(slot)

    def emit(self, *values):
        for slot in self.slots:
            slot(*values)


class FakeProcess:
    def __init__(self):
        self.said, self.finished = Signal(), Signal()
        self.running = False
        self.run_dir = None
        self.started = []
        self.stops = 0
        self.error = None

    def start(self, config):
        if self.error:
            raise self.error
        self.started.append(config)
        self.running, self.run_dir = True, Path("/runs/1")
        return self.run_dir

    def stop(self):
        self.stops += 1

    def end(self, outcome):
        self.running = False
        self.finished.emit(outcome)


class FakeCounter:
    def __init__(self):
        self.counted, self.failed = Signal(), Signal()
        self.requests = []

    def request(self, source):
        self.requests.append(source)


class FakeMemory:
    def __init__(self, source=None):
        self.source = source

    def load(self):
        return self.source

    def save(self, source):
        self.source = source


class FakeEstimator:
    def __init__(self):
        self.started, self.estimated, self.failed = Signal(), Signal(), Signal()
        self.requests = []
        self.cancelled = 0

    def request(self, config, images):
        self.requests.append((config, images))

    def cancel(self):
        self.cancelled += 1


class FakeView:
    """Keeps the last value of each ``show_``, and all points and names."""

    def __init__(self):
        self.shown = {}
        self.points = []
        self.announced = []
        self.in_sight = True
        config = TrainConfig(data="", epochs=2, batch_size=8, learning_rate=1e-3, seed=1)
        self.form = dataclasses.asdict(config)
        for name in ("data", "labels", "patients", "mapping"):
            del self.form[name]

    def __getattr__(self, name):
        if name.startswith(("show_", "clear_")):
            return lambda *values: self.shown.__setitem__(name, values)
        raise AttributeError(name)

    def settings(self):
        return dict(self.form)

    def add_step(self, position, loss):
        self.points.append(("step", position, loss))

    def add_epoch(self, epoch, metrics, best):
        self.points.append(("epoch", epoch, best))

    def announce_model(self, name):
        self.announced.append(name)

    @property
    def controls(self):
        return self.shown["show_controls"][0]


class Desk:
    def __init__(self, remembered=None):
        self.view, self.process, self.counter = FakeView(), FakeProcess(), FakeCounter()
        self.section, self.estimator = FakeView(), FakeEstimator()
        self.memory = FakeMemory(remembered)
        self.runs, self.events, self.defaults = [], [], {}
        self.now = 0.0
        self.data = DataController(
            self.section, self.counter, self.memory, lambda: self.process.running
        )
        self.controller = TrainingController(
            self.view,
            self.process,
            self.data,
            self.estimator,
            list_runs=lambda: self.runs,
            read_events=lambda folder: self.events,
            arch_defaults=lambda arch: self.defaults,
            clock=lambda: self.now,
        )
        self.controller.open()

    def counted(self, summary=GOOD):
        self.data.choose_folder(str(FOLDER))
        self.counter.counted.emit(summary)
        return self

    def started(self):
        self.counted().controller.start()
        return self


@pytest.fixture
def desk():
    return Desk()


def test_nothing_can_start_without_a_folder(desk):
    assert not desk.view.controls.can_start
    assert "Choose a folder" in desk.view.controls.hint
    desk.controller.start()
    assert desk.process.started == []


def test_the_remembered_folder_is_counted_at_once():
    source = DataSource(FOLDER, Path("/labels.csv"), None, {"A": "NORMAL"})
    desk = Desk(remembered=source)
    assert desk.counter.requests == [source]
    assert desk.section.shown["show_source"] == (source,)


def test_a_counted_folder_can_start(desk):
    assert desk.counted().view.controls.can_start


def test_problems_keep_it_from_starting(desk):
    problem = ReviewError("One class.", "Two.", "Add.")
    desk.counted(FolderSummary(FOLDER, GOOD.classes[:1], (problem,)))
    assert not desk.view.controls.can_start
    assert "see above" in desk.view.controls.hint
    desk.controller.start()
    assert desk.process.started == []


def test_the_error_of_the_last_run_goes_with_its_images(desk):
    desk.started()
    desk.process.end(Outcome(False, False, 1, False, "", ReviewError("x")))
    assert desk.view.shown["show_error"] != ((),)
    desk.data.choose_folder("/other")
    assert desk.view.shown["show_error"] == ((),)


def test_csvs_and_the_mapping_reach_the_run(desk):
    desk.data.choose_folder(str(FOLDER))
    desk.data.choose_labels("/labels.csv")
    desk.data.choose_patients("/patients.csv")
    desk.data.choose_mapping({"COVID": "PNEUMONIA"})
    desk.counter.counted.emit(GOOD)
    desk.controller.start()
    (config,) = desk.process.started
    assert (config.labels, config.patients) == ("/labels.csv", "/patients.csv")
    assert config.mapping == {"COVID": "PNEUMONIA"}


def test_start_hands_the_settings_over(desk):
    desk.defaults = {"weight_decay": 0.5, "epochs": 99}
    desk.view.form["frozen_blocks"] = 5
    desk.started()
    (config,) = desk.process.started
    assert config == TrainConfig(**desk.view.form, data=str(FOLDER))
    assert config.frozen_blocks == 5
    controls = desk.view.controls
    assert (controls.can_edit, controls.can_start, controls.can_stop) == (False, False, True)
    assert "keeps the best" in controls.hint


def test_settings_out_of_range_and_a_full_disk_are_shown(desk):
    desk.counted().view.form["epochs"] = 0
    desk.controller.start()
    assert "epochs is 0" in desk.view.shown["show_error"][0][0].what
    desk.view.form["epochs"] = 2
    desk.process.error = OutputError("No room.")
    desk.controller.start()
    assert desk.view.shown["show_error"][0][0].what == "No room."
    assert desk.view.controls.can_start


def test_an_architecture_brings_its_own_settings_and_seed_fold_and_device_stay(desk):
    desk.defaults = {"epochs": 9, "weight_decay": 0.5}
    desk.view.form |= {"fold": 2, "device": "cpu", "precision": "float32", "dropout": 0.1}
    desk.controller.choose_arch("best")
    assert desk.view.shown["show_settings"] == (
        TrainConfig(
            data="",
            epochs=9,
            weight_decay=0.5,
            seed=1,
            fold=2,
            device="cpu",
            precision="float32",
        ),
    )


def test_an_estimate_is_asked_for_once_the_images_are_known(desk):
    assert desk.estimator.requests == []
    desk.counted()
    ((config, images),) = desk.estimator.requests
    assert config == TrainConfig(**desk.view.form, data=str(FOLDER))
    assert images == 120
    desk.controller.on_settings_changed()
    assert len(desk.estimator.requests) == 1  # nothing changed
    desk.view.form["epochs"] = 7
    desk.controller.on_settings_changed()
    assert desk.estimator.requests[-1][0].epochs == 7
    desk.estimator.started.emit()
    assert desk.view.shown["show_estimate"][0].startswith("Estimating")
    desk.estimator.estimated.emit(Estimate(720.0, 144.0, 1_400_000_000, "Intel Xeon (CPU)"))
    words = "About 12 min on Intel Xeon (CPU), 1.4 GB of memory"
    assert desk.view.shown["show_estimate"] == (words,)


def test_no_estimate_beside_a_training_or_out_of_sight_or_for_half_a_number(desk):
    desk.view.in_sight = False
    desk.counted()
    assert desk.estimator.requests == []
    desk.view.in_sight = True
    desk.view.form["image_size"] = 1
    desk.controller.on_settings_changed()
    assert desk.estimator.requests == []
    desk.view.form["image_size"] = 0
    desk.controller.on_settings_changed()
    assert len(desk.estimator.requests) == 1
    cancelled = desk.estimator.cancelled
    desk.controller.start()
    assert desk.estimator.cancelled > cancelled
    assert desk.view.shown["show_estimate"] == ("",)
    desk.view.form["epochs"] = 9
    desk.controller.on_settings_changed()
    assert len(desk.estimator.requests) == 1
    desk.process.end(Outcome(False, True, 0, False))
    assert len(desk.estimator.requests) == 2


def test_the_form_opens_with_the_settings_of_the_first_architecture(desk):
    desk.defaults = {"epochs": 9}
    desk.controller.open()
    assert desk.view.shown["show_settings"][0].epochs == 9


def test_events_become_points_and_progress(desk):
    desk.started()
    desk.process.said.emit(DataRead(50, 200))
    assert desk.view.shown["show_progress"] == ("Reading images: 50 of 200", 0.25)
    desk.process.said.emit(STARTED)
    desk.process.said.emit(StepEnded(2, 5, 10, 0.4))
    desk.process.said.emit(EpochEnded(2, 2, 1.0, METRICS, True))
    assert desk.view.points == [("step", 1.5, 0.4), ("epoch", 2, True)]
    assert "operating point" in desk.view.shown["show_progress"][0]
    desk.process.said.emit(Notice("Smaller batch."))
    assert desk.view.shown["show_notice"] == ("Smaller batch.",)


def test_skipped_files_are_told(desk):
    desk.started()
    desk.process.said.emit(RunStarted("r", "best", 2, 10, {}, {}, {}, "CPU", skipped=1))
    assert desk.view.shown["show_notice"] == ("1 file could not be read: left out.",)


def test_the_time_left_counts_from_the_end_of_the_first_step(desk):
    progress = Progress(lambda: desk.now)
    progress.take(STARTED)
    desk.now = 60.0  # the graph was built
    assert progress.take(StepEnded(1, 1, 10, 0.5)) == ("Epoch 1 of 2, step 1 of 10", 0.05)
    desk.now = 100.0
    text, fraction = progress.take(StepEnded(1, 5, 10, 0.5))
    assert fraction == 0.25
    assert text.endswith("About 2 min left")  # 15 steps of 10 s


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "Under a minute left"), (119, "About 2 min left"), (7200, "About 2.0 h left")],
)
def test_time_in_words(seconds, words):
    assert time_left(seconds) == words


def test_stop_asks_once_and_says_what_it_does(desk):
    desk.started()
    desk.controller.stop()
    desk.controller.stop()
    assert desk.process.stops == 1
    assert not desk.view.controls.can_stop
    desk.process.said.emit(StepEnded(1, 1, 10, 0.5))
    assert "best so far is being kept" in desk.view.shown["show_progress"][0]


def test_a_finished_run_offers_its_model(desk):
    desk.started()
    desk.process.said.emit(EpochEnded(1, 2, 1.0, METRICS, True))
    desk.process.said.emit(EpochEnded(2, 2, 1.0, {**METRICS, "val_auc": 0.7}, False))
    desk.process.said.emit(ENDED)
    desk.process.end(Outcome(True, False, 0, False, "best-1"))
    rows, name, usable = desk.view.shown["show_result"]
    assert (name, usable) == ("best-1", True)
    assert ("Validation AUC", "0.900") in rows
    assert desk.view.announced == ["best-1"]
    assert desk.view.controls.can_start


def test_a_model_of_other_classes_is_not_for_review(desk):
    classes = (ClassCount("CAT", 30, 0, 30), ClassCount("DOG", 30, 0, 30))
    desk.counted(FolderSummary(FOLDER, classes)).controller.start()
    desk.process.said.emit(ENDED)
    desk.process.end(Outcome(True, False, 0, False, "best-1"))
    assert desk.view.shown["show_result"][2] is False


def test_a_failed_run_shows_its_reason_and_log(desk):
    desk.started()
    error = ReviewError("It crashed.")
    desk.process.end(Outcome(False, False, 11, True, "", error, None, "last line"))
    assert desk.view.shown["show_error"] == ((error,), "last line")
    assert desk.view.announced == []
    assert desk.view.controls.can_start


def test_no_other_folder_while_a_run_is_under_way(desk):
    desk.started().data.choose_folder("/other")
    assert desk.counter.requests == [DataSource(FOLDER)]


def test_the_live_run_is_known_in_the_table(desk):
    desk.started()
    assert desk.view.shown["show_runs"] == ([], Path("/runs/1"))
    desk.process.end(Outcome(False, False, 1, False, "", ReviewError("x")))
    assert desk.view.shown["show_runs"] == ([], None)


def test_a_past_run_shows_its_curves_and_offers_its_model(desk):
    desk.events = [STARTED, EpochEnded(1, 2, 1.0, METRICS, True), ENDED]
    config = TrainConfig(data="/images", epochs=2)
    desk.controller.show_run(Run(Path("/runs/0"), None, config, RunState.FINISHED, 1))
    assert desk.view.shown["clear_curves"] == (2,)
    assert desk.view.points == [("epoch", 1, True)]
    assert desk.view.shown["show_result"][1] == "best-1"


def test_a_past_failure_shows_its_reason(desk):
    error = ReviewError("Why.")
    desk.controller.show_run(Run(Path("/r"), None, None, RunState.FAILED, error=error))
    assert desk.view.shown["show_error"] == ((error,),)


def test_the_result_leaves_out_what_is_not_known():
    rows = dict(result_rows(ENDED, None))
    assert rows == {
        "Model": "best-1",
        "Ended": "after 2 epochs, epoch 1 kept",
        "Held out": "1,034 images, 590 patients",
        "AUC": "0.994 (0.990 to 0.997)",
        "Accuracy": "0.960",
        "Sensitivity": "0.951",
        "Operating point": "0.431",
    }
