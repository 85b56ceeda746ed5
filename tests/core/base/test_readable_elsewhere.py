"""Odd files that other programs read: the same values here, with a word about what was odd.

Each file is made on the spot. DCMTK, GDCM and pydicom are the oracles: at least one of them has to
read it with the values that went in, and so do we.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import dcmtk
import jpeg_ls
import numpy as np
import pydicom
import pytest
from factories import chest_like, sequence_item, write_dicom
from numpy.typing import NDArray
from openjpeg.utils import encode_array
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.image.reader import read_radiograph

GREY = chest_like(96, 112)
GREY_12 = GREY.astype(np.uint16) * 16 + np.arange(112, dtype=np.uint16) % 16
GREY_10 = GREY_12 // 4

Made = tuple[Path, NDArray | None]
"""The file, and the values that went in; None where a compression with loss made others."""


# Oracles


def by_dcmtk(path: Path) -> NDArray:
    """Decoded and written anew by DCMTK's own tools."""
    syntax = pydicom.dcmread(path, stop_before_pixels=True, force=True).file_meta.TransferSyntaxUID
    tool = "dcmconv"
    if syntax == RLELossless:
        tool = "dcmdrle"
    elif syntax == JPEGLSLossless:
        tool = "dcmdjpls"
    elif syntax.is_compressed:
        tool = "dcmdjpeg"
    out = path.with_suffix(".dcmtk")
    done = dcmtk.run(tool, path, out)
    assert done.returncode == 0, done.stderr
    return pydicom.dcmread(out).pixel_array


def by_gdcm(path: Path) -> NDArray:
    """In a process of its own: GDCM may abort."""
    program = (
        "import gdcm, sys; r = gdcm.ImageReader(); r.SetFileName(sys.argv[1]); assert r.Read();"
        "b = r.GetImage().GetBuffer().encode('utf-8', 'surrogateescape');"
        "open(sys.argv[1] + '.gdcm', 'wb').write(b)"
    )
    subprocess.run([sys.executable, "-c", program, path], check=True, capture_output=True)
    ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    values = np.frombuffer(Path(f"{path}.gdcm").read_bytes(), f"<u{ds.BitsAllocated // 8}")
    return values.reshape(ds.Rows, ds.Columns)


def by_pydicom(path: Path) -> NDArray:
    return pydicom.dcmread(path, force=True).pixel_array


ORACLES = (by_dcmtk, by_gdcm, by_pydicom)


def read_by_oracles(path: Path) -> list[NDArray]:
    found = []
    for oracle in ORACLES:
        try:
            found.append(oracle(path))
        except Exception:  # each of them refuses in its own way
            continue
    return found


# Files


