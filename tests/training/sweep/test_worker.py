"""A worker in this process: claims, trains real small networks, tells, survives bad settings."""

import dataclasses
import time
from datetime import datetime

import numpy as np
import optuna
import pytest
from sqlalchemy import update

from app.core.base.events import TrialBegun, TrialEpoch, TrialOver
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.sweep.claims import _CLAIMS, DONE, FAILED, RUNNING, Claims
from app.training.sweep.data import SweepData
from app.training.sweep.ledger import COMPLETE, PRUNED, rows_of
from app.training.sweep.space import grid_settings, key_of
from app.training.sweep.study import StorageError, StudyDatabase, new_holder, without_password
from app.training.sweep.trial import TrialEnded
from app.training.sweep.worker import SweepWorker
from model_zoo import architecture

TRAIN = {**architecture("dense").DEFAULTS, "data": "", "arch": "dense", "image_size": 16}


@pytest.fixture(scope="module")
def data() -> SweepData:
    """160 images whose bright ones are positive, forty in each inner fold."""
    random = np.random.default_rng(4)
    labels = np.arange(160) % 2
    inputs = random.integers(0, 120, (160, 16, 16, 1)) + 100 * labels[:, None, None, None]
    return SweepData(
        ("NORMAL", "PNEUMONIA"),
        labels.astype(np.int64),
        np.arange(160) // 2,
        np.arange(160) // 2 % 4,
        inputs.astype(np.uint8),
        np.empty((0, 1, 1), np.uint8),
        np.ones(160),
    )


@pytest.fixture
def grid(monkeypatch):
    """A grid of four quick settings."""
    four = {"nodes_dense": (4, 8), "optimizer": ("adam", "sgd"), "epochs": (2,)}
    monkeypatch.setattr(architecture("dense"), "GRID", four)


class Desk:
    def __init__(self, folder, data, **changes):
        self.config = SweepConfig("s", TrainConfig(**TRAIN), **changes)
        self.study = StudyDatabase(
            self.config, folder, "hash of the images", heartbeat=0.2, grace=1.0
        )
        self.data, self.events = data, []

    def work(self, stop_asked=lambda: False):
        SweepWorker(self.study, self.data, self.events.append, stop_asked).work()
        return rows_of(self.study.optuna)


@pytest.fixture
def desk(tmp_path, data, grid):
    desks = []

    def make(**changes) -> Desk:
        desks.append(Desk(tmp_path, data, **changes))
        return desks[-1]

    yield make
    for each in desks:
        each.study.close()


@pytest.mark.slow
def test_every_setting_once_with_its_figures(desk):
    at = desk(inner_folds=2)
    rows = at.work()
    assert {key_of(row.settings) for row in rows} == {
        key_of(settings) for settings in grid_settings(at.config)
    }
    for row in rows:
        assert row.state == COMPLETE
        assert [len(fold) for fold in row.folds] == [2, 2]
        for name in ("val_accuracy", "val_auc"):
            low, high = row.intervals[name]
            assert low <= row.values[name] <= high
        last = [fold[-1]["val_accuracy"] for fold in row.folds]
        assert row.values["val_accuracy"] == pytest.approx(np.mean(last))
    assert len(at.work()) == 4, "nothing is left to try"
    assert sum(isinstance(event, TrialOver) for event in at.events) == 4


@pytest.mark.slow
def test_after_so_many_trainings_a_fresh_process_should_go_on(desk):
    at = desk(inner_folds=2)
    worker = SweepWorker(at.study, at.data, at.events.append, lambda: False, most_trainings=3)
    worker.work()
    assert worker.tired
    assert len(rows_of(at.study.optuna)) == 2
    rested = SweepWorker(at.study, at.data, at.events.append, lambda: False)
    rested.work()
    assert not rested.tired
    assert len(rows_of(at.study.optuna)) == 4


@pytest.mark.slow
def test_a_bad_setting_is_a_failed_trial_with_its_reason(desk, monkeypatch):
    """Half of the networks begin with weights that are no numbers: their loss is none either."""
    from app.training.fit import loop as module

    real = module.compile_network

    def compile_network(model, config, steps):
        real(model, config, steps)
        if config.nodes_dense == 8:
            model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])

    monkeypatch.setattr(module, "compile_network", compile_network)
    at = desk()
    rows = at.work()
    failed = [row for row in rows if row.state == "failed"]
    assert [row.reason for row in failed] == ["The loss became nan in epoch 1."] * 2
    assert {row.settings["nodes_dense"] for row in failed} == {8}
    assert sum(row.state == COMPLETE for row in rows) == 2
    assert sorted(at.study.claims.states().values()) == [DONE, DONE, FAILED, FAILED]
    assert len(at.work()) == 4, "a failed setting is not tried again"


