"""The verdicts' thread: answers in order, others' rows, identities, an end that writes first."""

from datetime import UTC, datetime

import numpy as np
import pytest
from factories import chest_like, write_dicom

from app.core.image.reader import read_radiograph
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.core.worklist.identity import content_hash, identity_of_file
from app.core.worklist.scan import scan
from app.jobs.uid_finder import UidFinder
from app.jobs.verdict_service import VerdictService
from app.review.verdicts.store import VerdictConflict, VerdictStore

WAIT = 20_000
IMAGE = ImageIdentity("a" * 64)


def verdict(image=IMAGE, agreement=Agreement.AGREE, reader="Ada"):
    return Verdict(image, reader, agreement, datetime.now(UTC))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "verdicts.sqlite"


@pytest.fixture
def service(qtbot, path):
    made = VerdictService()
    made.start()
    with qtbot.waitSignal(made.opened, timeout=WAIT):
        made.open(path)
    yield made
    assert made.close()


def test_what_is_answered_as_saved_is_on_disk(service, qtbot, path):
    arrived = []
    service.arrived.connect(arrived.extend)
    with qtbot.waitSignal(service.saved, timeout=WAIT) as told:
        request = service.add(verdict(), 0)
    assert told.args[0] == request
    assert [entry.number for entry in arrived] == [told.args[1].number]
    with VerdictStore(path) as store:
        assert store.latest(IMAGE) == told.args[1].verdict
    with qtbot.waitSignal(service.saved, timeout=WAIT) as undone:
        service.undo("Ada", told.args[1].number)
    assert undone.args[1].of == told.args[1].number
    with qtbot.waitSignal(service.saved, timeout=WAIT) as again:
        service.undo("Ada", told.args[1].number)
    assert again.args[1] is None


def test_requests_are_answered_in_their_order(service, qtbot):
    saved = []
    service.saved.connect(lambda request, _entry: saved.append(request))
    asked = [service.add(verdict(ImageIdentity(f"{n:064x}")), 0) for n in range(40)]
    qtbot.waitUntil(lambda: len(saved) == len(asked), timeout=WAIT)
    assert saved == asked


def test_a_conflict_comes_after_the_row_that_causes_it(service, qtbot, path):
    told = []
    service.arrived.connect(lambda entries: told.append(entries[0].verdict.agreement))
    service.not_saved.connect(lambda _request, error: told.append(type(error)))
    with VerdictStore(path) as other:
        other.add(verdict(agreement=Agreement.UNSURE))
        with qtbot.waitSignal(service.not_saved, timeout=WAIT):
            service.add(verdict(), 0)
    assert told == [Agreement.UNSURE, VerdictConflict]


def test_a_database_that_cannot_be_used_leaves_the_one_in_use(service, qtbot, path, tmp_path):
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all " * 99)
    with qtbot.waitSignal(service.not_opened, timeout=WAIT):
        service.open(broken)
    with qtbot.waitSignal(service.saved, timeout=WAIT):
        service.add(verdict(), 0)
    with VerdictStore(path) as store:
        assert store.latest(IMAGE) is not None


def test_without_a_database_a_verdict_is_told_not_to_be_saved(qtbot):
    service = VerdictService()
    service.start()
    with qtbot.waitSignal(service.not_saved, timeout=WAIT) as told:
        service.add(verdict(), 0)
    assert "not saved" in told.args[1].what
    assert service.close()


def test_what_was_asked_for_is_written_before_the_end(service, path):
    for n in range(30):
        service.add(verdict(ImageIdentity(f"{n:064x}")), 0)
    assert service.close()
    with VerdictStore(path) as store:
        assert len(store.all()) == 30


def test_identities_of_images_and_of_what_cannot_be_decoded(service, qtbot, tmp_path):
    radiograph = read_radiograph(write_dicom(tmp_path / "a.dcm"))
    with qtbot.waitSignal(service.identified, timeout=WAIT) as told:
        service.identify(7, radiograph)
    assert told.args[0] == 7
    assert told.args[1].content_hash == content_hash(chest_like().astype(np.int32))
    assert told.args[1].sop_instance_uid == radiograph.header.sop_instance_uid
    (tmp_path / "b.png").write_bytes(b"broken")
    with qtbot.waitSignal(service.identified, timeout=WAIT) as told:
        service.identify(8, tmp_path / "b.png")
    assert told.args == [8, identity_of_file(tmp_path / "b.png")]


def test_uids_are_found_ahead_and_a_newer_request_drops_the_older(qtbot, tmp_path):
    for n in range(5):
        write_dicom(tmp_path / f"{n}.dcm", SOPInstanceUID=f"1.2.{n + 1}")
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    finder = UidFinder()
    found = {}
    finder.found.connect(found.update)
    items = list(scan([tmp_path]))
    finder.request(items[:1])
    finder.request(items)
    qtbot.waitUntil(lambda: len(found) == 5, timeout=WAIT)
    assert {image.sop_instance_uid for image in found.values()} == {f"1.2.{n}" for n in range(1, 6)}
    finder.close()
