"""Keys that come faster than the image or the disk, and networks that change their mind."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from reading_room import ITEMS, REGION, image_of, room, show, stored

from app.core.base.errors import ReviewError
from app.core.model.results import Call
from app.core.reading.verdicts import Agreement, ImageIdentity, Verdict
from app.core.worklist.identity import identity_of
from app.gui.verdict import reading_rules as rules
from app.gui.verdict import viewing_state
from app.gui.verdict.text import verdict_words
from app.review.verdicts.history import VerdictHistory

__all__ = ["room"]


def history(room, n):
    return [entry.verdict for entry in room.service.store.history(identity_of(image_of(n)))]


@pytest.mark.parametrize(
    "press",
    [
        lambda room: room.judge(Agreement.AGREE),
        lambda room: room.judge(Agreement.UNSURE),
        lambda room: room.label("NORMAL"),
    ],
)
def test_a_key_pressed_before_the_image_is_there_is_not_taken_and_says_so(room, press):
    room.choose(ITEMS[0])
    press(room)
    assert "not on the screen" in room.view.state.message
    room.shown(image_of(0))
    room.service.answer()
    assert stored(room, 0) is None
    press(room)
    room.service.answer()
    assert stored(room, 0).is_read


def test_an_image_that_is_read_again_is_not_on_the_screen(room):
    show(room, 0)
    room.expect()
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0) is None
    room.shown(image_of(0))
    room.service.answer()
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.AGREE


def test_a_key_image_marked_while_a_verdict_waits_does_not_replace_it(room):
    room.choose(ITEMS[0])
    room.shown(image_of(0))
    room.judge(Agreement.DISAGREE)
    room.toggle_key()
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.DISAGREE
    assert stored(room, 0).key_image


def test_a_verdict_left_before_it_could_be_written_is_told(room):
    room.choose(ITEMS[0])
    room.shown(image_of(0))
    room.judge(Agreement.AGREE)
    room.choose(ITEMS[1])
    room.service.answer()
    assert stored(room, 0) is None
    assert "Not saved" in room.view.state.message


def test_the_next_image_is_judged_while_the_one_before_is_being_saved(room):
    show(room, 0)
    room.judge(Agreement.AGREE)
    show(room, 1)
    room.judge(Agreement.DISAGREE)
    room.service.answer()
    assert stored(room, 0).agreement is Agreement.AGREE
    assert stored(room, 0).label == Call.PNEUMONIA
    assert stored(room, 1).agreement is Agreement.DISAGREE
    assert [len(history(room, n)) for n in (0, 1)] == [1, 1]
    assert room.view.moved == ["next"]


def test_another_key_on_the_same_image_is_a_correction(room):
    show(room, 0)
    room.judge(Agreement.AGREE)
    room.judge(Agreement.AGREE)
    room.judge(Agreement.DISAGREE)
    room.service.answer()
    assert [each.agreement for each in history(room, 0)] == [Agreement.AGREE, Agreement.DISAGREE]
    assert stored(room, 0).label == ""
    assert room.view.moved == ["next"], "only once the last word is on disk"


def test_a_key_that_is_held_judges_one_image_whatever_the_system_calls_its_repeats(
    room, monkeypatch
):
    monkeypatch.setattr(viewing_state, "PAUSE_SECONDS", 0.7)
    now = [100.0]
    room._pace = viewing_state.KeyPace(lambda: now[0])
    room.view.next_unread = lambda: False
    show(room, 0)
    room.judge(Agreement.AGREE)
    room.service.answer()
    show(room, 1)
    for seconds in (0.5, *[0.04] * 50, 0.6):
        now[0] += seconds
        room.judge(Agreement.AGREE)
        room.label("NORMAL")
        room.service.answer()
    assert stored(room, 1) is None
    assert "only just come" in room.view.state.message
    now[0] += 0.71
    room.judge(Agreement.AGREE)
    now[0] += 0.1
    room.judge(Agreement.DISAGREE)  # a correction at once, on the same image
    room.service.answer()
    assert stored(room, 1).agreement is Agreement.DISAGREE


def test_undo_waits_for_what_is_being_saved(room):
    show(room, 0)
    room.judge(Agreement.UNSURE)
    room.service.answer()
    show(room, 1)
    room.judge(Agreement.AGREE)
    room.undo()
    room.service.answer()
    assert stored(room, 1) is None
    assert stored(room, 0).agreement is Agreement.UNSURE
    assert room.view.moved[-1] is ITEMS[1]


def test_what_could_not_be_saved_is_written_to_the_next_database_that_opens(room):
    show(room, 0)
    room.service.failure = ReviewError("The verdict is not saved: the disk is full.")
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert room.unsaved == 1
    room.service.failure = None
    room.opened(VerdictHistory())
    room.service.answer()
    assert room.unsaved == 0
    assert stored(room, 0).agreement is Agreement.AGREE


# A network that says something else by now ----------------------------------------------------


def test_a_note_written_later_does_not_turn_a_verdict_around(room):
    show(room, 0)
    room.judge(Agreement.DISAGREE)
    room.service.answer()
    given = stored(room, 0)
    room.view.scores[0] = 0.2  # another operating point, or another model
    for change in (
        lambda: room.set_note("left base"),
        room.toggle_key,
        lambda: room.set_regions(REGION),
        lambda: room.label("Effusion"),
    ):
        change()
        room.service.answer()
        now = stored(room, 0)
        assert now.agreement is Agreement.DISAGREE
        assert (now.call, now.p_pneumonia) == (given.call, given.p_pneumonia) == ("PNEUMONIA", 0.9)
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert (stored(room, 0).call, stored(room, 0).p_pneumonia) == ("NORMAL", 0.2)


def test_a_note_leaves_a_blind_verdict_blind_and_another_label_does_not(room):
    room.set_blinded(True)
    show(room, 0)
    room.label("NORMAL")
    room.service.answer()
    assert room.view.ai_shown
    room.set_note("left base")
    room.service.answer()
    assert not stored(room, 0).score_visible
    assert not stored(room, 0).heatmap_visible
    room.label("PNEUMONIA")
    room.service.answer()
    assert stored(room, 0).score_visible


def test_what_one_reader_saw_another_did_not(room):
    show(room, 0)
    room.set_blinded(True)
    assert not room.view.ai_shown
    room.label("NORMAL")
    room.service.answer()
    assert stored(room, 0).score_visible, "Ada saw it before she chose to be blind"
    room.set_reader("Grace")
    assert not room.view.ai_shown
    room.label("NORMAL")
    room.service.answer()
    assert not stored(room, 0, "Grace").score_visible


def test_a_verdict_under_the_same_uid_unseals_nothing_before_the_pixels_are_known(room):
    image = identity_of(image_of(0))
    judged = Verdict(
        ImageIdentity("f" * 64, image.sop_instance_uid), "Ada", Agreement.AGREE, datetime.now(UTC)
    )
    room.service.store.add(judged)
    room.arrived(room.service.store.book.entries())
    room.set_blinded(True)
    assert room.row_reading(ImageIdentity("", image.sop_instance_uid)).sealed
    assert not room.row_reading(judged.image).sealed


# A file that changes ---------------------------------------------------------------------------


def test_a_score_of_other_pixels_than_those_in_view_is_taken_back(room):
    scored = replace(identity_of(image_of(0)), content_hash="e" * 64)
    room.view.known[ITEMS[0].path] = scored
    show(room, 0)
    assert room.view.reread == [ITEMS[0]]
    room.judge(Agreement.AGREE)
    room.service.answer()
    assert stored(room, 0) is None
    # Scored again, and seen again: all is well.
    room.view.known[ITEMS[0].path] = identity_of(image_of(0))
    room.shown(image_of(0))
    room.service.answer()
    room.scored()
    assert room.view.reread == [ITEMS[0]]
    # And the other way round: the score that comes later is of other pixels.
    room.view.known[ITEMS[0].path] = scored
    room.scored()
    assert room.view.reread == [ITEMS[0]] * 2


def test_what_cannot_be_decoded_by_one_of_the_two_is_no_change():
    broken, whole = ImageIdentity("file:" + "a" * 64), ImageIdentity("b" * 64)
    assert not rules.are_other_pixels(broken, whole)
    assert not rules.are_other_pixels(ImageIdentity("", "1.2"), whole)
    assert rules.are_other_pixels(ImageIdentity("c" * 64), whole)


def test_a_disagreement_without_a_label_says_with_what():
    image = identity_of(image_of(0))
    given = Verdict(image, "Ada", Agreement.DISAGREE, datetime.now(UTC), call=Call.PNEUMONIA)
    assert verdict_words(given) == "disagree with pneumonia"
    assert verdict_words(replace(given, label="NORMAL")) == "disagree, normal"
    agreed = replace(given, agreement=Agreement.AGREE, label="Effusion")
    assert verdict_words(agreed) == "agree with pneumonia, Effusion"
    assert verdict_words(replace(given, agreement=Agreement.UNSURE)) == "unsure"
    assert verdict_words(replace(given, call=None)) == "disagree"
