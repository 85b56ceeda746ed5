"""Nothing but pixels is left in the Pixel Data of a de-identified copy."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)
from reviewed import PYDICOM, PYDICOM_DATA

from app.core.base.errors import OutputError
from app.core.dicom.film import FrameReader
from app.core.image.reader import read_radiograph
from app.review.export.deidentify import deidentify
from app.review.export.source import encoded, read_source
from app.review.export.stand_ins import Deidentification

HOW = Deidentification(b"salt" * 8)
SECRET = b"Zyzzyx"
GREY = chest_like(60, 70)


def segment(marker: int, words: bytes) -> bytes:
    return bytes((0xFF, marker)) + (2 + len(words)).to_bytes(2, "big") + words


def with_words(frame: bytes, syntax: str) -> bytes:
    """A frame with comments behind its first segment, and words behind its end."""
    if syntax == JPEG2000Lossless:
        # The size must come first (ISO 15444-1 A.5.1).
        place = 4 + int.from_bytes(frame[4:6], "big")
        words = segment(0x64, b"\0\1" + SECRET)
    else:
        place = 2
        words = segment(0xFE, SECRET) + b"\xff" + segment(0xE1, b"Exif\0\0" + SECRET)
    return frame[:place] + words + frame[place:].rstrip(b"\0") + SECRET


def written(path: Path, syntax: str, frames: int = 1) -> Path:
    """A file of one frame or several, each with the secret beside its pixels."""
    pixels = np.stack([np.roll(GREY, 5 * n, 1) for n in range(frames)])
    if syntax == JPEGBaseline8Bit:
        bare = [cv2.imencode(".jpg", each)[1].tobytes() for each in pixels]
        write_dicom(path, pixels[0], transfer_syntax=syntax, frame=bare[0])
    else:
        write_dicom(path, pixels[0] if frames == 1 else pixels, transfer_syntax=syntax)
        bare = list(generate_frames(dcmread(path).PixelData, number_of_frames=frames))
    ds = dcmread(path)
    ds.PixelData = encapsulate([with_words(each, syntax) for each in bare])
    ds.save_as(path)
    return path


@pytest.mark.parametrize(
    "syntax", [JPEGBaseline8Bit, JPEGLSLossless, JPEG2000Lossless], ids=lambda uid: uid.name
)
def test_comments_of_a_compressed_frame_go_and_its_pixels_stay(syntax: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.dcm", syntax)
    assert SECRET in path.read_bytes()
    before = read_radiograph(path)
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    assert SECRET not in copy.read_bytes()
    np.testing.assert_array_equal(read_radiograph(copy).pixels, before.pixels)


def test_every_frame_of_a_film_and_its_extended_table(tmp_path: Path) -> None:
    path = written(tmp_path / "a.dcm", JPEGLSLossless, frames=3)
    ds = dcmread(path)
    frames = list(generate_frames(ds.PixelData, number_of_frames=3))
    ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(
        frames
    )
    ds.save_as(path)
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    assert SECRET not in copy.read_bytes()
    for number in range(3):
        np.testing.assert_array_equal(
            FrameReader(copy).read(number).pixels, np.roll(GREY, 5 * number, 1)
        )


@pytest.mark.parametrize("preamble", [True, False])
def test_what_follows_the_pixels_of_an_uncompressed_image_goes(
    tmp_path: Path, preamble: bool
) -> None:
    path = write_dicom(tmp_path / "a.dcm", GREY, preamble=preamble)
    whole = path.read_bytes()
    place = whole.rindex(GREY.tobytes()) - 4
    length = int.from_bytes(whole[place : place + 4], "little")
    longer = (length + 2 * len(SECRET)).to_bytes(4, "little")
    path.write_bytes(whole[:place] + longer + whole[place + 4 :] + SECRET * 2)
    copy = deidentify(read_source(path, pixels=True), HOW)
    assert copy.PixelData == GREY.tobytes()


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_a_file_without_meta_information_keeps_its_pixels(syntax: str, tmp_path: Path) -> None:
    pixels = GREY.astype(np.uint16) * 16 + 3
    path = write_dicom(tmp_path / "a.dcm", pixels, transfer_syntax=syntax, preamble=False)
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    np.testing.assert_array_equal(read_radiograph(copy).pixels, pixels)


def test_a_wrong_highbit_beside_an_overlay_costs_no_bit_of_the_values(tmp_path: Path) -> None:
    pixels = GREY.astype(np.uint16) * 16 + 5
    path = write_dicom(tmp_path / "a.dcm", pixels, BitsStored=12, HighBit=15)
    ds = dcmread(path)
    for element, vr, value in (
        (0x10, "US", 60), (0x11, "US", 70), (0x40, "CS", "G"), (0x50, "SS", [1, 1]),
        (0x100, "US", 1), (0x102, "US", 0), (0x3000, "OW", bytes(526)),
    ):  # fmt: skip
        ds.add_new((0x6000, element), vr, value)
    ds.save_as(path)
    np.testing.assert_array_equal(read_radiograph(path).pixels, pixels)
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    np.testing.assert_array_equal(read_radiograph(copy).pixels, pixels)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
def test_an_overlay_in_the_words_is_cleared_or_the_copy_refused(
    syntax: str, tmp_path: Path
) -> None:
    pixels = GREY.astype(np.uint16) * 16
    drawn = pixels | ((GREY > 150).astype(np.uint16) << 13)
    path = write_dicom(tmp_path / "a.dcm", drawn, transfer_syntax=syntax, BitsStored=16)
    ds = dcmread(path)
    ds.BitsStored, ds.HighBit = 12, 11
    ds.add_new((0x6000, 0x0102), "US", 13)
    ds.save_as(path)
    source = read_source(path, pixels=True)
    if syntax == RLELossless:
        with pytest.raises(OutputError):
            deidentify(source, HOW)
        return
    copy = dcmread(BytesIO(encoded(deidentify(source, HOW))))
    kind = "<u2" if syntax == ExplicitVRLittleEndian else ">u2"
    np.testing.assert_array_equal(np.frombuffer(copy.PixelData, kind), pixels.ravel())


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        PYDICOM_DATA / "RG1_J2KR.dcm",
        PYDICOM_DATA / "JPEG-LL.dcm",
        PYDICOM / "test_files" / "JPEG2000.dcm",
        PYDICOM / "test_files" / "MR_small_bigendian.dcm",
    ],
    ids=lambda path: path.stem,
)
def test_real_files_keep_their_pixels(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(encoded(deidentify(read_source(path, pixels=True), HOW)))
    np.testing.assert_array_equal(read_radiograph(copy).pixels, read_radiograph(path).pixels)
