"""What is measured of a training's speed, and that it is measured once."""

import json
import subprocess
import sys

import pytest
from tiny_settings import tiny

from app.training.fit import speed
from app.training.fit.speed import Speed, speed_of


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", [0.0, 1.0], ids=["graph", "keras"])
def test_a_step_takes_less_than_building(augmentation):
    found = speed.measure(tiny("dense", augmentation=augmentation))
    assert 0 < found.step < found.fixed < 60
    assert 0 < found.image < found.step
    assert 0 < found.frame < 0.1
    assert 0 < found.checkpoint < 10
    assert found.batch_size == 8
    assert found.memory > 100e6  # TensorFlow alone is more
    assert found.device


def test_it_is_measured_once(opacity_home, monkeypatch):
    step, fixed = speed_of(tiny("dense")).step, speed_of(tiny("dense")).fixed
    (kept,) = json.loads((opacity_home / "speeds.json").read_text()).values()
    assert (kept["step"], kept["fixed"]) == (step, fixed)
    monkeypatch.setattr(speed, "measure", lambda *_: pytest.fail("measured again"))
    # What is learnt, and for how long, does not matter.
    assert speed_of(tiny("dense", epochs=9, seed=5, data="elsewhere")).step == step
    with pytest.raises(pytest.fail.Exception):
        speed_of(tiny("dense", batch_size=16))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"other": 3}'])
def test_a_damaged_file_is_measured_over(opacity_home, monkeypatch, text):
    known = Speed(1, 2, 3, 4, 5, 6, 7, 8, 9, None, "CPU")
    monkeypatch.setattr(speed, "measure", lambda *_: known)
    (opacity_home / "speeds.json").write_text(text)
    assert speed_of(tiny("dense")) == known
    assert len(json.loads((opacity_home / "speeds.json").read_text())) >= 1


def test_out_of_memory_halves_the_batch(monkeypatch):
    sizes = []

    def too_big(config, classes):
        sizes.append(config.batch_size)
        if config.batch_size > 2:
            raise MemoryError
        return config.batch_size

    monkeypatch.setattr(speed, "_measure", too_big)
    assert speed.measure(tiny("dense")) == 2
    assert sizes == [8, 4, 2]


def test_the_seconds_of_a_fit_add_up():
    known = Speed(
        start=50.0,
        fixed=1.0,
        step=0.5,
        epoch=0.25,
        image=0.01,
        frame=9.0,
        checkpoint=9.0,
        batch_size=10,
        memory=0,
        gpu_memory=None,
        device="",
    )
    assert known.fit(train=40, validation=25, epochs=2) == pytest.approx(1 + 2 * (2 + 0.5))


def test_peak_memory_rises_with_what_was_held():
    code = (
        "from app.training.fit.memory import peak_memory as peak\n"
        "before = peak(); held = bytearray(b'x') * 300_000_000; del held\n"
        "print(before, peak())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(int, said.stdout.split())
    assert 1e6 < before < 1e9
    assert 250e6 < after - before < 350e6
