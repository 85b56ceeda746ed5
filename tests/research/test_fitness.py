"""How the gate is tried: made changes, and a choice in which the left-out package has no part."""

import numpy as np
import pytest
from factories import chest_like

from app.core.gate.clipped import cut_off
from app.core.image.anatomy import Box
from research.picture_gate_changes import WORDS, pushed, written
from research.picture_gate_choice import LAYERS, Choice, Distances, _meets, choose


@pytest.mark.parametrize("white", [True, False])
def test_so_much_of_the_middle_is_lost(white):
    frame = chest_like(224, 224)
    for lost in (0.1, 0.4):
        ends = cut_off(pushed(frame, lost, white))
        assert (ends.white if white else ends.black) == pytest.approx(lost, abs=0.06)


def test_every_word_stands_over_the_lungs():
    lungs = Box(0.2, 0.1, 0.8, 0.9)
    ground = np.full((224, 224), 90, np.uint8)
    for number in range(len(WORDS)):
        rng = np.random.default_rng(number)
        rows, columns = np.nonzero(written(ground, lungs, number, 0.05, 255, rng) > 200)
        assert 0.2 * 224 <= rows.mean() <= 0.8 * 224
        assert 0.1 * 224 <= columns.mean() <= 0.9 * 224


def known(things):
    """Children below 1, adults between the limits; only the first layer tells the things apart."""
    rng = np.random.default_rng(0)
    children = {name: rng.uniform(0.4, 1.05, 200) for name in LAYERS}
    adults = {name: rng.uniform(1.2, 1.5, 100) for name in LAYERS}
    strange = {name: np.full(len(things), 1.3) for name in LAYERS} | {LAYERS[0]: np.array(things)}
    return Distances(children, adults, strange, np.arange(200) % 2 == 0)


def test_the_choice_sees_only_what_it_is_given():
    made = known([3.0, 3.0, 3.0, 1.4])
    choice, met = choose(made, [0, 1, 2])
    assert met
    assert choice == Choice((LAYERS[0],), 1.5)  # the lowest factor that spares the adults
    changed = known([3.0, 3.0, 3.0, 99.0])
    assert choose(changed, [0, 1, 2])[0] == choice


def test_the_rule_needs_cautioned_and_unrefused_adults():
    made = known([3.0])
    assert _meets(made, Choice((LAYERS[0],), 1.5))
    assert not _meets(made, Choice((LAYERS[0],), 1.25))  # refuses some adults
    like_children = made._replace(adults={name: np.full(9, 0.7) for name in LAYERS})
    assert not _meets(like_children, Choice((LAYERS[0],), 1.5))
    assert not choose(like_children, [0])[1]
