"""PNG, JPEG and TIFF to a Radiograph: every bit kept, nothing turned, no half image let through.

OpenCV decodes PNG, because Pillow lets a picture whose data end early pass as whole and cuts
16-bit colour to 8. Pillow decodes JPEG, because OpenCV fills what is missing with grey, and
TIFF, because OpenCV turns palettes, 1-bit and white-is-zero pictures over silently.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.base.errors import BrokenData, UnreadableImage
from app.core.base.quiet import quiet
from app.core.base.reasons import Reason, caution, phrase, step
from app.core.dicom.jpeg_check import JPEG_LS_FRAME, lacks_data, own_form, without_filling
from app.core.image.display import auto_window
from app.core.image.jpeg_whole import open_jpeg
from app.core.image.radiograph import IDENTITY_8_BIT, Header, Radiograph, Window
from app.core.image.raster_common import (
    BITS_A_CHANNEL,
    COLOUR_STEP,
    LOSSLESS_BITS,
    Decoded,
    check_size,
    damaged,
    decoder_ended,
    grey_of,
    luminance,
    not_supported,
)
from app.core.image.tiff import decode_tiff
from app.core.native.pool import DecoderEnded

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_ORIENTATION = 0x0112

_READ = step("read-picture", "Read {kind}, {number} bits")
_TO_TURN = caution(
    "asks-to-be-turned",
    "The file asks to be turned or mirrored (orientation {number}), which was not done: look "
    "whether the image is upright",
    "The file asks to be turned or mirrored, which was not done: look whether the image is upright",
)
_ENDS_EARLY = phrase("file-ends-early", "the file ends before the picture does")
_GAP = phrase("data-missing-inside", "a part of its data is missing")
_MANY_PARTS = phrase("png-many-parts", "it has more parts than a picture")
_CHECK_SUM = phrase("check-sum", "a check sum does not match")
_NO_HEADER = phrase("no-header-first", "it does not begin with its header")
NOT_DECODED = phrase("data-not-decoded", "its data cannot be decoded")
_COLOUR_MODE = phrase("colour-mode", "its colour mode {mode} is not known")


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
    decode = {"PNG": _decode_png, "JPEG": _decode_jpeg, "TIFF": decode_tiff}[kind]
    try:
        with quiet:
            decoded = decode(path, data)
    except UnreadableImage:
        raise
    except MemoryError:
        raise
    except DecoderEnded as error:
        raise decoder_ended(path, error) from error
    except Exception as error:
        # Decoders raise what they like on damaged data (OSError, SyntaxError, struct.error,
        # KeyError, cv2.error ...): whatever it is, there is no picture.
        raise damaged(path, kind, error) from error
    pixels = decoded.pixels
    return Radiograph(
        path=path,
        pixels=np.ascontiguousarray(pixels),
        windows=_windows(pixels),
        inverted=decoded.inverted,
        header=Header(frames=decoded.frames),
        steps=(_READ(kind=kind, number=pixels.dtype.itemsize * 8), *decoded.steps),
        cautions=(*decoded.cautions, *_told_to_turn(decoded.orientation)),
        colour=decoded.colour,
    )


def _told_to_turn(orientation: int) -> tuple[Reason, ...]:
    """A caution where other programs would show the picture turned or mirrored."""
    if orientation not in range(2, 9):
        return ()
    return (_TO_TURN(number=orientation),)


def _orientation_in(exif: bytes) -> int:
    """The orientation in EXIF data; 1 for none, and for what cannot be read."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        return int(tags.get(_ORIENTATION, 1))
    except Exception:
        return 1


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


# PNG


