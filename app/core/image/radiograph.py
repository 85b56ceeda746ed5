"""One radiograph in memory: its stored values, how to show them, and what its header says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.core.base.ages import AgeDoubt
from app.core.base.reasons import Reason
from app.core.gate.view_words import ViewKind

WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@dataclass(frozen=True)
class Window:
    """A VOI window (DICOM PS3.3 C.11.2.1.2), in units of the modality values."""

    center: float
    width: float
    function: WindowFunction = "LINEAR"
    explanation: str = field(default="", compare=False)
    """WindowCenterWidthExplanation; two windows that do the same are equal."""
    made: bool = field(default=False, compare=False)
    """Whether it was made from the grey values, and not by whoever made the image."""


IDENTITY_8_BIT = Window(128.0, 256.0)
"""The window that shows 8-bit pixels as they are."""


@dataclass(frozen=True, eq=False)
class VoiLut:
    """A VOI LUT Sequence item (DICOM PS3.3 C.11.2.1.1), which can be moved and stretched.

    ``table[clip((value - first) / step, 0, n - 1)]`` gives 0..``maximum``. In a file ``step`` is
    1; window and level change ``first`` and ``step``, so that the curve keeps its shape.
    """

    table: NDArray[np.uint16] = field(repr=False)
    first: float
    maximum: int
    explanation: str = ""
    step: float = 1.0

    @property
    def center(self) -> float:
        """The modality value in the middle of the table."""
        return self.first + self.width / 2

    @property
    def width(self) -> float:
        """How many modality values the table spans."""
        return len(self.table) * self.step


Voi = VoiLut | Window
"""What turns modality values into brightness."""


def moved(voi: Voi, center: float, width: float) -> Voi:
    """The same curve over other values: a window or a VOI LUT with another centre and width."""
    if isinstance(voi, Window):
        return replace(voi, center=center, width=width)
    step = width / len(voi.table)
    return replace(voi, first=center - width / 2, step=step)


@dataclass(frozen=True, eq=False)
class Overlay:
    """Graphics that lie over the image (a 60xx group, PS3.3 C.9.2); never part of its pixels.

    Parameters
    ----------
    mask
        Shape of the image (rows, columns); where something is drawn.
    label
        OverlayLabel, else OverlayDescription; may be empty.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    label: str = ""


@dataclass(frozen=True, eq=False)
class Shutter:
    """What of the picture is not to be seen (PS3.3 C.7.6.11); its pixels stay as they are.

    Parameters
    ----------
    mask
        Shape of the image (rows, columns); where it is hidden.
    grey
        What is shown there, 0 black to 255 white.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    grey: int = 0


@dataclass(frozen=True)
class PixelSpacing:
    """Distance of pixel centres in millimetres, and where it holds.

    Parameters
    ----------
    row, column
        Distance of adjacent rows and of adjacent columns.
    at
        ``patient``: calibrated. ``estimated``: at the detector, divided by the header's estimate
        of the magnification. ``detector``: as measured there, a few to 20 per cent too large for
        the patient. ``unknown``: the header does not tell which of them.
    """

    row: float
    column: float
    at: Literal["patient", "estimated", "detector", "unknown"]


@dataclass(frozen=True)
class ViewSaid:
    """What one element of a header says of the view.

    Parameters
    ----------
    keyword
        The element.
    kind
        The view that it names.
    said
        Its words, where they are no free text, which may name the patient.
    by
        ``element`` is meant for nothing else, ``text`` describes the image or its series,
        ``study`` may speak of other images.
    """

    keyword: str
    kind: ViewKind
    said: str = ""
    by: Literal["element", "text", "study"] = "element"


@dataclass(frozen=True)
class Header:
    """What a DICOM header says of the image; all empty for PNG, JPEG and TIFF.

    ``age_years`` comes from PatientAge, else from the dates of birth and study; ``age_doubt`` is
    what to know of it (``app.core.base.ages``).
    ``parts_described`` are the parts of the body that the descriptions of study and series name;
    the descriptions themselves are free text, which may name the patient, and are not kept.
    ``view`` is the view in the header's words, ``views`` what each of its elements says of it.
    ``patient_orientation`` is where rows and columns run to, checked by
    ``app.core.dicom.orientation``.
    ``posture`` is erect, sitting, semi-erect, supine, prone, decubitus, recumbent, bedside, or
    empty. ``burned_in`` is BurnedInAnnotation: YES, NO, or empty where it is not told.
    """

    is_dicom: bool = False
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    sex: str = ""
    age_years: float | None = None
    age_doubt: AgeDoubt = ""
    study_instance_uid: str = ""
    sop_instance_uid: str = ""
    study_date: str = ""
    study_time: str = ""
    modality: str = ""
    body_part: str = ""
    parts_described: tuple[str, ...] = ()
    view: str = ""
    views: tuple[ViewSaid, ...] = ()
    patient_orientation: tuple[str, ...] = ()
    posture: str = ""
    burned_in: str = ""
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
        The windows to choose from, the header's first one first; at least one.
    voi_luts
        The header's VOI LUTs; the first is the default in place of the first window.
    rescue
        A window from the grey values, the default in place of a VOI LUT or window of the header
        that would show nearly nothing.
    spacing
        None when the header gives none that can be used.
    steps
        What was done to the file's values, in order.
    cautions
        What reading found doubtful; it go with a score.
    colour
        Whether the channels differed, so that ``pixels`` is only the luminance.
    overlays
        Graphics to lay over the image for the eye.
    shutter
        What of it is hidden, for the eye and the network; None for nothing.
    units
        What the values are (RescaleType, ModalityLUTType), such as HU or OD; often empty.
    rescale
        Slope and intercept that made the values of the stored ones; None for none.
    frame
        Which frame it is, from 0.
    frame_rate
        Frames a second that the header asks for; None when it says nothing.
    """

    path: Path
    pixels: NDArray = field(repr=False)
    windows: tuple[Window, ...] = (IDENTITY_8_BIT,)
    voi_luts: tuple[VoiLut, ...] = ()
    rescue: Window | None = None
    inverted: bool = False
    spacing: PixelSpacing | None = None
    header: Header = Header()
    steps: tuple[Reason, ...] = ()
    cautions: tuple[Reason, ...] = ()
    colour: bool = False
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    units: str = ""
    rescale: tuple[float, float] | None = None
    frame: int = 0
    frame_rate: float | None = None

    @property
    def default_voi(self) -> Voi:
        """What the image is shown with before anybody chooses."""
        return self.rescue or next(iter(self.voi_luts), self.windows[0])
