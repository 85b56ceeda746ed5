"""Small valid image files for tests, made on the spot."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

LOSSLESS_SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
]
"""Transfer syntaxes that ``write_dicom`` can write without a frame of the caller's."""


def chest_like(rows: int = 200, columns: int = 240, seed: int = 7) -> NDArray[np.uint8]:
    """A smooth grey picture with dark lungs; neither constant nor symmetric."""
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    lungs = sum(np.exp(-(((x - cx) / 0.13) ** 2 + ((y - 0.4) / 0.28) ** 2)) for cx in (0.28, 0.68))
    noise = np.random.default_rng(seed).normal(0, 3, (rows, columns))
    return np.clip(200 - 130 * lungs + 20 * x + noise, 0, 255).astype(np.uint8)


def sequence_item(**tags: Any) -> Dataset:
    """An item of a sequence: ``sequence_item(CodeMeaning="Knee")``."""
    item = Dataset()
    for keyword, value in tags.items():
        setattr(item, keyword, value)
    return item


def write_dicom(
    path: Path,
    pixels: NDArray | None = None,
    *,
    transfer_syntax: str = ExplicitVRLittleEndian,
    frame: bytes | None = None,
    preamble: bool = True,
    **tags: Any,
) -> Path:
    """Write a small valid DICOM file.

    Parameters
    ----------
    path
        Where to write.
    pixels
        Stored values: (rows, columns), (frames, rows, columns) or (rows, columns, 3) with
        ``SamplesPerPixel=3``. None for ``chest_like()``. Lossless compressed transfer syntaxes
        are compressed with pydicom's encoders.
    frame
        An already compressed frame, in place of the pixels' own bytes.
    preamble
        Write preamble and meta information, or only the data set.
    tags
        DICOM keywords; a value of None removes the tag.
    """
    values = chest_like() if pixels is None else pixels
    ds = Dataset()
    ds.SOPClassUID = ComputedRadiographyImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID = generate_uid()
    ds.Modality = "CR"
    ds.PatientName = "Secret^Name"
    ds.PatientID = "SECRET-ID"
    ds.BodyPartExamined = "CHEST"
    ds.ViewPosition = "AP"
    ds.PatientAge = "003Y"
    ds.SamplesPerPixel = tags.get("SamplesPerPixel", 1)
    ds.PhotometricInterpretation = "MONOCHROME2" if ds.SamplesPerPixel == 1 else "RGB"
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    shape = values.shape if ds.SamplesPerPixel == 1 else values.shape[:-1]
    ds.Rows, ds.Columns = shape[-2:]
    if len(shape) == 3:
        ds.NumberOfFrames = shape[0]
    bits = 8 * values.dtype.itemsize
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(values.dtype.kind == "i")
    ds.set_original_encoding(
        transfer_syntax == ImplicitVRLittleEndian, transfer_syntax != ExplicitVRBigEndian
    )
    for keyword, value in tags.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    if "BitsStored" in tags and "HighBit" not in tags:
        ds.HighBit = ds.BitsStored - 1
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = tags.get("SOPClassUID") or ds.get("SOPClassUID", "1.2")
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    syntax = ds.file_meta.TransferSyntaxUID.__class__(transfer_syntax)
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    stored = np.ascontiguousarray(values, values.dtype.newbyteorder(order)).tobytes()
    ds.PixelData = stored + b"\0" * (len(stored) % 2)
    ds["PixelData"].VR = "OB" if bits == 8 else "OW"
    if frame is not None:
        ds.PixelData = encapsulate([frame])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
        ds.file_meta.TransferSyntaxUID = syntax
    elif syntax.is_encapsulated:
        # GDCM's RLE encoder aborts the program on an image of odd sides.
        plugin = "pydicom" if syntax == RLELossless else ""
        ds.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
    else:
        ds.file_meta.TransferSyntaxUID = syntax
    if preamble:
        dcmwrite(path, ds, enforce_file_format=True)
        return path
    del ds.file_meta
    dcmwrite(
        path,
        ds,
        implicit_vr=transfer_syntax == ImplicitVRLittleEndian,
        little_endian=transfer_syntax != ExplicitVRBigEndian,
    )
    return path


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One PNG chunk with its length and check sum."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def write_huge_png(path: Path, side: int) -> Path:
    """A black 8-bit PNG of side x side pixels, written row by row: a small file, a large image."""
    deflate = zlib.compressobj(1)
    row = bytes(side + 1)
    data = b"".join(deflate.compress(row) for _ in range(side)) + deflate.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", data)
        + png_chunk(b"IEND", b"")
    )
    return path


_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3, "c": 6}


def write_tiff(path: Path, values: NDArray, channels: int = 1, planes: bool = False) -> None:
    """A plain little-endian TIFF of any dtype; Pillow and OpenCV write few of them."""
    rows, columns = (values.shape[1:] if planes else values.shape)[:2]
    data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    first, strips = 8, channels if planes else 1
    tags = {
        256: [columns],
        257: [rows],
        258: [8 * values.dtype.itemsize] * channels,
        259: [1],
        262: [2 if channels == 3 else 1],
        273: [first + i * len(data) // strips for i in range(strips)],
        277: [channels],
        278: [rows],
        279: [len(data) // strips] * strips,
        284: [2 if planes else 1],
        339: [_SAMPLE_FORMATS[values.dtype.kind]] * channels,
    }
    place = first + len(data)
    directory, beyond = struct.pack("<H", len(tags)), b""
    after = place + 2 + 12 * len(tags) + 4
    for tag, numbers in tags.items():
        packed = struct.pack(f"<{len(numbers)}I", *numbers)
        if len(packed) > 4:
            beyond, packed = beyond + packed, struct.pack("<I", after + len(beyond))
        directory += struct.pack("<HHI", tag, 4, len(numbers)) + packed
    header = b"II*\0" + struct.pack("<I", place)
    path.write_bytes(header + data + directory + bytes(4) + beyond)
