"""What the reader's keys do, on a view that only remembers and a store on disk."""

from datetime import UTC, datetime

from reading_room import ITEMS, REGION, image_of, room, show, stored

from app.core.base.errors import ReviewError
from app.core.model.results import Call
from app.core.reading.verdicts import UNKNOWN, Agreement, ImageIdentity, Verdict
from app.core.worklist.identity import identity_of, identity_of_file
from app.review.verdicts.store import VerdictStore

__all__ = ["room"]


def test_the_window_moves_on_only_once_the_verdict_is_on_disk(room):
    show(room, 0)
    room.judge(Agreement.AGREE)
    assert room.view.state.saving
    assert room.view.moved == []
    room.service.answer()
    assert not room.view.state.saving
    assert room.view.moved == ["next"]
    given = stored(room, 0)
    assert given.agreement is Agreement.AGREE
    assert given.label == Call.PNEUMONIA.value
    assert (given.p_pneumonia, given.threshold, given.call) == (0.9, 0.5, Call.PNEUMONIA)
    assert given.model == "net"
    assert given.score_visible
    assert given.heatmap_visible


def test_moving_on_can_be_switched_off_and_the_end_of_the_list_is_told(room):
    room.advance = False
    show(room, 0)
    room.judge(Agreement.UNSURE)
    room.service.answer()
    assert room.view.moved == []
    room.view.unread = False
    room.go_on()
    assert room.view.state.message == "No other unread image is in this list."
    room.view.hidden = 3
    room.go_on()
    assert "Filtered or folded away: 3" in room.view.state.message


def test_only_what_was_on_the_screen_gets_a_verdict(room):
    room.choose(ITEMS[0])
    room.shown(image_of(0))
    room.judge(Agreement.AGREE)
    assert not room.service.waiting, "it is not yet known which image this is"
    assert "Waiting" in room.view.state.message
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.AGREE
    # The key was meant for the image it was pressed on.
    room.choose(ITEMS[1])
    room.judge(Agreement.AGREE)
    room.choose(ITEMS[2])
    room.shown(image_of(2))
    room.service.answer()
    assert stored(room, 1) is None
    assert stored(room, 2) is None
    # Known from the scoring and not shown yet is not seen.
    room.view.known[ITEMS[3].path] = identity_of(image_of(3))
    room.choose(ITEMS[3])
    room.label("NORMAL")
    room.choose(ITEMS[0])
    room.service.answer()
    assert stored(room, 3) is None


def test_the_reader_is_asked_once_and_then_the_verdict_is_given(room):
    room.reader = ""
    show(room, 1)
    room.judge(Agreement.DISAGREE)
    assert room.view.asked == 1
    assert not room.service.waiting
    room.set_reader("  Grace ")
    room.service.answer()
    assert stored(room, 1, "Grace").agreement is Agreement.DISAGREE
    room.judge(Agreement.AGREE)
    assert room.view.asked == 1


def test_a_verdict_that_is_not_saved_stays_on_the_screen_and_says_so(room):
    show(room, 0)
    room.service.failure = ReviewError("The verdict is not saved: the disk is full.")
    room.set_note("left base")
    room.judge(Agreement.AGREE)
    room.service.answer()
    state = room.view.state
    assert "NOT SAVED: agree" in state.unsaved
    assert "disk is full" in state.unsaved
    assert state.draft.note == "left base"
    assert room.view.moved == []
    assert room.view.errors
    room.service.failure = None
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert not room.view.state.unsaved
    assert stored(room, 0).note == "left base"
    assert room.view.moved == ["next"]


def test_a_label_of_ones_own_decides_how_it_stands_to_the_call(room):
    for n, label, agreement in ((0, "NORMAL", "disagree"), (1, "NORMAL", "agree")):
        show(room, n)
        room.label(label)
        room.label(label)  # a key pressed twice says nothing new
        room.service.answer()
        assert stored(room, n).agreement == agreement
        assert len(room.service.store.history(identity_of(image_of(n)))) == 1
    show(room, 2)
    room.label("Viral pneumonia")
    room.service.answer()
    assert stored(room, 2).agreement is None
    assert stored(room, 2).is_read
    show(room, 2)
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 2).label == "Viral pneumonia"


def test_what_has_no_score_gets_a_label_and_nothing_to_agree_with(room):
    show(room, 3)
    assert not room.view.state.has_score
    room.judge(Agreement.AGREE)
    assert "no score" in room.view.state.message
    assert not room.service.waiting
    room.label("NORMAL")
    room.service.answer()
    assert stored(room, 3).label == "NORMAL"
    assert stored(room, 3).agreement is None
    assert not stored(room, 3).score_visible


def test_an_unreadable_file_is_acknowledged_and_never_judged(room, tmp_path):
    room.choose(ITEMS[3])
    room.set_note("typed while it was being read")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    room.shown(broken)
    image = identity_of_file(broken)
    room.service.identities = [(room.service.identities[-1][0], image)]
    room.service.see()
    assert room.view.state.unreadable
    room.label("NORMAL")
    room.judge(Agreement.UNSURE)
    room.set_regions(REGION)
    room.keep_draft()
    assert not room.service.waiting
    assert "cannot be read" in room.view.state.message
    room.acknowledge()
    room.service.answer()
    given = room.service.store.latest(image)
    assert given.acknowledges
    assert given.is_read
    assert (given.agreement, given.label, given.note, given.regions) == (None, "", "", ())
    room.acknowledge()
    assert not room.service.waiting


def test_a_file_without_bytes_to_know_it_by_is_not_even_acknowledged(room, tmp_path):
    room.choose(ITEMS[2])
    room.shown(tmp_path / "gone.png")
    room.service.identities = [(room.service.identities[-1][0], UNKNOWN)]
    room.service.see()
    room.acknowledge()
    assert not room.service.waiting
    assert "cannot be opened" in room.view.state.message


