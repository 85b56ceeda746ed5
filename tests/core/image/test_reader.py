"""The reader's edge: whatever lies on the disk, an image or an UnreadableImage comes out."""

import logging
import random
import subprocess
import sys
import threading
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from factories import LOSSLESS_SYNTAXES, chest_like, write_dicom
from PIL import Image
from pydicom.pixels import apply_modality_lut
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
)
from real_dicoms import real_file, real_files

from app.core.base.errors import UnreadableImage
from app.core.image.display import render
from app.core.image.reader import looks_like_image, read_radiograph

GREY_12 = chest_like().astype(np.uint16) * 16


@pytest.mark.slow
@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_every_real_file_is_read_or_told(path):
    try:
        read = read_radiograph(path)
    except UnreadableImage:
        return
    assert render(read).shape == read.pixels.shape
    assert read.pixels.flags.c_contiguous


@pytest.mark.slow
def test_real_values_equal_those_of_pydicom():
    """All grey files that pydicom decodes too, whatever their transfer syntax."""
    syntaxes = set()
    for path in real_files():
        ds = pydicom.dcmread(path, force=True)
        if ds.get("SamplesPerPixel") != 1 or "PixelPaddingValue" in ds:
            continue
        if ds.PhotometricInterpretation.startswith("PALETTE"):
            continue
        if "SharedFunctionalGroupsSequence" in ds:
            continue  # pydicom does not look for the rescale there
        try:
            stored = ds.pixel_array
            expected = apply_modality_lut(stored[0] if stored.ndim == 3 else stored, ds)
        except Exception:
            continue
        np.testing.assert_allclose(read_radiograph(path).pixels, expected, rtol=1e-6)
        syntaxes.add(ds.file_meta.TransferSyntaxUID.name)
    assert len(syntaxes) >= 9, syntaxes


def test_twelve_bit_jpeg_extended():
    """Two lossy copies of a scan that also comes lossless."""
    lossless = read_radiograph(real_file("JPEG-LL.dcm")).pixels.ravel()
    for name in ("JPEG-lossy.dcm", "JPGExtended.dcm"):
        lossy = read_radiograph(real_file(name)).pixels.ravel()
        assert np.corrcoef(lossless, lossy)[0, 1] > 0.98


