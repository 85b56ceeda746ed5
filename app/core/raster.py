"""PNG, JPEG and TIFF to a Radiograph: every bit kept, nothing turned, no half image let through.

OpenCV decodes PNG, because Pillow lets a picture whose data end early pass as whole and cuts
16-bit colour to 8. Pillow decodes JPEG, because OpenCV fills what is missing with grey, and
TIFF, because OpenCV turns palettes, 1-bit and white-is-zero pictures over silently.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from app.core.display import auto_window
from app.core.errors import UnreadableImage
from app.core.images import IDENTITY_8_BIT, Header, Radiograph, Window
from app.core.quiet import quiet
from app.core.translation import mark, tr

MAX_PIXELS = 100_000_000
"""A film of 43 cm at 50 micrometres has 74 million; more than this is no radiograph."""

COLOUR_SPREAD = 16 / 255
"""Channels may differ by this share of the range: JPEG and colour profiles tint grey a little."""

COLOUR_SHARE = 0.001
"""A thousandth of the pixels may differ more, such as a small coloured marker."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_ALPHA_STEP = mark("Transparent parts laid over black")
_COLOUR_STEP = mark("Luminance taken from the colour channels")


def raster_format(head: bytes) -> str:
    """``PNG``, ``JPEG`` or ``TIFF`` by the first bytes of a file, else an empty string."""
    if head.startswith(PNG_SIGNATURE):
        return "PNG"
    if head.startswith(JPEG_SIGNATURE):
        return "JPEG"
    return "TIFF" if head.startswith(TIFF_SIGNATURES) else ""


def read_raster(path: Path, data: bytes) -> Radiograph:
    """Decode a whole PNG, JPEG or TIFF file.

    The EXIF orientation is not applied: left and right on a radiograph are told by its marker
    and its reader, and a tag that a photo program wrote may not swap them. Palettes are
    resolved, transparency is laid over black, colour is reduced to luminance
    (``colour`` says whether the channels differed).

    Parameters
    ----------
    path
        Where the data came from, for the error and the result.
    data
        The file's content.

    Returns
    -------
    Radiograph
        uint8 for up to 8 bits a channel, uint16 for up to 16, else int32 or float32.

    Raises
    ------
    UnreadableImage
        For anything that is not a whole, decodable picture of at most ``MAX_PIXELS``.
    """
    kind = raster_format(data[:16])
    decode = {"PNG": _decode_png, "JPEG": _decode_jpeg, "TIFF": _decode_tiff}[kind]
    try:
        with quiet:
            pixels, colour, inverted, frames, steps = decode(path, data)
    except UnreadableImage:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # Decoders raise what they like on damaged data (OSError, SyntaxError, struct.error,
        # KeyError, cv2.error ...): whatever it is, there is no picture.
        raise damaged(path, kind, str(error) or type(error).__name__) from error
    return Radiograph(
        path=path,
        pixels=np.ascontiguousarray(pixels),
        windows=_windows(pixels),
        inverted=inverted,
        header=Header(frames=frames),
        steps=(
            tr("Read {kind}, {number} bits", kind=kind, number=pixels.dtype.itemsize * 8),
            *steps,
        ),
        colour=colour,
    )


