"""The one way from a compressed DICOM frame to its values, and what is checked on it.

A frame is decoded by what it says of itself: its own precision, and not the data set's, is what
the decoders are told, so that the two cannot contradict each other there (``app.core.dicom.bits``
compares them afterwards). Decoders pad a frame that ends early with grey or black, and half an
image is none. They can also crash on a damaged frame: all but Pillow's JPEG run in a process of
their own (``app.core.native.pool``), and GDCM gets JPEG only after a check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gdcm
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import (
    DecodeRunner,
    JPEGBaseline8BitDecoder,
    JPEGExtended12BitDecoder,
    get_decoder,
)
from pydicom.pixels.decoders.pillow import _decode_frame as decode_by_pillow
from pydicom.uid import (
    JPEG2000,
    UID,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from app.core.base.reasons import Reason, step
from app.core.dicom.jpeg_check import (
    JPEG_2000_FRAME,
    JPEG_LS_FRAME,
    OwnForm,
    lacks_data,
    own_form,
    parse_frame,
    without_filling,
)
from app.core.dicom.transfer_syntaxes import JPEG_2000, JPEG_LOSSLESS, JPEG_LS, KEEPS_ALL_BITS
from app.core.image.jpeg_whole import open_jpeg
from app.core.native.pool import native_pool

_OURS, _GDCM = "opacity", "gdcm"
_PLUGINS = {
    JPEGBaseline8Bit: (_OURS,),
    JPEGExtended12Bit: (_OURS,),
    **dict.fromkeys(JPEG_LOSSLESS, (_GDCM,)),
    **dict.fromkeys(JPEG_LS, ("pyjpegls", _GDCM)),
    **dict.fromkeys(JPEG_2000, ("pylibjpeg", _GDCM)),
}
"""pydicom's names of the decoders that are tried, in this order; those not named it may choose."""
_CHECKED = JPEG_LOSSLESS | {JPEGExtended12Bit}
_KNOWS_ITS_END = JPEG_LS | {JPEGBaseline8Bit}
"""Whose decoders refuse a frame that ends early, whatever fills it up."""
_TRAILER_BYTES = 64
_END_MARKER = b"\xff\xd9"
_GAP = "a part of the frame's data is missing"

_SECOND = step("decoded-by-gdcm", "Decoded by GDCM: the usual decoder refused the frame")
_ANOTHER_CODEC = step("another-codec", "The compressed frame is {name}, whatever the header says")
_PADDED = step("bytes-after-frame", "Bytes after the compressed frame's end left out")

# What pydicom asks a plugin module for.
DECODER_DEPENDENCIES = {
    JPEGExtended12Bit: ("gdcm>=3.0.24",),
    JPEGBaseline8Bit: ("pillow",),
}

# GDCM would write to the terminal what the error says anyhow.
gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()


@dataclass(frozen=True)
class FrameForm:
    """What a data set says of its compressed frames: plain values, which any process can take.

    Parameters
    ----------
    syntax
        The transfer syntax.
    options
        What pydicom's ``as_pixel_options`` gives, for one frame.
    """

    syntax: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """The values of a frame, before the data set's bits and sign are applied.

    Parameters
    ----------
    values
        Shape (rows, columns) or (rows, columns, 3). Where ``bits`` is told: the bits as they are
        stored, uint8 or uint16, whatever their sign. Else as the data set says.
    bits
        How many bits a value the frame has; None for colour and for what is not in 8 or 16 bits.
    own_bits
        Whether the frame says so itself, and not only the data set's BitsAllocated.
    signed
        Whether the frame says that its values have a sign; None where it does not tell.
    lossy
        Whether values may have been changed, over their range, too.
    notes
        What was done for the frame's sake.
    """

    values: NDArray = field(repr=False)
    bits: int | None = None
    own_bits: bool = False
    signed: bool | None = None
    lossy: bool = False
    notes: tuple[Reason, ...] = ()


def decode_frame(content: bytes, form: FrameForm) -> Frame:
    """Decode one compressed frame; every frame goes through here.

    Parameters
    ----------
    content
        The frame, its fragments joined.
    form
        What the data set says of it.

    Raises
    ------
    DecoderEnded
        When it ended its decoder's process, or took too long or too much memory.
    Exception
        Of many kinds, pydicom's and its decoders', when it is damaged or incomplete.
    """
    syntax, options = _codec_of(content, UID(form.syntax)), dict(form.options)
    notes: list[Reason] = []
    if syntax != form.syntax:
        notes.append(_ANOTHER_CODEC(name=syntax.name))
    whole = _whole(content, syntax, notes)
    own = _checked(whole, syntax, options)
    grey = options.get("samples_per_pixel") == 1
    bits = own.precision if own else int(options.get("bits_allocated") or 0)
    kept = grey and (bits in (8, 16) or (own is not None and bits < 16))
    options["correct_unused_bits"] = not kept
    if kept or (own is not None and bits <= 16):
        options |= {"bits_allocated": 8 if bits <= 8 else 16, "bits_stored": bits}
    if kept:
        options["pixel_representation"] = int(bool(own and own.signed))
    values = _decoded(whole, syntax, options, notes)
    if not kept:
        return Frame(values, notes=tuple(notes))
    # With a sign the upper bits repeat it.
    patterns = values.view(f"u{values.dtype.itemsize}") & ((1 << bits) - 1)
    lossy = syntax not in KEEPS_ALL_BITS
    return Frame(patterns, bits, own is not None, own.signed if own else None, lossy, tuple(notes))