@pytest.mark.parametrize("syntax", LOSSLESS_SYNTAXES, ids=lambda uid: uid.name)
def test_a_cut_dicom_is_never_half_an_image(tmp_path, syntax):
    path = write_dicom(tmp_path / "x.dcm", GREY_12, transfer_syntax=syntax)
    whole = path.read_bytes()
    for cut in [*range(1, len(whole) - 16, len(whole) // 50), len(whole) - 16]:
        path.write_bytes(whole[:cut])
        with pytest.raises(UnreadableImage):
            read_radiograph(path)


@pytest.mark.slow
@pytest.mark.parametrize("syntax", LOSSLESS_SYNTAXES, ids=lambda uid: uid.name)
def test_flipped_bytes_raise_nothing_else(tmp_path, syntax):
    path = write_dicom(tmp_path / "x.dcm", GREY_12, transfer_syntax=syntax)
    whole = path.read_bytes()
    chance = random.Random(str(syntax))
    for _ in range(120):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            damaged[chance.randrange(chance.choice((1500, len(whole))))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            render(read_radiograph(path))
        except UnreadableImage:
            continue


FUZZ = """
import random, sys
from pathlib import Path
from app.core.base.errors import UnreadableImage
from app.core.image.reader import read_radiograph
whole, path = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
start = whole.index(bytes([255, 216, 255]))
chance = random.Random(5)
read = 0
for _ in range(200):
    damaged = bytearray(whole)
    for _ in range(chance.choice((1, 2, 5))):
        damaged[start + chance.randrange(900)] = chance.choice((0, 255, chance.randrange(256)))
    path.write_bytes(damaged)
    try:
        read_radiograph(path)
        read += 1
    except UnreadableImage:
        pass
print(read)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["JPEG-LL.dcm", "JPEG-lossy.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm"]
)
def test_damaged_jpeg_tables_do_not_end_the_process(tmp_path, name):
    """GDCM crashes on them: in a child, whose exit status would tell."""
    child = subprocess.run(
        [sys.executable, "-c", FUZZ, str(real_file(name)), str(tmp_path / "x.dcm")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.returncode == 0, child.stderr[-2000:]
    assert 0 < int(child.stdout) < 200


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"This is a text, renamed.", "no image"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (b"II*\0", "damaged"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"GIF89a" + bytes(100), "no image"),
        (bytes(5000), "no image"),
        (b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", "without an image"),
    ],
)
@pytest.mark.parametrize("name", ["x.dcm", "x.png", "x"])
def test_no_image_inside(tmp_path, content, word, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableImage, match=word) as caught:
        read_radiograph(tmp_path / name)
    assert caught.value.what
    assert caught.value.expected
    assert caught.value.fix


def test_no_file_at_all(tmp_path):
    with pytest.raises(UnreadableImage, match="no longer there"):
        read_radiograph(tmp_path / "gone.png")
    with pytest.raises(UnreadableImage, match="is a folder"):
        read_radiograph(tmp_path)
    with pytest.raises(UnreadableImage):
        read_radiograph(Path("a\0b.png"))
    with pytest.raises(UnreadableImage):
        read_radiograph(tmp_path / ("x" * 5000))


def test_both_tiff_and_dicom_is_dicom():
    found = next(path for path in real_files() if path.name == "CT_small.dcm")
    assert found.read_bytes()[:4] == b"II*\0"
    assert read_radiograph(found).header.modality == "CT"


def test_looks_like_image(tmp_path):
    Image.fromarray(chest_like()).save(tmp_path / "a", "PNG")
    write_dicom(tmp_path / "b.txt")
    (tmp_path / "c.TIFF").write_bytes(b"")
    (tmp_path / "d.txt").write_bytes(b"words")
    (tmp_path / "e.json").write_bytes(b"{}")
    (tmp_path / "folder").mkdir()
    seen = [looks_like_image(path) for path in sorted(tmp_path.iterdir())]
    assert seen == [True, True, True, False, False, False]
    assert not looks_like_image(tmp_path / "gone")


@pytest.mark.slow
def test_deflate_bomb(tmp_path):
    """Small on disk, without end in memory."""
    path = write_dicom(tmp_path / "x.dcm", transfer_syntax=DeflatedExplicitVRLittleEndian)
    whole = path.read_bytes()
    start = 144 + int.from_bytes(whole[140:144], "little")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 24)
    bomb = b"".join(deflate.compress(zeros) for _ in range(40)) + deflate.flush()
    path.write_bytes(whole[:start] + bomb)
    start_time = time.perf_counter()
    with pytest.raises(UnreadableImage):
        read_radiograph(path)
    assert time.perf_counter() - start_time < 5


def test_a_half_copied_file_that_goes_on_in_zeros_is_told_soon(tmp_path):
    path = write_dicom(tmp_path / "x.dcm", GREY_12)
    whole = path.read_bytes()
    start_time = time.perf_counter()
    after_meta = 144 + int.from_bytes(whole[140:144], "little")
    for kept in (132, after_meta, after_meta + 100):
        path.write_bytes(whole[:kept] + bytes(50_000_000))
        with pytest.raises(UnreadableImage):
            read_radiograph(path)
    assert time.perf_counter() - start_time < 5


def test_nothing_of_the_patient_reaches_messages_logs_or_warnings(tmp_path, caplog, capfd):
    path = write_dicom(
        tmp_path / "x.dcm", GREY_12, transfer_syntax=JPEG2000Lossless, PatientID="SECRET" * 20
    )
    whole = path.read_bytes()
    # Odd values that pydicom warns of, quoting them.
    odd = whole.replace(b"003Y", b"SECR").replace(
        b"1.2.840.10008.5.1.4.1.1.1", b"SECRET.not.a.uid.at.all.x"
    )
    messages: list[str] = []
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for content in (whole, odd, whole[:-5000], whole[:900]):
            path.write_bytes(content)
            try:
                read_radiograph(path)
            except UnreadableImage as error:
                messages.append(str(error).replace(str(tmp_path), ""))
    assert len(messages) >= 2
    assert "secret" not in " ".join(messages).lower()
    assert caught == []
    assert "secret" not in caplog.text.lower()
    streams = capfd.readouterr()
    assert "secret" not in (streams.out + streams.err).lower()


def test_threads_leave_the_warning_filters_as_they_were(tmp_path):
    path = write_dicom(tmp_path / "x.dcm")
    before = list(warnings.filters)
    threads = [
        threading.Thread(target=lambda: [read_radiograph(path) for _ in range(20)])
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
