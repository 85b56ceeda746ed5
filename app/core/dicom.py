"""DICOM to a Radiograph: decoding, Modality LUT or rescale, and the windows to choose from.

Order (PS3.4 N.2): stored values, Modality LUT or rescale (done here), then VOI LUT or window and
the inversion of MONOCHROME1 (noted here, done once, in ``app.core.display``).
"""

from __future__ import annotations

import logging
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.filereader import read_partial
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.pixels.utils import pixel_array
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

from app.core.decoders import check_frame, first_frame, plugin_for
from app.core.dicom_header import (
    for_processing,
    frame_count,
    header_of,
    in_frame,
    items,
    numbers,
    spacing_of,
    text,
)
from app.core.dicom_windows import default_view, full_range
from app.core.errors import UnreadableImage
from app.core.images import Radiograph
from app.core.quiet import quiet
from app.core.raster import check_size, damaged, luminance

_WHOLE_FILE_BYTES = 256 << 20
_INFLATED_BYTES = 1 << 29
_MAX_ELEMENTS = 20_000
_PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_BYTE_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
_VALUE_REPRESENTATIONS = frozenset(
    b"AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR "
    b"US UT UV".split()
)

# A caution and no refusal: some machines mark finished images so, and the reader sees which it is.
_RAW = (
    "The image is raw detector data (For Processing), not made for display; its grey values may "
    "be unlike a radiograph's"
)

# What pydicom logs quotes the values that it stumbles over: patient data do not go to logs.
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


def looks_like_dicom(head: bytes) -> bool:
    """Whether the first bytes of a file are DICOM, with the preamble or without it."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 8:
        return False
    for order in _BYTE_ORDERS:
        group = int.from_bytes(head[:2], order)
        element = int.from_bytes(head[2:4], order)
        if group not in (0x0002, 0x0008) or element > 0x0070:
            continue
        length = int.from_bytes(head[4:8], order)
        if head[4:6] in _VALUE_REPRESENTATIONS or length <= 256:
            return True
    return False


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
    with quiet:
        ds, stored, steps = _first_frame(path, file)
        colour = False
        photometric = text(ds, "PhotometricInterpretation").upper()
        if photometric.startswith("PALETTE"):
            stored, palette = apply_color_lut(stored, ds), "Palette resolved"
            steps.append(palette)
        grey = stored.ndim == 2
        if not grey:
            stored, colour = luminance(_unsigned(stored))
            steps.append("Luminance taken from the colour channels")
            pixels, padding = stored, None
        else:
            padding = _padding(ds, stored)
            pixels = _modality_values(ds, stored, steps)
        inverted = photometric == "MONOCHROME1" or text(ds, "PresentationLUTShape") == "INVERSE"
        if padding is not None:
            real = pixels[~padding]
            pixels = pixels.copy()
            pixels[padding] = real.max() if inverted else real.min()
            steps.append("Padding shown black")
        else:
            real = pixels
        if inverted:
            steps.append("Shown inverted (MONOCHROME1)")
        cautions: list[str] = []
        if grey:
            windows, voi_lut = default_view(ds, pixels, real, steps, cautions)
        else:
            windows, voi_lut = (full_range(pixels),), None
        if for_processing(ds):
            cautions.append(_RAW)
        return Radiograph(
            path=path,
            pixels=np.ascontiguousarray(pixels),
            windows=windows,
            voi_lut=voi_lut,
            inverted=inverted,
            spacing=spacing_of(ds),
            header=header_of(ds),
            steps=tuple(steps),
            cautions=tuple(cautions),
            colour=colour,
        )


# Getting at the stored values


def _first_frame(path: Path, file: BinaryIO) -> tuple[Dataset, NDArray, list[str]]:
    try:
        whole, ds = _data_set(file)
    except MemoryError:
        raise
    except Exception as error:
        raise damaged(path, "DICOM", "its header cannot be read") from error
    syntax = _transfer_syntax(ds)
    _check_holds_image(path, ds, syntax)
    steps = [f"Read DICOM, {syntax.name}"]
    if frame_count(ds) > 1:
        steps.append(f"First of {frame_count(ds)} frames")
    bits_stored = int((numbers(ds, "BitsStored") or (0,))[0])
    plugin = plugin_for(syntax, bits_stored)
    try:
        if whole:
            if syntax.is_encapsulated:
                frame = first_frame(ds, frame_count(ds))
                shape = (int(ds.Rows), int(ds.Columns), int(ds.SamplesPerPixel))
                check_frame(frame, syntax, shape, int(ds.BitsAllocated))
            stored = get_decoder(syntax).as_array(ds, index=0, raw=False, decoding_plugin=plugin)[0]
        else:
            stored = pixel_array(
                file, index=0, raw=False, decoding_plugin=plugin, transfer_syntax_uid=syntax
            )
    except MemoryError:
        raise
    except NotImplementedError as error:
        raise UnreadableImage(
            f"{path} is stored in a form that cannot be decoded ({syntax.name}).",
            "An image object was expected, not a film or a document.",
            "Export it again as an uncompressed DICOM, or as JPEG Lossless or JPEG 2000.",
        ) from error
    except Exception as error:
        raise damaged(path, "DICOM", f"its pixel data cannot be decoded ({syntax.name})") from error
    # Big-endian files give big-endian arrays.
    return ds, stored.astype(stored.dtype.newbyteorder("="), copy=False), steps


def _data_set(file: BinaryIO) -> tuple[bool, Dataset]:
    """The data set, and whether its pixel data were read along."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > _WHOLE_FILE_BYTES:
        # Most likely many frames, of which one will be decoded.
        return False, _parse(file, before_pixels=True)
    content = file.read()
    after_meta = 144 + int.from_bytes(content[140:144], "little")
    if any(content[start : start + 8] == bytes(8) for start in (132, after_meta)):
        # pydicom would read the zeros as a command set, however many there are.
        raise ValueError("zeros in place of a header")
    if DeflatedExplicitVRLittleEndian.encode() in content[:1024]:
        _check_inflated_size(content)
    return True, _parse(BytesIO(content), before_pixels=False)


