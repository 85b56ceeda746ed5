"""Small whole files, one of each kind that a reader knows; what is fed is made of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from factories import LOSSLESS_SYNTAXES, chest_like, sequence_item, write_dicom
from jpeg_lossless import lossless_frame
from PIL import Image
from pydicom import Dataset, Sequence
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

GREY = chest_like(36, 40)
WIDE = GREY.astype(np.uint16) * 16


def _picture(kind: str, mode: str = "L", **options: Any) -> bytes:
    file = io.BytesIO()
    picture = Image.fromarray(WIDE) if mode == "I;16" else Image.fromarray(GREY).convert(mode)
    picture.save(file, kind, **options)
    return file.getvalue()


def _lut() -> Dataset:
    item = sequence_item(LUTDescriptor=[256, 0, 16], LUTExplanation="a")
    item.add_new("LUTData", "US", list(range(256)))
    return item


_RICH: dict[str, Any] = {
    "WindowCenter": [100, 120],
    "WindowWidth": [200, 50],
    "RescaleSlope": "2",
    "RescaleIntercept": "-10",
    "PixelPaddingValue": 0,
    "ImagerPixelSpacing": [0.2, 0.2],
    "StudyDate": "20200101",
    "StudyTime": "101010",
    "StudyDescription": "Chest",
    "PatientOrientation": ["L", "F"],
    "SpecificCharacterSet": "ISO_IR 192",
}


def seeds(folder: Path) -> dict[str, bytes]:
    """Name and content of each; the same at each call but for the UIDs' own chance.

    Parameters
    ----------
    folder
        Where files may be made on the way.
    """
    made: dict[str, bytes] = {}
    path = folder / "seed"

    def dicom(name: str, *arguments: Any, **options: Any) -> None:
        uids = {"SOPInstanceUID": "1.2.3.4", "StudyInstanceUID": "1.2.3.5"}
        made[f"dicom {name}"] = write_dicom(path, *arguments, **uids | options).read_bytes()

    for mode in ("L", "RGB", "RGBA", "P", "1", "I;16"):
        made[f"png {mode}"] = _picture("PNG", mode)
    made["jpeg grey"], made["jpeg colour"] = _picture("JPEG"), _picture("JPEG", "RGB")
    made["jpeg progressive"] = _picture("JPEG", progressive=True)
    made["jpeg cmyk"] = _picture("JPEG", "CMYK")
    exif = Image.Exif()
    exif[0x0112] = 6
    made["jpeg exif"] = _picture("JPEG", exif=exif)
    made["tiff raw"], made["tiff 16"] = _picture("TIFF"), _picture("TIFF", "I;16")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        made[f"tiff {compression}"] = _picture("TIFF", compression=compression)
    made["tiff group4"] = _picture("TIFF", "1", compression="group4")
    made["tiff colour"] = _picture("TIFF", "RGB", compression="tiff_lzw")
    made["tiff float"] = _picture("TIFF", "F", compression="tiff_lzw")
    for syntax in LOSSLESS_SYNTAXES:
        dicom(syntax.name, GREY, transfer_syntax=syntax)
        dicom(f"{syntax.name} 16", WIDE, transfer_syntax=syntax, BitsStored=12, **_RICH)
    colours = np.stack([GREY, GREY[::-1], GREY], -1)
    for syntax in (JPEG2000Lossless, JPEGLSLossless):
        dicom(f"{syntax.name} colour", colours, transfer_syntax=syntax, SamplesPerPixel=3)
    dicom("baseline", GREY, transfer_syntax=JPEGBaseline8Bit, frame=made["jpeg grey"])
    dicom("extended", GREY, transfer_syntax=JPEGExtended12Bit, frame=made["jpeg grey"])
    for bits in (8, 10, 12, 16):
        frame = lossless_frame(GREY, bits)
        stored = {"BitsStored": bits, "transfer_syntax": JPEGLosslessSV1}
        dicom(f"lossless {bits}", GREY.astype(np.uint16), frame=frame, **stored)
    overlay = np.packbits(GREY > 100, bitorder="little").tobytes()
    dicom("luts", GREY, VOILUTSequence=Sequence([_lut()]), ModalityLUTSequence=Sequence([_lut()]))
    dicom("frames", np.stack([GREY] * 3), FrameTime="33")
    dicom("no preamble", GREY, preamble=False)
    write_dicom(path, GREY, SOPInstanceUID="1.2.3.4", StudyInstanceUID="1.2.3.5")
    from pydicom import dcmread

    ds = dcmread(path)
    for tag, vr, value in (
        (0x60000010, "US", 36),
        (0x60000011, "US", 40),
        (0x60000050, "SS", [1, 1]),
        (0x60003000, "OW", overlay),
    ):
        ds.add_new(tag, vr, value)
    ds.save_as(path)
    made["dicom overlay"] = path.read_bytes()
    return made
