"""Counting in a thread: the newest request answers, an older one never."""

import pytest

from app.jobs.folder_counter import FolderCounter
from app.training.data.layout import DataSource


@pytest.fixture
def counter(qtbot):
    counter = FolderCounter()
    yield counter
    counter.close()


def made(folder, name, images):
    (folder / name).mkdir(parents=True)
    for number in range(images):
        (folder / name / f"{number}.png").write_bytes(b"")
    return folder


def test_a_folder_is_counted(counter, qtbot, tmp_path):
    with qtbot.waitSignal(counter.counted, timeout=5000) as heard:
        counter.request(DataSource(made(tmp_path, "NORMAL", 12)))
    assert heard.args[0].classes[0].images == 12


def test_a_missing_folder_is_an_error(counter, qtbot, tmp_path):
    with qtbot.waitSignal(counter.failed, timeout=5000) as heard:
        counter.request(DataSource(tmp_path / "gone"))
    assert "does not exist" in heard.args[0].what


def test_only_the_newest_request_answers(counter, qtbot, tmp_path):
    heard = []
    counter.counted.connect(heard.append)
    for number in range(20):
        counter.request(DataSource(made(tmp_path / str(number), "NORMAL", 3)))
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    qtbot.wait(100)
    assert [summary.folder.name for summary in heard] == ["19"]


def test_a_cancelled_request_never_answers(counter, qtbot, tmp_path):
    counter.request(DataSource(made(tmp_path, "NORMAL", 3)))
    counter.cancel()
    with qtbot.assertNotEmitted(counter.counted, wait=200):
        pass


def test_a_table_and_a_mapping_are_counted(counter, qtbot, tmp_path):
    made(tmp_path, "a", 12)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n" + "".join(f"a/{n}.png,{'XY'[n % 2]}\n" for n in range(12)))
    with qtbot.waitSignal(counter.counted, timeout=5000) as heard:
        counter.request(DataSource(tmp_path, labels=table, mapping={"X": "NORMAL"}))
    assert [(c.name, c.images) for c in heard.args[0].classes] == [("NORMAL", 6), ("Y", 6)]
