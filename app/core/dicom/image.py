"""DICOM to a Radiograph: decoding, Modality LUT or rescale, and the windows to choose from.

Order (PS3.4 N.2): stored values, Modality LUT or rescale (done here), then VOI LUT or window and
the inversion of MONOCHROME1 (noted here, done once, in ``app.core.image.display``).
"""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

from app.core.base.ages import doubt_reason
from app.core.base.errors import UnreadableImage
from app.core.base.limits import MOST_BYTES, TooMuch, too_much
from app.core.base.quiet import quiet
from app.core.base.reasons import Reason, caution, phrase, step, unreadable
from app.core.dicom.bits import values_of
from app.core.dicom.file import PIXEL_KEYWORDS, plain_file
from app.core.dicom.frame_data import PixelData
from app.core.dicom.header import (
    RADIOGRAPHS,
    for_processing,
    frame_count,
    frame_rate,
    header_of,
    spacing_of,
)
from app.core.dicom.orientation import turn_cautions, turn_steps
from app.core.dicom.overlays import overlays_of
from app.core.dicom.parse import parse_mended
from app.core.dicom.polarity import inverted
from app.core.dicom.repair import end_of_meta
from app.core.dicom.shutter import shutter_of
from app.core.dicom.text import numbers, text
from app.core.dicom.transfer_syntaxes import SUPPORTED, name_of
from app.core.dicom.values import modality_values, padding_of, unsigned
from app.core.dicom.windows import DisplayOptions, full_range, has_windows, view_of
from app.core.image.missing import missing_part
from app.core.image.radiograph import Radiograph
from app.core.image.raster_common import COLOUR_STEP, check_size, damaged, decoder_ended, luminance
from app.core.native.pool import DecoderEnded

_WHOLE_FILE_BYTES = MOST_BYTES
_HEAD_BYTES = 1 << 16
_RESOLVED_BYTES = 6
"""Of a pixel of a palette: three colours of 16 bits."""
_SINGLE_BYTES = 4
"""Of a value in single precision, which a fractional slope makes of each."""

# A caution and no refusal: some machines mark finished images so, and the reader sees which it is.
_RAW = caution(
    "for-processing",
    "The image is raw detector data (For Processing), not made for display; its grey values may "
    "be unlike a radiograph's",
)

_LONGER = caution(
    "more-pixel-data",
    "The file holds more pixel data than its header says: rows may be missing, or the image may be "
    "sheared",
)
_HEADER = phrase("header-cannot-be-read", "its header cannot be read")
_PIXELS = phrase("pixels-not-decoded", "its pixel data cannot be decoded ({name})")
_ONE_FRAME = phrase("frame-not-decoded", "frame {number} of {frames} cannot be decoded ({name})")
_SYNTAX = unreadable(
    "transfer-syntax-not-supported",
    "{path} is stored in a transfer syntax that is not supported ({name}).",
    "The transfer syntax is not supported ({name}).",
    "Uncompressed values, JPEG, JPEG Lossless, JPEG-LS, JPEG 2000 or RLE were expected.",
    "Export it again as an uncompressed DICOM, or as JPEG Lossless or JPEG 2000.",
)
_DICOMDIR = unreadable(
    "dicomdir",
    "{path} is a DICOMDIR, the table of contents of a disc.",
    "It is a DICOMDIR, the table of contents of a disc.",
    "An image file was expected.",
    "Open the folder that it lies in.",
)
_WITHOUT_IMAGE = unreadable(
    "dicom-without-image",
    "{path} is a DICOM file without an image.",
    "It is a DICOM file without an image.",
    "An object with Rows, Columns and Pixel Data was expected.",
    "Choose the image itself; reports and plans cannot be shown.",
)
_READ = step("read-dicom", "Read DICOM, {name}")
_FIRST = step("first-frame", "First of {frames} frames")
_FRAME = step("one-frame", "Frame {number} of {frames}")
_PALETTE = step("palette-resolved", "Palette resolved")
_PADDING = step("padding-black", "Padding shown black")
_INVERTED = step("inverted-monochrome1", "Shown inverted (MONOCHROME1)")
_META_LENGTH = step("meta-length-wrong", "A wrong length of the meta information passed over")

