"""Boxes of body and lungs: on drawn chests, on what is none, and the share outside a box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.core.image.anatomy import Box, body_box, lungs_box, outside


def chest(left=True, right=True, noise=4.0):
    """A drawn chest, 224 x 224: black ground, grey body, two dark lungs, a bright spine."""
    picture = np.full((224, 224), 5, np.float32)
    cv2.rectangle(picture, (25, 10), (200, 223), 150, -1)
    if left:
        cv2.ellipse(picture, (70, 110), (28, 62), 0, 0, 360, 70, -1)
    if right:
        cv2.ellipse(picture, (155, 110), (28, 62), 0, 0, 360, 70, -1)
    cv2.rectangle(picture, (104, 10), (121, 223), 200, -1)
    picture = cv2.GaussianBlur(picture, (0, 0), 3)
    picture += np.random.default_rng(1).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


LUNGS = (48 / 224, 42 / 224, 172 / 224, 183 / 224)
"""Top, left, bottom, right of what is drawn."""


def edges(box):
    return (box.top, box.left, box.bottom, box.right)


def test_the_boxes_of_a_drawn_chest():
    assert edges(lungs_box(chest())) == pytest.approx(LUNGS, abs=0.06)
    assert edges(body_box(chest())) == pytest.approx((10 / 224, 25 / 224, 1, 201 / 224), abs=0.03)


def test_one_white_lung_is_taken_as_the_mirror_image_of_the_other():
    assert edges(lungs_box(chest(left=False))) == pytest.approx(LUNGS, abs=0.08)
    assert edges(lungs_box(chest(right=False))) == pytest.approx(LUNGS, abs=0.08)


def test_the_size_of_the_image_does_not_matter():
    large = cv2.resize(chest(), (900, 700), interpolation=cv2.INTER_CUBIC)
    assert edges(lungs_box(large)) == pytest.approx(edges(lungs_box(chest())), abs=0.03)
    assert edges(body_box(large)) == pytest.approx(edges(body_box(chest())), abs=0.03)


@pytest.mark.parametrize("kind", ["both white", "flat", "black", "noise", "one dark square"])
def test_no_guess_where_there_are_no_lungs(kind):
    picture = {
        "both white": chest(left=False, right=False),
        "flat": np.full((224, 224), 90, np.uint8),
        "black": np.zeros((224, 224), np.uint8),
        "noise": np.random.default_rng(2).integers(0, 255, (224, 224)).astype(np.uint8),
        "one dark square": np.pad(np.full((20, 20), 10, np.uint8), 102, constant_values=180),
    }[kind]
    assert lungs_box(picture) is None


def test_an_image_without_contrast_has_no_body():
    assert body_box(np.full((50, 60), 7, np.uint8)) is None


def test_a_cell_that_the_edge_cuts_counts_in_part():
    flat = np.ones((4, 4), np.float32)
    assert outside(flat, Box(0.0, 0.0, 1.0, 1.0)) == pytest.approx(0.0)
    assert outside(flat, Box(0.0, 0.0, 0.5, 1.0)) == pytest.approx(0.5)
    assert outside(flat, Box(0.125, 0.125, 0.875, 0.875)) == pytest.approx(1 - 0.75**2)
    corner = np.zeros((4, 4), np.float32)
    corner[0, 0] = 2.0
    assert outside(corner, Box(0.5, 0.5, 1.0, 1.0)) == pytest.approx(1.0)
    assert outside(corner, Box(0.0, 0.0, 0.25, 0.125)) == pytest.approx(0.5)
    assert outside(0 * flat, Box(0.0, 0.0, 1.0, 1.0)) is None


@pytest.mark.slow
@pytest.mark.data
def test_on_real_images_most_have_a_plausible_box(shared_data):
    """Of 40 children and 20 adults: lungs are found in four of five, in the middle of the image."""
    from app.core.image.preprocess import frame_of
    from app.core.image.reader import read_radiograph

    found, count = [], 0
    for folder, every in (("kermany-train", 130), ("nih-adult-dev", 14)):
        paths = sorted((shared_data / folder).glob("*/*.*"))[::every][:40]
        for path in paths:
            count += 1
            box = lungs_box(frame_of(read_radiograph(path)))
            if box is not None:
                found.append(edges(box))
    assert len(found) >= 0.8 * count
    top, left, bottom, right = np.median(found, axis=0)
    assert 0.1 < top < 0.3 < 0.6 < bottom < 0.9
    assert left < 0.25 < 0.75 < right
    assert abs(left + right - 1) < 0.1