def test_out_of_memory_is_a_reason(desk, monkeypatch):
    from app.training.sweep import worker as module

    def run(*_):
        raise MemoryError

    monkeypatch.setattr(module, "run_trial", run)
    assert {row.reason for row in desk().work()} == {
        "Out of memory, even with one image at a time."
    }


@pytest.mark.slow
def test_a_stop_gives_the_setting_back(desk):
    at = desk()
    asked = []
    rows = at.work(lambda: bool(asked) or (asked.append(1) if at.events else None))
    assert [type(event) for event in at.events].count(TrialOver) == 0
    assert isinstance(at.events[0], TrialBegun)
    assert rows == []
    assert at.study.claims.states() == {}
    assert len(at.work()) == 4


def fall_silent(at):
    """As if nobody's heart had beaten for years."""
    with at.study._engine.begin() as connection:
        connection.execute(update(_CLAIMS).values(beat=datetime(2000, 1, 1)))


@pytest.mark.slow
def test_what_a_dead_worker_left_is_tried_by_another(desk):
    at = desk()
    claim = at.study.claims.take(grid_settings(at.config)[0], new_holder())
    trial = at.study.ask(claim.settings)
    at.study.claims.begin(claim, trial.number)
    fall_silent(at)
    rows = at.work()
    assert len(rows) == 4
    assert trial.number not in {row.number for row in rows}
    states = [t.state for t in at.study.optuna.get_trials()]
    assert states.count(optuna.trial.TrialState.FAIL) == 1
    assert RUNNING not in at.study.claims.states().values()


@pytest.mark.slow
def test_a_result_told_just_before_death_is_not_repeated(desk):
    at = desk()
    claim = at.study.claims.take(grid_settings(at.config)[0], new_holder())
    trial = at.study.ask(claim.settings)
    at.study.claims.begin(claim, trial.number)
    at.study.optuna.tell(trial, 0.5)  # and then the power fails, the claim still open
    fall_silent(at)
    at.work()
    complete = [
        t for t in at.study.optuna.get_trials() if t.state == optuna.trial.TrialState.COMPLETE
    ]
    assert len(complete) == 4
    assert set(at.study.claims.states().values()) == {DONE}


def cut_off(at, times):
    """Begin the only setting so often, and leave it; the last time as a worker that died."""
    impatient = Claims(at.study._engine, "s", grace=-1.0)
    claim = at.study.claims.take(grid_settings(at.config)[0], new_holder())
    for attempt in range(times):
        claim = impatient.take_over(new_holder()) if attempt else claim
        if claim.orphan is not None:
            at.study.optuna.tell(claim.orphan, state=optuna.trial.TrialState.FAIL)
        trial = at.study.ask(claim.settings)
        at.study.claims.begin(claim, trial.number)
        yield trial.number
    fall_silent(at)


def test_a_setting_that_kills_its_workers_is_given_up(desk):
    at = desk(trials=1)
    for number in cut_off(at, 3):
        at.study.blame(number)
    (row,) = at.work()
    assert (row.state, row.reason) == ("failed", "Its process died 3 times.")


@pytest.mark.slow
def test_a_setting_that_power_cuts_met_again_and_again_is_tried_again(desk):
    at = desk(trials=1)
    assert len(list(cut_off(at, 5))) == 5
    (row,) = at.work()
    assert row.state == COMPLETE


def test_but_not_for_ever(desk):
    """A setting that makes the whole machine stop leaves nobody to blame it."""
    at = desk(trials=1)
    assert len(list(cut_off(at, 10))) == 10
    (row,) = at.work()
    assert (row.state, row.reason) == ("failed", "Its process died 10 times.")


@pytest.mark.slow
def test_a_setting_that_hangs_is_blamed(desk, monkeypatch):
    from app.training.sweep import worker as module

    at = desk(trials=1)

    def hang(*_):
        time.sleep(0.7)
        raise TrialEnded(pruned=False)

    with monkeypatch.context() as patch:
        patch.setattr(module, "HUNG_S", 0.1)
        patch.setattr(module, "run_trial", hang)
        at.work(lambda: bool(at.events))
    assert at.study.deaths(grid_settings(at.config)[0]) == 1


@pytest.mark.slow
def test_a_worker_that_was_suspended_lets_its_trial_go(desk):
    """Another took it over meanwhile: the figures that it goes on telling are not wanted."""
    at = desk(trials=1, pruner="median")
    impatient = Claims(at.study._engine, "s", grace=-1.0)
    stolen = []

    def steal(event):
        at.events.append(event)
        if isinstance(event, TrialEpoch) and not stolen:
            stolen.append(impatient.take_over(new_holder()))
            at.study.optuna.tell(stolen[0].orphan, state=optuna.trial.TrialState.FAIL)

    SweepWorker(at.study, at.data, steal, lambda: False).work()
    (row,) = rows_of(at.study.optuna)
    assert (row.state, row.number) == (COMPLETE, stolen[0].orphan + 1)


