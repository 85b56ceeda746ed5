"""The service with its real threads and a real, tiny model."""

import time

import cv2
import pytest
from factories import chest_like, write_dicom
from tiny_model import save_tiny

from app.core.model.results import Status
from app.core.worklist.scan import Item
from app.jobs import inference_worker
from app.jobs.inference_service import InferenceService

WAIT = 30_000


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("models"), "tiny")


@pytest.fixture
def service(qtbot):
    made = InferenceService()
    made.start()
    yield made
    assert made.close(30)


@pytest.fixture
def folder(tmp_path):
    for number in range(70):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), chest_like(64, 64, seed=number))
    return tmp_path


def item(path):
    return Item(path, path.name)


def collected(signal):
    got = []
    signal.connect(lambda *values: got.append(values))
    return got


def test_a_folder_is_listed_then_scored_in_chunks(service, folder, model, qtbot):
    found, scored = collected(service.items_found), collected(service.scored)
    progress = collected(service.progress)
    service.use_model(model)
    with qtbot.waitSignal(service.finished, timeout=WAIT):
        service.open([folder])
    assert sum(len(chunk) for (chunk,) in found) == 70
    assert sum(len(chunk) for (chunk,) in scored) == 70
    assert len(scored) < 70
    assert (progress[0][0].done, progress[-1][0].done) == (0, 70)
    assert progress[-1][0].rate > 0
    assert not service.is_busy


def test_the_list_does_not_wait_for_the_model(service, folder, qtbot):
    with qtbot.waitSignals([service.scan_finished, service.finished], timeout=WAIT):
        service.open([folder])


def test_an_image_comes_without_a_model_and_its_heatmap_with_one(service, folder, model, qtbot):
    images, maps = collected(service.image_ready), collected(service.heatmap_ready)
    number = service.show(item(folder / "000.png"))
    qtbot.waitUntil(lambda: images != [], timeout=WAIT)
    assert images[0][0] == number
    assert maps == []
    service.use_model(model)
    qtbot.waitUntil(lambda: maps != [], timeout=WAIT)
    generation, prediction, heatmap = maps[0]
    assert generation == number
    assert prediction.status is Status.OK
    assert heatmap.evidence.ndim == 2
    qtbot.wait(50)
    assert len(maps) == 1


def test_only_the_last_of_many_selections_is_answered(service, folder, model, qtbot):
    service.use_model(model)
    images, maps = collected(service.image_ready), collected(service.heatmap_ready)
    for number in range(30):
        last = service.show(item(folder / f"{number:03}.png"))
    qtbot.waitUntil(lambda: maps != [], timeout=WAIT)
    assert [generation for generation, _ in images] == [last]
    assert [generation for generation, *_ in maps] == [last]


@pytest.mark.slow
def test_a_selected_image_is_served_between_two_batches(service, tmp_path, model, qtbot):
    for number in range(1000):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), chest_like(200, 200, seed=number))
    service.use_model(model)
    order = []
    service.scored.connect(lambda scored: order.append("scored"))
    service.heatmap_ready.connect(lambda *_: order.append("heatmap"))
    with qtbot.waitSignal(service.scored, timeout=WAIT):
        service.open([tmp_path])
    with qtbot.waitSignal(service.finished, timeout=WAIT):
        service.show(item(tmp_path / "999.png"))
    qtbot.waitUntil(lambda: "heatmap" in order, timeout=WAIT)
    assert order.count("scored") > 3
    assert order[-1] == "scored"


def test_after_cancel_nothing_more_comes(service, folder, model, qtbot):
    service.use_model(model)
    with qtbot.waitSignal(service.progress, timeout=WAIT):
        service.open([folder])
    with qtbot.waitSignal(service.finished, timeout=WAIT):
        service.cancel()
    late = collected(service.scored)
    qtbot.wait(300)
    assert late == []


def test_a_refused_image_gets_no_heatmap(service, tmp_path, model, qtbot):
    path = write_dicom(tmp_path / "hand.dcm", BodyPartExamined="HAND")
    maps = collected(service.heatmap_ready)
    service.use_model(model)
    service.show(item(path))
    qtbot.waitUntil(lambda: maps != [], timeout=WAIT)
    assert maps[0][1].status is Status.REFUSED
    assert maps[0][2] is None


def test_an_unreadable_image_and_a_vanished_one_are_told(service, tmp_path, qtbot):
    (tmp_path / "text.dcm").write_text("hello")
    for name in ("text.dcm", "gone.png"):
        with qtbot.waitSignal(service.image_failed, timeout=WAIT) as told:
            service.show(item(tmp_path / name))
        assert told.args[1].what


def test_thumbnails_are_small_and_asked_for_once(service, folder, qtbot):
    got = collected(service.thumbnail_ready)
    for _ in range(3):
        service.thumbnail(item(folder / "000.png"))
    service.thumbnail(item(folder / "missing.png"))
    qtbot.waitUntil(lambda: len(got) == 2, timeout=WAIT)
    pictures = {path.name: grey for path, grey in got}
    assert pictures["000.png"].shape == (64, 64)
    assert pictures["missing.png"] is None


def test_wishes_for_thumbnails_that_scrolled_away_fall_off(service, folder, qtbot):
    got, dropped = collected(service.thumbnail_ready), collected(service.thumbnail_dropped)
    paths = [folder / f"{number:03}.png" for number in range(70)]
    copies = [item(path) for path in paths] + [item(folder / f"x{n}") for n in range(200)]
    for each in copies:
        service.thumbnail(each)
    qtbot.waitUntil(lambda: len(got) + len(dropped) == len(copies), timeout=WAIT)
    assert dropped


