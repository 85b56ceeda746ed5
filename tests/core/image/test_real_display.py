"""All real image files that the installed packages hold, from the file to 8-bit brightness."""

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_modality_lut, apply_voi, apply_windowing
from real_dicoms import real_files

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.image.display import render
from app.core.image.reader import read_radiograph

_RESCUED = "a scan of bone whose values all lie above the header's window"
ON_PURPOSE = {"17136": _RESCUED, "17166": _RESCUED, "17196": _RESCUED}
"""Files whose picture differs from pydicom's, and why: with hardly a pixel in the header's
window, so that a window from the grey values takes its place, with a caution."""


def pydicom_brightness(ds: pydicom.Dataset, frame: np.ndarray, inverted: bool) -> np.ndarray | None:
    """The default view as pydicom has it; None where the header asks for none."""
    values = apply_modality_lut(frame.astype(np.int64) if frame.dtype.kind in "iu" else frame, ds)
    if "VOILUTSequence" in ds:
        y = apply_voi(np.rint(values).astype(np.int64), ds)
        y = y / (2.0 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1)
    elif ds.get("WindowCenter") not in (None, ""):
        # pydicom stretches to the range that bits and rescale can reach; the range cancels out.
        out = apply_windowing(values, ds)
        if "ModalityLUTSequence" in ds:
            low, high = 0.0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
        else:
            half = 2.0 ** (ds.BitsStored - 1)
            low, high = (-half, half - 1) if ds.PixelRepresentation else (0.0, 2 * half - 1)
            slope = float(ds.get("RescaleSlope", 1))
            low, high = (v * slope + float(ds.get("RescaleIntercept", 0)) for v in (low, high))
        y = np.clip((out - low) / (high - low), 0, 1)
    else:
        return None
    return 1 - y if inverted else y


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_real_grey_file_equals_pydicom():
    compared, unlike = [], {}
    for path in real_files():
        try:
            ds = pydicom.dcmread(path, force=True)
            stored = ds.pixel_array
        except Exception:
            continue  # pydicom cannot decode it; that we never crash is tested elsewhere
        if ds.get("SamplesPerPixel") != 1 or ds.PhotometricInterpretation.startswith("PALETTE"):
            continue
        for macro in ("FrameVOILUTSequence", "PixelValueTransformationSequence"):
            # pydicom does not look for window and rescale in the functional groups.
            for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
                for group in ds.get(groups, [])[:1]:
                    ds.update(group[macro][0] if macro in group else {})
        try:
            read = read_radiograph(path)
        except UnreadableImage as error:
            unlike[path.name] = f"refused: {error.what}"
            continue
        exact = pydicom_brightness(ds, stored[0] if stored.ndim == 3 else stored, read.inverted)
        if exact is None:
            continue
        compared.append(path.name)
        shown = render(read)
        wrong = np.abs(shown - 255 * exact) > 0.5 + 1e-3
        if wrong.any() and read.rescue and read.cautions:
            unlike[path.name] = _RESCUED
        elif wrong.any():
            unlike[path.name] = f"{wrong.mean():.0%} of the pixels differ; {texts(read.steps)}"
    assert unlike == ON_PURPOSE
    assert len(compared) > 60, compared
