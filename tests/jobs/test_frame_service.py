"""Frames from the real thread: the newest wish only, damage in words, the file gone."""

import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread

from app.jobs.frame_service import FrameService

FRAMES = np.stack([np.roll(chest_like(60, 71), 9 * number, 1) for number in range(5)])


@pytest.fixture
def service(qapp):
    made = FrameService()
    yield made
    made.close()


def test_a_frame_comes_and_the_next_is_read_ahead(service, qtbot, tmp_path):
    path = write_dicom(tmp_path / "film.dcm", FRAMES)
    with qtbot.waitSignal(service.ready) as came:
        service.show(path, 2, 3)
    assert came.args[0] == 2
    np.testing.assert_array_equal(came.args[1].pixels, FRAMES[2])
    service._pool.waitForDone()
    # The following one is there without the file.
    path.unlink()
    with qtbot.waitSignal(service.ready) as came:
        service.show(path, 3, 4)
    np.testing.assert_array_equal(came.args[1].pixels, FRAMES[3])
    with qtbot.waitSignal(service.damaged) as came:
        service.show(path, 0, 1)
    assert "cannot be read any more" in came.args[1].what


def test_only_the_newest_wish_is_answered(service, qtbot, tmp_path):
    path = write_dicom(tmp_path / "film.dcm", FRAMES)
    answers = []
    service.ready.connect(lambda frame, _: answers.append(frame))
    for frame in (0, 1, 2, 3, 4):
        service.show(path, frame, frame)
    qtbot.waitUntil(lambda: 4 in answers)
    assert answers == [4]
    service.show(path, 1, 2)
    service.cancel()
    service._pool.waitForDone()
    qtbot.wait(50)
    assert answers == [4]


def test_damage_is_told_for_its_frame(service, qtbot, tmp_path):
    path = write_dicom(tmp_path / "film.dcm", FRAMES)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 100])
    with qtbot.waitSignal(service.damaged) as came:
        service.show(path, 4, 0)
    assert came.args[0] == 4
    assert "frame 5 of 5" in came.args[1].what
    with qtbot.waitSignal(service.ready):
        service.show(path, 0, 1)


def test_frames_of_a_file_that_took_the_place_of_another_are_not_mixed_with_its_own(
    service, qtbot, tmp_path
):
    path = write_dicom(tmp_path / "film.dcm", FRAMES)
    with qtbot.waitSignal(service.ready):
        service.show(path, 0, 1)
    service._pool.waitForDone()
    write_dicom(path, 255 - FRAMES, PatientID="another")
    with qtbot.waitSignal(service.damaged) as came:
        service.show(path, 3, 4)
    assert "has changed" in came.args[1].what
    # The new image is in view by now.
    service.forget()
    with qtbot.waitSignal(service.ready) as came:
        service.show(path, 0, 1)
    np.testing.assert_array_equal(came.args[1].pixels, 255 - FRAMES[0])


def test_a_frame_that_fails_in_whatever_way_is_told(service, qtbot, tmp_path):
    """The values of one frame alone are no numbers."""
    values = np.stack([FRAMES[0], FRAMES[1]]).astype(np.float32)
    values[1] = np.nan
    path = write_dicom(tmp_path / "film.dcm", FRAMES[:2].astype(np.uint16))
    ds = dcmread(path)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.BitsAllocated, ds.FloatPixelData = 32, values.tobytes()
    ds.save_as(path)
    with qtbot.waitSignal(service.ready):
        service.show(path, 0, 0)
    with qtbot.waitSignal(service.damaged) as came:
        service.show(path, 1, 0)
    assert came.args[0] == 1
