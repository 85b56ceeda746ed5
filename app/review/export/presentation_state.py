"""DICOM Grayscale Softcopy Presentation State (PS3.3 A.33.1): drawn regions and the window used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app import __version__
from app.core.base.errors import OutputError
from app.core.base.translation import tr
from app.core.dicom.header import frame_count
from app.core.dicom.shutter import take_shutter
from app.core.dicom.text import in_frame, numbers, text
from app.core.dicom.values import for_display
from app.core.image.radiograph import VoiLut, Window
from app.core.reading.verdicts import Region, RegionKind
from app.review.export.reviewed import MAKER, ReviewedImage, statement
from app.review.export.source import (
    COLOUR,
    NO_REGIONS,
    new_uid,
    printable,
    reference,
    take_over,
    take_over_body_part,
)

SERIES_NUMBER = 7103
_LABEL = "REGIONS"
_DESCRIPTION = "Regions by the reader, not for primary diagnosis"
_MOST_ENTRIES = 65536
_STATEMENT_BOX = (0.02, 0.93, 0.98, 0.99)
"""Of the displayed area, from its top left corner: left, top, right, bottom."""


def presentation_state(image: ReviewedImage, ds: Dataset) -> Dataset:
    """Put the reader's regions and the window they were drawn under into a presentation state.

    Regions are in pixels of the stored image with (0, 0) at the corner of the first pixel, which is
    what PIXEL units mean in PS3.3 C.10.5.1.2. MONOCHROME1 becomes an INVERSE presentation LUT,
    since a presentation state replaces the image's own grey scale whole (PS3.4 N.2).

    Parameters
    ----------
    image
        With its pixels and a verdict with regions.
    ds
        Its source; the header is enough.

    Returns
    -------
    Dataset
        Ready to be written; a series of its own.

    Raises
    ------
    OutputError
        When there is no region, or the image is in colour, or has no usable UIDs.
    """
    from highdicom.pr import GraphicAnnotation, GraphicLayer, GrayscaleSoftcopyPresentationState

    regions = image.verdict.regions if image.verdict else ()
    if not regions:
        raise OutputError(
            tr(NO_REGIONS), tr("At least one is needed."), tr("Draw one, then export again.")
        )
    source = reference(ds)
    if source.SamplesPerPixel != 1:
        raise OutputError(tr(COLOUR), "", tr("Export it as Secondary Capture instead."))
    drawn = GraphicLayer(_LABEL, 1, "Drawn by the reader")
    said = GraphicLayer("NOTICE", 2, "What this object is")
    annotations = [
        GraphicAnnotation(
            referenced_images=[source],
            graphic_layer=drawn,
            referenced_frame_number=frame if frame_count(ds) > 1 else None,
            graphic_objects=[_graphic(each, source) for each in regions if each.frame == frame],
            text_objects=[
                _text(each, source) for each in regions if each.frame == frame and each.label
            ]
            or None,
        )
        for frame in sorted({each.frame for each in regions})
    ]
    annotations.append(
        GraphicAnnotation(
            referenced_images=[source], graphic_layer=said, text_objects=[_notice(image)]
        )
    )
    # highdicom looks there for the grey scale of all multi-frame images; it is set below.
    source.SharedFunctionalGroupsSequence = [Dataset()]
    made = GrayscaleSoftcopyPresentationState(
        referenced_images=[source],
        series_instance_uid=new_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=__version__,
        device_serial_number="0",
        content_label=_LABEL,
        content_description=_DESCRIPTION,
        graphic_annotations=annotations,
        graphic_layers=[drawn, said],
        voi_lut_transformations=[_voi(image)],
        series_description=_DESCRIPTION,
    )
    _take_modality_values(ds, made)
    _keep_shape(ds, made)
    take_shutter(ds, made)
    if _is_negative(image):
        made.PresentationLUTShape = "INVERSE"
    take_over_body_part(ds, made)
    take_over(ds, made)
    return made


def outline(region: Region) -> NDArray[np.float64]:
    """The points of a region as DICOM's graphic types want them.

    Returns
    -------
    ndarray
        Shape (n, 2), column and row. Rectangle and polygon: the corners, the first one again at
        the end. Ellipse: the ends of the longer axis, then those of the shorter (C.10.5.1.2).
    """
    points = np.asarray(region.points, np.float64)
    if region.kind is RegionKind.POLYGON:
        return np.vstack([points, points[:1]])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    if region.kind is RegionKind.RECTANGLE:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        return np.array(corners)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    across = [(left, middle_y), (right, middle_y)]
    down = [(middle_x, top), (middle_x, bottom)]
    return np.array(across + down if right - left >= bottom - top else down + across)


def _inside(points: NDArray[np.float64], source: Dataset) -> NDArray[np.float64]:
    """Points that a hand drew beyond the edge, on the edge: outside there is nothing to mark."""
    return np.clip(points, 0.0, (float(source.Columns), float(source.Rows)))


def _graphic(region: Region, source: Dataset) -> Any:
    from highdicom.pr import GraphicObject

    ellipse = region.kind is RegionKind.ELLIPSE
    return GraphicObject(
        graphic_type="ELLIPSE" if ellipse else "POLYLINE",
        graphic_data=_inside(outline(region), source),
        units="PIXEL",
        is_filled=False,
    )


def _text(region: Region, source: Dataset) -> Any:
    from highdicom.pr import TextObject

    points = np.asarray(region.points, np.float64)
    corner = _inside(points.min(axis=0), source)
    return TextObject(
        # A short text holds no backslash (PS3.5, 6.2).
        text_value=printable(region.label).replace("\\", "/")[:1024],
        units="PIXEL",
        anchor_point=(float(corner[0]), float(corner[1])),
        anchor_point_visible=False,
    )


def _notice(image: ReviewedImage) -> Any:
    from highdicom.pr import TextObject

    return TextObject(
        text_value=f"Regions by the reader. {statement(image)}",
        units="DISPLAY",
        bounding_box=_STATEMENT_BOX,
    )


def _voi(image: ReviewedImage) -> Any:
    """The window or the curve in use, which is in modality values here as it is in DICOM."""
    from highdicom import VOILUT
    from highdicom.pr import SoftcopyVOILUTTransformation

    if image.radiograph is None:
        raise OutputError(
            tr("{image} was not read.", image=image.item.shown),
            tr("Its window is needed."),
            tr("Export it again."),
        )
    voi = image.look.voi or image.radiograph.default_voi
    if isinstance(voi, Window):
        return SoftcopyVOILUTTransformation(
            window_center=voi.center, window_width=voi.width, voi_lut_function=voi.function
        )
    return SoftcopyVOILUTTransformation(voi_luts=[VOILUT(*_whole_steps(voi))])


def _whole_steps(lut: VoiLut) -> tuple[int, NDArray[np.uint16]]:
    """A VOI LUT, moved and stretched or not, as first value and 16-bit table, one entry a value."""
    count = min(_MOST_ENTRIES, max(1, round(lut.width)))
    first = int(np.floor(lut.first))
    place = (first + np.arange(count) - lut.first) / lut.step
    entries = lut.table[np.clip(np.rint(place), 0, len(lut.table) - 1).astype(np.intp)]
    scaled = np.clip(entries / max(lut.maximum, 1), 0.0, 1.0) * 65535
    return first, scaled.round().astype(np.uint16)


def _is_negative(image: ReviewedImage) -> bool:
    assert image.radiograph is not None
    return image.radiograph.inverted != image.look.inverted


def _take_modality_values(ds: Dataset, made: Dataset) -> None:
    """The step from stored to modality values, which the presentation state replaces too."""
    if not for_display(ds):
        return
    if "ModalityLUTSequence" in ds and ds.ModalityLUTSequence:
        made.ModalityLUTSequence = ds.ModalityLUTSequence
        return
    where = in_frame(ds, "PixelValueTransformationSequence", "RescaleSlope")
    slope = numbers(where, "RescaleSlope")
    if slope and slope[0] != 0:
        made.RescaleSlope = where.RescaleSlope
        made.RescaleIntercept = where.get("RescaleIntercept", 0)
        made.RescaleType = text(where, "RescaleType") or "US"


def _keep_shape(ds: Dataset, made: Dataset) -> None:
    """Show pixels that are not square as they are; highdicom takes all for square."""
    area = made.DisplayedAreaSelectionSequence[0]
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"):
        values = numbers(ds, keyword)
        if len(values) != 2 or min(values) <= 0:
            continue
        if values[0] != values[1] and keyword == "PixelAspectRatio":
            area.PresentationPixelAspectRatio = [round(each) for each in values]
        elif values[0] != values[1]:
            del area.PresentationPixelAspectRatio
            area.PresentationPixelSpacing = [f"{each:.10g}" for each in values]
        return
