"""PNG, JPEG and TIFF: every mode against Pillow or the array it came from; damage is told."""

import contextlib
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, png_chunk, write_huge_png
from PIL import Image

from app.core.base.errors import UnreadableImage
from app.core.base.reasons import texts
from app.core.image.display import render
from app.core.image.raster_common import luminance
from app.core.image.reader import read_radiograph

GREY = chest_like()
GREY_16 = GREY.astype(np.uint16) * 16
RGB = np.stack([GREY, np.flipud(GREY), np.fliplr(GREY)], axis=-1)


def save(path: Path, image, fmt: str, **options) -> Path:
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, fmt, **options)
    return path


@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGB", "RGBA", "I;16"])
def test_grey_in_any_clothes_keeps_its_values(tmp_path, fmt, mode):
    image = Image.fromarray(GREY_16) if mode == "I;16" else Image.fromarray(GREY).convert(mode)
    read = read_radiograph(save(tmp_path / "x", image, fmt))
    expected = GREY_16 if mode == "I;16" else np.asarray(Image.fromarray(GREY))
    if mode == "1":
        expected = np.asarray(image).astype(np.uint8) * 255
    np.testing.assert_array_equal(read.pixels, expected)
    assert read.pixels.dtype == expected.dtype
    assert not read.colour
    assert not read.header.is_dicom
    assert read.header.frames == 1
    if mode != "I;16":
        np.testing.assert_array_equal(render(read), expected)


@pytest.mark.parametrize("fmt", ["PNG", "TIFF", "JPEG"])
def test_colour_is_told_and_shown_as_luminance(tmp_path, fmt):
    read = read_radiograph(save(tmp_path / "x", RGB, fmt))
    assert read.colour
    grey = cv2.cvtColor(np.asarray(Image.open(tmp_path / "x").convert("RGB")), cv2.COLOR_RGB2GRAY)
    assert np.abs(read.pixels.astype(int) - grey).max() <= 2


def test_colour_palette_and_16_bit_colour(tmp_path):
    image = Image.fromarray(RGB).quantize(64)
    assert read_radiograph(save(tmp_path / "p.png", image, "PNG")).colour
    deep = RGB[..., ::-1].astype(np.uint16) * 257
    for name in ("x.png", "x.tif"):
        cv2.imwrite(str(tmp_path / name), deep)
        read = read_radiograph(tmp_path / name)
        assert read.colour
        assert read.pixels.dtype == np.uint16
        grey = np.stack([GREY_16] * 3, axis=-1)
        cv2.imwrite(str(tmp_path / name), grey)
        np.testing.assert_array_equal(read_radiograph(tmp_path / name).pixels, GREY_16)


@pytest.mark.parametrize(
    ("change", "colour"),
    [("equal", False), ("noise", False), ("marker", False), ("tint", True), ("patch", True)],
)
def test_what_counts_as_colour(change, colour):
    rgb = np.stack([GREY] * 3, axis=-1)
    if change == "noise":
        noisy = rgb.astype(int) + np.random.default_rng(0).integers(-4, 5, rgb.shape)
        rgb = np.clip(noisy, 0, 255).astype(np.uint8)
    elif change == "marker":
        rgb[:5, :5] = (255, 0, 0)  # 25 of 48,000 pixels
    elif change == "tint":
        rgb[..., 2] = rgb[..., 2] // 2
    elif change == "patch":
        rgb[:20, :20] = (255, 0, 0)
    assert luminance(rgb)[1] is colour
    deep = rgb.astype(np.uint16) * 257
    assert luminance(deep)[1] is colour


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_grey_equals_a_grey_decode(tmp_path, subsampling, progressive):
    options = {"quality": 75, "progressive": progressive}
    path = save(
        tmp_path / "x.jpeg", np.stack([GREY] * 3, -1), "JPEG", subsampling=subsampling, **options
    )
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    assert not read.colour
    grey = save(tmp_path / "g.jpeg", GREY, "JPEG", **options)
    np.testing.assert_array_equal(read_radiograph(grey).pixels, np.asarray(Image.open(grey)))