def _parse(file: BinaryIO, *, before_pixels: bool) -> Dataset:
    """Like ``dcmread(force=True)``, but a file that goes on in zeros does not take minutes.

    Eight zero bytes are an empty element to pydicom, and a half-copied file has millions.
    """
    elements = 0

    def stop(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        nonlocal elements
        elements += 1
        if elements > _MAX_ELEMENTS:
            raise ValueError("more elements than a header has")
        return before_pixels and tag in _PIXEL_TAGS

    return read_partial(file, stop_when=stop, force=True)


def _check_inflated_size(content: bytes) -> None:
    """Refuse a deflated file that would fill the memory, before pydicom inflates it whole."""
    meta_length = int.from_bytes(content[140:144], "little")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, inflated = content[144 + meta_length :], 0
    while rest and not inflate.eof:
        inflated += len(inflate.decompress(rest, 1 << 24))
        rest = inflate.unconsumed_tail
        if inflated > _INFLATED_BYTES:
            raise ValueError("inflates without end")
    if not inflate.eof:
        raise ValueError("the deflated data end early")


def _transfer_syntax(ds: Dataset) -> UID:
    """The transfer syntax, from the encoding that pydicom found where no meta information is."""
    meta = getattr(ds, "file_meta", None)
    if meta is not None and text(meta, "TransferSyntaxUID"):
        return UID(text(meta, "TransferSyntaxUID"))
    implicit, little = ds.original_encoding
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian


def _check_holds_image(path: Path, ds: Dataset, syntax: UID) -> None:
    meta = getattr(ds, "file_meta", None)
    if meta is not None and text(meta, "MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise UnreadableImage(
            f"{path} is a DICOMDIR, the table of contents of a disc.",
            "An image file was expected.",
            "Open the folder that it lies in.",
        )
    rows, columns = (int((numbers(ds, name) or (0,))[0]) for name in ("Rows", "Columns"))
    if not (rows and columns):
        raise UnreadableImage(
            f"{path} is a DICOM file without an image.",
            "An object with Rows, Columns and Pixel Data was expected.",
            "Choose the image itself; reports and plans cannot be shown.",
        )
    check_size(path, columns, rows)
    ds_meta = meta if meta is not None else pydicom.dataset.FileMetaDataset()
    ds_meta.TransferSyntaxUID = syntax
    ds.file_meta = ds_meta


# From stored values to modality values


def _unsigned(values: NDArray) -> NDArray:
    if values.dtype in (np.uint8, np.uint16):
        return values
    top = max(int(values.max()), 1)
    return (np.clip(values, 0, None) / top * 65535).astype(np.uint16)


def _padding(ds: Dataset, stored: NDArray) -> NDArray[np.bool_] | None:
    """Which pixels are padding (PixelPaddingValue, PixelPaddingRangeLimit); None for none.

    All pixels or none being padding gives None: then the tag tells nothing.
    """
    value = numbers(ds, "PixelPaddingValue")
    if not value:
        return None
    limit = numbers(ds, "PixelPaddingRangeLimit") or value
    low, high = sorted((_as_stored(value[0], stored), _as_stored(limit[0], stored)))
    mask: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return mask if mask.any() and not mask.all() else None


def _as_stored(value: float, stored: NDArray) -> float:
    # Many writers give a negative padding value with VR US.
    if stored.dtype.kind == "i" and value > np.iinfo(stored.dtype).max:
        return value - 2.0 ** (8 * stored.dtype.itemsize)
    return value


def _modality_values(ds: Dataset, stored: NDArray, steps: list[str]) -> NDArray:
    if items(ds, "ModalityLUTSequence"):
        steps.append("Modality LUT")
        return _narrow(apply_modality_lut(stored, ds))
    where = in_frame(ds, "PixelValueTransformationSequence", "RescaleSlope")
    slope = (numbers(where, "RescaleSlope") or (1.0,))[0]
    intercept = (numbers(where, "RescaleIntercept") or (0.0,))[0]
    if slope == 0 or (slope, intercept) == (1.0, 0.0):
        return _narrow(stored)
    steps.append(f"Rescaled: value × {slope:g} + {intercept:g}")
    values = stored * np.float64(slope) + intercept
    if slope.is_integer() and intercept.is_integer():
        return _narrow(values.astype(np.int64))
    return values.astype(np.float32)


def _narrow(values: NDArray) -> NDArray:
    """uint8, int16 and uint16 stay; other integers become the narrowest that holds them."""
    if values.dtype in (np.uint8, np.int16, np.uint16):
        return values
    if values.dtype.kind in "iub":
        low, high = int(values.min()), int(values.max())
        for dtype in (np.int16, np.uint16, np.int32):
            info = np.iinfo(dtype)
            if info.min <= low and high <= info.max:
                return values.astype(dtype)
    single = values.astype(np.float32)
    finite = np.isfinite(single)
    if finite.all():
        return single
    if not finite.any():
        raise ValueError("no finite value")
    return np.where(finite, single, single[finite].min())