@pytest.mark.slow
def test_draws_of_what_was_tried_are_not_trained_again(desk):
    """The space has four settings, seven draws are asked for: each is trained once."""
    at = desk(sampler="tpe", trials=7)
    rows = at.work()
    trained = [event for event in at.events if isinstance(event, TrialBegun)]
    assert len(trained) == 4
    assert len({key_of(event.settings) for event in trained}) == 4
    assert all(row.state == COMPLETE for row in rows)


@pytest.mark.slow
def test_a_coordinator_that_dies_leaves_its_settings_free(desk):
    """Its pipe is closed, so that telling an epoch fails, and stdin's end is heard as a stop."""
    at = desk()
    dead = []

    class Pipe:
        def append(self, event):
            if isinstance(event, TrialEpoch):
                dead.append(event)
                raise BrokenPipeError

    at.events = Pipe()
    assert at.work(lambda: bool(dead)) == []
    assert at.study.claims.states() == {}


@pytest.mark.slow
def test_answers_that_are_no_numbers_fail_the_trial(desk, monkeypatch):
    from app.training.fit import loop as module

    monkeypatch.setattr(
        module,
        "validation_logits",
        lambda model, data, inputs, indices: np.full(len(indices), np.nan),
    )
    rows = desk(metric="val_loss").work()
    assert {row.state for row in rows} == {"failed"}
    assert len(rows) == 4
    assert "stopped being numbers" in rows[0].reason


@pytest.mark.slow
def test_a_pruned_trial_says_so(desk, monkeypatch):
    monkeypatch.setattr(optuna.trial.Trial, "should_prune", lambda self: self.number > 0)
    at = desk(pruner="median")
    rows = at.work()
    assert [row.state for row in rows] == [COMPLETE, PRUNED, PRUNED, PRUNED]
    assert rows[1].reason == "Worse than the others after epoch 1."
    assert set(at.study.claims.states().values()) == {DONE}


def test_another_study_of_the_same_name_is_refused(desk, tmp_path):
    at = desk()
    other = dataclasses.replace(at.config, metric="val_auc")
    with pytest.raises(StorageError, match="begun with other metric"):
        StudyDatabase(other, tmp_path, "hash of the images")
    with pytest.raises(StorageError, match="begun with other images or patients"):
        StudyDatabase(at.config, tmp_path, "another hash")


@pytest.mark.slow
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://opacity:secret@127.0.0.1:1/none",
        "nonsense",
        "postgresql://opacity:secret@127.0.0.1:abc/none",
        "sqlite:////no/such/folder/study.db",
        "mysql://opacity:secret@127.0.0.1/none",
    ],
)
def test_a_storage_that_cannot_be_reached(tmp_path, url):
    config = SweepConfig("s", TrainConfig(**TRAIN), storage=url)
    with pytest.raises(StorageError, match="cannot be used") as caught:
        StudyDatabase(config, tmp_path, "hash")
    assert "secret" not in str(caught.value)


def test_a_password_is_not_shown():
    assert without_password("postgresql://a:secret@host/b") == "postgresql://a:***@host/b"


@pytest.mark.slow
def test_the_outer_patients_are_left_out_and_the_others_divided():
    from app.core.worklist.patients import side_of
    from app.training.data.dataset import Dataset

    groups = tuple(f"person{n // 2}" for n in range(400))
    nothing = ("",) * 400
    dataset = Dataset(
        ("NORMAL", "PNEUMONIA"),
        np.zeros((400, 224, 224), np.uint8),
        np.arange(400) % 2,
        nothing,
        groups,
        nothing,
        (b"",) * 400,
    )
    for fold in range(5):
        config = TrainConfig(**{**TRAIN, "fold": fold})
        kept = SweepData.of(dataset, config, need_frames=False)
        outer = sum(side_of(group, fold) == "calibration" for group in groups)
        assert len(kept.labels) == 400 - outer
        assert set(kept.parts) == {0, 1, 2, 3}
        for patient in set(kept.patients):
            assert len(set(kept.parts[kept.patients == patient])) == 1
        assert kept.inputs.shape == (400 - outer, 16, 16, 1)


def test_the_images_pass_through_a_pipe_unchanged(data):
    import io

    stream = io.BytesIO()
    data.send(stream)
    stream.seek(0)
    received = SweepData.receive(stream)
    for name in ("labels", "patients", "parts", "inputs"):
        np.testing.assert_array_equal(getattr(received, name), getattr(data, name))
    assert received.classes == data.classes
    with pytest.raises(EOFError):
        SweepData.receive(io.BytesIO(stream.getvalue()[:-1]))
