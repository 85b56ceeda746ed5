"""What the training panel does, with a view and services that only take notes."""

import dataclasses
from pathlib import Path

import pytest
from training_desk import ENDED, FOLDER, GOOD, METRICS, STARTED, Desk

from app.core.base.errors import OutputError, ReviewError
from app.core.base.events import DataRead, EpochEnded, Notice, RunStarted, StepEnded
from app.core.settings.training import TrainConfig
from app.gui.training.text import ProgressText, result_rows, time_left
from app.jobs.estimate_process import EstimateState
from app.jobs.training_process import TrainingOutcome
from app.training.data.layout import DataSource
from app.training.data.summary import ClassCount, FolderSummary
from app.training.result.changed_calls import Flip, write_flips
from app.training.runs.runs import Run, RunState


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


def test_no_training_beside_a_sweep(desk):
    desk.counted()
    desk.controller.sweeping = lambda: True
    desk.controller.start()
    assert desk.process.started == []
    ((error,),) = desk.view.shown["show_error"]
    assert "A sweep is under way" in error.what
    desk.controller.sweeping = lambda: False
    desk.controller.start()
    assert len(desk.process.started) == 1


def test_the_comparison_and_the_flips_of_a_run_are_shown(desk, tmp_path):
    desk.started()
    desk.process.run_dir = tmp_path
    write_flips(tmp_path, (Flip("newly_missed", "PNEUMONIA/a.png", 0.9, 0.1),))
    compared = dataclasses.replace(ENDED, comparison={"why_not": "nothing was left."})
    desk.process.said.emit(compared)
    desk.process.end(TrainingOutcome(True, False, 0, False, ENDED.model_name))
    lines, flips = desk.view.shown["show_comparison"]
    assert lines == ("Not compared: nothing was left.",)
    assert flips == (FOLDER / "PNEUMONIA" / "a.png",)


def test_problems_keep_it_from_starting(desk):
    problem = ReviewError("One class.", "Two.", "Add.")
    desk.counted(FolderSummary(FOLDER, GOOD.classes[:1], (problem,)))
    assert not desk.view.controls.can_start
    assert "see above" in desk.view.controls.hint
    desk.controller.start()
    assert desk.process.started == []


def test_the_error_of_the_last_run_goes_with_its_images(desk):
    desk.started()
    desk.process.end(TrainingOutcome(False, False, 1, False, "", ReviewError("x")))
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
    desk.estimator.estimated.emit(EstimateState(720.0, 144.0, 1_400_000_000, "Intel Xeon (CPU)"))
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
    desk.process.end(TrainingOutcome(False, True, 0, False))
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
    progress = ProgressText(lambda: desk.now)
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
    desk.process.end(TrainingOutcome(True, False, 0, False, "best-1"))
    rows, name, usable = desk.view.shown["show_result"]
    assert (name, usable) == ("best-1", True)
    assert ("Validation AUC", "0.900") in rows
    assert desk.view.announced == ["best-1"]
    assert desk.view.controls.can_start


def test_a_model_of_other_classes_is_not_for_review(desk):
    classes = (ClassCount("CAT", 30, 0, 30), ClassCount("DOG", 30, 0, 30))
    desk.counted(FolderSummary(FOLDER, classes)).controller.start()
    desk.process.said.emit(ENDED)
    desk.process.end(TrainingOutcome(True, False, 0, False, "best-1"))
    assert desk.view.shown["show_result"][2] is False


def test_a_failed_run_shows_its_reason_and_log(desk):
    desk.started()
    error = ReviewError("It crashed.")
    desk.process.end(TrainingOutcome(False, False, 11, True, "", error, None, "last line"))
    assert desk.view.shown["show_error"] == ((error,), "last line")
    assert desk.view.announced == []
    assert desk.view.controls.can_start


def test_no_other_folder_while_a_run_is_under_way(desk):
    desk.started().data.choose_folder("/other")
    assert desk.counter.requests == [DataSource(FOLDER)]


def test_the_live_run_is_known_in_the_table(desk):
    desk.started()
    assert desk.view.shown["show_runs"] == ([], Path("/runs/1"))
    desk.process.end(TrainingOutcome(False, False, 1, False, "", ReviewError("x")))
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


def cut_off(**changes):
    config = TrainConfig(data="/images", epochs=9)
    fields = {"epochs_run": 2, "can_resume": True, **changes}
    return Run(Path("/runs/7"), None, config, RunState.INTERRUPTED, **fields)


def test_a_run_that_was_cut_off_can_go_on(desk):
    desk.counted()
    run = cut_off()
    desk.controller.show_run(run)
    assert desk.view.offered == run
    metrics = {**METRICS, "val_auc": 0.8}
    desk.events = [EpochEnded(1, 9, 1.0, METRICS, True), EpochEnded(2, 9, 1.0, metrics, False)]
    desk.view.points.clear()
    desk.controller.resume()
    assert desk.process.resumed == [run.folder]
    assert desk.process.started == []
    assert desk.view.offered is None
    assert desk.view.shown["clear_curves"] == (9,)
    assert desk.view.shown["show_runs"][1] == run.folder
    desk.process.said.emit(dataclasses.replace(STARTED, epochs=9, resumed_after=2))
    # The epochs before are drawn again, once.
    assert desk.view.points == [("epoch", 1, True), ("epoch", 2, False)]
    desk.controller.resume()
    assert desk.process.resumed == [run.folder]


def test_a_run_that_cannot_go_on_is_not_offered(desk):
    desk.counted()
    desk.controller.show_run(cut_off())
    desk.controller.show_run(cut_off(can_resume=False))
    assert desk.view.offered is None
    desk.controller.show_run(cut_off())
    desk.process.error = ReviewError("It is under way elsewhere.", "", "")
    desk.controller.resume()
    assert desk.view.shown["show_error"][0] == (desk.process.error,)
    assert not desk.process.running


def test_a_new_run_draws_nothing_of_another(desk):
    desk.started()
    desk.events = [EpochEnded(1, 9, 1.0, METRICS, True)]
    desk.view.points.clear()
    desk.process.said.emit(STARTED)
    assert desk.view.points == []