def in_bytes(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


def with_meta_length(length: int) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        values = GREY_12.copy()
        values[40:60] = 0
        path = write_dicom(folder / "x.dcm", values, BitsStored=12)
        content = bytearray(path.read_bytes())
        content[140:144] = length.to_bytes(4, "little")
        path.write_bytes(content)
        return path, values

    return make


def with_element(raw: bytes) -> Callable[[Path], Made]:
    """A private element, between the study's and the image's own."""

    def make(folder: Path) -> Made:
        path = write_dicom(folder / "x.dcm", GREY_12, BitsStored=12)
        in_bytes(path, b"\x18\0\x15\0CS", b"\x09\0\x01\x10" + raw + b"\x18\0\x15\0CS")
        return path, GREY_12

    return make


def with_modality_lut(**tags) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        item = sequence_item(**tags)
        for name in tags:
            item[name].VR = "US"
        return write_dicom(
            folder / "x.dcm", GREY_12, BitsStored=12, ModalityLUTSequence=[item]
        ), GREY_12

    return make


def jpeg(folder: Path) -> bytes:
    return cv2.imencode(".jpg", GREY, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def jls(values: NDArray, bits: int) -> bytes:
    return bytes(
        jpeg_ls.encode_pixel_data(
            values.astype("<u2").tobytes(),
            rows=values.shape[0],
            columns=values.shape[1],
            samples_per_pixel=1,
            bits_allocated=16,
            bits_stored=bits,
            photometric_interpretation="MONOCHROME2",
        )
    )


def j2k(values: NDArray, bits: int) -> bytes:
    return encode_array(values, bits_stored=bits, photometric_interpretation=0)


def by_dcmcjpeg(folder: Path, values: NDArray, bits: int, *how: str) -> bytes:
    """A frame of JPEG Lossless (``+e1``) or JPEG Extended (``+ee``), which DCMTK encodes."""
    path = write_dicom(folder / "plain.dcm", values, BitsStored=bits)
    done = dcmtk.run("dcmcjpeg", *how, path, folder / "frame.dcm")
    assert done.returncode == 0, done.stderr
    data = pydicom.dcmread(folder / "frame.dcm").PixelData
    return next(generate_frames(data, number_of_frames=1)).rstrip(b"\0")


def compressed(folder: Path, frame: bytes, syntax: str, values: NDArray, **tags) -> Path:
    """A data set around a frame, however odd the frame is."""
    path = write_dicom(folder / "x.dcm", values, transfer_syntax=syntax, frame=b"\0\0", **tags)
    ds = pydicom.dcmread(path)
    ds.PixelData = encapsulate([frame + b"\0" * (len(frame) % 2)])
    ds.save_as(path)
    return path


def padded_jpeg(count: int) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        frame = jpeg(folder)
        decoded = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE)
        return compressed(folder, frame + bytes(count), JPEGBaseline8Bit, GREY), decoded

    return make


def padded_jls(folder: Path) -> Made:
    frame = jls(GREY_12, 12) + bytes(500)
    return compressed(folder, frame, JPEGLSLossless, GREY_12, BitsStored=12), GREY_12


def padded_j2k(folder: Path) -> Made:
    frame = j2k(GREY_12, 12) + b"\xff" * 300
    return compressed(folder, frame, JPEG2000Lossless, GREY_12, BitsStored=12), GREY_12


def jls_with_a_byte_before_its_end(folder: Path) -> Made:
    frame = jls(GREY_12, 12)
    end = frame.rindex(b"\xff\xd9")
    frame = frame[:end] + b"\0" + frame[end:]
    return compressed(folder, frame, JPEGLSLossless, GREY_12, BitsStored=12), GREY_12


def extended_with_16_bits_stored(folder: Path) -> Made:
    frame = by_dcmcjpeg(folder, GREY_12, 12, "+ee", "+sr", "+q", "100")
    return compressed(folder, frame, JPEGExtended12Bit, GREY_12, BitsStored=16), None


CASES: dict[str, tuple[Callable[[Path], Made], str]] = {
    "meta length 0": (with_meta_length(0), "wrong length of the meta information"),
    "meta length too small": (with_meta_length(40), "wrong length of the meta information"),
    "meta length into zeros": (with_meta_length(9800), "wrong length of the meta information"),
    "meta length beyond the file": (with_meta_length(2**31), "wrong length of the meta"),
    "a VR to come": (with_element(b"QQ\0\0\4\0\0\0ABCD"), "unknown kind (VR)"),
    "a VR to come, odd content": (with_element(b"ZZ\0\0\x06\0\0\0\x18\0\x15\0CS"), "(VR)"),
    "a VR that is none": (with_element(b"??\4\0ABCD"), "unknown kind (VR)"),
    "capitals with a short length": (with_element(b"QQ\4\0ABCD"), "unknown kind (VR)"),
    "Modality LUT: no item's content": (with_modality_lut(), "Modality LUT cannot be used"),
    "Modality LUT: no data": (
        with_modality_lut(LUTDescriptor=[4096, 0, 16]),
        "Modality LUT cannot be used",
    ),
    "Modality LUT: no descriptor": (with_modality_lut(LUTData=[1, 2]), "Modality LUT cannot"),
    "Modality LUT: one entry short": (
        with_modality_lut(LUTDescriptor=[4096, 0, 16], LUTData=list(range(4095))),
        "4095 entries",
    ),
    "JPEG, 200 zeros after it": (padded_jpeg(200), "after the compressed frame's end"),
    "JPEG, 20,000 zeros after it": (padded_jpeg(20_000), "after the compressed frame's end"),
    "JPEG-LS, 500 zeros after it": (padded_jls, "after the compressed frame's end"),
    "JPEG 2000, FF after it": (padded_j2k, "after the compressed frame's end"),
    "JPEG-LS, a byte before its end": (jls_with_a_byte_before_its_end, "Decoded by GDCM"),
    "JPEG Extended, BitsStored 16": (extended_with_16_bits_stored, "frame has 12 bits"),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_what_others_read_is_read_with_a_note(tmp_path, name):
    make, note = CASES[name]
    path, values = make(tmp_path)
    read = read_radiograph(path)
    others = read_by_oracles(path)
    assert others, "no oracle reads it"
    if values is None:
        np.testing.assert_allclose(read.pixels.astype(int), GREY_12, atol=12)
        values = read.pixels
    np.testing.assert_array_equal(read.pixels, values)
    assert any(np.array_equal(each, values) for each in others)
    assert any(note in words for words in texts((*read.steps, *read.cautions)))


OF_ANOTHER_CODEC = {
    "lossless, said to be baseline": (JPEGBaseline8Bit, "JPEG Lossless"),
    "lossless, said to be extended": (JPEGExtended12Bit, "JPEG Lossless"),
    "baseline, said to be lossless": (JPEGLosslessSV1, "JPEG"),
    "JPEG-LS, said to be JPEG 2000": (JPEG2000Lossless, "JPEG-LS"),
    "JPEG 2000, said to be JPEG-LS": (JPEGLSLossless, "JPEG 2000"),
}


@pytest.mark.parametrize("name", OF_ANOTHER_CODEC)
def test_a_frame_is_decoded_as_what_it_is(tmp_path, name):
    said, codec = OF_ANOTHER_CODEC[name]
    values, bits = GREY_12, 12
    if codec == "JPEG":
        frame, bits = jpeg(tmp_path), 8
        values = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE)
    else:
        frame = FRAMES[codec][1](tmp_path, GREY_12, 12)
    read = read_radiograph(compressed(tmp_path, frame, said, values, BitsStored=bits))
    np.testing.assert_array_equal(read.pixels, values)
    assert any("whatever the header says" in words for words in texts(read.steps))


@pytest.mark.parametrize("remark", [b"\xff\xe0\0\x08JFIF\0\1", b"\xff\xee\0\x08Adobe\0"])
def test_application_data_that_pillow_stumbles_over(tmp_path, remark):
    frame = jpeg(tmp_path)
    expected = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE)
    frame = frame[:2] + remark + frame[2:]
    path = compressed(tmp_path, frame, JPEGBaseline8Bit, GREY)
    np.testing.assert_array_equal(by_dcmtk(path), expected)
    np.testing.assert_array_equal(read_radiograph(path).pixels, expected)
    (tmp_path / "x.jpg").write_bytes(frame)
    np.testing.assert_array_equal(read_radiograph(tmp_path / "x.jpg").pixels, expected)
    (tmp_path / "x.jpg").write_bytes(frame[: len(frame) * 2 // 3] + b"\xff\xd9")
    with pytest.raises(UnreadableImage, match="before its last row"):
        read_radiograph(tmp_path / "x.jpg")


# What is not read is called what it is


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.113619.5.2", "GE private"),
        ("1.2.840.10008.1.2.4.110", "JPEG XL Lossless"),
        ("1.2.840.10008.1.2.4.100", "MPEG2"),
        ("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 and 5)"),
        ("1.2.3.4.5", "1.2.3.4.5"),
    ],
)
def test_an_unsupported_transfer_syntax_is_named(tmp_path, uid, name):
    path = write_dicom(tmp_path / "x.dcm", GREY)
    value = uid.encode() + b"\0" * (len(uid) % 2)
    in_bytes(
        path,
        b"\2\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0",
        b"\2\0\x10\0UI" + len(value).to_bytes(2, "little") + value,
    )
    with pytest.raises(UnreadableImage, match="not supported") as told:
        read_radiograph(path)
    assert name in str(told.value)
    assert "damaged" not in str(told.value)


