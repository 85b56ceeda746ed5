"""The sweep window's controller with mocks at its edges; the real window is tested beside it."""

import csv
import dataclasses
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sweep_rows import make_rows
from tiny_settings import tiny
from training_desk import Signal

from app.core.base.errors import ReviewError
from app.core.base.events import (
    DataRead,
    Notice,
    SweepEnded,
    SweepProgress,
    SweepStarted,
    TrialBegun,
    TrialEpoch,
    TrialOver,
)
from app.core.settings.sweep import SweepConfig
from app.gui.sweep.sweep_controller import SweepController
from app.gui.sweep.text import trial_words
from app.jobs.sweep_process import SweepOutcome
from app.jobs.sweep_reader import StudyOnDisk
from app.training.sweep.ledger import TrialRow

GRIDS = {"dense": 216, "cnn": 216, "best": 0}


class FakeProcess:
    def __init__(self):
        self.said, self.finished = Signal(), Signal()
        self.running, self.started, self.stops = False, [], 0
        self.error = None

    def start(self, config):
        if self.error:
            raise self.error
        self.running = True
        self.started.append(config)
        return Path("/home") / config.study

    def stop(self):
        self.stops += 1

    def end(self, error=None, stopped=False):
        self.running = False
        self.finished.emit(
            SweepOutcome(error is None, stopped, 0, False, Path("/home"), error, "a log line")
        )


class FakeReader:
    def __init__(self):
        self.studies_read, self.rows_read = Signal(), Signal()
        self.followed, self.settled, self.refreshes = [], [], 0

    def follow(self, name):
        self.followed.append(name)

    def refresh(self):
        self.refreshes += 1

    def settle(self, name):
        self.settled.append(name)


class FakeView:
    def __init__(self):
        self.form, self.grid = {}, None
        self.controls = self.progress = self.under_way = self.trial = None
        self.studies, self.rows, self.errors, self.notice = [], [], (), ""
        self.announced = []

    def show_studies(self, studies, chosen, live):
        self.studies, self.chosen, self.live = list(studies), chosen, live

    def show_draft(self, draft, grid):
        self.form, self.grid = dict(draft), grid

    def draft(self):
        return dict(self.form)

    def show_controls(self, controls):
        self.controls = controls

    def show_progress(self, text, fraction):
        self.progress = (text, fraction)

    def show_under_way(self, text):
        self.under_way = text

    def show_rows(self, rows, metric, under_way):
        self.rows, self.is_under_way = list(rows), under_way

    def show_trial(self, row, verdict, folds, total):
        self.trial = SimpleNamespace(row=row, verdict=verdict, folds=folds, total=total)

    def show_errors(self, errors, details=""):
        self.errors, self.details = errors, details

    def show_notice(self, text):
        self.notice = text

    def announce_settings(self, config):
        self.announced.append(config)


@pytest.fixture
def bench():
    bench = SimpleNamespace(
        view=FakeView(),
        process=FakeProcess(),
        reader=FakeReader(),
        panel=tiny("dense", data="/images", epochs=7),
        training=False,
    )
    bench.controller = SweepController(
        bench.view,
        bench.process,
        bench.reader,
        source=lambda: bench.panel,
        training=lambda: bench.training,
        arch_defaults=lambda arch: {"epochs": 11},
        grid_size=GRIDS.__getitem__,
        today=lambda: date(2026, 11, 23),
    )
    bench.controller.open()
    return bench


def study(name="old", done=10, **changes):
    config = SweepConfig(name, tiny("dense", data="/images"), **changes)
    return StudyOnDisk(name, Path("/home") / name, config, 216, done, 1, False)


def change(bench, **changes):
    bench.view.form.update(changes)
    bench.controller.on_draft_changed()


def test_a_new_sweep_is_that_of_the_training_panel(bench):
    assert bench.view.form["study"] == "dense-2026-11-23"
    assert (bench.view.form["arch"], bench.view.form["sampler"]) == ("dense", "grid")
    assert bench.view.controls.can_start
    assert bench.view.controls.hint.startswith("216 settings")
    bench.controller.start()
    (config,) = bench.process.started
    assert config.train == bench.panel
    assert bench.view.live == bench.view.chosen == "dense-2026-11-23"
    assert bench.view.controls.can_stop
    assert not bench.view.controls.can_edit


