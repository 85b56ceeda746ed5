"""The transfer syntaxes that are read, by the standard that they are of (PS3.5 A.4)."""

from __future__ import annotations

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
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

_PLAIN = (
    *(ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian),
    DeflatedExplicitVRLittleEndian,
)
SUPPORTED = frozenset({*_PLAIN, *MARKED_AS_JPEG, *JPEG_2000, RLELossless})

_NAMES = {
    "1.2.840.113619.5.2": "GE private: Implicit VR Little Endian with big-endian pixel data",
    "1.3.46.670589.33.1.4.1": "Philips private: ELGEMS",
    "1.2.826.0.1.3680043.2.494.1.1": "private: Raw RGB",
    "1.2.840.10008.1.2.1.98": "Encapsulated Uncompressed Explicit VR Little Endian",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}
"""Those that pydicom does not know by name."""


def name_of(syntax: UID) -> str:
    """Its name as the standard or its maker has it, and its UID where no name is known."""
    return _NAMES.get(str(syntax), syntax.name)
