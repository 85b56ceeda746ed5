"""Frames one by one: native and compressed, small and large files, whole and damaged."""

import numpy as np
import pydicom
import pytest
from factories import LOSSLESS_SYNTAXES, chest_like
from pydicom import Dataset, Sequence
from pydicom.encaps import encapsulate_extended, generate_frames
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from real_dicoms import real_files

from app.core.base.errors import UnreadableImage
from app.core.dicom.film import FrameReader
from app.core.image.reader import read_radiograph

GREY = chest_like(60, 71)
FRAMES = np.stack([np.roll(GREY, 7 * number, 1) for number in range(5)])


@pytest.mark.parametrize("syntax", LOSSLESS_SYNTAXES, ids=lambda uid: uid.name)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_frame_in_any_order(dicom_factory, syntax, dtype):
    frames = FRAMES.astype(dtype)
    reader = FrameReader(dicom_factory(frames, transfer_syntax=syntax))
    assert reader.frames == 5
    for number in (3, 0, 4, 3, 1, 2):
        read = reader.read(number)
        np.testing.assert_array_equal(read.pixels, frames[number])
        assert read.frame == number
        assert read.header.frames == 5


def test_bits_that_are_packed_across_frames(dicom_factory):
    bits = (FRAMES > 120).astype(np.uint8)
    path = dicom_factory(FRAMES)
    ds = pydicom.dcmread(path)
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    ds.PixelData = packed + b"\0" * (len(packed) % 2)
    ds.save_as(path)
    reader = FrameReader(path)
    for number in range(5):
        np.testing.assert_array_equal(reader.read(number).pixels, bits[number])


def without_table(path, table):
    """The same fragments with an empty, a basic or an extended offset table."""
    ds = pydicom.dcmread(path)
    frames = list(generate_frames(ds.PixelData, number_of_frames=5))
    if table == "extended":
        data = encapsulate_extended(frames)
        ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = data
    else:
        # Every frame in two or three fragments, told apart by their end markers alone.
        fragments = []
        for number, frame in enumerate(frames):
            cut = len(frame) // (2 + number % 2) // 2 * 2
            pieces = [frame[start : start + cut] for start in range(0, len(frame), cut)]
            fragments += [piece + b"\0" * (len(piece) % 2) for piece in pieces]
        items = (b"\xfe\xff\x00\xe0" + len(f).to_bytes(4, "little") + f for f in fragments)
        ds.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0" + b"".join(items)
    ds.save_as(path)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless], ids=lambda uid: uid.name)
@pytest.mark.parametrize("table", ["extended", "none, many fragments"])
def test_frames_are_found_by_any_table_and_by_none(dicom_factory, syntax, table):
    path = dicom_factory(FRAMES, transfer_syntax=syntax)
    without_table(path, table)
    reader = FrameReader(path)
    for number in (4, 1, 0):
        np.testing.assert_array_equal(reader.read(number).pixels, FRAMES[number])


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless, JPEG2000Lossless]
)
def test_a_cut_file_shows_the_frames_that_it_holds(dicom_factory, syntax):
    path = dicom_factory(FRAMES, transfer_syntax=syntax)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - len(whole) // 3])
    reader = FrameReader(path)
    for number in (0, 1):
        np.testing.assert_array_equal(reader.read(number).pixels, FRAMES[number])
    with pytest.raises(UnreadableImage, match="frame 5 of 5"):
        reader.read(4)
    np.testing.assert_array_equal(reader.read(0).pixels, FRAMES[0])


def test_a_damaged_frame_is_the_only_one_lost(dicom_factory):
    path = dicom_factory(FRAMES, transfer_syntax=JPEG2000Lossless)
    ds = pydicom.dcmread(path)
    frames = list(generate_frames(ds.PixelData, number_of_frames=5))
    content = path.read_bytes()
    content = content.replace(frames[2], bytes(len(frames[2])))
    path.write_bytes(content)
    reader = FrameReader(path)
    for number in (0, 1, 3, 4):
        np.testing.assert_array_equal(reader.read(number).pixels, FRAMES[number])
    with pytest.raises(UnreadableImage, match="frame 3 of 5"):
        reader.read(2)
    # The first may be the damaged one.
    path.write_bytes(content.replace(frames[0], bytes(len(frames[0]))))
    np.testing.assert_array_equal(FrameReader(path).read(1).pixels, FRAMES[1])


def test_a_large_file_is_read_frame_by_frame(dicom_factory, monkeypatch):
    """Nothing but the header and the frame itself is read, wherever the frame lies."""
    for syntax in (ExplicitVRLittleEndian, JPEG2000Lossless):
        path = dicom_factory(np.repeat(FRAMES, 40, 0), transfer_syntax=syntax)
        reader = FrameReader(path)
        reader.read(0)
        read = []
        real = type(path).open

        def counting(self, mode="r", *rest, real=real, read=read):
            file = real(self, mode, *rest)

            class Counted:
                def read(self, count=-1):
                    content = file.read(count)
                    read.append(len(content))
                    return content

                def __getattr__(self, name):
                    return getattr(file, name)

                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    file.close()

            return Counted()

        monkeypatch.setattr(type(path), "open", counting)
        np.testing.assert_array_equal(reader.read(199).pixels, FRAMES[4])
        monkeypatch.undo()
        assert sum(read) < path.stat().st_size / 50