def test_another_network_brings_its_own_settings_sampler_and_name(bench):
    change(bench, arch="best")
    assert bench.view.form["study"] == "best-2026-11-23"
    assert (bench.view.form["sampler"], bench.view.form["trials"]) == ("tpe", 30)
    change(bench, arch="cnn", study="mine")
    assert bench.view.form["study"] == "mine"
    change(bench, sampler="grid")
    assert bench.view.form["trials"] == 0
    bench.controller.start()
    (config,) = bench.process.started
    assert (config.train.arch, config.train.epochs, config.train.data) == ("cnn", 11, "/images")
    assert config.train.seed == bench.panel.seed


def test_a_model_to_start_from_is_no_start_for_other_shapes(bench):
    bench.panel = dataclasses.replace(bench.panel, start="dense-20260101-000000")
    bench.controller.start()
    assert bench.process.started[0].train.start == "pretrained"


def test_without_images_it_says_where_to_choose_them(bench):
    bench.panel = None
    bench.controller.open()
    assert not bench.view.controls.can_start
    assert "training panel" in bench.view.controls.hint
    bench.controller.start()
    assert not bench.process.started


def test_a_wrong_name_is_told_before_the_start(bench):
    change(bench, study="what/ever")
    assert not bench.view.controls.can_start
    assert "'what/ever' cannot name a study" in bench.view.controls.hint


def test_the_name_of_a_study_that_is_there_is_not_taken_again(bench):
    bench.reader.studies_read.emit([study("dense-2026-11-23")])
    bench.controller.start()
    assert not bench.process.started
    assert "There is already a study dense-2026-11-23" in bench.view.errors[0].what
    bench.controller.choose("")
    assert bench.view.form["study"] == "dense-2026-11-23-2"


def test_an_unfinished_study_goes_on_as_it_was_begun(bench):
    old = study(inner_folds=3, metric="val_auc")
    bench.reader.studies_read.emit([old])
    bench.controller.choose("old")
    assert bench.reader.followed == ["old"]
    assert bench.view.form["inner_folds"] == 3
    assert bench.view.controls.can_edit == {"trials", "workers"}
    assert bench.view.controls.start_text == "Go on"
    assert bench.view.controls.hint.startswith("Settings that are left: 206 of 216.")
    change(bench, workers=1)
    bench.controller.start()
    assert bench.process.started == [dataclasses.replace(old.config, workers=1)]


def test_a_finished_study_has_nothing_left(bench):
    bench.reader.studies_read.emit([study(done=216)])
    bench.controller.choose("old")
    assert not bench.view.controls.can_start
    assert "Every setting was tried" in bench.view.controls.hint


def test_a_study_whose_settings_cannot_be_read_can_be_looked_at(bench):
    bench.reader.studies_read.emit([StudyOnDisk("odd", Path("/home/odd"), None, 0, 3, 0, False)])
    bench.controller.choose("odd")
    assert not bench.view.controls.can_start
    assert not bench.view.controls.can_export
    assert "cannot be read" in bench.view.controls.hint


def test_a_training_under_way_comes_first(bench):
    bench.training = True
    bench.controller.open()
    assert not bench.view.controls.can_start
    assert "A training is under way" in bench.view.controls.hint


def test_what_a_sweep_says_is_shown(bench):
    bench.controller.start()
    say = bench.process.said.emit
    say(DataRead(5, 10))
    assert bench.view.progress == ("Reading images: 5 of 10", 0.5)
    say(SweepStarted("/f", "s", 216, 4, 2, "CPU", 7200.0))
    assert "4 of 216 settings done, 2 trials at a time on CPU" in bench.view.progress[0]
    assert "about 2.0 h" in bench.view.progress[0]
    say(TrialBegun(4, {}))
    say(TrialBegun(5, {}))
    say(TrialEpoch(4, 0, 3, 20, {"accuracy": 0.9}))
    assert bench.view.under_way == "Trial 4: epoch 3 of 20   Trial 5: begins"
    say(TrialOver(4, "complete", {}))
    assert bench.view.under_way == "Trial 5: begins"
    before = bench.reader.refreshes
    say(SweepProgress(54, 2, 216, 90.0))
    text, part = bench.view.progress
    assert text == "54 of 216 settings done, 2 failed, about 2 min left"
    assert part == 0.25
    assert bench.reader.refreshes == before + 1
    say(Notice("A worker ended."))
    assert bench.view.notice == "A worker ended."


def test_stop_is_asked_once_and_what_is_done_is_told(bench):
    bench.controller.start()
    bench.controller.stop()
    bench.controller.stop()
    assert bench.process.stops == 1
    assert not bench.view.controls.can_stop
    bench.process.said.emit(SweepProgress(54, 2, 216, 90.0))
    assert bench.view.progress[0].startswith("Stopping")
    best = {"number": 7, "values": {"val_accuracy": 0.9}, "intervals": {}}
    bench.process.said.emit(SweepEnded(54, 2, 216, True, best))
    bench.process.end(stopped=True)
    assert "Stopped. 54 of 216 settings are done (2 failed) and kept." in bench.view.notice
    assert "Best so far: trial 7, validation accuracy 0.900." in bench.view.notice
    assert bench.view.progress == ("", None)
    assert bench.view.live == ""
    assert bench.reader.settled == ["dense-2026-11-23"]


