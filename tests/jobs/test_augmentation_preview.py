"""The preview shows what a training would see: same reader, same augmentation, same size."""

import numpy as np
import pytest
from tiny_data import write_training_folder

from app.core.base.errors import ReviewError, TrainingDataError
from app.core.image.preprocess import frame_of, model_input
from app.core.image.reader import read_radiograph
from app.core.settings.training import TrainConfig
from app.jobs.augmentation_preview import AugmentationPreview, make_samples
from app.training.data.augment import augment
from app.training.data.layout import read_layout

WAIT = 15_000


@pytest.fixture
def folder(tmp_path):
    return write_training_folder(tmp_path / "tiny", per_class=10)


@pytest.fixture
def preview(qtbot):
    made = AugmentationPreview()
    yield made
    made.close()


def test_samples_are_what_the_network_gets(folder):
    layout = read_layout(folder)
    config = TrainConfig(data=str(folder), arch="best", image_size=64)
    samples = make_samples(list(layout.to_train), layout.classes, config, 5, 3, 4)
    assert len(samples) == 3
    random = np.random.default_rng(5)
    entry = layout.to_train[random.permutation(len(layout.to_train))[0]]
    frame = frame_of(read_radiograph(entry.path))
    first = samples[0]
    assert first.label == layout.classes[entry.label]
    np.testing.assert_array_equal(first.plain, np.rint(model_input(frame, 64)[..., 0]))
    varied = model_input(augment(frame, random, 1.0), 64)[..., 0]
    np.testing.assert_array_equal(first.varied[0], np.rint(varied))
    assert len(first.varied) == 4
    assert len({picture.tobytes() for picture in first.varied}) == 4


def test_the_size_is_the_networks_own_and_strength_0_varies_nothing(folder):
    layout = read_layout(folder)
    config = TrainConfig(data=str(folder), arch="dense", augmentation=0.0)
    (sample,) = make_samples(list(layout.to_train), layout.classes, config, 1, 1, 4)
    assert sample.plain.shape == (48, 48)
    assert sample.varied == ()


def test_unreadable_images_are_passed_over_until_there_are_none_left(folder):
    layout = read_layout(folder)
    entries = list(layout.to_train)
    for entry in entries[1:]:
        entry.path.write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    config = TrainConfig(data=str(folder))
    assert len(make_samples(entries, layout.classes, config, 1, 4, 1)) == 1
    entries[0].path.unlink()
    with pytest.raises(TrainingDataError, match="can be read"):
        make_samples(entries, layout.classes, config, 1, 4, 1)


def test_the_newest_request_is_answered(preview, folder, qtbot):
    answers = []
    preview.ready.connect(answers.append)
    config = TrainConfig(data=str(folder))
    with qtbot.waitSignal(preview.ready, timeout=WAIT):
        preview.request(config, 1, 4, 2)
        preview.request(config, 2, 1, 1)
    qtbot.wait(50)
    assert [len(answer) for answer in answers] == [1]


def test_a_folder_that_is_gone_is_an_error(preview, tmp_path, qtbot):
    with qtbot.waitSignal(preview.failed, timeout=WAIT) as failed:
        preview.request(TrainConfig(data=str(tmp_path / "gone")), 1, 1, 1)
    assert isinstance(failed.args[0], ReviewError)
