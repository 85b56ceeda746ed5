"""The controller alone: its view and its service are mocks; the real ones: test_main_window."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import create_autospec

import numpy as np
import pytest
from tiny_model import tiny_card

from app.core.base.errors import ModelError, UnreadableImage
from app.core.base.reasons import told
from app.core.image.radiograph import Header, Radiograph
from app.core.model.results import Prediction, Status
from app.core.worklist.scan import Item
from app.gui.prediction import review_controller
from app.gui.prediction.review_controller import ReviewController, ReviewService, ReviewView
from app.inference.registry.models import ModelEntry
from app.inference.scoring.pipeline import Scored
from app.jobs.inference_worker import ScoringProgress

A, B = (Item(Path(f"/in/{name}.png"), f"in/{name}.png") for name in "ab")
SCORE = Prediction(Status.OK, (), 0.7, 0.5, "tiny 1.0", "CPU")


@pytest.fixture
def view():
    made = create_autospec(ReviewView, instance=True)
    made.known.return_value = (None, Header())
    made.neighbour.return_value = B
    made.unscored_items.return_value = []
    return made


@pytest.fixture
def service():
    made = create_autospec(ReviewService, instance=True)
    made.show.side_effect = range(1, 100)
    made.is_busy = False
    return made


@pytest.fixture
def controller(view, service, monkeypatch):
    entries = [
        ModelEntry("tiny", Path("/m/tiny"), tiny_card("tiny"), "", False),
        ModelEntry("other", Path("/m/other"), tiny_card("other"), "", False),
        ModelEntry("broken", Path("/m/broken"), None, "The card is damaged.", False),
    ]
    monkeypatch.setattr(review_controller, "list_models", lambda: entries)
    monkeypatch.setattr(review_controller, "active_name", lambda: "tiny")
    return ReviewController(view, service)


def image(path=A.path):
    return Radiograph(path, np.zeros((4, 5), np.uint8))


def test_the_image_comes_first_and_the_next_is_read_ahead(controller, view, service):
    controller.choose(A)
    service.show.assert_called_once_with(A)
    service.prefetch.assert_called_once_with(B)
    controller.image_ready(1, image())
    view.expect_image.assert_called_once()
    view.show_image.assert_called_once()
    view.show_heatmap.assert_called_once_with(None)


def test_stale_answers_are_dropped(controller, view):
    controller.choose(A)
    controller.choose(B)
    view.reset_mock()
    controller.image_ready(1, image())
    controller.heatmap_ready(1, SCORE, None)
    controller.image_failed(1, UnreadableImage("x"))
    view.show_image.assert_not_called()
    view.show_heatmap.assert_not_called()
    view.show_prediction.assert_not_called()


def test_the_list_and_the_panel_never_show_two_scores(controller, view):
    controller.choose(A)
    view.known.return_value = (SCORE, Header())
    view.reset_mock()
    other = Prediction(Status.OK, (), 0.7000001, 0.5, "tiny 1.0", "CPU")
    controller.heatmap_ready(1, other, None)
    view.add_scores.assert_not_called()
    view.show_prediction.assert_not_called()


@pytest.mark.parametrize(
    "now",
    [
        replace(SCORE, p_pneumonia=0.2),
        Prediction(
            Status.REFUSED, (told("The body part is KNEE, not the chest"),), model="tiny 1.0"
        ),
    ],
)
def test_the_score_of_the_image_that_the_file_held_before_does_not_stay(controller, view, now):
    """The file was replaced, and nobody has noticed yet."""
    controller.choose(A)
    view.known.return_value = (SCORE, Header())
    controller.heatmap_ready(1, now, None)
    (scored,) = view.add_scores.call_args.args[0]
    assert (scored.item, scored.prediction) == (A, now)
    view.show_prediction.assert_called_with(now)


def test_a_score_that_comes_before_its_turn_enters_the_list(controller, view):
    controller.choose(A)
    controller.heatmap_ready(1, SCORE, None)
    (scored,) = view.add_scores.call_args.args[0]
    assert (scored.item, scored.prediction) == (A, SCORE)
    view.show_prediction.assert_called_with(SCORE)


def test_an_unreadable_image_never_keeps_a_score(controller, view):
    controller.choose(A)
    controller.image_failed(1, UnreadableImage("Cut off.", "A whole file.", "Copy it again."))
    shown = view.show_prediction.call_args.args[0]
    assert shown.status is Status.UNREADABLE
    assert shown.call is None
    assert "Cut off." in view.show_image.call_args.args[1]


def test_the_panel_follows_the_batch(controller, view):
    controller.choose(A)
    view.reset_mock()
    controller.scored([Scored(B, SCORE)])
    view.show_prediction.assert_not_called()
    controller.scored([Scored(A, SCORE)])
    view.show_prediction.assert_called_once_with(SCORE)


def test_the_first_model_scores_what_waits_and_another_scores_all(controller, view, service):
    controller.start()
    service.use_model.assert_called_once_with(Path("/m/tiny"))
    view.unscored_items.return_value = [A]
    controller.model_changed(tiny_card("tiny"), "CPU")
    service.score.assert_called_once_with([A])
    view.forget_scores.assert_not_called()
    controller.scored([Scored(A, SCORE)])
    view.all_items.return_value = [A, B]
    controller.choose_model("other")
    controller.model_changed(tiny_card("other"), "CPU")
    view.forget_scores.assert_called_once()
    service.score.assert_called_with([A, B])


def test_a_model_that_cannot_be_used_is_not_chosen(controller, service):
    controller.start()
    service.use_model.reset_mock()
    controller.choose_model("broken")
    controller.choose_model("unheard of")
    service.use_model.assert_not_called()


def test_the_window_starts_with_the_active_model(controller, view, service):
    controller.start()
    service.use_model.assert_called_once_with(Path("/m/tiny"))
    assert view.show_models.call_args.args[1:] == ("tiny", "tiny")


def test_another_model_is_for_looking_until_it_is_promoted(controller, view, service, monkeypatch):
    controller.start()
    controller.model_changed(tiny_card("tiny"), "CPU")
    assert view.show_model.call_args.args[3] is True
    controller.choose_model("other")
    controller.model_changed(tiny_card("other"), "CPU")
    assert view.show_model.call_args.args[3] is False
    assert view.show_models.call_args.args[1:] == ("other", "tiny")
    service.use_model.reset_mock()
    monkeypatch.setattr(review_controller, "active_name", lambda: "other")
    controller.model_promoted("other")
    # It is loaded already: only what is said of it changes.
    service.use_model.assert_not_called()
    assert view.show_model.call_args.args[0].name == "other"
    assert view.show_model.call_args.args[3:] in ((), (True,))
    monkeypatch.setattr(review_controller, "active_name", lambda: "tiny")
    controller.model_promoted("tiny")
    service.use_model.assert_called_once_with(Path("/m/tiny"))


def test_after_a_model_failed_the_one_in_use_is_told_again(controller, view):
    controller.start()
    controller.model_changed(tiny_card("tiny"), "CPU")
    controller.choose_model("other")
    assert "Loading" in view.show_model.call_args.args[2]
    controller.model_failed(ModelError("It is damaged."))
    card, device, words, is_active = view.show_model.call_args.args
    assert (card.name, device, words, is_active) == ("tiny", "CPU", "", True)


def test_without_a_model_images_can_still_be_viewed(view, service, monkeypatch):
    monkeypatch.setattr(review_controller, "list_models", lambda: [])
    controller = ReviewController(view, service)
    controller.start()
    view.show_error.assert_called_once()
    assert "not scored" in view.show_model.call_args.args[2]
    controller.choose(A)
    service.show.assert_called_once_with(A)


def test_an_empty_folder_is_told(controller, view):
    controller.open(["/in"])
    controller.scan_finished(0)
    assert "No images" in view.show_image.call_args.args[1]


def test_what_is_to_be_scored_is_told_at_once(controller, view, service):
    service.is_busy = True
    controller.open(["/in"])
    controller.scan_finished(7)
    view.show_progress.assert_called_once_with(ScoringProgress(0, 7))
    service.is_busy = False
    view.unscored_items.return_value = [A, B]
    controller.resume()
    view.show_progress.assert_called_with(ScoringProgress(0, 2))
    service.score.assert_called_once_with([A, B])