def test_a_model_for_other_classes_is_refused(service, tmp_path, qtbot):
    folder = save_tiny(tmp_path, "cats", classes=("CAT", "DOG"))
    with qtbot.waitSignal(service.model_failed, timeout=WAIT) as told:
        service.use_model(folder)
    assert "NORMAL and PNEUMONIA" in told.args[0].expected


@pytest.mark.alone
@pytest.mark.slow
def test_closing_is_quick_while_scoring(qtbot, tmp_path, model):
    for number in range(200):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), chest_like(400, 400, seed=number))
    service = InferenceService()
    service.start()
    service.use_model(model)
    with qtbot.waitSignal(service.scored, timeout=WAIT):
        service.open([tmp_path])
    started = time.monotonic()
    assert service.close(5.0)
    assert time.monotonic() - started < 2.0


def test_images_that_come_while_others_are_scored_are_scored_before_those(
    service, folder, model, qtbot
):
    scored, progress = collected(service.scored), collected(service.progress)
    late = [item(folder / "late.png")]
    cv2.imwrite(str(folder / "late.png"), chest_like(64, 64, seed=99))
    items = [item(path) for path in sorted(folder.glob("0*.png"))] * 3
    service.use_model(model)
    qtbot.waitSignal(service.model_changed, timeout=WAIT).wait()
    service.score(items)
    service.add(late)
    with qtbot.waitSignal(service.finished, timeout=WAIT):
        pass
    order = [each.item.path.name for (chunk,) in scored for each in chunk]
    assert len(order) == len(items) + 1
    assert order.index("late.png") < 100
    assert progress[-1][0].done == progress[-1][0].total == len(items) + 1
    assert not service.is_busy


def test_images_that_come_when_all_is_done_are_scored(service, folder, model, qtbot):
    service.use_model(model)
    with qtbot.waitSignal(service.finished, timeout=WAIT):
        service.open([folder / "000.png"])
    scored = collected(service.scored)
    for name in ("001.png", "002.png"):
        with qtbot.waitSignal(service.finished, timeout=WAIT):
            service.add([item(folder / name)])
    assert [chunk[0].item.path.name for (chunk,) in scored] == ["001.png", "002.png"]


def test_an_image_that_comes_after_the_last_results_were_told_is_scored(
    folder, model, qtbot, monkeypatch
):
    """One by one, each at the moment when the scorer has told all that it knew of."""
    monkeypatch.setattr(inference_worker, "_CHUNK_SECONDS", 0.0)
    worker = inference_worker.InferenceWorker()
    worker.wanted_batch = 1
    scored, finished = collected(worker.scored), collected(worker.finished)
    worker.use_model(model)
    late = [item(path) for path in sorted(folder.glob("*.png"))[:8]]
    worker.scored.connect(lambda *_: late and worker.add(1, [late.pop()]))
    worker.score(1, [item(folder / "020.png")])
    qtbot.waitUntil(lambda: finished != [], timeout=WAIT)
    assert sum(len(chunk) for _, chunk in scored) == 9
    assert finished == [(1, 9)]


def test_the_end_is_told_once_nothing_that_was_added_waits(service, folder, model, qtbot):
    """Added from within every message, the end's own included: asked for, hence scored."""
    service.use_model(model)
    qtbot.waitSignal(service.model_changed, timeout=WAIT).wait()
    late = [item(path) for path in sorted(folder.glob("*.png"))]
    given, scored, ends = [], [], []

    def give(*_):
        if late:
            given.append(late.pop())
            service.add([given[-1]])

    service.scored.connect(scored.extend)
    service.scan_finished.connect(give)
    service.scored.connect(give)
    service.progress.connect(give)
    # The worker's own end, which the service may not take for the end of all.
    service._worker.finished.connect(give)
    service.finished.connect(lambda: ends.append(len(scored) - len(given)))
    service.open([folder / "000.png"])
    qtbot.waitUntil(lambda: not late and not service.is_busy, timeout=WAIT)
    assert sorted(each.item.path.name for each in scored) == sorted(
        ["000.png", *(each.path.name for each in given)]
    )
    assert ends
    assert all(end == 1 for end in ends)


@pytest.mark.slow
def test_many_images_that_come_one_by_one_are_all_scored(service, folder, model, qtbot):
    service.use_model(model)
    qtbot.waitSignal(service.model_changed, timeout=WAIT).wait()
    scored = []
    service.scored.connect(scored.extend)
    late = [item(path) for path in sorted(folder.glob("*.png"))] * 15
    count = len(late)
    with qtbot.waitSignal(service.scan_finished, timeout=WAIT):
        service.open([folder / "000.png"])
    for each in late:
        service.add([each])
        qtbot.wait(1)
    qtbot.waitUntil(lambda: not service.is_busy, timeout=WAIT)
    assert len(scored) == count + 1


def test_a_changed_file_is_read_again(service, folder, model, qtbot):
    images = collected(service.image_ready)
    changed = item(folder / "000.png")
    service.show(changed)
    qtbot.waitUntil(lambda: len(images) == 1, timeout=WAIT)
    cv2.imwrite(str(changed.path), 255 - chest_like(64, 64))
    service.reread([changed])
    service.show(changed)
    qtbot.waitUntil(lambda: len(images) == 2, timeout=WAIT)
    before, after = (values[1].pixels for values in images)
    assert (before != after).any()
