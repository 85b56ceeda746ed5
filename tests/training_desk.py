"""The training controller with a view and services that only take notes."""

import dataclasses
from pathlib import Path

from app.core.base.events import RunEnded, RunStarted
from app.core.settings.training import TrainConfig
from app.gui.training.data_controller import DataController
from app.gui.training.training_controller import TrainingController
from app.training.data.summary import ClassCount, FolderSummary

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
        self.started, self.resumed = [], []
        self.stops = 0
        self.error = None

    def start(self, config):
        if self.error:
            raise self.error
        self.started.append(config)
        self.running, self.run_dir = True, Path("/runs/1")
        return self.run_dir

    def resume(self, run_dir):
        if self.error:
            raise self.error
        self.resumed.append(run_dir)
        self.running, self.run_dir = True, run_dir

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
        self.offered = None
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

    def announce_run(self, run_dir):
        self.announced_run = run_dir

    def announce_model(self, name):
        self.announced.append(name)

    def offer_resume(self, run):
        self.offered = run

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
