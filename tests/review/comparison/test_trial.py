"""Two models tried on the same folder."""

import pytest
from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.core.base.errors import TrainingDataError
from app.core.base.home import models_dir
from app.core.base.reasons import told
from app.core.gate.rules import GateResult
from app.inference.registry.models import find_model
from app.inference.runtime.classifier import Classifier
from app.inference.scoring import pipeline
from app.review.comparison.trial import labelled_items, try_both


@pytest.fixture
def both(opacity_home):
    save_tiny(models_dir(), "tiny")
    save_tiny(models_dir(), "other", seed=5)
    return [Classifier(find_model(name)) for name in ("tiny", "other")]


@pytest.fixture
def refuses(monkeypatch):
    """Let the gate of the model named other refuse so many of the images it sees."""

    def let(images):
        left = [images]

        def judged(unlikeness, card):
            if card.name != "other" or not left[0]:
                return GateResult()
            left[0] -= 1
            return GateResult(refusals=(told("Unlike what it was trained on."),))

        monkeypatch.setattr(pipeline, "judge_unlikeness", judged)

    return let


def test_what_only_the_second_refuses_is_left_out_and_counted(both, refuses, tmp_path):
    items = labelled_items(write_training_folder(tmp_path, per_class=4))
    refuses(2)
    figures = try_both(*both, items)
    assert figures["files"] == {"total": 8, "scored": 6, "refused": 2, "unreadable": 0}
    assert figures["n"] == 6


def test_a_second_model_that_refuses_all_leaves_nothing_to_compare(both, refuses, tmp_path):
    items = labelled_items(write_training_folder(tmp_path, per_class=4))
    refuses(8)
    with pytest.raises(TrainingDataError, match="the second model refuses all 8"):
        try_both(*both, items)