def test_a_few_frames_are_kept(dicom_factory, monkeypatch):
    monkeypatch.setattr("app.core.dicom.film._KEPT_BYTES", 3 * GREY.size)
    path = dicom_factory(FRAMES)
    reader = FrameReader(path)
    first = reader.read(0)
    assert reader.read(0) is first
    for number in range(1, 5):
        reader.read(number)
    assert reader.read(0) is not first
    path.unlink()
    assert reader.read(4).frame == 4
    with pytest.raises(OSError, match="No such file"):
        reader.read(2)


def test_without_a_window_all_frames_share_one(dicom_factory):
    frames = FRAMES.astype(np.uint16) * np.arange(1, 6, dtype=np.uint16)[:, None, None]
    reader = FrameReader(dicom_factory(frames))
    assert len({reader.read(number).default_voi for number in range(5)}) == 1


def test_windows_and_rescale_of_each_frame_in_functional_groups(dicom_factory):
    groups = []
    for number in range(5):
        window, values, group = Dataset(), Dataset(), Dataset()
        window.WindowCenter, window.WindowWidth = 100 + number, 200
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = 1, number, "HU"
        group.FrameVOILUTSequence = Sequence([window])
        group.PixelValueTransformationSequence = Sequence([values])
        groups.append(group)
    path = dicom_factory(FRAMES, PerFrameFunctionalGroupsSequence=Sequence(groups))
    reader = FrameReader(path)
    for number in (0, 3):
        read = reader.read(number)
        assert read.windows[0].center == 100 + number
        assert read.units == "HU"
        np.testing.assert_array_equal(read.pixels, FRAMES[number].astype(int) + number)
    assert read_radiograph(path).windows[0].center == 100


@pytest.mark.parametrize(
    ("tags", "rate"),
    [
        ({}, None),
        ({"FrameTime": 40}, 25.0),
        ({"FrameTimeVector": [0, 100, 300, 200]}, 5.0),
        ({"CineRate": 12, "FrameTime": 40}, 12.0),
        ({"RecommendedDisplayFrameRate": 30, "CineRate": 12}, 30.0),
        ({"CineRate": 0, "FrameTime": 0}, None),
    ],
)
def test_speed(dicom_factory, tags, rate):
    assert read_radiograph(dicom_factory(FRAMES, **tags)).frame_rate == rate


def test_bytes_swapped_in_words_across_odd_frames(dicom_factory):
    """Big-endian files may keep 8-bit pixels in words (OW): an odd frame ends in half a word."""
    frames = np.stack([np.roll(chest_like(61, 71), 7 * number, 1) for number in range(4)])
    path = dicom_factory(frames, transfer_syntax=ExplicitVRBigEndian)
    ds = pydicom.dcmread(path)
    data = ds.PixelData
    ds["PixelData"].VR = "OW"
    ds.PixelData = np.frombuffer(data + b"\0" * (len(data) % 2), "<u2").astype(">u2").tobytes()
    ds.save_as(path)
    reader = FrameReader(path)
    for number in (3, 0, 1, 2):
        np.testing.assert_array_equal(reader.read(number).pixels, frames[number])


def test_frames_of_floating_point(dicom_factory):
    path = dicom_factory(FRAMES)
    ds = pydicom.dcmread(path)
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, keyword)
    ds.BitsAllocated = 32
    ds.FloatPixelData = (FRAMES / 7).astype("<f4").tobytes()
    ds.save_as(path)
    np.testing.assert_allclose(FrameReader(path).read(3).pixels, FRAMES[3] / 7, rtol=1e-6)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_frame_of_the_real_films_equals_pydicom():
    films = []
    for path in real_files():
        try:
            ds = pydicom.dcmread(path, force=True)
            if int(ds.get("NumberOfFrames", 1) or 1) < 2 or ds.SamplesPerPixel != 1:
                continue
            if ds.PhotometricInterpretation == "PALETTE COLOR":
                continue
            stored = ds.pixel_array
        except Exception:
            continue  # pydicom cannot decode it
        reader = FrameReader(path)
        for number in {0, len(stored) // 2, len(stored) - 1}:
            read = reader.read(number)
            slope, intercept = read.rescale or (1.0, 0.0)
            expected = stored[number] * slope + intercept
            np.testing.assert_allclose(read.pixels, expected, rtol=1e-6, err_msg=path.name)
        films.append(path.name)
    assert len(films) >= 8, films


@pytest.mark.parametrize("bits", [12, 5000, 65535])
def test_a_byte_has_no_more_bits_than_eight_whatever_the_header_says(dicom_factory, bits):
    path = dicom_factory(GREY.astype(np.uint8), transfer_syntax=RLELossless)
    ds = pydicom.dcmread(path)
    ds.BitsStored = bits
    ds.save_as(path)
    (window,) = FrameReader(path).read(0).windows
    assert (window.center, window.width) == (128, 256)