def test_jpeg_cmyk_and_rgb_colour_space(tmp_path):
    cmyk = read_radiograph(save(tmp_path / "c.jpg", Image.fromarray(RGB).convert("CMYK"), "JPEG"))
    assert cmyk.colour
    grey = Image.fromarray(GREY).convert("RGB").convert("CMYK")
    read = read_radiograph(save(tmp_path / "g.jpg", grey, "JPEG", quality=95))
    assert not read.colour
    assert np.abs(read.pixels.astype(int) - GREY).mean() < 3
    kept = save(tmp_path / "r.jpg", np.stack([GREY] * 3, -1), "JPEG", keep_rgb=True, quality=95)
    read = read_radiograph(kept)
    assert not read.colour
    assert np.abs(read.pixels.astype(int) - GREY).mean() < 3


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "TIFF", "TIFF-LZW"])
@pytest.mark.parametrize("orientation", [2, 3, 6])  # mirrored, upside down, on its side
def test_exif_orientation_is_not_applied(tmp_path, fmt, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    fmt, *lzw = fmt.split("-")
    options = {"compression": "tiff_lzw"} if lzw else {}
    plain = read_radiograph(save(tmp_path / "a", GREY, fmt, **options)).pixels
    turned = read_radiograph(save(tmp_path / "b", GREY, fmt, exif=exif, **options)).pixels
    np.testing.assert_array_equal(turned, plain)


def test_transparency_lies_over_black(tmp_path):
    alpha = np.full_like(GREY, 255)
    alpha[:50] = 0
    alpha[50:60] = 128
    image = Image.fromarray(np.dstack([GREY, alpha]), "LA")
    read = read_radiograph(save(tmp_path / "x.png", image, "PNG"))
    assert read.pixels[:50].max() == 0
    assert np.abs(read.pixels[50:60] - GREY[50:60] * (128 / 255)).max() <= 0.5
    np.testing.assert_array_equal(read.pixels[60:], GREY[60:])
    assert any("black" in step for step in texts(read.steps))


def test_sixteen_bits_get_a_window_from_the_data(tmp_path):
    twelve = read_radiograph(save(tmp_path / "a.png", GREY_16, "PNG"))
    assert twelve.windows[0].width < 4200
    assert render(twelve).std() > 40
    # A file that fills the range is shown as its format says: like its 8-bit twin.
    full = read_radiograph(save(tmp_path / "b.png", GREY.astype(np.uint16) * 257, "PNG"))
    assert np.abs(render(full).astype(int) - GREY).max() <= 1


def test_tiff_odd_types(tmp_path):
    floats = GREY.astype(np.float32) / 255
    floats[0, 0] = np.nan
    read = read_radiograph(save(tmp_path / "f.tif", floats, "TIFF"))
    assert read.pixels.dtype == np.float32
    assert np.isfinite(read.pixels).all()
    assert render(read).std() > 20
    pages = [Image.fromarray(GREY)] * 3
    pages[0].save(tmp_path / "m.tif", save_all=True, append_images=pages[1:])
    assert read_radiograph(tmp_path / "m.tif").header.frames == 3
    white_zero = save(tmp_path / "w.tif", Image.fromarray(GREY_16), "TIFF", tiffinfo={262: 0})
    plain = save(tmp_path / "v.tif", Image.fromarray(GREY_16), "TIFF")
    negative, positive = read_radiograph(white_zero), read_radiograph(plain)
    assert negative.inverted
    assert np.abs(render(negative).astype(int) + render(positive) - 255).max() <= 1


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_tiny_images(tmp_path, fmt, shape):
    read = read_radiograph(save(tmp_path / "x", np.full(shape, 77, np.uint8), fmt))
    assert read.pixels.shape == shape
    assert render(read).shape == shape


ENCODINGS = {
    "png": ("PNG", GREY, {}),
    "png16": ("PNG", GREY_16, {}),
    "jpeg": ("JPEG", GREY, {}),
    "jpeg-rgb": ("JPEG", np.stack([GREY] * 3, -1), {}),
    "jpeg-progressive": ("JPEG", GREY, {"progressive": True}),
    "jpeg-restart": ("JPEG", GREY, {"restart_marker_rows": 2}),
    "tiff": ("TIFF", GREY, {}),
    "tiff-lzw": ("TIFF", GREY, {"compression": "tiff_lzw"}),
    "tiff-deflate": ("TIFF", GREY_16, {"compression": "tiff_deflate"}),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_cut_file_is_never_half_an_image(tmp_path, name):
    fmt, values, options = ENCODINGS[name]
    whole = save(tmp_path / "x", values, fmt, **options).read_bytes()
    expected = read_radiograph(tmp_path / "x").pixels
    for cut in sorted({*range(1, len(whole), max(1, len(whole) // 60)), len(whole) - 1}):
        (tmp_path / "x").write_bytes(whole[:cut])
        if fmt == "TIFF":
            # Its directory may stand before data that nobody needs.
            with contextlib.suppress(UnreadableImage):
                np.testing.assert_array_equal(read_radiograph(tmp_path / "x").pixels, expected)
            continue
        with pytest.raises(UnreadableImage) as caught:
            read_radiograph(tmp_path / "x")
        assert caught.value.expected
        assert caught.value.fix


@pytest.mark.slow
@pytest.mark.parametrize("name", ENCODINGS)
def test_flipped_bytes_raise_nothing_else(tmp_path, name):
    fmt, values, options = ENCODINGS[name]
    whole = save(tmp_path / "x", values, fmt, **options).read_bytes()
    chance = random.Random(name)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            damaged[chance.randrange(min(len(damaged), chance.choice((200, 10**9))))] = (
                chance.randrange(256)
            )
        (tmp_path / "x").write_bytes(damaged)
        try:
            render(read_radiograph(tmp_path / "x"))
        except UnreadableImage:
            if fmt == "PNG":
                continue
        else:
            # Each byte of a PNG is under a check sum.
            assert fmt != "PNG" or bytes(damaged) == whole


@pytest.mark.parametrize("name", ["jpeg", "jpeg-rgb", "jpeg-restart"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_jpeg_whose_data_end_early_but_whose_end_marker_stands(tmp_path, name, share):
    """libjpeg fills the rest with grey and only warns; so does every viewer."""
    fmt, values, options = ENCODINGS[name]
    larger = np.kron(values, np.ones((3, 3, 1) if values.ndim == 3 else (3, 3), np.uint8))
    whole = save(tmp_path / "x.jpg", larger, fmt, **options).read_bytes()
    start = whole.index(b"\xff\xda")
    cut = start + int(share * (len(whole) - start))
    (tmp_path / "x.jpg").write_bytes(whole[:cut].rstrip(b"\xff") + b"\xff\xd9")
    with pytest.raises(UnreadableImage):
        read_radiograph(tmp_path / "x.jpg")


def test_jpeg_overwritten_in_the_middle(tmp_path):
    whole = bytearray(save(tmp_path / "x.jpg", GREY, "JPEG", quality=95).read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 1000] = random.Random(1).randbytes(1000)
    (tmp_path / "x.jpg").write_bytes(whole)
    with pytest.raises(UnreadableImage, match="stray marker"):
        read_radiograph(tmp_path / "x.jpg")


def test_png_with_too_few_rows_but_valid_check_sums(tmp_path):
    rows = b"".join(b"\0" + GREY[row].tobytes() for row in range(100))
    header = struct.pack(">IIBBBBB", GREY.shape[1], GREY.shape[0], 8, 0, 0, 0, 0)
    (tmp_path / "x.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )
    with pytest.raises(UnreadableImage, match="cannot be decoded"):
        read_radiograph(tmp_path / "x.png")


HUGE = """
import sys, time, resource
from pathlib import Path
from app.core.base.errors import UnreadableImage
from app.core.image.reader import read_radiograph
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
try:
    read_radiograph(Path(sys.argv[1]))
except UnreadableImage as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) // 1024)
print(time.perf_counter() - start)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "tif", "jpg"])
def test_20000_by_20000_is_refused_from_the_header(tmp_path, kind):
    path = tmp_path / f"huge.{kind}"
    if kind == "png":
        write_huge_png(path, 20_000)
    elif kind == "tif":
        save(path, Image.new("1", (20_000, 20_000)), "TIFF", compression="group4")
    if kind == "jpg":
        data = bytearray(save(path, GREY, "JPEG").read_bytes())
        place = data.index(b"\xff\xc0") + 5
        data[place : place + 4] = struct.pack(">HH", 20_000, 20_000)
        path.write_bytes(data)
    child = subprocess.run(
        [sys.executable, "-c", HUGE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    said, megabytes, seconds = child.stdout.splitlines()
    assert "20,000 × 20,000" in said
    assert "100 million" in said
    assert int(megabytes) < 100
    assert float(seconds) < 2.0


def test_the_largest_allowed_is_read(tmp_path):
    read = read_radiograph(write_huge_png(tmp_path / "x.png", 6_000))
    assert read.pixels.shape == (6_000, 6_000)


@pytest.mark.slow
@pytest.mark.data
def test_real_training_images(shared_data):
    """Each equals the grey decode of OpenCV, and not one counts as colour."""
    paths = sorted((shared_data / "fullsize").glob("*/*"))
    paths += sorted((shared_data / "kermany-train").glob("*/*"))[::40]
    assert len(paths) > 150
    for path in paths:
        read = read_radiograph(path)
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        np.testing.assert_array_equal(read.pixels, cv2.imread(str(path), flags))
        assert not read.colour
