"""The search for text takes any picture."""

import numpy as np
import pytest

from app.core.gate.burned_text import text_rows


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.parametrize("side", [511, 512, 1024, 2048])
def test_a_grid_of_dots_is_no_text_and_no_error(step, side):
    dots = np.zeros((side, side), np.uint8)
    dots[::step, ::step] = 255
    assert text_rows(dots) == []