def test_notes_keys_reasons_and_regions_are_kept_without_judging(room):
    show(room, 0)
    room.set_note("see lateral")
    room.set_reason("Image quality")
    room.toggle_key()
    room.set_regions(REGION)
    room.service.answer()
    given = stored(room, 0)
    assert (given.note, given.reason, given.key_image) == ("see lateral", "Image quality", True)
    assert given.regions == REGION
    assert not given.is_read
    assert room.view.moved == []
    show(room, 1)
    assert room.view.regions == ()
    show(room, 0)
    assert room.view.regions == REGION
    assert room.view.state.draft.note == "see lateral"
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0).regions == REGION


def test_what_was_typed_and_not_left_is_kept_when_the_image_changes(room):
    show(room, 0)
    room._draft = room._draft.__class__(note="half a thought")
    room.choose(ITEMS[1])
    room.service.answer()
    assert stored(room, 0).note == "half a thought"
    assert room.view.moved == []


def test_undo_goes_back_to_the_image_and_redo_gives_it_again(room):
    show(room, 0)
    room.judge(Agreement.AGREE)
    room.service.answer()
    show(room, 1)
    room.judge(Agreement.DISAGREE)
    room.service.answer()
    show(room, 2)
    room.undo()
    room.service.answer()
    assert room.view.moved[-1] is ITEMS[1]
    assert "Undone: disagree" in room.view.state.message
    assert stored(room, 1) is None
    room.undo()
    room.service.answer()
    assert room.view.moved[-1] is ITEMS[0]
    assert stored(room, 0) is None
    room.undo()
    assert "Nothing to undo" in room.view.state.message
    room.redo()
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.AGREE
    assert "Given again: agree" in room.view.state.message
    assert stored(room, 1) is None
    room.redo()
    room.service.answer()
    assert stored(room, 1).agreement is Agreement.DISAGREE
    room.redo()
    assert "Nothing to redo" in room.view.state.message


def test_another_program_with_the_same_reader_is_not_overwritten(room, tmp_path):
    show(room, 0)
    with VerdictStore(tmp_path / "verdicts.sqlite") as other:
        theirs = Verdict(
            identity_of(image_of(0)), "Ada", Agreement.UNSURE, datetime.now(UTC), note="theirs"
        )
        other.add(theirs)
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert "NOT SAVED" in room.view.state.unsaved
    assert stored(room, 0) == theirs
    assert room.view.state.row.verdict == theirs
    assert room.view.state.draft.note == "theirs"
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.AGREE
    assert stored(room, 0).note == "theirs"


def test_other_readers_and_other_pixels_are_told(room):
    image = identity_of(image_of(0))
    other = ImageIdentity("f" * 64, image.sop_instance_uid)
    for identity, reader in ((image, "Grace"), (other, "Ada")):
        room.service.store.add(
            Verdict(identity, reader, Agreement.DISAGREE, datetime.now(UTC), label="NORMAL")
        )
    room.arrived(room.service.store.book.entries())
    show(room, 0)
    row = room.view.state.row
    assert row.verdict is None
    assert [verdict.reader for verdict in row.others] == ["Grace"]
    assert row.other_pixels


# Blinded ------------------------------------------------------------------------------------


def test_blinded_the_network_is_hidden_until_the_reader_has_judged(room):
    room.set_blinded(True)
    room.choose(ITEMS[0])
    assert not room.view.ai_shown
    show(room, 0)
    assert not room.view.ai_shown
    room.judge(Agreement.AGREE)
    assert "Blinded" in room.view.state.message
    assert not room.service.waiting
    room.label("NORMAL")
    assert not room.view.ai_shown
    room.service.answer()
    assert room.view.ai_shown
    assert room.view.moved == [], "what is revealed must be seen before the next image comes"
    blind = stored(room, 0)
    assert not blind.score_visible
    assert not blind.heatmap_visible
    assert (blind.agreement, blind.p_pneumonia) == (Agreement.DISAGREE, 0.9)
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0).score_visible
    assert room.view.moved == ["next"]
    first = room.service.store.history(blind.image)[0].verdict
    assert first == blind


def test_an_undo_seals_nothing_again(room):
    room.set_blinded(True)
    show(room, 0)
    room.label("NORMAL")
    room.service.answer()
    room.undo()
    room.service.answer()
    assert room.view.ai_shown
    show(room, 0)
    room.label("NORMAL")
    room.service.answer()
    assert stored(room, 0).score_visible


def test_a_score_that_was_in_sight_before_makes_no_blind_verdict(room):
    show(room, 0)
    room.set_blinded(True)
    assert not room.view.ai_shown
    room.label("NORMAL")
    room.service.answer()
    assert stored(room, 0).score_visible
    assert not stored(room, 0).heatmap_visible


def test_a_note_or_a_key_image_unseals_nothing_and_others_stay_hidden(room):
    image = identity_of(image_of(0))
    room.service.store.add(Verdict(image, "Grace", Agreement.AGREE, datetime.now(UTC)))
    room.arrived(room.service.store.book.entries())
    room.set_blinded(True)
    show(room, 0)
    room.set_note("?")
    room.toggle_key()
    room.service.answer()
    assert not room.view.ai_shown
    assert room.view.state.row.others == ()
    room.judge(Agreement.UNSURE)
    room.service.answer()
    assert room.view.ai_shown
    assert room.view.state.row.others != ()


def test_another_reader_is_blind_again(room):
    room.set_blinded(True)
    show(room, 0)
    room.label("NORMAL")
    room.service.answer()
    room.set_reader("Grace")
    assert not room.view.ai_shown
    assert room.view.state.row.verdict is None
