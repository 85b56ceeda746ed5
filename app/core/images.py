"""One radiograph in memory: its stored values, how to show them, and what its header says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@dataclass(frozen=True)
class Window:
    """A VOI window (DICOM PS3.3 C.11.2.1.2), in units of the modality values."""

    center: float
    width: float
    function: WindowFunction = "LINEAR"


IDENTITY_8_BIT = Window(128.0, 256.0)
"""The window that shows 8-bit pixels as they are."""


@dataclass(frozen=True)
class VoiLut:
    """A VOI LUT Sequence item: ``table[clip(value - first, 0, n - 1)]`` gives 0..``maximum``."""

    table: NDArray[np.uint16] = field(repr=False)
    first: int
    maximum: int


@dataclass(frozen=True)
class PixelSpacing:
    """Distance of pixel centres in millimetres (rows, columns), and where it was measured."""

    row: float
    column: float
    at: Literal["patient", "detector"]


@dataclass(frozen=True)
class Header:
    """What a DICOM header says of the image; all empty for PNG, JPEG and TIFF.

    ``age_years`` comes from PatientAge with its unit (D, W, M, Y) turned into years.
    ``parts_described`` are the parts of the body that the descriptions of study and series name;
    the descriptions themselves are free text, which may name the patient, and are not kept.
    """

    is_dicom: bool = False
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    sex: str = ""
    age_years: float | None = None
    study_instance_uid: str = ""
    sop_instance_uid: str = ""
    study_date: str = ""
    modality: str = ""
    body_part: str = ""
    parts_described: tuple[str, ...] = ()
    view: str = ""
    patient_orientation: tuple[str, ...] = ()
    frames: int = 1


@dataclass(frozen=True)
class Radiograph:
    """A decoded image.

    Parameters
    ----------
    path
        The file it came from.
    pixels
        Shape (rows, columns); modality values (after Modality LUT or rescale), uint8, int16,
        uint16, int32 or float32. Never flipped, rotated or resampled. A frame of colour or of
        a multi-frame object is reduced to grey or to its first frame for viewing only, since
        such an object is refused a score.
    inverted
        Whether low values are shown bright (MONOCHROME1 or PresentationLUTShape INVERSE).
    windows
        The windows to choose from, the default first; at least one.
    voi_lut
        When there is one it is the default in place of the first window.
    spacing
        None when the header gives none that can be used.
    steps
        What was done to the file's values, in order, in words for the person.
    cautions
        What reading found doubtful, in words for the person; they go with a score.
    colour
        Whether the channels differed, so that ``pixels`` is only the luminance.
    """

    path: Path
    pixels: NDArray = field(repr=False)
    windows: tuple[Window, ...] = (IDENTITY_8_BIT,)
    voi_lut: VoiLut | None = None
    inverted: bool = False
    spacing: PixelSpacing | None = None
    header: Header = Header()
    steps: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    colour: bool = False
