"""De-identification: nothing of the patient is left, and what belongs together stays together."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from factories import write_dicom
from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from reviewed import PYDICOM, PYDICOM_DATA, dciodvfy_errors, reviewed

from app.core.gate.rules import judge
from app.core.image.reader import read_radiograph
from app.core.model.results import Prediction, Status
from app.core.worklist.scan import Item
from app.review.export.deidentify import (
    blank_times,
    burned_in_risk,
    deidentify,
    patient_key,
    profile,
)
from app.review.export.presentation_state import presentation_state
from app.review.export.reviewed import ReviewedImage, without_identity
from app.review.export.secondary_capture import secondary_capture
from app.review.export.source import encoded, read_source
from app.review.export.stand_ins import Deidentification, own_salt
from app.review.export.structured_report import structured_report

HOW = Deidentification(b"salt" * 8)
SHIFTED = Deidentification(b"salt" * 8, shift_dates=True)
SECRET = "Zyzzyx"


def everything(path: Path) -> Path:
    """An image in which every attribute of the profile that can hold a text holds the secret."""
    ds = dcmread(write_dicom(path, SeriesInstanceUID="1.2.840.99.3", PatientAge=None))
    ds.PatientName, ds.PatientID = f"{SECRET}^Ada", f"{SECRET}-7"
    for tag, action in profile().items():
        if tag >> 16 < 0x0008 or action == "U" or not pydicom.datadict.dictionary_has_tag(tag):
            continue
        vr = pydicom.datadict.dictionary_VR(tag)
        if tag in ds or vr not in ("LO", "SH", "PN", "LT", "ST", "UT", "DA", "DT", "SQ", "UC"):
            continue
        if vr == "SQ":
            item = Dataset()
            item.CodeMeaning = item.PatientName = item.TextString = SECRET
            item.StudyDate = "20040826"
            ds.add(DataElement(tag, vr, [item]))
        else:
            days = {"DA": "20040826", "DT": "20040826101112"}
            ds.add(DataElement(tag, vr, days.get(vr, f"{SECRET} was here")))
    ds.StudyDate, ds.PatientBirthDate = "20040826", "19400826"
    ds.ReferencedStudySequence = [Dataset()]
    ds.ReferencedStudySequence[0].ReferencedSOPInstanceUID = ds.StudyInstanceUID
    ds.ReferencedStudySequence[0].ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    # Not in the table, and yet the patient's name stands there.
    ds.SoftwareVersions = f"patched for {SECRET}"
    ds.BodyPartExamined = "CHEST"
    ds.add_new(0x00091001, "LO", SECRET)
    ds.add_new(0x00090010, "LO", "A MAKER")
    ds.add_new(0x60000010, "US", ds.Rows)
    ds.add_new(0x60003000, "OW", SECRET.encode() + b"\0\0")
    ds.file_meta.SourceApplicationEntityTitle = SECRET
    ds.preamble = SECRET.encode().ljust(128, b"\0")
    ds.save_as(path)
    return path


@pytest.mark.parametrize("how", [HOW, SHIFTED], ids=["dates removed", "dates moved"])
def test_nothing_of_the_patient_is_left(how: Deidentification, tmp_path: Path) -> None:
    path = everything(tmp_path / "all.dcm")
    before = dcmread(path)
    data = encoded(deidentify(read_source(path, pixels=True), how))
    for secret in (SECRET, SECRET.upper(), SECRET.lower(), "20040826", "19400826", "Ada"):
        assert secret.encode() not in data, secret
    for uid in (before.StudyInstanceUID, before.SOPInstanceUID, "1.2.840.99.3"):
        assert uid.encode() not in data
    after = dcmread(BytesIO(data))
    assert not [e for e in after.iterall() if e.tag.is_private]
    np.testing.assert_array_equal(after.pixel_array, before.pixel_array)
    assert after.BodyPartExamined == "CHEST"


def test_an_overlay_in_the_unused_bits_of_the_pixels_goes_too(tmp_path: Path) -> None:
    values = np.arange(12 * 16, dtype=np.uint16).reshape(12, 16)
    drawn = values.copy()
    drawn[3:6, 2:9] |= 1 << 14
    path = write_dicom(tmp_path / "old.dcm", drawn, BitsStored=12)
    ds = dcmread(path)
    ds.add_new(0x60000010, "US", 12)
    ds.add_new(0x60000100, "US", 16)
    ds.add_new(0x60000102, "US", 14)
    ds.save_as(path)
    after = dcmread(BytesIO(encoded(deidentify(read_source(path, pixels=True), HOW))))
    stored = np.frombuffer(after.PixelData, "<u2").reshape(12, 16)
    np.testing.assert_array_equal(stored, values)


def test_it_says_what_was_done(tmp_path: Path) -> None:
    after = deidentify(read_source(everything(tmp_path / "all.dcm")), HOW)
    assert after.PatientIdentityRemoved == "YES"
    assert [c.CodeValue for c in after.DeidentificationMethodCodeSequence] == ["113100"]
    assert after.LongitudinalTemporalInformationModified == "REMOVED"
    assert "PS3.15" in after.DeidentificationMethod[0]
    assert not after.StudyDate
    moved = deidentify(read_source(tmp_path / "all.dcm"), SHIFTED)
    assert [c.CodeValue for c in moved.DeidentificationMethodCodeSequence] == ["113100", "113107"]
    assert moved.LongitudinalTemporalInformationModified == "MODIFIED"
    assert "1994" < moved.StudyDate < "2003"
    assert not moved.PatientBirthDate


def test_images_of_one_study_stay_one_study_and_strangers_strangers(tmp_path: Path) -> None:
    def of(name: str, **tags: object) -> Dataset:
        path = write_dicom(tmp_path / name, SeriesInstanceUID="1.2.9", StudyDate="20040826", **tags)
        return deidentify(read_source(path), SHIFTED)

    one = of("one.dcm", StudyInstanceUID="1.2.3", PatientID="A")
    two = of("two.dcm", StudyInstanceUID="1.2.3", PatientID="A")
    other = of("other.dcm", StudyInstanceUID="1.2.4", PatientID="B")
    assert one.StudyInstanceUID == two.StudyInstanceUID != other.StudyInstanceUID
    assert one.PatientID == two.PatientID != other.PatientID
    assert one.StudyDate == two.StudyDate != other.StudyDate
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.StudyInstanceUID.is_valid
    again = Deidentification(b"another salt" * 3)
    assert deidentify(read_source(tmp_path / "one.dcm"), again).PatientID != one.PatientID


def test_intervals_between_a_patients_dates_remain(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "a.dcm", StudyDate="20040826", AcquisitionDate="20040905", StudyTime="101112"
    )
    after = deidentify(read_source(path), SHIFTED)
    first, last = (pydicom.valuerep.DA(after[k].value) for k in ("StudyDate", "AcquisitionDate"))
    assert (last - first).days == 10
    assert after.StudyTime == "101112"


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        PYDICOM_DATA / "RG1_UNCR.dcm",
        PYDICOM_DATA / "RG1_J2KR.dcm",
        PYDICOM_DATA / "RG3_UNCR.dcm",
        PYDICOM / "charset_files" / "chrH32.dcm",
        PYDICOM / "charset_files" / "chrGreek.dcm",
        PYDICOM / "test_files" / "MR_small_bigendian.dcm",
        PYDICOM / "test_files" / "CT_small.dcm",
        PYDICOM / "test_files" / "examples_overlay.dcm",
    ],
    ids=lambda path: path.name,
)
def test_real_images_stay_readable_and_legal(path: Path, tmp_path: Path) -> None:
    before = dcmread(path)
    written = tmp_path / "plain.dcm"
    written.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    assert not dciodvfy_errors(written) - dciodvfy_errors(path)
    np.testing.assert_array_equal(read_radiograph(written).pixels, read_radiograph(path).pixels)
    after = dcmread(written, stop_before_pixels=True)
    texts = " ".join(str(e.value) for e in after.iterall() if e.VR != "SQ")
    for part in (*str(before.PatientName).replace("^", "=").split("="), before.PatientID):
        assert len(part) < 3 or part not in texts


@pytest.mark.slow
@pytest.mark.parametrize("how", [HOW, SHIFTED], ids=["dates removed", "dates moved"])
@pytest.mark.parametrize("make", [secondary_capture, structured_report, presentation_state])
def test_new_objects_of_a_de_identified_source(
    make: object, how: Deidentification, tmp_path: Path
) -> None:
    path = everything(tmp_path / f"{SECRET}.dcm")
    source = deidentify(read_source(path), how)
    image = without_identity(
        reviewed(path, note=f"seen with {SECRET}", reader="Ada Reader"), "image-1", "ANON-1"
    )
    made = make(image, source)  # type: ignore[operator]
    blank_times(made)
    written = tmp_path / "made.dcm"
    written.write_bytes(encoded(made))
    data = written.read_bytes()
    for secret in (SECRET, "20040826", "Ada", "Motion", str(tmp_path)):
        assert secret.encode() not in data, secret
    ds = dcmread(written)
    assert ds.PatientIdentityRemoved == "YES"
    assert ds.PatientID == how.pseudonym(patient_key(read_source(path)))
    assert ds.StudyInstanceUID == source.StudyInstanceUID
    today = f"{date.today():%Y%m%d}"
    assert today.encode() not in data
    assert not dciodvfy_errors(written) - dciodvfy_errors(path)


def test_the_salt_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    salt = own_salt(home)
    assert len(salt) == 32
    assert own_salt(home) == salt
    assert own_salt(tmp_path / "other") != salt


@pytest.mark.parametrize(
    ("said", "modality", "warned"),
    [("NO", "CR", False), ("YES", "CR", True), ("", "SC", True), ("", "DX", True), ("", "", True)],
)
def test_burned_in_text_is_warned_of(said: str, modality: str, warned: bool) -> None:
    assert bool(burned_in_risk(said, modality)) is warned


def test_the_whole_table_is_there() -> None:
    table = profile()
    assert len(table) == 652
    assert table[0x00100010] == "Z/D" or table[0x00100010] == "Z"
    assert table[0x0020000D] == "U"
    assert set(table.values()) == {
        "D", "Z", "X", "U", "Z/D", "X/Z", "X/D", "X/Z/D", "X/Z/U*",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "patient_id", "words"),
    [
        ("Yamada^Tarou=山田^太郎", "1", "山田太郎さんの検出器"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "1", "길동 검출기"),
        ("Wang^XiaoDong=王^小东", "1", "探测器小东"),
        ("Doe^Jane", "Z-77", "detector of Z-77"),
    ],
)
def test_a_short_name_or_id_is_found_in_any_script(
    name: str, patient_id: str, words: str, tmp_path: Path
) -> None:
    path = write_dicom(
        tmp_path / "a.dcm",
        SpecificCharacterSet="ISO_IR 192",
        PatientName=name,
        PatientID=patient_id,
        DetectorDescription=words,
        DetectorMode="plain words",
    )
    ds = deidentify(read_source(path), HOW)
    assert not ds.DetectorDescription
    assert ds.DetectorMode == "plain words"


def test_names_and_days_that_the_table_does_not_know_go_too(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "a.dcm", EvaluatorName="Doe^Jane", ExpirationDateTime="20040826101112"
    )
    for how in (HOW, SHIFTED):
        ds = deidentify(read_source(path), how)
        assert "EvaluatorName" not in ds
        assert "ExpirationDateTime" not in ds


@pytest.mark.parametrize(
    "said",
    [{"PatientAge": age} for age in ("007D", "028D", "008W", "007M", "014M", "093Y")]
    + [{"PatientBirthDate": "20200115", "StudyDate": f"202001{day}"} for day in (16, 20, 31)]
    + [{"PatientBirthDate": "20180115", "StudyDate": "20200131", "PatientAge": None}],
    ids=lambda said: said.get("PatientAge") or said["StudyDate"],
)
def test_no_caution_tells_the_age(said: dict[str, str], tmp_path: Path) -> None:
    radiograph = read_radiograph(write_dicom(tmp_path / "a.dcm", **{"PatientAge": None, **said}))
    header = replace(radiograph.header, body_part="CHEST")
    (caution,) = judge(replace(radiograph, header=header), (3.0, 5.0)).cautions
    assert "old; the network was trained" in caution.text()
    image = ReviewedImage(
        Item(radiograph.path, "a.dcm"), header, prediction=Prediction(Status.OK, (caution,), 0.5)
    )
    prediction = without_identity(image, "image-1", "ANON-1").prediction
    assert prediction is not None
    assert not re.search(r"\d", prediction.reasons[0].text())