@pytest.mark.parametrize(
    ("how", "bits", "words"),
    [(("+ee",), 12, "12 bits a channel"), (("+e1",), 12, "lossless, 16 bits")],
)
def test_a_jpeg_file_of_another_kind_is_named(tmp_path, how, bits, words):
    (tmp_path / "x.jpg").write_bytes(by_dcmcjpeg(tmp_path, GREY_12, bits, *how))
    with pytest.raises(UnreadableImage, match="of a kind that is not read") as told:
        read_radiograph(tmp_path / "x.jpg")
    assert words in str(told.value)


def test_a_lossless_jpeg_file_of_8_bits_is_read(tmp_path):
    (tmp_path / "x.jpg").write_bytes(by_dcmcjpeg(tmp_path, GREY, 8, "+e1"))
    np.testing.assert_array_equal(read_radiograph(tmp_path / "x.jpg").pixels, GREY)


# A frame's own bits


FRAMES: dict[str, tuple[str, Callable[[Path, NDArray, int], bytes]]] = {
    "JPEG Lossless": (JPEGLosslessSV1, lambda folder, v, bits: by_dcmcjpeg(folder, v, bits, "+e1")),
    "JPEG-LS": (JPEGLSLossless, lambda _, v, bits: jls(v, bits)),
    "JPEG 2000": (JPEG2000Lossless, lambda _, v, bits: j2k(v, bits)),
}


@pytest.mark.parametrize("codec", FRAMES)
@pytest.mark.parametrize(("has", "says"), [(12, 10), (16, 10), (16, 12), (10, 12), (12, 16)])
def test_one_rule_for_the_bits_of_all_codecs(tmp_path, codec, has, says):
    syntax, encode = FRAMES[codec]
    values = GREY_10 if has == 10 else GREY_12 if has == 12 else GREY_12 * 16
    frame = encode(tmp_path, values, has)
    read = read_radiograph(compressed(tmp_path, frame, syntax, values, BitsStored=says))
    np.testing.assert_array_equal(read.pixels, values)
    assert any("bits a value" in caution for caution in texts(read.cautions)) == (has > says)


