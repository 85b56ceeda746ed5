"""Looking at a folder in a thread: progress, findings, samples; the newest request answers."""

import cv2
import numpy as np
import pytest

from app.jobs.folder_inspector import THUMBNAIL, FolderInspector
from app.training.data.layout import DataSource


@pytest.fixture
def inspector(qtbot):
    inspector = FolderInspector()
    yield inspector
    inspector.close()


@pytest.fixture
def folder(tmp_path):
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (tmp_path / name).mkdir()
        for number in range(30):
            small = np.random.default_rng(100 * label + number).integers(0, 255, (8, 8))
            image = cv2.resize(small.astype(np.uint8), (300, 200), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), image)
    return tmp_path


def test_a_folder_is_looked_at_with_progress(inspector, qtbot, folder):
    steps = []
    inspector.progressed.connect(lambda done, total: steps.append((done, total)))
    with qtbot.waitSignal(inspector.inspected, timeout=20_000) as heard:
        inspector.request(DataSource(folder))
    assert heard.args[0].images() == 60
    assert steps == [(25, 60), (50, 60), (60, 60)]


def test_samples_are_thumbnails_of_each_class(inspector, qtbot, folder):
    with qtbot.waitSignal(inspector.inspected, timeout=20_000) as heard:
        inspector.request(DataSource(folder))
    found = heard.args[0]
    for file in (folder / "NORMAL").iterdir():
        file.unlink()  # gone since the look: left out, not a failure
    with qtbot.waitSignal(inspector.sampled, timeout=20_000) as heard:
        inspector.request_samples(found, 1, 4)
    assert [entry.label for entry, _ in heard.args[0]] == [1] * 4
    assert {greys.shape for _, greys in heard.args[0]} == {(THUMBNAIL * 2 // 3, THUMBNAIL)}


def test_a_missing_folder_is_an_error(inspector, qtbot, tmp_path):
    with qtbot.waitSignal(inspector.failed, timeout=5000) as heard:
        inspector.request(DataSource(tmp_path / "gone"))
    assert "does not exist" in heard.args[0].what


def test_only_the_newest_request_answers(inspector, qtbot, folder, tmp_path):
    heard = []
    inspector.inspected.connect(heard.append)
    inspector.failed.connect(heard.append)
    for _ in range(5):
        inspector.request(DataSource(tmp_path / "gone"))
    inspector.request(DataSource(folder))
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    qtbot.wait(100)
    assert [found.images() for found in heard] == [60]


def test_a_cancelled_request_never_answers(inspector, qtbot, folder):
    inspector.request(DataSource(folder))
    inspector.cancel()
    with (
        qtbot.assertNotEmitted(inspector.inspected, wait=300),
        qtbot.assertNotEmitted(inspector.failed),
    ):
        pass
