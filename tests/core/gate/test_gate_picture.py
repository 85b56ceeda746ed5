"""What the gate tells from the picture alone: greys that are cut off, text over the lungs."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.core.gate import clipped
from app.core.gate.burned_text import text_over_lungs, text_rows
from app.core.gate.clipped import cut_off
from app.core.gate.rules import judge, judge_shown
from app.core.image.anatomy import lungs_box
from app.core.image.display import render
from app.core.image.reader import read_radiograph


@pytest.fixture(scope="module")
def chest(shared_data) -> np.ndarray:
    path = sorted((shared_data / "kermany-train" / "NORMAL").iterdir())[0]
    shown = render(read_radiograph(path))
    assert lungs_box(shown) is not None
    return shown


def over_exposed(shown: np.ndarray, share: float, white: bool) -> np.ndarray:
    """So much of the middle beyond the end of the greys, the rest stretched to fill them."""
    rows, columns = shown.shape
    middle = shown[rows // 5 : -rows // 5, columns // 5 : -columns // 5]
    low, high = (0, np.quantile(middle, 1 - share)) if white else (np.quantile(middle, share), 255)
    return (
        np.clip((shown.astype(float) - low) * 255 / (high - low), 0, 255).round().astype(np.uint8)
    )


def save(pixels, path: Path):
    Image.fromarray(pixels).save(path)
    return read_radiograph(path)


@pytest.mark.parametrize("kind", ["x.png", "x.jpg", "dicom", "window"])
@pytest.mark.parametrize(("white", "word"), [(True, "bright"), (False, "dark")])
def test_cut_off_greys_are_a_caution(chest, tmp_path, dicom_factory, kind, white, word):
    lost = over_exposed(chest, 0.2, white)
    if kind == "dicom":
        read = read_radiograph(dicom_factory(lost))
    elif kind == "window":
        # The file has all greys, its window shows only some of them.
        low, high = (0, 150) if white else (130, 255)
        window = {"WindowCenter": (low + high) / 2, "WindowWidth": high - low}
        read = read_radiograph(dicom_factory(chest, **window))
    else:
        read = save(lost, tmp_path / kind)
    judgement = judge(read, None)
    assert judgement.refusals == ()
    assert [c for c in judgement.cautions if f"The {word} greys are cut off" in c.text()]


def test_next_to_nothing_left_is_refused(chest, tmp_path):
    read = save(over_exposed(chest, 0.85, white=True), tmp_path / "x.png")
    assert "next to nothing" in judge(read, None).refusals[0].text()
    assert judge(save(over_exposed(chest, 0.6, white=True), tmp_path / "y.png"), None).cautions


def test_borders_air_and_markers_are_not_cut_off_greys(chest, tmp_path):
    framed = np.zeros((520, 520), np.uint8)
    framed[40:340, 60:360] = cv2.resize(np.maximum(chest, 30), (300, 300))
    cv2.putText(framed, "R", (70, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 4)
    read = save(framed, tmp_path / "x.png")
    assert np.mean(render(read) <= 2) > 0.5
    assert judge(read, None).cautions == ()
    assert cut_off(framed).black < clipped.CAUTION


def test_cut_off_counts_the_middle():
    half = np.tile(np.linspace(20, 200, 100).astype(np.uint8), (100, 1))
    half[:50] = 255
    assert cut_off(half).white == pytest.approx(0.5, abs=0.06)
    assert cut_off(half).black == 0
    assert cut_off(np.full((1, 1), 255, np.uint8)).white in (0.0, 1.0)


@pytest.mark.parametrize("grey", [255, 0])
@pytest.mark.parametrize("word", ["PORTABLE", "SUPINE AP"])
def test_text_over_the_lungs_is_a_caution(chest, grey, word):
    lungs = lungs_box(chest)
    assert lungs is not None
    big = cv2.resize(chest, (1200, 1000), interpolation=cv2.INTER_CUBIC)
    for shown, scale in ((chest, 0.5), (big, 1.6)):
        rows, columns = shown.shape
        burned = shown.copy()
        at = (int((lungs.left + 0.05) * columns), int((lungs.top + lungs.bottom) / 2 * rows))
        cv2.putText(burned, word, at, cv2.FONT_HERSHEY_DUPLEX, scale, grey, 1 + (scale > 1) * 2)
        assert judge_shown(shown).cautions == ()
        (caution,) = judge_shown(burned).cautions
        assert "text over the lungs" in caution.text()


def test_text_and_markers_beside_the_lungs_are_usual(chest):
    marked = np.zeros((1400, 1400), np.uint8)
    marked[200:1200, 200:1200] = cv2.resize(chest, (1000, 1000), interpolation=cv2.INTER_CUBIC)
    cv2.putText(marked, "PORTABLE", (40, 120), cv2.FONT_HERSHEY_DUPLEX, 2, 255, 4)
    cv2.putText(marked, "R", (230, 420), cv2.FONT_HERSHEY_DUPLEX, 3, 255, 8)
    assert any(row.letters >= 3 for row in text_rows(marked))
    assert not text_over_lungs(marked)


def test_noise_wires_and_small_pictures_are_no_text():
    noise = np.random.default_rng(0).integers(0, 256, (300, 400)).astype(np.uint8)
    wire = np.full((300, 300), 90, np.uint8)
    cv2.line(wire, (10, 150), (290, 170), 255, 3)
    cv2.circle(wire, (150, 150), 20, 255, 2)
    assert text_rows(wire) == []
    assert text_rows(np.zeros((1, 1), np.uint8)) == []
    assert text_rows(np.zeros((3, 700), np.uint8)) == []
    text_rows(noise)  # whatever it finds, it ends soon


def test_looking_for_text_costs_little(chest):
    """The limit is loose because the machine may be shared; about 1.6 ms on an idle core."""
    times = []
    for _ in range(8):
        start = time.perf_counter()
        judge_shown(chest)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01
