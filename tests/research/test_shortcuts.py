"""The shortcut bench: markers found, changes that do what they say, probes that cannot cheat."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from factories import chest_like

from app.core.base.errors import OutputError
from app.training.data.dataset import Dataset
from research.document import put
from research.shortcut_changes import CHANGES, generator
from research.shortcut_leaning import leaning
from research.shortcut_probes import PIXEL_PROBES, as_seen, judged
from research.shortcut_regions import find_marker, ring
from research.shortcut_tables import leaning_table

ALL = {name: change for changes in CHANGES.values() for name, change in changes.items()}


def marked(seed=7, at=(8, 70)):
    frame = (chest_like(224, 224, seed=seed) // 2).astype(np.uint8)
    cv2.putText(frame, "R", at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 235, 1, cv2.LINE_AA)
    return frame


def dataset_of(frames, labels):
    count = len(labels)
    return Dataset(
        classes=("NORMAL", "PNEUMONIA"),
        frames=np.stack(frames),
        labels=np.array(labels, dtype=np.int64),
        names=tuple(f"{i}.png" for i in range(count)),
        groups=tuple(f"person{i // 2}" for i in range(count)),
        content_hashes=tuple(f"{i:064x}" for i in range(count)),
        perceptual_hashes=(b"",) * count,
    )


def test_the_marker_is_found_where_it_stands_and_nowhere_else():
    found = find_marker(marked())
    assert found is not None
    assert abs(found.x - 9) <= 3
    assert abs(found.y - 60) <= 3
    assert find_marker((chest_like(224, 224) // 2).astype(np.uint8)) is None


def test_the_ring_is_as_deep_as_asked():
    outside = ring(np.zeros((100, 100), np.uint8), 0.08)
    assert outside[:8].all()
    assert outside[:, -8:].all()
    assert not outside[8:-8, 8:-8].any()


@pytest.mark.parametrize("name", list(ALL))
def test_a_change_changes_the_frame_and_is_the_same_each_time(name):
    frame, other = marked(), marked(3, (190, 40))
    before = frame.copy()
    one, two = (ALL[name](frame, other, generator("ab" * 32, 5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(frame, before)
    assert one.shape == frame.shape
    assert one.dtype == np.uint8
    assert (one != frame).any()


def test_the_border_of_another_leaves_the_inside_alone():
    frame, other = marked(), marked(3)
    made = ALL["outer 8 % of the other class"](frame, other, generator("0" * 64, 0))
    outside = ring(frame, 0.08)
    np.testing.assert_array_equal(made[outside], other[outside])
    np.testing.assert_array_equal(made[~outside], frame[~outside])


def test_the_marker_goes_and_the_rest_stays():
    frame = marked()
    made = ALL["marker painted over"](frame, frame, generator("0" * 64, 0))
    assert find_marker(made) is None
    np.testing.assert_array_equal(made[:, 40:], frame[:, 40:])


def test_grey_levels_become_those_of_the_other():
    frame, other = marked(), 255 - marked(3)
    made = ALL["histogram of the other class"](frame, other, generator("0" * 64, 0))
    of_made, wanted = (np.sort(image.ravel()).astype(float) for image in (made, other))
    assert np.abs(of_made - wanted).mean() < 3
    order = np.argsort(frame.ravel(), kind="stable")
    assert (np.diff(made.ravel()[order].astype(int)) >= 0).all()  # no two pixels change places


@pytest.mark.slow
def test_a_probe_is_judged_on_patients_it_has_not_seen():
    """A number that names the patient tells nothing of others; one of the class tells it."""
    random = np.random.default_rng(0)
    labels = np.repeat(random.integers(0, 2, 200), 2)
    groups = [f"person{i // 2}" for i in range(400)]
    name_of_patient = np.repeat(random.permutation(200), 2).astype(float)[:, None]
    memory = judged(name_of_patient, labels, groups, None)["auc"]
    assert memory["low"] < 0.5 < memory["high"]
    telling = judged(labels[:, None] + random.normal(0, 0.2, (400, 1)), labels, groups, None)
    assert telling["auc"]["low"] > 0.95
    assert telling["patients"] == 200


@pytest.mark.slow
def test_what_a_network_follows_is_told_within_each_class():
    random = np.random.default_rng(1)
    labels = np.tile([0, 1], 200)
    numbers = random.normal(labels, 1.0)
    groups = [f"person{i}" for i in range(400)]
    follows = judged(numbers[:, None], labels, groups, 3 * numbers)["follows"]
    assert min(follows.values()) > 0.5
    shuffled = judged(numbers[:, None], labels, groups, random.normal(size=400))["follows"]
    assert max(abs(value) for value in shuffled.values()) < 0.25


@pytest.mark.parametrize("name", list(PIXEL_PROBES))
def test_a_probe_gives_as_many_numbers_for_every_frame(name):
    frames = [marked(), as_seen(marked()), np.zeros((224, 224), np.uint8)]
    assert len({PIXEL_PROBES[name](frame).shape for frame in frames}) == 1


def test_border_probes_do_not_see_the_inside():
    frame = marked()
    other = frame.copy()
    other[20:-20, 20:-20] = 0
    for name in ("border, outermost 4 pixels", "border, 8 % of the side"):
        np.testing.assert_array_equal(PIXEL_PROBES[name](frame), PIXEL_PROBES[name](other))


def leaning_of(score):
    frames = [marked(seed) for seed in range(12)]
    for i in range(6, 12):
        frames[i][:18] = 250  # the class stands in the border alone
    dataset = dataset_of(frames, [0] * 6 + [1] * 6)
    return leaning(score, 0.5, dataset, np.arange(12), 3)


@pytest.mark.slow
def test_a_network_that_reads_the_border_is_found_out():
    run = leaning_of(lambda frames: np.array([0.05 + 0.9 * (f[4].mean() > 150) for f in frames]))
    assert run["unchanged"]["auc"]["value"] == 1.0
    swapped = run["changes"]["outer 4 % of the other class"]
    assert swapped["flips_per_1000"]["value"] == 1000
    assert swapped["new_calls"] == 6
    assert swapped["auc"]["value"] == 0.0
    assert swapped["logit"]["value"] == pytest.approx(2 * np.log(19))
    assert swapped["towards_pneumonia"]["NORMAL"] == pytest.approx(2 * np.log(19))


@pytest.mark.slow
def test_a_network_that_reads_the_middle_alone_is_not():
    run = leaning_of(lambda frames: np.array([f[60:160, 60:160].mean() / 255 for f in frames]))
    for change in run["changes"].values():
        if change["about"] == "border":
            assert change["logit"]["value"] == 0
            assert change["flips_per_1000"]["value"] == 0
            # Nothing seen among six patients is no proof that nothing ever is.
            assert change["flips_per_1000"]["high"] > 100
    table = leaning_table({"made": run})
    assert f"| outer 8 % black | 0.00 | {run['unchanged']['auc']['value']:.3f} | 0 (0 to " in table


def test_a_table_needs_its_place(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n")
    put(path, "x", "new")
    assert path.read_text() == "before\n<!-- x: begin -->\nnew\n<!-- x: end -->\nafter\n"
    with pytest.raises(OutputError, match="no place for the table 'y'"):
        put(path, "y", "new")