_CHANNELS = {0: 1, 2: 3, 3: 4, 4: 4, 6: 4}
"""That OpenCV makes of each colour type."""
_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_MOST_CHUNKS = 500_000
_MOST_EXIF = 1 << 16


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Type, content and whole of each chunk, the check sums verified; ends after IEND."""
    view = memoryview(data)
    place = len(PNG_SIGNATURE)
    kind, count = b"", 0
    while kind != b"IEND":
        count += 1
        if count > _MOST_CHUNKS:
            raise BrokenData(_MANY_PARTS())
        if place + 12 > len(data):
            raise BrokenData(_ENDS_EARLY())
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            raise BrokenData(_ENDS_EARLY())
        kind = bytes(view[place + 4 : place + 8])
        if zlib.crc32(view[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise BrokenData(_CHECK_SUM())
        yield kind, view[place + 8 : end], view[place : end + 4]
        place = end + 4


def _decode_png(path: Path, data: bytes) -> Decoded:
    frames = orientation = 1
    first = plain = True
    kept: list[bytes | memoryview] = [PNG_SIGNATURE]
    for kind, content, whole in _chunks(data):
        if kind in _PICTURE:
            kept.append(whole)
        else:
            plain = False
        if first:
            if kind != b"IHDR" or len(content) != 13:
                raise BrokenData(_NO_HEADER())
            width, height, bits, kind_of_colour = struct.unpack(">IIBB", content[:10])
            check_size(path, width, height, _CHANNELS.get(kind_of_colour, 4) * (1 + (bits > 8)))
            first = False
        elif kind == b"acTL" and len(content) == 8:
            frames = max(1, struct.unpack(">I", content[:4])[0])
        elif kind == b"eXIf" and len(content) <= _MOST_EXIF:
            orientation = _orientation_in(bytes(content))
    # The decoder sees the picture alone: no animation, profile or text.
    data = data if plain else b"".join(kept)
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise BrokenData(NOT_DECODED())
    if values.ndim == 3 and values.shape[2] >= 3:
        order = (2, 1, 0, 3)[: values.shape[2]]
        values = values[..., order]
    grey, colour, steps = grey_of(values)
    return Decoded(grey, colour, frames=frames, steps=steps, orientation=orientation)


# JPEG


def _decode_jpeg(path: Path, data: bytes) -> Decoded:
    own = own_form(data)
    if own is not None and own.process == JPEG_LS_FRAME:
        raise not_supported(path, "JPEG", "JPEG-LS")
    if own is not None and own.precision != 8:
        form = LOSSLESS_BITS if own.is_lossless else BITS_A_CHANNEL
        raise not_supported(path, "JPEG", form(bits=own.precision))
    picture, data = open_jpeg(data)
    check_size(path, *picture.size, 1 if picture.mode == "L" else 4)
    if lacks_data(without_filling(data)):
        raise BrokenData(_GAP())
    picture.look_for_end(data)
    orientation = _orientation_in(picture.info.get("exif", b""))
    if picture.mode == "L":
        return Decoded(np.asarray(picture), orientation=orientation)
    identifiers = tuple(layer[0] for layer in picture.layer)
    stored_as_rgb = picture.info.get("adobe_transform") == 0 or identifiers == (82, 71, 66)
    if picture.mode == "RGB" and not stored_as_rgb:
        # Y is what a grey decode gives, bit for bit; a round trip through RGB is not.
        picture.draft("YCbCr", picture.size)
        ycc = np.asarray(picture)
        grey = np.ascontiguousarray(ycc[..., 0])
        if int(ycc[..., 1:].min()) >= 126 and int(ycc[..., 1:].max()) <= 130:
            return Decoded(grey, orientation=orientation)
        del ycc
        rgb = np.asarray(picture.convert("RGB"))
        del picture
        _, colour = luminance(rgb)
        told = (COLOUR_STEP(),) if colour else ()
        return Decoded(grey, colour, steps=told, orientation=orientation)
    if picture.mode not in ("RGB", "CMYK"):
        raise BrokenData(_COLOUR_MODE(mode=picture.mode))
    rgb = np.asarray(picture.convert("RGB"))
    del picture
    grey, colour, steps = grey_of(rgb)
    return Decoded(grey, colour, steps=steps, orientation=orientation)