# What pydicom logs quotes the values that it stumbles over: patient data do not go to logs.
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


def read_dicom(path: Path, file: BinaryIO) -> Radiograph:
    """Read the first frame of a DICOM object.

    Parameters
    ----------
    path
        Where the file is, for the error and the result.
    file
        The open file, at its start.

    Returns
    -------
    Radiograph
        Pixels are modality values in the narrowest dtype that holds them: the stored dtype where
        there is no rescale, an integer one where slope and intercept are whole, else float32.

    Raises
    ------
    UnreadableImage
        For anything without a whole, decodable frame. Nothing of the header is quoted.
    """
    if file.seek(0, 2) <= _WHOLE_FILE_BYTES:
        # One read is what a network drive does best.
        file.seek(0)
        file = BytesIO(file.read())
    return DicomImage(path, file).read(file, 0)


class DicomImage:
    """A DICOM image whose header has been read, and whose frames are read when asked for.

    Parameters
    ----------
    path
        Where the file is, for errors and results.
    file
        The open file.

    Raises
    ------
    UnreadableImage
        When the header cannot be read or is none of an image.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._notes: list[Reason] = []
        with quiet:
            try:
                self._ds, self._pixels, self._content = _opened(file, self._notes)
            except MemoryError:
                raise
            except TooMuch as error:
                raise too_much(path) from error
            except Exception as error:
                raise damaged(path, "DICOM", _HEADER()) from error
            _check_holds_image(path, self._ds)
            self.frames = frame_count(self._ds)
            self.has_windows = has_windows(self._ds)

    def read(self, file: BinaryIO, frame: int) -> Radiograph:
        """Read a frame, counted from 0, out of the file, opened anew or still open.

        Raises
        ------
        UnreadableImage
            When this frame is missing or damaged; others may be whole.
        """
        with quiet:
            ds = self._ds
            steps = [_READ(name=name_of(_syntax_of(ds))), *self._notes]
            if self.frames > 1 and frame == 0:
                steps.append(_FIRST(frames=self.frames))
            elif self.frames > 1:
                steps.append(_FRAME(number=frame + 1, frames=self.frames))
            cautions: list[Reason] = []
            source = self._content or file
            stored, words = self._decode(source, frame, steps, cautions)
            return _radiograph(self.path, ds, stored, words, frame, steps, cautions)

    def _decode(
        self, file: BinaryIO, frame: int, steps: list[Reason], cautions: list[Reason]
    ) -> tuple[NDArray, NDArray | None]:
        """The stored values, and the words with their other bits where those hold anything."""
        syntax = _syntax_of(self._ds)
        if syntax not in SUPPORTED:
            raise _not_supported(self.path, syntax)
        try:
            if self._pixels is None:
                raise ValueError("no pixel data")
            pixels = self._pixels
            stored = pixels.decode(file, frame)
            if pixels.spare_bytes(file) >= stored.values[0].nbytes:
                cautions.append(_LONGER())
            values, words = values_of(self._ds, stored, steps, cautions)
            missing = None
            if self.frames == 1 and text(self._ds, "Modality").upper() in (*RADIOGRAPHS, ""):
                missing = missing_part(stored.values, padding_of(self._ds, values))
        except MemoryError:
            raise
        except TooMuch as error:
            raise too_much(self.path) from error
        except DecoderEnded as error:
            raise decoder_ended(self.path, error) from error
        except NotImplementedError as error:
            raise _not_supported(self.path, syntax) from error
        except Exception as error:
            what = _PIXELS(name=name_of(syntax))
            if self.frames > 1:
                what = _ONE_FRAME(number=frame + 1, frames=self.frames, name=name_of(syntax))
            raise damaged(self.path, "DICOM", what) from error
        if missing is not None:
            if missing.is_certain and values.ndim == 2:
                raise damaged(self.path, "DICOM", missing.phrase)
            cautions.append(missing.caution)
        return values, words


def _not_supported(path: Path, syntax: UID) -> UnreadableImage:
    return UnreadableImage(_SYNTAX(path=str(path), name=name_of(syntax)))


def _radiograph(
    path: Path,
    ds: Dataset,
    stored: NDArray,
    words: NDArray | None,
    frame: int,
    steps: list[Reason],
    cautions: list[Reason],
) -> Radiograph:
    colour, units, rescale = False, "", None
    photometric = text(ds, "PhotometricInterpretation").upper()
    if photometric.startswith("PALETTE"):
        stored, palette = apply_color_lut(stored, ds), _PALETTE()
        steps.append(palette)
    grey = stored.ndim == 2
    overlays = overlays_of(ds, stored.shape[:2], words, frame, steps)
    if not grey:
        stored, colour = luminance(unsigned(stored))
        steps.append(COLOUR_STEP())
        pixels, padding = stored, None
    else:
        padding = padding_of(ds, stored)
        pixels, units, rescale = modality_values(ds, stored, frame, steps, cautions)
    low_is_bright = inverted(ds, cautions)
    spacing = spacing_of(ds)
    shutter = shutter_of(ds, stored.shape[:2], spacing, frame, steps, cautions)
    if padding is not None:
        real = pixels[~padding]
        pixels = pixels.copy()
        pixels[padding] = real.max() if low_is_bright else real.min()
        steps.append(_PADDING())
    else:
        real = pixels
    if shutter is not None:
        real = pixels[~(shutter.mask if padding is None else shutter.mask | padding)]
    if low_is_bright:
        steps.append(_INVERTED())
    if grey:
        view = view_of(ds, pixels, real, steps, cautions, frame)
    else:
        view = DisplayOptions((full_range(pixels),))
    if for_processing(ds):
        cautions.append(_RAW())
    header = header_of(ds)
    if header.age_doubt:
        steps.append(doubt_reason(header.age_doubt))
    steps += turn_steps(header.patient_orientation)
    cautions += turn_cautions(header.patient_orientation)
    return Radiograph(
        path=path,
        pixels=np.ascontiguousarray(pixels),
        windows=view.windows,
        voi_luts=view.voi_luts,
        rescue=view.rescue,
        inverted=low_is_bright,
        spacing=spacing,
        header=header,
        steps=tuple(steps),
        cautions=tuple(cautions),
        colour=colour,
        overlays=overlays,
        shutter=shutter,
        units=units,
        rescale=rescale,
        frame=frame,
        frame_rate=frame_rate(ds),
    )


# Getting at the stored values


def _opened(
    file: BinaryIO, notes: list[Reason]
) -> tuple[Dataset, PixelData | None, BinaryIO | None]:
    """The header, where the pixels lie, and what to read them from in place of the file.

    What was passed over is added to the notes, in words.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    start = end_of_meta(head) if head[128:132] == b"DICM" else 0
    if head[132:136] == b"\2\0\0\0" and int.from_bytes(head[140:144], "little") + 144 != start:
        notes.append(_META_LENGTH())
    file.seek(start)
    if head[132:140] == bytes(8) or file.read(8) == bytes(8):
        # pydicom would read the zeros as a command set, however many there are.
        raise ValueError("zeros in place of a header")
    plain = plain_file(file)
    ds, place = parse_mended(plain, notes)
    if plain is not file:
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    pixels = None
    if place is not None:
        keyword = PIXEL_KEYWORDS[place.tag]
        pixels = PixelData(ds, _syntax_of(ds), keyword, place.vr, place.start, place.length)
    return ds, pixels, None if plain is file else plain


def _syntax_of(ds: Dataset) -> UID:
    return UID(ds.file_meta.TransferSyntaxUID)


def _check_holds_image(path: Path, ds: Dataset) -> None:
    if text(ds.file_meta, "MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise UnreadableImage(_DICOMDIR(path=str(path)))
    rows, columns = (int((numbers(ds, name) or (0,))[0]) for name in ("Rows", "Columns"))
    if not (rows and columns):
        raise UnreadableImage(_WITHOUT_IMAGE(path=str(path)))
    samples, allocated = (
        int((numbers(ds, name) or (1,))[0]) for name in ("SamplesPerPixel", "BitsAllocated")
    )
    each = max(1, samples) * max(1, allocated // 8)
    if text(ds, "PhotometricInterpretation").upper().startswith("PALETTE"):
        each += _RESOLVED_BYTES
    if not all(value.is_integer() for value in numbers(ds, "RescaleSlope") or ()):
        each += _SINGLE_BYTES
    check_size(path, columns, rows, each)