@pytest.mark.parametrize("codec", [*FRAMES, "RLE", "uncompressed"])
def test_rubbish_above_the_value_is_taken_away(tmp_path, codec):
    rubbish = np.random.default_rng(3).integers(0, 16, GREY_12.shape, np.uint16) << 12
    rubbish[:20] = 0
    dirty = GREY_12 | rubbish
    if codec in FRAMES:
        syntax, encode = FRAMES[codec]
        frame = encode(tmp_path, dirty, 16)
        path = compressed(tmp_path, frame, syntax, dirty, BitsStored=12)
    else:
        plain = {"transfer_syntax": RLELossless} if codec == "RLE" else {}
        path = write_dicom(tmp_path / "x.dcm", dirty, BitsStored=12, **plain)
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, GREY_12)


@pytest.mark.parametrize("says", [10, 12])
def test_more_bits_than_said_without_a_codec_of_its_own_precision(tmp_path, says):
    values = GREY_12 * 16
    for syntax in (RLELossless, "1.2.840.10008.1.2.1"):
        path = write_dicom(tmp_path / "x.dcm", values, transfer_syntax=syntax, BitsStored=says)
        read = read_radiograph(path)
        np.testing.assert_array_equal(read.pixels, values)
        assert any("bits a value" in caution for caution in texts(read.cautions))


@pytest.mark.parametrize("quality", [50, 70, 90])
def test_overshoots_of_a_lossy_frame_are_clipped(tmp_path, quality):
    values = GREY_10.copy()
    values[10:40, 20:50] = 1023
    values[12:38:3, 22:48] = 0
    frame = by_dcmcjpeg(tmp_path, values, 12, "+ee", "+sr", "+q", str(quality))
    path = compressed(tmp_path, frame, JPEGExtended12Bit, values, BitsStored=10)
    read = read_radiograph(path)
    assert read.pixels.max() == 1023
    wrong = np.abs(read.pixels.astype(int) - values)
    assert wrong.max() < 700
    assert wrong.mean() < 40
    assert any("clipped" in step for step in texts(read.steps))
    assert not read.cautions


@pytest.mark.parametrize("gap", [b"\0", b"\xff"])
@pytest.mark.parametrize("codec", [*FRAMES, "JPEG", "JPEG Extended", "RLE"])
def test_a_frame_with_a_gap_in_its_data_is_damaged(tmp_path, codec, gap):
    values, bits = GREY_12, 12
    if codec == "RLE":
        data = pydicom.dcmread(write_dicom(tmp_path / "r", GREY_12, transfer_syntax=RLELossless))
        frame, syntax = next(generate_frames(data.PixelData, number_of_frames=1)), RLELossless
    elif codec == "JPEG":
        frame, syntax, values, bits = jpeg(tmp_path), JPEGBaseline8Bit, GREY, 8
    elif codec == "JPEG Extended":
        frame = by_dcmcjpeg(tmp_path, GREY_12, 12, "+ee", "+sr", "+q", "100")
        syntax = JPEGExtended12Bit
    else:
        syntax, encode = FRAMES[codec]
        frame = encode(tmp_path, GREY_12, 12)
    for start, stop in ((0.4, 0.6), (0.7, 1.0)):
        first, last = int(start * len(frame)), int(stop * len(frame)) - 2
        broken = frame[:first] + gap * (last - first) + frame[last:]
        path = compressed(tmp_path, broken, syntax, values, BitsStored=bits)
        with pytest.raises(UnreadableImage, match="cannot be decoded"):
            read_radiograph(path)


@pytest.mark.parametrize("codec", [*FRAMES, "JPEG", "RLE"])
def test_a_flat_part_is_no_gap(tmp_path, codec):
    """Half of the picture black: its compressed data may be all zeros there."""
    values = np.zeros((1000, 900), np.uint16)
    values[250:750] = np.tile(GREY_12, (6, 9))[:500, :900]
    if codec in FRAMES:
        syntax, encode = FRAMES[codec]
        path = compressed(tmp_path, encode(tmp_path, values, 12), syntax, values, BitsStored=12)
    elif codec == "RLE":
        path = write_dicom(tmp_path / "x.dcm", values, BitsStored=12, transfer_syntax=RLELossless)
    else:
        values = (values // 16).astype(np.uint8)
        frame = cv2.imencode(".jpg", values, [cv2.IMWRITE_JPEG_OPTIMIZE, 1])[1].tobytes()
        (tmp_path / "x.jpg").write_bytes(frame)
        decoded = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(read_radiograph(tmp_path / "x.jpg").pixels, decoded)
        path, values = compressed(tmp_path, frame, JPEGBaseline8Bit, values), decoded
    np.testing.assert_array_equal(read_radiograph(path).pixels, values)
