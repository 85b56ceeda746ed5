"""The compressions of DICOM pixel data by the standard that they are of (PS3.5 A.4)."""

from __future__ import annotations

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

JPEG_LOSSLESS = frozenset({JPEGLossless, JPEGLosslessSV1})
JPEG_LS = frozenset({JPEGLSLossless, JPEGLSNearLossless})
JPEG_2000 = frozenset({JPEG2000, JPEG2000Lossless, HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL})
MARKED_AS_JPEG = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, *JPEG_LOSSLESS, *JPEG_LS})
"""Those whose frames are built of JPEG's markers (ISO 10918-1 B.1.1.3), JPEG-LS among them."""
KEEPS_ALL_BITS = JPEG_LOSSLESS | {
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    RLELossless,
}
"""Those without loss: bits beside the value's own come back as they were stored, too."""