def test_errors_stand_in_the_window(bench):
    bench.process.error = ReviewError("The folder cannot be written.")
    bench.controller.start()
    assert bench.view.errors == (bench.process.error,)
    assert bench.view.controls.can_start
    bench.process.error = None
    bench.controller.start()
    error = ReviewError("The storage cannot be used.")
    bench.process.end(error)
    assert bench.view.errors == (error,)
    assert bench.view.details == "a log line"


def test_a_running_trial_shows_its_curves_as_they_come(bench):
    bench.controller.start()
    name = bench.controller.chosen
    say = bench.process.said.emit
    say(TrialBegun(0, {"epochs": 20}))
    bench.reader.rows_read.emit(name, [TrialRow(0, "running", {"epochs": 20})])
    bench.controller.select(0)
    assert (bench.view.trial.verdict, bench.view.trial.total) == ("under way", 20)
    say(TrialEpoch(0, 0, 1, 20, {"accuracy": 0.8}))
    say(TrialEpoch(0, 1, 1, 20, {"accuracy": 0.7}))
    assert bench.view.trial.folds == [[{"accuracy": 0.8}], [{"accuracy": 0.7}]]
    # A late answer about another study is not this one's.
    bench.reader.rows_read.emit("another", [])
    assert len(bench.view.rows) == 1


def test_the_settings_of_a_trial_go_to_the_training_form(bench):
    bench.reader.studies_read.emit([study()])
    bench.controller.choose("old")
    rows = make_rows(10)
    bench.reader.rows_read.emit("old", rows)
    assert not bench.view.controls.can_use
    bench.controller.select(4)
    assert bench.view.controls.can_use
    bench.controller.use()
    (config,) = bench.view.announced
    assert {name: getattr(config, name) for name in rows[4].settings} == rows[4].settings
    assert config.arch == "dense"


def test_a_table_is_written_whole_and_never_among_images(bench, tmp_path):
    images = tmp_path / "images"
    (images / "NORMAL").mkdir(parents=True)
    (tmp_path / "link").symlink_to(images)
    old = study()
    train = dataclasses.replace(old.config.train, data=str(images))
    old = dataclasses.replace(old, config=dataclasses.replace(old.config, train=train))
    bench.reader.studies_read.emit([old])
    bench.controller.choose("old")
    bench.reader.rows_read.emit("old", make_rows(30))
    for place in (images / "a.csv", images / "NORMAL" / "a.csv", tmp_path / "link" / "a.csv"):
        bench.controller.export(str(place))
        assert "lies in the folder of the training images" in bench.view.errors[0].what
    assert [path.name for path in images.rglob("*")] == ["NORMAL"]
    bench.controller.export(str(tmp_path / "missing" / "a.csv"))
    assert "could not be written" in bench.view.errors[0].what
    bench.controller.export(str(tmp_path / "a.csv"))
    assert bench.view.errors == ()
    with (tmp_path / "a.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 30
    assert not list(tmp_path.glob("*.partial"))


def trial(training, value=0.965, ends=(0.958, 0.973), **changes):
    values = {"accuracy": training, "val_accuracy": value}
    return TrialRow(0, "complete", {}, values, {"val_accuracy": ends}, **changes)


def test_verdicts_in_plain_words():
    assert trial_words(trial(0.993), 0.95, True) == (
        "over-fitting: training 0.993 lies above the validation interval 0.958 to 0.973"
    )
    assert trial_words(trial(0.975), 0.95, True) == (
        "fine: training 0.975 lies above the validation interval 0.958 to 0.973 by less than 0.01"
    )
    assert trial_words(trial(0.96), 0.95, True) == (
        "fine: training 0.960 lies in the validation interval 0.958 to 0.973"
    )
    assert trial_words(trial(0.94), 0.95, True) == (
        "under-fitting: training 0.940 lies below the validation interval 0.958 to 0.973, "
        "and below 0.950, which the best trial reaches on validation"
    )
    failed = TrialRow(0, "failed", {}, reason="Out of memory.")
    assert trial_words(failed, 0.9, True) == "failed: Out of memory."
    assert "tries it again" in trial_words(TrialRow(0, "running", {}), 0.9, False)
