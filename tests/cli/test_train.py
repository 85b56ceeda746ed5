"""`train` as a person types it."""

import json
import re

import pytest
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.cli import main
from app.cli import train as train_cli
from app.core.base.events import EpochEnded, RunEnded, from_line
from app.core.settings.training import TrainConfig
from app.inference.registry.models import find_model, list_models
from app.training.data.dataset import read_dataset
from app.training.fit.checkpoint import save_checkpoint
from app.training.fit.loop import Hooks, fit
from app.training.runs.runs import RunState, list_runs, new_run, read_run
from model_zoo import architectures


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


QUICK = ["--arch", "dense", "--epochs", "2", "--image-size", "16"]


@pytest.mark.slow
def test_train_and_use_the_model(data, tmp_path, capsys):
    arguments = ["train", "--data", str(data), *QUICK]
    assert main([*arguments, "--name", "mine"]) == 0
    said = capsys.readouterr().err
    estimate, *_ = said.splitlines()
    assert re.match(r"About \d+ (s|min) on .* for 60 images and 2 epochs .* of memory\.", estimate)
    assert "Epoch 2/2" in said
    assert "Model mine written" in said
    assert "mine 1.0 against" in said or "Not compared:" in said
    assert main(["score", str(data), "-o", str(tmp_path / "s.csv"), "--model", "mine"]) == 0
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 61
    # The name is taken now: said before an hour of training, not after it.
    assert main([*arguments, "--name", "mine"]) == 2
    assert "already" in capsys.readouterr().err


def config_of(*arguments):
    return train_cli._config(train_cli.parser().parse_args(["--data", "d", *arguments]))


@pytest.mark.parametrize("arch", list(architectures()))
def test_what_is_not_given_is_the_architectures_own(arch):
    assert config_of("--arch", arch) == TrainConfig(
        data="d", arch=arch, **train_cli._defaults()[arch]
    )


def test_without_an_architecture_it_is_the_best():
    assert config_of() == TrainConfig(data="d")


def test_every_setting_can_be_given():
    config = config_of(
        *("--arch", "cnn", "--start", "active", "--epochs", "7", "--batch-size", "9"),
        *("--learning-rate", "0.5", "--optimizer", "sgd", "--schedule", "cosine"),
        *("--weight-decay", "0.25", "--dropout", "0.75", "--augmentation", "1.5"),
        *("--label-smoothing", "0.1", "--image-size", "40", "--patience", "11"),
        *("--class-weights", "--frozen-blocks", "2", "--nodes-dense", "13"),
        *("--activation-dense", "elu", "--kernel-initializer", "normal", "--nodes-cnn", "17"),
        *("--activation-cnn", "softmax", "--precision", "mixed", "--device", "cpu"),
        *("--fold", "3", "--seed", "5", "--labels", "l.csv", "--patients", "p.csv"),
        *("--map", "COVID=PNEUMONIA", "--map", "OTHER="),
    )
    assert config == TrainConfig(
        data="d",
        labels="l.csv",
        patients="p.csv",
        mapping={"COVID": "PNEUMONIA", "OTHER": ""},
        arch="cnn",
        start="active",
        epochs=7,
        batch_size=9,
        learning_rate=0.5,
        optimizer="sgd",
        schedule="cosine",
        weight_decay=0.25,
        dropout=0.75,
        augmentation=1.5,
        label_smoothing=0.1,
        image_size=40,
        patience=11,
        class_weights=True,
        frozen_blocks=2,
        nodes_dense=13,
        activation_dense="elu",
        kernel_initializer="normal",
        nodes_cnn=17,
        activation_cnn="softmax",
        precision="mixed",
        device="cpu",
        fold=3,
        seed=5,
    )
    assert config_of("--arch", "best", "--no-class-weights").class_weights is False


def test_the_help_says_each_setting_and_its_default(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "--optimizer {adamw,adam,sgd}" in said
    assert "default best 5, cnn 10, dense 20" in said
    assert "How often each image is seen." in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "No folder was given"),
        (["--data", "nowhere"], "no folder nowhere"),
        (["--data", ".", "--epochs", "0"], "epochs is 0"),
        (["--data", ".", "--name", "../x"], "cannot name a model"),
        (["--data", ".", "--name", "best-2"], "already there"),
        (["--data", ".", "--start", "nobody"], "nobody"),
        (["--data", ".", "--map", "COVID"], "FROM=TO"),
        (["--resume", "nothing"], "no run nothing"),
        (["--resume", "--epochs", "3"], "--resume and --epochs cannot"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments, words, capsys):
    assert main(["train", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--arch", "huge"], ["--optimizer", "lion"]])
def test_words_that_are_no_choice(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        main(["train", "--data", ".", *arguments])
    assert raised.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_folder_with_one_class_fails_with_words(tmp_path, capsys):
    (tmp_path / "NORMAL").mkdir()
    assert main(["train", "--data", str(tmp_path)]) == 1
    assert "holds only one class, NORMAL" in capsys.readouterr().err


def test_names_too_long_for_a_file_system(tmp_path, capsys):
    assert main(["train", "--data", "x" * 300]) == 2
    assert "no folder" in capsys.readouterr().err
    assert main(["train", "--data", str(tmp_path), "--name", "x" * 300]) == 2
    assert "cannot name a model" in capsys.readouterr().err


class Cut(Exception):
    """Stands for the end of the process."""


def interrupted(data, name):
    """A run folder as a run leaves it that is cut off after its first epoch."""
    config = tiny("dense", data, epochs=3)
    folder = new_run(config, model_name=name)

    def keep(model, best, progress):
        save_checkpoint(folder, model, best, progress)
        raise Cut

    with pytest.raises(Cut):
        fit(read_dataset(data), config, Hooks(on_epoch=keep))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("how", ["newest", "name", "folder"])
def test_resume(data, capsys, how):
    older, folder = interrupted(data, "older"), interrupted(data, "mine")
    run = {"newest": [], "name": [folder.name], "folder": [str(folder)]}[how]
    assert main(["train", "--resume", *run, "--events"]) == 0
    lines = capsys.readouterr().out.splitlines()
    events = [from_line(line) for line in lines]
    assert [e.epoch for e in events if isinstance(e, EpochEnded)] == [2, 3]
    assert isinstance(events[-1], RunEnded)
    assert json.loads(lines[-1])["model_name"] == "mine"  # as it was asked for at first
    assert find_model("mine").is_dir()
    assert read_run(folder).state is RunState.FINISHED
    assert read_run(older).can_resume
    assert [model.name for model in list_models() if not model.bundled] == ["mine"]
    assert main(["train", "--resume", folder.name]) == 1
    assert "cannot go on: it is finished" in capsys.readouterr().err


def test_nothing_to_resume(data, capsys):
    assert main(["train", "--resume"]) == 1
    assert "no run that could go on" in capsys.readouterr().err
    new_run(tiny("dense", data))
    (run,) = list_runs()
    assert main(["train", "--resume", run.folder.name]) == 1
    assert "no epoch that was kept whole" in capsys.readouterr().err
