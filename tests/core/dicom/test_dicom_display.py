"""From stored bits to brightness, every combination; pydicom and highdicom are the oracles.

Our brightness is ``floor(255 y + 0.5)`` of the exact ``y``; an oracle's ``y`` is rounded the same
way, and where it lies within a millionth of the middle between two grey levels both are right.
"""

from itertools import product

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi, apply_windowing

from app.core.image.display import render
from app.core.image.radiograph import Window
from app.core.image.reader import read_radiograph

BITS = (8, 10, 12, 16)
SHAPES = {
    "MONOCHROME2": ({"PhotometricInterpretation": "MONOCHROME2"}, False),
    "MONOCHROME1": ({"PhotometricInterpretation": "MONOCHROME1"}, True),
    "INVERSE": ({"PresentationLUTShape": "INVERSE"}, True),
    # What a DX object that is MONOCHROME1 must say: the two are one inversion.
    "MONOCHROME1 and INVERSE": (
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
        True,
    ),
    "MONOCHROME2 and IDENTITY": ({"PresentationLUTShape": "IDENTITY"}, False),
    # A contradiction, which dcmtk and highdicom settle in this way.
    "MONOCHROME1 and IDENTITY": (
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"},
        False,
    ),
}


def stored_values(bits: int, signed: bool) -> np.ndarray:
    """Up to 4096 values over the whole range, both ends among them, in no order."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    count = min(4096, 2**bits)
    values = np.linspace(low, high, count).round().astype(np.int64)
    np.random.default_rng(bits).shuffle(values)
    kind = ("int" if signed else "uint") + ("8" if bits == 8 else "16")
    return values.reshape(-1, 64).astype(kind)


def lut(values: np.ndarray, bits: int, first: int, explanation: str = "", **tags) -> Dataset:
    ds = Dataset()
    ds.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(values) % 65536, first, bits])
    ds.LUTExplanation = explanation
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    ds.add_new("LUTData", "OW", values.astype("<u2").tobytes())
    return ds


def modality(name: str, bits: int, signed: bool) -> dict:
    if name == "whole rescale":
        return {"RescaleSlope": 2, "RescaleIntercept": -1024, "RescaleType": "HU"}
    if name == "broken rescale":
        return {"RescaleSlope": 0.375, "RescaleIntercept": 11.25, "RescaleType": "US"}
    if name == "LUT":
        low = -(2 ** (bits - 1)) if signed else 0
        curve = (4095 * np.linspace(0, 1, min(2**bits, 65535)) ** 0.7).round()
        item = lut(curve, 16, low, ModalityLUTType="OD")
        return {"ModalityLUTSequence": [item]}
    return {}


def voi(name: str, values: np.ndarray) -> dict:
    """Windows and LUTs that cut a part out of the modality values."""
    low, high = float(values.min()), float(values.max())
    if name == "VOI LUT":
        count = min(65535, int(high - low) // 2 + 2)
        first = int(max(low, -32768) + (min(high, 65535) - max(low, -32768)) / 5)
        steps = np.linspace(0, 1, count)
        contrasts = [(65535 * steps**2).round(), (65535 * np.sqrt(steps)).round()]
        names = ("soft", "hard")
        return {
            "VOILUTSequence": [lut(c, 16, first, n) for c, n in zip(contrasts, names, strict=True)]
        }
    return {
        "WindowCenter": [low + (high - low) * 0.4, low + (high - low) * 0.7],
        "WindowWidth": [(high - low) * 0.55 + 2, (high - low) * 0.25 + 2],
        "WindowCenterWidthExplanation": ["NORMAL", "HARDER"],
        "VOILUTFunction": name,
    }


def assert_pixel_exact(shown: np.ndarray, y: np.ndarray, what: str, tie: float = 1e-6) -> None:
    exact = 255.0 * y
    between = np.abs(exact - np.floor(exact) - 0.5) < tie
    expected = np.floor(exact + 0.5)
    wrong = (shown != expected) & ~(between & (np.abs(shown - exact) < 0.5 + tie))
    assert not wrong.any(), f"{what}: {wrong.sum()} of {wrong.size} pixels differ"


def modality_values(ds: Dataset) -> np.ndarray:
    """pydicom's, from values of 64 bits: in 8 or 16 signed ones its differences overflow."""
    return apply_modality_lut(ds.pixel_array.astype(np.int64), ds)


def pydicom_brightness(ds: Dataset, index: int, inverted: bool) -> np.ndarray:
    values = modality_values(ds)
    if "VOILUTSequence" in ds:
        item = ds.VOILUTSequence[index]
        count, first, _ = item.LUTDescriptor
        # pydicom takes whole values only, and keeps their differences to the first in 16 bits.
        whole = np.clip(np.rint(values).astype(np.int64), first, first + count - 1)
        y = apply_voi(whole, ds, index) / (2.0 ** item.LUTDescriptor[2] - 1)
    else:
        # pydicom stretches to the range that the stored bits and the rescale can reach.
        out = apply_windowing(values, ds, index)
        if "ModalityLUTSequence" in ds:
            low, high = 0.0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
        else:
            half = 2.0 ** (ds.BitsStored - 1)
            low, high = (-half, half - 1) if ds.PixelRepresentation else (0.0, 2 * half - 1)
            slope = float(ds.get("RescaleSlope", 1))
            low, high = (v * slope + float(ds.get("RescaleIntercept", 0)) for v in (low, high))
        y = np.clip((out - low) / (high - low), 0, 1)
    return 1.0 - y if inverted else y


