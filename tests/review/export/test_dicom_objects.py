"""The DICOM objects, made from real images, judged by dciodvfy and shown by other programs."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import highdicom
import numpy as np
import pydicom
import pytest
from factories import chest_like, write_dicom
from pydicom import Dataset
from pydicom.sr.codedict import codes as standard
from pydicom.uid import XRayRadiofluoroscopicImageStorage, generate_uid
from reviewed import PYDICOM, PYDICOM_DATA, dciodvfy_errors, program, reviewed

from app.core.base.errors import OutputError
from app.core.base.reasons import told
from app.core.image.display import render
from app.core.image.radiograph import Header, Window
from app.core.model.results import Prediction, ProbabilityRange, Status
from app.core.reading.verdicts import Region, RegionKind
from app.review.export import codes
from app.review.export.presentation_state import outline, presentation_state
from app.review.export.reviewed import ExportedView, Format, ReviewedImage
from app.review.export.secondary_capture import secondary_capture
from app.review.export.source import (
    COLOUR,
    NO_REGIONS,
    NO_STUDY,
    NO_UIDS,
    NOT_DEIDENTIFIED,
    encoded,
    read_source,
    why_not,
)
from app.review.export.structured_report import structured_report

MAKERS = {
    "sc": secondary_capture,
    "sr": structured_report,
    "gsps": presentation_state,
}
SOURCES = {
    "CR, MONOCHROME1": PYDICOM_DATA / "RG1_UNCR.dcm",
    "JPEG 2000": PYDICOM_DATA / "RG1_J2KR.dcm",
    "no character set, tibia": PYDICOM_DATA / "RG3_UNCR.dcm",
    "JPEG Lossless": PYDICOM_DATA / "JPEG-LL.dcm",
    "a CR of a media set": PYDICOM / "test_files" / "dicomdirtests" / "77654033" / "CR1" / "6154",
    "Modality LUT": PYDICOM_DATA / "mlut_18.dcm",
    "VOI LUT": PYDICOM_DATA / "vlut_04.dcm",
    "deflated": PYDICOM / "test_files" / "image_dfl.dcm",
    "big endian": PYDICOM / "test_files" / "MR_small_bigendian.dcm",
    "CT with rescale": PYDICOM / "test_files" / "CT_small.dcm",
    "Greek": PYDICOM / "charset_files" / "chrGreek.dcm",
    "Japanese, ISO 2022": PYDICOM / "charset_files" / "chrH32.dcm",
    "Korean, ISO 2022": PYDICOM / "charset_files" / "chrI2.dcm",
    "Chinese, GB18030": PYDICOM / "charset_files" / "chrX2.dcm",
    "Chinese, UTF-8": PYDICOM / "charset_files" / "chrX1.dcm",
}
needs_dcmtk = pytest.mark.skipif(not program("dsrdump"), reason="dcmtk is not installed")


def made(kind: str, image: ReviewedImage, folder: Path) -> tuple[Path, Dataset]:
    path = folder / f"{kind}.dcm"
    path.write_bytes(encoded(MAKERS[kind](image, read_source(image.item.path))))
    return path, pydicom.dcmread(path)


@pytest.fixture
def dx(tmp_path: Path) -> Path:
    """A DX with much missing that its class asks for, and a sex that is none."""
    return write_dicom(
        tmp_path / "dx.dcm",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1",
        Modality="DX",
        SeriesInstanceUID=pydicom.uid.generate_uid(),
        PatientSex="MALE",
        StudyDate="2004.13.77",
        PatientID=None,
        PatientName=None,
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("source", SOURCES)
def test_an_object_of_the_same_study_without_errors_of_its_own(
    source: str, kind: str, tmp_path: Path
) -> None:
    path = SOURCES[source]
    before = pydicom.dcmread(path)
    written, ds = made(kind, reviewed(path), tmp_path)
    assert not dciodvfy_errors(written) - dciodvfy_errors(path)
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "PatientBirthDate"):
        assert ds[keyword].value == before[keyword].value, keyword
    assert ds.SeriesInstanceUID != before.SeriesInstanceUID
    assert ds.SOPInstanceUID != before.SOPInstanceUID
    assert ds.get("SpecificCharacterSet") == before.get("SpecificCharacterSet")
    assert "not for primary diagnosis" in ds.SeriesDescription


@pytest.mark.parametrize("kind", MAKERS)
def test_a_header_with_much_missing_and_wrong(kind: str, dx: Path, tmp_path: Path) -> None:
    written, ds = made(kind, reviewed(dx), tmp_path)
    assert not dciodvfy_errors(written) - dciodvfy_errors(dx)
    assert ds.PatientSex == "MALE"
    assert ds.PatientID in (None, "")


@pytest.mark.parametrize("source", ["Greek", "Japanese, ISO 2022", "CR, MONOCHROME1"])
def test_words_that_the_sources_characters_do_not_hold_make_it_utf8(
    source: str, tmp_path: Path
) -> None:
    path = SOURCES[source]
    image = reviewed(path, note="Сомнительно: σκιά, 影", reader="Ильина")
    written, ds = made("sr", image, tmp_path)
    assert ds.SpecificCharacterSet == "ISO_IR 192"
    assert ds.PatientName == pydicom.dcmread(path).PatientName
    texts = [item.value for item in ds.iterall() if item.keyword == "TextValue"]
    assert "Сомнительно: σκιά, 影" in texts
    assert not dciodvfy_errors(written) - dciodvfy_errors(path)


@pytest.mark.parametrize("kind", ["sr", "gsps"])
def test_words_longer_or_stranger_than_dicom_takes_are_made_to_fit(
    kind: str, tmp_path: Path
) -> None:
    image = reviewed(
        SOURCES["CR, MONOCHROME1"], note="a\0b\x1b[1m", reader="A" * 60 + " " + "B" * 90
    )
    assert image.verdict is not None
    region = replace(image.verdict.regions[0], label="left \\ right\n\0")
    image = replace(image, verdict=replace(image.verdict, label="L\0", regions=(region,)))
    written, _ = made(kind, image, tmp_path)
    assert not dciodvfy_errors(written) - dciodvfy_errors(SOURCES["CR, MONOCHROME1"])


# Secondary Capture ------------------------------------------------------------------------------


def test_the_picture_is_the_image_with_its_heatmap_and_a_margin(tmp_path: Path) -> None:
    image = reviewed(SOURCES["CR, MONOCHROME1"])
    _, ds = made("sc", image, tmp_path)
    rows, columns = image.radiograph.pixels.shape
    assert ds.Columns == columns
    assert ds.Rows > rows, "the margin is below the anatomy"
    shown = ds.pixel_array
    grey = render(image.radiograph)
    np.testing.assert_array_equal(
        shown[: rows // 8, : columns // 8, 0], grey[: rows // 8, : columns // 8]
    )
    assert (shown[:rows] != grey[..., None]).any(), "the heatmap is in it"
    assert shown[rows:].max() > 200, "the margin has words"
    assert ds.ImageType[:2] == ["DERIVED", "SECONDARY"]
    assert ds.SourceImageSequence[0].ReferencedSOPInstanceUID == image.header.sop_instance_uid
    for words in ("Grad-CAM", "best 1.2.0", "0.42", "not for primary diagnosis", "0.731"):
        assert words in ds.DerivationDescription
    assert "PixelSpacing" not in ds
    assert "FrameOfReferenceUID" not in ds


@pytest.mark.parametrize("said", ["YES", "NO", None])
def test_burned_in_stays_what_the_source_says(said: str | None, tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "image.dcm", SeriesInstanceUID="1.2.3", BurnedInAnnotation="NO")
    source = read_source(path)
    source.BurnedInAnnotation = said
    if said is None:
        del source.BurnedInAnnotation
    assert secondary_capture(reviewed(path), source).get("BurnedInAnnotation") == said


def test_an_image_above_the_bound_is_reduced_and_says_so(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "large.dcm", np.zeros((40, 3200), np.uint8) + np.arange(3200, dtype=np.uint8),
        SeriesInstanceUID="1.2.3",
    )  # fmt: skip
    _, ds = made("sc", reviewed(path), tmp_path)
    assert ds.Columns == 3072
    assert "reduced to 0.96" in ds.DerivationDescription


@needs_dcmtk
def test_a_second_program_shows_the_secondary_capture(tmp_path: Path) -> None:
    written, ds = made("sc", reviewed(SOURCES["CR, MONOCHROME1"]), tmp_path)
    picture = tmp_path / "seen.ppm"
    subprocess.run([program("dcm2pnm"), "--write-raw-pnm", written, picture], check=True)
    seen = cv2.imread(str(picture))
    np.testing.assert_array_equal(seen[..., ::-1], ds.pixel_array)


# Structured Report ------------------------------------------------------------------------------


def test_the_report_holds_score_model_threshold_call_and_verdict(tmp_path: Path) -> None:
    written, ds = made("sr", reviewed(SOURCES["CR, MONOCHROME1"]), tmp_path)
    report = highdicom.sr.srread(written)
    network, reader = report.content.get_image_measurement_groups()
    numbers = {m.name.value: m.value for m in network.get_measurements()}
    assert numbers == {codes.PROBABILITY[0]: 0.7310001, codes.OPERATING_POINT[0]: 0.42}
    assert _value(network, codes.CALL) == "CALL_PNEUMONIA"
    algorithm = _texts(network)
    assert algorithm[standard.DCM.AlgorithmName.value] == "best"
    assert algorithm[standard.DCM.AlgorithmVersion.value] == "1.2.0"
    assert any("not for primary diagnosis" in text for text in _all_texts(network))
    assert _value(reader, codes.VERDICT) == "DISAGREE"
    assert _value(reader, codes.OWN_LABEL) == codes.NORMAL[0]
    assert _value(reader, codes.SCORE_IN_SIGHT) == codes.YES[0]
    assert _value(reader, codes.HEATMAP_IN_SIGHT) == codes.NO[0]
    assert {"A shadow", "Motion"} <= set(_all_texts(reader))
    assert _names(ds) == ["Reader^Ada"]
    assert ds.VerificationFlag == "UNVERIFIED"
    evidence = report.get_evidence()
    assert [each[2] for each in evidence] == [
        pydicom.dcmread(SOURCES["CR, MONOCHROME1"]).SOPInstanceUID
    ]


def test_report_and_picture_carry_the_interval(tmp_path: Path) -> None:
    sure = ProbabilityRange(0.145, 0.951, True)
    prediction = Prediction(Status.OK, (), 0.644, 0.7, "best 1.2.0", range=sure)
    image = reviewed(SOURCES["CR, MONOCHROME1"], prediction=prediction)
    written, _ = made("sr", image, tmp_path)
    assert not dciodvfy_errors(written)
    network, _reader = highdicom.sr.srread(written).content.get_image_measurement_groups()
    numbers = {m.name.value: m.value for m in network.get_measurements()}
    assert (numbers[codes.RANGE_LOW[0]], numbers[codes.RANGE_HIGH[0]]) == (0.145, 0.951)
    _, ds = made("sc", image, tmp_path)
    assert "Score 0.644 (likely 0.145 to 0.951)" in ds.DerivationDescription


def test_the_reader_is_observer_of_the_verdict_alone(tmp_path: Path) -> None:
    _, ds = made("sr", reviewed(SOURCES["CR, MONOCHROME1"]), tmp_path)
    at_the_top = [i.ValueType for i in ds.ContentSequence]
    assert "PNAME" not in at_the_top
    measured = next(i for i in ds.ContentSequence if i.ValueType == "CONTAINER")
    first, second = measured.ContentSequence
    assert "PNAME" not in [i.ValueType for i in first.ContentSequence]
    assert second.ContentSequence[1].PersonName == "Reader^Ada"
    assert second.ContentSequence[1].RelationshipType == "HAS OBS CONTEXT"


def test_a_refused_image_gets_a_report_without_a_score(tmp_path: Path) -> None:
    refused = Prediction(
        Status.REFUSED, (told("Modality CT is not a radiograph"),), model="best 1.2.0"
    )
    image = reviewed(SOURCES["CT with rescale"], prediction=refused, verdict=None, heatmap=None)
    written, _ = made("sr", image, tmp_path)
    (network,) = highdicom.sr.srread(written).content.get_image_measurement_groups()
    assert network.get_measurements() == []
    assert _value(network, codes.CALL) == "NO_SCORE"
    assert "Modality CT is not a radiograph" in _all_texts(network)
    assert not dciodvfy_errors(written) - dciodvfy_errors(SOURCES["CT with rescale"])


@needs_dcmtk
@pytest.mark.parametrize("source", ["CR, MONOCHROME1", "Greek", "Japanese, ISO 2022"])
def test_a_second_program_reads_the_report(source: str, tmp_path: Path) -> None:
    written, _ = made("sr", reviewed(SOURCES[source]), tmp_path)
    said = subprocess.run([program("dsrdump"), "-Ec", written], capture_output=True, check=True)
    text = said.stdout.decode(errors="replace")
    assert not said.stderr.decode(errors="replace").count("E:")
    for words in (
        "Imaging Measurement Report",
        '="0.7310001"',
        "DISAGREE",
        "Reader^Ada",
        '"1.2.0"',
    ):
        assert words in text


def _value(group: Dataset, name: codes.Triple) -> str:
    (found,) = [
        i.value.value for i in group.get_qualitative_evaluations() if i.name.value == name[0]
    ]
    return str(found)


def _texts(group: Dataset) -> dict[str, str]:
    items = group[0].ContentSequence
    return {
        str(i.ConceptNameCodeSequence[0].CodeValue): str(i.TextValue)
        for i in items
        if i.ValueType == "TEXT"
    }


def _all_texts(group: Dataset) -> list[str]:
    return [str(i.TextValue) for i in group[0].ContentSequence if i.ValueType == "TEXT"]


def _names(ds: Dataset) -> list[str]:
    return [str(e.value) for e in ds.iterall() if e.keyword == "PersonName"]


# Presentation state -----------------------------------------------------------------------------


def test_regions_are_where_they_were_drawn(tmp_path: Path) -> None:
    image = reviewed(SOURCES["CR, MONOCHROME1"])
    _, ds = made("gsps", image, tmp_path)
    rows, columns = image.radiograph.pixels.shape
    drawn, notice = ds.GraphicAnnotationSequence
    rectangle, ellipse, polygon = (
        np.reshape(each.GraphicData, (-1, 2)) for each in drawn.GraphicObjectSequence
    )
    np.testing.assert_allclose(rectangle.min(axis=0), (0.2 * columns, 0.2 * rows), atol=0.01)
    np.testing.assert_allclose(rectangle.max(axis=0), (0.5 * columns, 0.4 * rows), atol=0.01)
    assert len(ellipse) == 4
    np.testing.assert_allclose(polygon[0], polygon[-1])
    assert polygon.max() <= rows, "what was drawn beyond the edge ends there"
    assert [t.UnformattedTextValue for t in drawn.TextObjectSequence] == ["a", "b"]
    said = notice.TextObjectSequence[0].UnformattedTextValue
    for words in ("best 1.2.0", "0.42", "not for primary diagnosis"):
        assert words in said


def test_the_longer_axis_of_an_ellipse_comes_first() -> None:
    tall = outline(Region(RegionKind.ELLIPSE, ((10.0, 0.0), (20.0, 100.0))))
    np.testing.assert_array_equal(tall, [(15, 0), (15, 100), (10, 50), (20, 50)])
    wide = outline(Region(RegionKind.ELLIPSE, ((0.0, 20.0), (100.0, 10.0))))
    np.testing.assert_array_equal(wide, [(0, 15), (100, 15), (50, 10), (50, 20)])


def test_regions_of_a_multi_frame_image_name_their_frame(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "two.dcm", np.stack([chest_like(), chest_like(seed=2)]),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.7.2", SeriesInstanceUID="1.2.3",
    )  # fmt: skip
    image = reviewed(path)
    assert image.verdict is not None
    first, second, third = image.verdict.regions
    regions = (first, replace(second, frame=2), replace(third, frame=2))
    image = replace(image, verdict=replace(image.verdict, regions=regions))
    written, ds = made("gsps", image, tmp_path)
    frames = [
        (a.ReferencedImageSequence[0].get("ReferencedFrameNumber"), len(a.GraphicObjectSequence))
        for a in ds.GraphicAnnotationSequence
        if "GraphicObjectSequence" in a
    ]
    assert frames == [(1, 1), (2, 2)]
    assert not dciodvfy_errors(written) - dciodvfy_errors(path)


@needs_dcmtk
def test_a_second_program_finds_no_fault_in_the_presentation_state(tmp_path: Path) -> None:
    written, _ = made("gsps", reviewed(SOURCES["CR, MONOCHROME1"]), tmp_path)
    said = subprocess.run([program("dcmpschk"), written], capture_output=True, check=True)
    assert b"Test passed" in said.stdout + said.stderr


@needs_dcmtk
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(
    "source", ["CR, MONOCHROME1", "CT with rescale", "Modality LUT", "VOI LUT", "big endian"]
)
def test_a_second_program_shows_the_source_as_it_was_seen(
    source: str, inverted: bool, tmp_path: Path
) -> None:
    image = reviewed(SOURCES[source])
    assert image.radiograph is not None
    first = image.radiograph.windows[0]
    voi = None if source == "VOI LUT" else Window(first.center * 1.1, first.width * 0.7)
    image = replace(image, look=ExportedView(voi, inverted))
    state, _ = made("gsps", image, tmp_path)
    picture = tmp_path / "seen.pgm"
    subprocess.run([program("dcmp2pgm"), "-p", state, image.item.path, picture], check=True)
    seen = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE).astype(int)
    meant = render(image.radiograph, voi, inverted).astype(int)
    assert np.abs(seen - meant).max() <= 2


@needs_dcmtk
@pytest.mark.parametrize("value", [0, 40_000])
@pytest.mark.parametrize(
    "shutter",
    [
        {
            "ShutterShape": "RECTANGULAR",
            "ShutterLeftVerticalEdge": 31,
            "ShutterRightVerticalEdge": 200,
            "ShutterUpperHorizontalEdge": 11,
            "ShutterLowerHorizontalEdge": 150,
        },
        {
            "ShutterShape": "CIRCULAR",
            "CenterOfCircularShutter": [90, 120],
            "RadiusOfCircularShutter": 70,
        },
        {
            "ShutterShape": "POLYGONAL",
            "VerticesOfThePolygonalShutter": [20, 30, 40, 210, 170, 200, 180, 40],
        },
        {},
    ],
)
def test_a_second_program_sees_the_shutter_and_no_lut_of_fluoroscopy(
    shutter: dict[str, object], value: int, tmp_path: Path
) -> None:
    lut = Dataset()
    lut.add_new("LUTDescriptor", "US", [256, 0, 8])
    lut.add_new("ModalityLUTType", "LO", "US")
    lut.add_new("LUTData", "OW", np.arange(256)[::-1].astype("<u2").tobytes())
    told = {**shutter, "ShutterPresentationValue": value} if shutter else {}
    told |= (
        {}
        if shutter
        else {
            "ModalityLUTSequence": [lut],
            "SOPClassUID": XRayRadiofluoroscopicImageStorage,
            "Modality": "RF",
        }
    )
    path = write_dicom(
        tmp_path / "a.dcm",
        SeriesInstanceUID=generate_uid(),
        WindowCenter=128,
        WindowWidth=256,
        SpecificCharacterSet="ISO_IR 100",
        InstanceNumber=1,
        **told,
    )
    image = reviewed(path)
    assert image.radiograph is not None
    state, _ = made("gsps", image, tmp_path)
    picture = tmp_path / "seen.pgm"
    said = subprocess.run(
        [program("dcmp2pgm"), "-v", "-p", state, path, picture],
        capture_output=True,
        check=True,
        text=True,
    )
    seen = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE).astype(int)
    meant = render(image.radiograph).astype(int)
    # It reads the shutter and leaves it to the viewer to draw it.
    found = re.findall(r"(\w+) shutter: (?!none)", said.stderr)
    assert [each.upper() for each in found] == ([shutter["ShutterShape"]] if shutter else [])
    covered = image.radiograph.shutter
    shown = np.ones(meant.shape, bool) if covered is None else ~covered.mask
    assert np.abs(seen - meant)[shown].max() <= 1
    assert not shutter or f"value: {value:#x}" in said.stderr


# What cannot be -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "header", "options", "words"),
    [
        (Format.STRUCTURED_REPORT, Header(), {}, NO_STUDY),
        (Format.SECONDARY_CAPTURE, Header(is_dicom=True), {}, NO_UIDS),
        (Format.PRESENTATION_STATE, None, {"has_regions": False}, NO_REGIONS),
        (Format.DICOM, None, {"deidentified": False}, NOT_DEIDENTIFIED),
        (Format.DICOM, None, {}, ""),
        (Format.STRUCTURED_REPORT, None, {}, ""),
        (Format.PDF, Header(), {}, ""),
        (Format.PNG, Header(), {}, ""),
    ],
)
def test_the_reason_why_not(
    wanted: Format, header: Header | None, options: dict[str, bool], words: str
) -> None:
    good = Header(is_dicom=True, study_instance_uid="1.2.3", sop_instance_uid="1.2.4")
    given = {"has_regions": True, "deidentified": True, **options}
    assert why_not(wanted, good if header is None else header, **given) == words


def test_a_presentation_state_of_a_colour_image_is_refused() -> None:
    path = PYDICOM_DATA / "SC_rgb.dcm"
    with pytest.raises(OutputError, match=COLOUR):
        presentation_state(reviewed(path), read_source(path))


def test_a_source_without_a_series_is_refused(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "no-series.dcm")
    with pytest.raises(OutputError, match="UIDs"):
        structured_report(reviewed(path), read_source(path))
