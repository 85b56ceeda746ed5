"""Which decoder gets which compressed DICOM frame, and what is checked before it does.

Decoders pad a frame that ends early with grey or black, and half an image is none. GDCM can also
crash the whole program on a frame whose own header contradicts the data set, so it gets only
what no other decoder reads (JPEG Lossless and 12-bit JPEG), and only after a check.
"""

from __future__ import annotations

import io

import gdcm
from pydicom.pixels.decoders.base import (
    DecodeRunner,
    JPEGBaseline8BitDecoder,
    JPEGExtended12BitDecoder,
)
from pydicom.pixels.decoders.pillow import _decode_frame as decode_by_pillow
from pydicom.uid import UID, JPEGBaseline8Bit, JPEGExtended12Bit, RLELossless

from app.core.jpeg_check import frame_size, parse_frame
from app.core.jpeg_whole import WholeJpeg
from app.core.transfer_syntaxes import JPEG_2000, JPEG_LOSSLESS, JPEG_LS

_PLUGINS = {
    **dict.fromkeys(JPEG_LOSSLESS, "gdcm"),
    **dict.fromkeys(JPEG_LS, "pyjpegls"),
    **dict.fromkeys(JPEG_2000, "pylibjpeg"),
}
_GDCM = JPEG_LOSSLESS | {JPEGExtended12Bit}
_TRAILER_BYTES = 64
_OUR_PLUGIN = "opacity"

# What pydicom asks a plugin module for.
DECODER_DEPENDENCIES = {
    JPEGExtended12Bit: ("gdcm>=3.0.24",),
    JPEGBaseline8Bit: ("pillow",),
}

# GDCM would write to the terminal what the error says anyhow.
gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()


def plugin_for(syntax: UID) -> str:
    """The name of the pydicom plugin for a transfer syntax; empty where pydicom may choose."""
    ours = _OURS.get(syntax)
    if ours is None:
        return _PLUGINS.get(syntax, "")
    decoder, decode = ours
    if _OUR_PLUGIN not in decoder.available_plugins:
        decoder.add_plugin(_OUR_PLUGIN, (__name__, decode.__name__))
    return _OUR_PLUGIN


def check_frame(
    frame: bytes, syntax: UID, shape: tuple[int, int, int], bits_allocated: int
) -> None:
    """Check a compressed frame before it is decoded.

    Parameters
    ----------
    frame
        The compressed frame.
    syntax
        Its transfer syntax.
    shape
        Rows, columns and samples a pixel, as the data set tells them.
    bits_allocated
        Of the data set.

    Raises
    ------
    ValueError
        When it lacks its end marker, or when it is not of the size and number of channels that
        the data set tells: its pixels would fall into rows of another length.
    """
    if syntax == RLELossless:
        return  # pydicom counts its bytes
    if b"\xff\xd9" not in frame[-_TRAILER_BYTES:]:
        raise ValueError("the frame has no end marker")
    size = frame_size(frame)
    if size is not None and size != shape:
        raise ValueError("the frame's own size is another than the header's")
    if syntax in _GDCM:
        parsed = parse_frame(frame)
        if parsed.precision > bits_allocated or parsed.lossless == (syntax == JPEGExtended12Bit):
            raise ValueError("the frame is of another kind than the header says")


def is_available(uid: str) -> bool:
    """Asked by pydicom: whether the plugin in this module decodes a transfer syntax."""
    return uid in (JPEGBaseline8Bit, JPEGExtended12Bit)


def decode_8_bit(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Decode one JPEG frame of 8 bits, called by pydicom; a grey one must be whole.

    Raises
    ------
    OSError
        When the data end before the picture or go on after it.
    """
    picture = WholeJpeg(io.BytesIO(src))
    if picture.mode != "L":
        return decode_by_pillow(src, runner)
    picture.look_for_end(src)
    runner.set_option("bits_allocated", 8)
    return picture.tobytes()


def decode_extended(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Decode one JPEG Extended frame, of 8 or 12 bits, called by pydicom."""
    return decode_8_bit(src, runner) if runner.bits_stored <= 8 else decode_12_bit(src, runner)


_OURS = {
    JPEGBaseline8Bit: (JPEGBaseline8BitDecoder, decode_8_bit),
    JPEGExtended12Bit: (JPEGExtended12BitDecoder, decode_extended),
}


def decode_12_bit(src: bytes, runner: DecodeRunner) -> bytes:
    """Decode one 12-bit greyscale JPEG frame, called by pydicom.

    pydicom 3.0 refuses these because GDCM once failed on them; GDCM 3.2 decodes the two that come
    with pydicom. The only other decoder is under the GPL.

    Returns
    -------
    bytes
        Little-endian 16-bit values, rows by columns.

    Raises
    ------
    ValueError
        When the frame is not 12-bit greyscale or GDCM cannot decode it.
    """
    bits = runner.bits_stored
    if runner.samples_per_pixel != 1 or not 8 < bits <= 12:
        raise ValueError("not a 12-bit greyscale frame")
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(src)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    syntax = gdcm.TransferSyntax.GetTSType(str.__str__(JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, runner.pixel_representation))
    buffer = image.GetBuffer()
    if buffer is None:
        raise ValueError("GDCM cannot decode the frame")
    runner.set_option("bits_allocated", 16)
    # GDCM hands its bytes over as text.
    frame: bytes = buffer.encode("utf-8", "surrogateescape")
    return frame
