"""No score for an image that shows nothing: windows beside the values, blank and 1-bit images."""

import time

import numpy as np
import pytest
from factories import chest_like
from PIL import Image
from pydicom import Dataset
from pydicom.uid import DigitalXRayImageStorageForProcessing

from app.core.base.reasons import texts
from app.core.gate.rules import judge
from app.core.image.display import auto_window, render
from app.core.image.radiograph import Radiograph, Window
from app.core.image.reader import read_radiograph

GREY_12 = chest_like(300, 280).astype(np.uint16) * 16
BESIDE = {"WindowCenter": 40000, "WindowWidth": 400}


def lut(values) -> list[Dataset]:
    item = Dataset()
    item.LUTDescriptor = [len(values), 0, 16]
    item.add_new("LUTData", "US", list(values))
    return [item]


@pytest.mark.parametrize(
    "tags",
    [
        BESIDE,
        {"WindowCenter": -3000.0, "WindowWidth": 400},
        {"WindowCenter": 2000, "WindowWidth": 1},
        {"WindowCenter": [40000, 2000], "WindowWidth": [400, 4000]},
        {"VOILUTSequence": lut([0] * 4096)},
        {"VOILUTSequence": lut([0] * 4000 + [65535] * 96), "WindowCenter": 1, "WindowWidth": 9},
    ],
)
@pytest.mark.parametrize("padding", [None, 0])
def test_a_window_beside_the_values_gives_way(dicom_factory, tags, padding):
    values = GREY_12.copy()
    if padding is not None:
        values[:100] = padding
        tags = tags | {"PixelPaddingValue": padding}
    read = read_radiograph(dicom_factory(values, BitsStored=12, **tags))
    real = values[100:] if padding is not None else values
    assert read.default_voi == read.rescue == auto_window(real)
    # What the header says can still be chosen.
    assert len(read.windows) == max(1, len(np.atleast_1d(tags.get("WindowCenter", []))))
    assert len(read.voi_luts) == ("VOILUTSequence" in tags)
    assert render(read).std() > 40
    assert any("window" in step for step in texts(read.steps))
    judgement = judge(read, None)
    assert judgement.refusals == ()
    assert any("window" in caution.text() for caution in judgement.cautions)


@pytest.mark.parametrize(
    "tags",
    [
        {"WindowCenter": 2000, "WindowWidth": 4000},
        {"WindowCenter": 2000, "WindowWidth": 300},
        {"WindowCenter": 2000, "WindowWidth": 300, "VOILUTFunction": "SIGMOID"},
        {"VOILUTSequence": lut(range(0, 65536, 16))},
        {"VOILUTSequence": lut(range(0, 65536, 16)), **BESIDE},
        {},
    ],
)
def test_a_fitting_window_stays(dicom_factory, tags):
    read = read_radiograph(dicom_factory(GREY_12, BitsStored=12, **tags))
    assert read.rescue is None
    assert bool(read.voi_luts) == ("VOILUTSequence" in tags)
    if "WindowCenter" in tags:
        assert read.windows[0].center == tags["WindowCenter"]
    # A window so narrow stays as well, with the word of what it cuts off and how little it leaves.
    for caution in judge(read, None).cautions:
        assert "greys are cut off" in caution.text() or "fewer than usual" in caution.text()
    assert not any("window" in step for step in texts(read.steps))


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("kind", ["png", "dicom", "dicom16", "dicom16 window", "float"])
def test_a_blank_image_gets_no_score(dicom_factory, tmp_path, value, kind):
    values = np.full((500, 500), value, np.uint8)
    values[3, 4:9] = 255 - value  # a speck is no picture
    if kind == "png":
        Image.fromarray(values).save(tmp_path / "x.png")
        read = read_radiograph(tmp_path / "x.png")
    elif kind == "dicom":
        read = read_radiograph(dicom_factory(values))
    elif kind == "float":
        read = read_radiograph(dicom_factory(values, RescaleSlope=0.37, RescaleIntercept=0))
    else:
        window = BESIDE if kind.endswith("window") else {}
        read = read_radiograph(dicom_factory(values.astype(np.uint16) * 16, **window))
    (refusal,) = judge(read, None).refusals
    assert refusal.text().startswith("The image is blank")


def test_noise_beside_the_window_is_no_picture(dicom_factory):
    noise = np.random.default_rng(1).integers(2000, 2008, (300, 300)).astype(np.uint16)
    for window in (BESIDE, {"WindowCenter": 2048, "WindowWidth": 4096}):
        read = read_radiograph(dicom_factory(noise, **window))
        assert "blank" in judge(read, None).refusals[0].text()


def test_black_and_white_without_greys_gets_no_score(dicom_factory, tmp_path):
    bilevel = chest_like(300, 280) > 120
    Image.fromarray(bilevel).save(tmp_path / "x.tif")
    Image.fromarray(bilevel).save(tmp_path / "x.png")
    reads = [read_radiograph(tmp_path / name) for name in ("x.tif", "x.png")]
    reads.append(read_radiograph(dicom_factory(bilevel.astype(np.uint8), BitsStored=1)))
    window = {"WindowCenter": 1, "WindowWidth": 1}
    reads.append(read_radiograph(dicom_factory(bilevel.astype(np.uint16), **window)))
    for read in reads:
        (refusal,) = judge(read, None).refusals
        assert "only 2 different greys" in refusal.text()
        # No other window would show more, so the header's is left.
        assert not any("window" in step for step in texts(read.steps))
    assert reads[-1].windows == (Window(1, 1),)


def test_a_faint_picture_is_a_picture(tmp_path):
    Image.fromarray(chest_like(300, 280) // 10 + 60).save(tmp_path / "x.png")
    judged = judge(read_radiograph(tmp_path / "x.png"), None)
    assert judged.refusals == ()
    assert texts(judged.cautions) == ("The image has only 16 different greys, fewer than usual",)


@pytest.mark.parametrize(
    "tags",
    [
        {"PresentationIntentType": "FOR PROCESSING"},
        {"Modality": "DX", "SOPClassUID": DigitalXRayImageStorageForProcessing},
    ],
)
def test_raw_detector_data_are_a_caution(dicom_factory, tags):
    judgement = judge(read_radiograph(dicom_factory(GREY_12, **tags)), None)
    assert judgement.refusals == ()
    (caution,) = judgement.cautions
    assert "For Processing" in caution.text()
    shown = dicom_factory(GREY_12, PresentationIntentType="FOR PRESENTATION")
    assert judge(read_radiograph(shown), None).cautions == ()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_judging_costs_little(dicom_factory, dtype):
    """Nine million pixels; the limit is loose because the machine may be shared."""
    pixels = np.tile(chest_like(300, 300), (10, 10)).astype(dtype)
    read = Radiograph(dicom_factory(), pixels, windows=(Window(128, 256),))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert judge(read, None).refusals == ()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03
