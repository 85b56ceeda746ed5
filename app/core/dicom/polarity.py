"""Which end of the values is bright, and what of a header contradicts it."""

from __future__ import annotations

from pydicom import Dataset

from app.core.base.reasons import Reason, caution
from app.core.dicom.text import text

_CONTRADICTS = caution(
    "polarity-contradicts",
    "The header contradicts itself about which end is bright ({photometric}, PresentationLUTShape "
    "{shape}): look whether bone is white",
    "The header contradicts itself about which end is bright: look whether bone is white",
)


def inverted(ds: Dataset, cautions: list[Reason]) -> bool:
    """Whether low values are bright: exactly one inversion, whatever says so.

    A DX object that is MONOCHROME1 must carry PresentationLUTShape INVERSE too, and a MONOCHROME2
    one IDENTITY (PS3.3 C.8.11.3.1.2). Where the two contradict each other the shape decides, as in
    dcmtk, dcm4che and highdicom: it is the later step, and says that its output is ready for
    display. Nothing says which of the two is the slip, so that a caution names them.

    Parameters
    ----------
    ds
        The data set.
    cautions
        A contradiction is added here.
    """
    photometric = text(ds, "PhotometricInterpretation").upper()
    shape = text(ds, "PresentationLUTShape").upper()
    low_is_bright = photometric == "MONOCHROME1"
    if shape not in ("IDENTITY", "INVERSE"):
        return low_is_bright
    if photometric.startswith("MONOCHROME") and low_is_bright != (shape == "INVERSE"):
        cautions.append(_CONTRADICTS(photometric=photometric, shape=shape))
    return shape == "INVERSE"