def damaged(path: Path, kind: str, reason: str) -> UnreadableImage:
    """The error for a file that begins like an image but does not hold a whole one."""
    return UnreadableImage(
        tr("{path} is damaged or incomplete: {rstrip}.", path=path, rstrip=reason.rstrip(".")),
        tr("A whole {kind} file was expected.", kind=kind),
        tr("Export or copy it again from its source."),
    )


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse a picture too large for memory, by its header alone, before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise UnreadableImage(
            tr(
                "{path} is too large: {width:,} × {height:,} pixels.",
                path=path,
                width=width,
                height=height,
            ),
            tr("At most {number} million pixels are read.", number=MAX_PIXELS // 10**6),
            tr("Export it at a lower resolution."),
        )
    if width < 1 or height < 1:
        raise damaged(
            path, "image", tr("its size is {width} × {height} pixels", width=width, height=height)
        )


def luminance(rgb: NDArray) -> tuple[NDArray, bool]:
    """Reduce (rows, columns, 3) RGB, uint8 or uint16, to grey.

    Returns
    -------
    NDArray
        Shape (rows, columns), same dtype: the channel itself where all are equal, else
        0.299 R + 0.587 G + 0.114 B.
    bool
        Whether it is a colour picture: more than ``COLOUR_SHARE`` of the pixels have channels
        further apart than ``COLOUR_SPREAD``.
    """
    red, green, blue = (np.ascontiguousarray(rgb[..., i]) for i in range(3))
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return red, False
    spread = cv2.subtract(
        cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    ).reshape(red.shape)
    limit = COLOUR_SPREAD * np.iinfo(rgb.dtype).max
    colour = np.count_nonzero(spread > limit) > COLOUR_SHARE * red.size
    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    return grey.reshape(red.shape), bool(colour)


_Decoded = tuple[NDArray, bool, bool, int, tuple[str, ...]]


def _windows(pixels: NDArray) -> tuple[Window, ...]:
    if pixels.dtype == np.uint8:
        return (IDENTITY_8_BIT,)
    auto = auto_window(pixels)
    if pixels.dtype != np.uint16:
        return (auto,)
    # 0 to 65535 is black to white by the format. Many 16-bit files hold 10 to 14 bit values
    # without scaling them, and would be black: there the data say more than the format.
    full = Window(32768.0, 65536.0)
    fills = auto.center + auto.width / 2 > 32768
    return (full, auto) if fills else (auto, full)


def _over_black(values: NDArray, alpha: NDArray) -> tuple[NDArray, tuple[str, ...]]:
    full = np.iinfo(alpha.dtype).max
    if int(alpha.min()) == full:
        return values, ()
    weight = alpha.astype(np.float32) / full
    if values.ndim == 3:
        weight = weight[..., None]
    return np.rint(values * weight).astype(values.dtype), (_ALPHA_STEP,)


def _grey_of(values: NDArray, steps: tuple[str, ...] = ()) -> tuple[NDArray, bool, tuple[str, ...]]:
    """From grey, grey+alpha, RGB or RGBA values to grey."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels in (2, 4):
        values, more = _over_black(values[..., :-1], values[..., -1])
        steps += more
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim == 2:
        return values, False, steps
    grey, colour = luminance(values)
    return grey, colour, (*steps, _COLOUR_STEP) if colour else steps


# PNG


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each chunk, the check sums verified; ends after IEND."""
    view = memoryview(data)
    place = len(PNG_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        if place + 12 > len(data):
            raise ValueError("the file ends before the picture does")
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            raise ValueError("the file ends before the picture does")
        kind = bytes(view[place + 4 : place + 8])
        if zlib.crc32(view[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise ValueError("a check sum does not match")
        yield kind, view[place + 8 : end]
        place = end + 4


def _decode_png(path: Path, data: bytes) -> _Decoded:
    frames = 1
    first = True
    for kind, content in _chunks(data):
        if first:
            if kind != b"IHDR" or len(content) != 13:
                raise ValueError("it does not begin with its header")
            check_size(path, *struct.unpack(">II", content[:8]))
            first = False
        elif kind == b"acTL" and len(content) == 8:
            frames = max(1, struct.unpack(">I", content[:4])[0])
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("its data cannot be decoded")
    if values.ndim == 3 and values.shape[2] >= 3:
        order = (2, 1, 0, 3)[: values.shape[2]]
        values = values[..., order]
    grey, colour, steps = _grey_of(values)
    return grey, colour, False, frames, steps


# JPEG

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SINGLE_SCAN = (b"\xff\xc0", b"\xff\xc1")


class _WholeJpeg(JpegImageFile):
    """A JPEG that knows whether its data reach to its last row.

    libjpeg fills what a cut or overwritten scan leaves out with grey and only warns, and Pillow
    drops the warning. So the end marker is held back until the decoder has eaten everything
    before it: rows that appear only after the end was shown were made up.
    """

    end_at: int | None = None
    rows_from_data: int | None = None

    def load_read(self, read_bytes: int) -> bytes:
        """Hand the decoder its next bytes, stopping once short of the end marker."""
        if self.end_at is not None and self.fp is not None:
            left = self.end_at - self.fp.tell()
            if left > 0:
                return self.fp.read(min(read_bytes, left))
            if self.rows_from_data is None:
                box = self.im.getbbox()
                self.rows_from_data = box[3] if box else 0
        return super().load_read(read_bytes)

    def load(self) -> Any:
        """Decode, and raise OSError when the data ended before the picture."""
        pixel = super().load()
        if self.rows_from_data is not None:
            box = self.im.getbbox()
            # The decoder holds back two rows of the largest coding unit (16 pixels), and the
            # blocks of its last eight bytes: 32 at most, of which narrow pictures have many rows.
            held_back = 32 + 16 * -(-32 * 8 // self.size[0])
            if box and box[3] - self.rows_from_data > held_back:
                raise OSError(tr("the picture's data end before its last row"))
        return pixel


def _scan_end(data: bytes, start: int) -> int | None:
    """Where the end marker of a JPEG with a single scan lies; None for several scans.

    Raises
    ------
    ValueError
        When the compressed data are followed by what cannot follow them.
    """
    found = _MARKER.search(data, start)
    if found is None:
        raise ValueError("the file ends before the picture does")
    marker = data[found.start() + 1]
    if marker == 0xD9:
        return found.start()
    # Tables, another scan, number of lines, restart interval, comment, application data.
    if marker in (0xC4, 0xDA, 0xDB, 0xDC, 0xDD, 0xCC, 0xFE) or 0xE0 <= marker <= 0xEF:
        return None
    raise ValueError(f"its compressed data hold the stray marker FF{marker:02X}")


def _decode_jpeg(path: Path, data: bytes) -> _Decoded:
    picture = _WholeJpeg(io.BytesIO(data))
    check_size(path, *picture.size)
    # Pillow has read up to and including the start of the first scan.
    if picture.fp is not None:
        picture.end_at = _scan_end(data, picture.fp.tell())
    if picture.mode == "L":
        return np.asarray(picture), False, False, 1, ()
    identifiers = tuple(layer[0] for layer in picture.layer)
    stored_as_rgb = picture.info.get("adobe_transform") == 0 or identifiers == (82, 71, 66)
    if picture.mode == "RGB" and not stored_as_rgb:
        # Y is what a grey decode gives, bit for bit; a round trip through RGB is not.
        picture.draft("YCbCr", picture.size)
        ycc = np.asarray(picture)
        grey = np.ascontiguousarray(ycc[..., 0])
        if int(ycc[..., 1:].min()) >= 126 and int(ycc[..., 1:].max()) <= 130:
            return grey, False, False, 1, ()
        _, colour = luminance(np.asarray(picture.convert("RGB")))
        return grey, colour, False, 1, (_COLOUR_STEP,) if colour else ()
    if picture.mode not in ("RGB", "CMYK"):
        raise ValueError(f"its colour mode {picture.mode} is not known")
    grey, colour, steps = _grey_of(np.asarray(picture.convert("RGB")))
    return grey, colour, False, 1, steps


# TIFF

_BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_WHITE_IS_ZERO = 0


class _TiffAsStored(TiffImageFile):
    """A TIFF in the order of its stored rows and columns; Pillow would apply the orientation."""

    def load_end(self) -> None:
        """Leave the rows as they are, in place of turning them."""
        self._size = self.im.size


def _decode_tiff(path: Path, data: bytes) -> _Decoded:
    picture = _TiffAsStored(io.BytesIO(data))
    check_size(path, *picture.size)
    frames = int(getattr(picture, "n_frames", 1))
    picture.seek(0)
    bits = picture.tag_v2.get(_BITS_PER_SAMPLE, (1,))
    mode = picture.mode
    inverted = False
    steps: tuple[str, ...] = ()
    if mode in ("RGB", "RGBA", "RGBX", "CMYK") and max(bits) > 8:
        # Pillow would cut these to 8 bits.
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if values is None or values.ndim != 3:
            raise ValueError("its data cannot be decoded")
        values = values[..., (2, 1, 0, 3)[: values.shape[2]]]
    elif mode == "1":
        values = np.asarray(picture).astype(np.uint8) * np.uint8(255)
    elif mode in ("L", "LA", "RGB", "RGBA"):
        values = np.asarray(picture)
    elif mode in ("P", "PA", "RGBX", "CMYK", "YCbCr", "LAB"):
        values = np.asarray(picture.convert("RGBA" if mode == "PA" else "RGB"))
    elif mode.startswith("I;16") or mode in ("I", "F"):
        values = _native(np.asarray(picture))
        inverted = picture.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        if inverted:
            steps = (tr("Shown inverted (white is zero)"),)
    else:
        raise ValueError(f"its pixel type {mode} is not known")
    grey, colour, steps = _grey_of(values, steps)
    return grey, colour, inverted, frames, steps


def _native(values: NDArray) -> NDArray:
    """Native byte order; floats finite; integers as narrow as they fit."""
    values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.any():
            raise ValueError("it holds no finite value")
        if not finite.all():
            values = np.where(finite, values, values[finite].min())
        return values.astype(np.float32)
    if values.dtype == np.int32:
        low, high = int(values.min()), int(values.max())
        if low >= 0 and high <= 65535:
            return values.astype(np.uint16)
        if low >= -32768 and high <= 32767:
            return values.astype(np.int16)
    return values