def highdicom_brightness(ds: Dataset, index: int, inverted: bool) -> np.ndarray:
    image = highdicom.Image.from_dataset(ds)
    if "RescaleSlope" in ds and ds.get("VOILUTFunction") == "LINEAR":
        # Together highdicom folds the rescale into the window, where the half steps of LINEAR
        # (C.11.2.1.2.1) become half steps of stored values. One after the other they are right.
        values = image.get_frame(1, dtype=np.float64, apply_presentation_lut=False)
        return highdicom.pixels.apply_voi_window(
            values,
            window_center=ds.WindowCenter[index],
            window_width=ds.WindowWidth[index],
            voi_lut_function="LINEAR",
            output_range=(0.0, 1.0),
            invert=inverted,
        )
    plain = not {"ModalityLUTSequence", "RescaleSlope"} & set(ds.dir())
    if "VOILUTSequence" in ds and (ds.PixelRepresentation or not plain):
        # highdicom 0.28 inverts the first of two LUTs and forgets the output range, takes some
        # whole slopes for broken, and in signed values the difference to the first overflows.
        item = ds.VOILUTSequence[index]
        shown = highdicom.pixels.apply_lut(
            modality_values(ds).astype(np.int64),
            np.frombuffer(item.LUTData, "<u2") / 65535,
            first_mapped_value=item.LUTDescriptor[1],
        )
        return 1.0 - shown if inverted else shown
    return image.get_frame(
        1,
        dtype=np.float64,
        apply_voi_transform=True,
        voi_transform_selector=index,
        voi_output_range=(0.0, 1.0),
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("modality_name", ["none", "whole rescale", "broken rescale", "LUT"])
def test_every_combination_equals_pydicom_and_highdicom(dicom_factory, bits, signed, modality_name):
    stored = stored_values(bits, signed)
    tags = modality(modality_name, bits, signed)
    plain = dicom_factory(stored, BitsStored=bits, **tags)
    read = read_radiograph(plain)
    ds = pydicom.dcmread(plain)
    values = modality_values(ds)
    np.testing.assert_allclose(read.pixels, values, rtol=1e-6)
    assert read.units == {"none": "", "broken rescale": "US", "LUT": "OD"}.get(modality_name, "HU")
    for voi_name, shape in product(("LINEAR", "LINEAR_EXACT", "SIGMOID", "VOI LUT"), SHAPES):
        more, inverted = SHAPES[shape]
        header = tags | voi(voi_name, values) | more
        path = dicom_factory(stored, BitsStored=bits, **header)
        read = read_radiograph(path)
        ds = pydicom.dcmread(path)
        choices = read.voi_luts or read.windows
        assert len(choices) == 2
        assert read.inverted is inverted
        assert render(read).tolist() == render(read, choices[0]).tolist()
        names = ("soft", "hard") if voi_name == "VOI LUT" else ("NORMAL", "HARDER")
        for index, choice in enumerate(choices):
            what = f"{bits} bits, {modality_name}, {voi_name} {index}, {shape}"
            assert choice.explanation == names[index]
            shown = render(read, choice)
            exact = pydicom_brightness(ds, index, inverted)
            # Values that a broken slope made are kept in 32 bits, the oracles' in 64.
            tie = 1e-6 if read.pixels.dtype.kind in "iu" else 2e-3
            assert_pixel_exact(shown, exact, f"pydicom, {what}", tie)
            # highdicom puts no broken values through a VOI LUT, and has the overflow of signed
            # values in a Modality LUT too.
            if not (tie > 1e-6 and voi_name == "VOI LUT") and not (
                signed and modality_name == "LUT"
            ):
                theirs = highdicom_brightness(ds, index, inverted)
                assert_pixel_exact(shown, theirs, f"highdicom, {what}", tie)


def test_twelve_bit_steps_stay_apart_under_a_narrow_window(dicom_factory):
    """Window and level act on the stored values: 200 neighbouring ones are 200 greys."""
    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    read = read_radiograph(dicom_factory(stored, BitsStored=12))
    shown = render(read, Window(2100, 200)).ravel()[2000:2200].astype(int)
    assert (np.diff(shown) >= 1).all()
    assert shown[0] == 0
    assert shown[-1] >= 254
    # What is reduced to eight bits first has 13 greys left there.
    assert len(np.unique(stored.ravel()[2000:2200] // 16)) == 13


def test_a_curve_that_begins_below_zero_with_its_sign_lost_is_the_curve_that_was_meant(
    dicom_factory,
):
    """Many writers give the first value of a signed image's VOI LUT as unsigned."""
    stored = (np.arange(4096) % 3000).astype(np.int16).reshape(64, 64)
    curve = lut(np.arange(4096), 12, 64512)
    read = read_radiograph(dicom_factory(stored, PixelRepresentation=1, VOILUTSequence=[curve]))
    assert read.voi_luts[0].first == -1024
    assert read.rescue is None
    np.testing.assert_array_equal(
        render(read), np.floor((stored + 1024) / 4095 * 255 + 0.5).astype(np.uint8)
    )