def _codec_of(content: bytes, syntax: UID) -> UID:
    """The transfer syntax by which a frame can be decoded: the header's, or what the frame is."""
    own = None if syntax == RLELossless else own_form(content)
    if own is None:
        return syntax
    if own.process == JPEG_2000_FRAME:
        return syntax if syntax in JPEG_2000 else JPEG2000
    if own.process == JPEG_LS_FRAME:
        return syntax if syntax in JPEG_LS else JPEGLSNearLossless
    if own.is_lossless:
        return syntax if syntax in JPEG_LOSSLESS else JPEGLossless
    if syntax == JPEGExtended12Bit or (syntax == JPEGBaseline8Bit and own.precision == 8):
        return syntax
    return JPEGBaseline8Bit if own.precision == 8 else JPEGExtended12Bit


def _whole(content: bytes, syntax: UID, notes: list[Reason]) -> bytes:
    """The frame up to its end marker.

    Raises
    ------
    ValueError
        When it has none, or when a part of its data was never written.
    """
    if syntax == RLELossless:
        # pydicom counts its bytes.
        if lacks_data(without_filling(content)):
            raise ValueError(_GAP)
        return content
    end = content.rfind(_END_MARKER) + len(_END_MARKER)
    after = content[end:]
    # The last byte may make the length even.
    if end < len(_END_MARKER) or (len(after) > _TRAILER_BYTES and len(set(after[:-1])) > 1):
        raise ValueError("the frame has no end marker")
    if len(after) > 1:
        notes.append(_PADDED())
    checked = without_filling(content) if syntax in _KNOWS_ITS_END else content[:end]
    if lacks_data(checked):
        raise ValueError(_GAP)
    return content[:end]


def _checked(content: bytes, syntax: UID, options: dict[str, Any]) -> OwnForm | None:
    """What the frame says of itself, compared with the data set.

    Raises
    ------
    ValueError
        When it is not of the size and number of channels that the data set tells: its pixels
        would fall into rows of another length. When GDCM might crash on it.
    """
    if syntax == RLELossless:
        return None
    own = own_form(content)
    said = tuple(int(options[name]) for name in ("rows", "columns", "samples_per_pixel"))
    if own is not None and (own.rows, own.columns, own.components) != said:
        raise ValueError("the frame's own size is another than the header's")
    if syntax in _CHECKED:
        parse_frame(content)
    return own


def _decoded(content: bytes, syntax: UID, options: dict[str, Any], notes: list[Reason]) -> NDArray:
    """By the first decoder that does not refuse it, where it can do no harm."""
    if syntax == JPEGBaseline8Bit:
        values, second = decode_here(content, syntax, options)
    else:
        megapixels = options["rows"] * options["columns"] * options["samples_per_pixel"] / 1e6
        told = {"syntax": str(syntax), "options": options}
        values, about = native_pool().run("frame", content, told, megapixels)
        second = bool(about.get("second"))
    if second:
        notes.append(_SECOND())
    return values


def decode_here(content: bytes, syntax: UID, options: dict[str, Any]) -> tuple[NDArray, bool]:
    """Decode in this process, which what is not Pillow's JPEG may end.

    Returns
    -------
    NDArray
        Shape (rows, columns) or (rows, columns, 3).
    bool
        Whether the first decoder refused it, so that another was asked.
    """
    _set_up_ours(syntax)
    refusal: Exception | None = None
    for plugin in _PLUGINS.get(syntax, ("",)):
        try:
            decoded, _ = get_decoder(syntax).as_array(
                encapsulate([content]),
                index=0,
                raw=False,
                decoding_plugin=plugin,
                **options | {"number_of_frames": 1},
            )
        except MemoryError:
            raise
        except Exception as error:
            refusal = refusal or error
        else:
            return decoded, refusal is not None
    assert refusal is not None
    raise refusal


def _set_up_ours(syntax: UID) -> None:
    ours = _DECODE.get(syntax)
    if ours is not None and _OURS not in ours[0].available_plugins:
        ours[0].add_plugin(_OURS, (__name__, ours[1].__name__))


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
    picture, src = open_jpeg(src)
    if picture.mode != "L":
        return decode_by_pillow(src, runner)
    picture.look_for_end(src)
    runner.set_option("bits_allocated", 8)
    return picture.tobytes()


def decode_extended(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Decode one JPEG Extended frame, of 8 or 12 bits, called by pydicom."""
    return decode_8_bit(src, runner) if runner.bits_stored <= 8 else decode_12_bit(src, runner)


_DECODE = {
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
