"""Augmentation: varied, repeatable, and it leaves the image readable."""

from __future__ import annotations

import numpy as np
from factories import chest_like

from app.training.data.augment import _framed_by, augment, disguised, moved


def variants(strength=1.0, count=60):
    frame = chest_like(224, 224)
    return frame, [augment(frame, np.random.default_rng(i), strength) for i in range(count)]


def test_shape_and_type_stay():
    frame, made = variants()
    assert all(image.shape == frame.shape and image.dtype == np.uint8 for image in made)


def test_the_frame_itself_is_not_changed():
    frame = chest_like(224, 224)
    before = frame.copy()
    for seed in range(30):
        augment(frame, np.random.default_rng(seed))
    np.testing.assert_array_equal(frame, before)


def test_the_same_seed_gives_the_same_image():
    frame = chest_like(224, 224)
    one, two = (augment(frame, np.random.default_rng((1, 2, 3))) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_no_strength_is_no_change():
    frame = chest_like(224, 224)
    assert augment(frame, np.random.default_rng(0), 0.0) is frame


def test_every_variant_differs_and_none_is_blank():
    _, made = variants()
    assert len({image.tobytes() for image in made}) == len(made)
    assert min(image[56:168, 56:168].std() for image in made) > 5


def test_the_borders_say_nothing_constant():
    """Edges are black, white, grey or continued: their mean must vary widely."""
    _, made = variants(count=200)
    edges = [image[:6].mean() for image in made]
    assert np.std(edges) > 25


def test_a_disguise_leaves_the_body_where_it_is():
    """The contours under a disguise are those of the frame: only tones, grain and edges change."""
    frame = chest_like(224, 224)
    middle = (slice(56, 168), slice(56, 168))
    for seed in range(40):
        hidden = disguised(frame, np.random.default_rng(seed))
        agreement = np.corrcoef(frame[middle].ravel(), hidden[middle].ravel())[0, 1]
        assert agreement > 0.5


def test_a_variant_is_moved_and_then_disguised():
    frame = chest_like(224, 224)
    random = np.random.default_rng(5)
    by_steps = disguised(moved(frame, random), random)
    np.testing.assert_array_equal(by_steps, augment(frame, np.random.default_rng(5)))


def test_a_strangers_border_leaves_the_middle():
    frame, stranger = np.full((224, 224), 60, np.uint8), np.full((224, 224), 200, np.uint8)
    framed = [_framed_by(frame, stranger, np.random.default_rng(seed)) for seed in range(20)]
    for image in framed:
        assert (image[30:194, 30:194] == 60).all()
        assert (image[:4] == 200).all()
        assert (image[:, -4:] == 200).all()
    assert len({image.tobytes() for image in framed}) == 20
    assert (stranger == 200).all()
