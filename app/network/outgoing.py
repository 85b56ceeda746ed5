"""A file on its way out: what it is, and in which form a node gets it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from app.core.base.limits import MOST_BYTES, TooMuch
from app.core.base.quiet import quiet
from app.core.base.translation import mark, tr
from app.core.dicom.decoders import decode_frame
from app.core.dicom.file import read_dataset
from app.core.dicom.frame_data import frame_form

LOSSLESS = frozenset(
    {
        RLELossless,
        JPEGLossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEG2000Lossless,
        HTJ2KLossless,
        HTJ2KLosslessRPCL,
    }
)
"""Compressed without loss by their very name; JPEG 2000 at large may be either."""

_PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


_TOO_MUCH = mark("Not sent: it would take more than 1 GB of memory to put it in another form.")


class CannotSend(Exception):
    """Why a file cannot be sent, in words."""


@dataclass(frozen=True)
class Outgoing:
    """A DICOM file to be sent.

    Parameters
    ----------
    path
        The file.
    sop_class, syntax
        What it is and how it is encoded.
    whole
        Whether it has the meta information that lets it be sent as it is (PS3.10, 7.1).
    """

    path: Path
    sop_class: UID
    syntax: UID
    whole: bool

    def for_syntaxes(self, accepted: Collection[UID]) -> Path | Dataset:
        """What to hand to pynetdicom: the file itself, or a data set to be encoded for the way.

        Parameters
        ----------
        accepted
            Transfer syntaxes that the node takes for this SOP class.

        Raises
        ------
        CannotSend
            When the node takes none that it may be sent in.
        """
        if not accepted:
            raise CannotSend(
                tr("Not sent: the node does not take this kind: {kind}.", kind=self.sop_class.name)
            )
        if self.syntax in accepted and self.whole:
            return self.path
        if self.syntax in accepted:
            return self._read()
        refused = tr("Not sent: the node does not take {form}", form=self.syntax.name)
        if not any(plain in accepted for plain in _PLAIN) or self.syntax == ExplicitVRBigEndian:
            raise CannotSend(refused + ".")
        if not self.syntax.is_transfer_syntax:
            raise CannotSend(refused + ".")
        if not self.syntax.is_encapsulated:
            return self._read()
        if self.syntax not in LOSSLESS:
            raise CannotSend(
                refused + tr(", and an image compressed with loss is not sent in another form.")
            )
        return self._decompressed()

    def _read(self) -> Dataset:
        try:
            with self.path.open("rb") as file, quiet:
                ds, _ = read_dataset(file, pixels=True)
        except TooMuch as error:
            raise CannotSend(tr(_TOO_MUCH)) from error
        except OSError as error:
            raise _unread(error) from error
        except Exception as error:  # its header was read, its pixels are none
            raise CannotSend(tr("Not sent: the file is damaged or incomplete.")) from error
        ds.file_meta.TransferSyntaxUID = self.syntax
        return ds

    def _decompressed(self) -> Dataset:
        ds = self._read()
        try:
            values = int(ds.Rows) * int(ds.Columns) * int(ds.SamplesPerPixel)
            frames = int(ds.get("NumberOfFrames") or 1)
            if values * frames * int(ds.BitsAllocated) // 8 > MOST_BYTES:
                raise TooMuch
            # A decoder fills up a frame that ends early: half an image must not be sent as one.
            _decompress(ds, self.syntax)
        except TooMuch as error:
            raise CannotSend(tr(_TOO_MUCH)) from error
        except Exception as error:  # decoders raise whatever they like
            raise CannotSend(
                tr(
                    "Not sent: the node does not take {form}, and it cannot be decompressed.",
                    form=self.syntax.name,
                )
            ) from error
        return ds


def _unread(error: OSError) -> CannotSend:
    return CannotSend(
        tr("Not sent: the file cannot be read ({reason}).", reason=error.strerror or "")
    )


def outgoing(path: Path) -> Outgoing:
    """Look at a file that is to be sent.

    Raises
    ------
    CannotSend
        When it is no DICOM object, or cannot be read.
    """
    try:
        with path.open("rb") as file, quiet:
            ds, _ = read_dataset(file)
        meta = ds.file_meta
        sop_class = UID(str(ds.SOPClassUID))
        same = (
            meta.get("MediaStorageSOPClassUID") == sop_class
            and meta.get("MediaStorageSOPInstanceUID") == ds.SOPInstanceUID
        )
        said = meta.get("TransferSyntaxUID")
        implicit, little = ds.original_encoding
    except OSError as error:
        raise _unread(error) from error
    except Exception as error:
        raise CannotSend(tr("Not sent: it is no DICOM object.")) from error
    plain = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    syntax = UID(str(said)) if said else plain if little else ExplicitVRBigEndian
    return Outgoing(path, sop_class, syntax, bool(said) and same)


def _decompress(ds: Dataset, syntax: UID) -> None:
    """Put the values of all frames in place of the compressed ones.

    Raises
    ------
    Exception
        Of many kinds, when a frame cannot be decoded or has other bits than the data set says.
    """
    form = frame_form(ds, syntax)
    count = int(ds.get("NumberOfFrames") or 1)
    decoded = [
        decode_frame(each, form) for each in generate_frames(ds.PixelData, number_of_frames=count)
    ]
    allocated = int(ds.BitsAllocated)
    stored, signed = int(ds.BitsStored), int(ds.PixelRepresentation) == 1
    fits = {None, allocated, stored} | (set() if signed else set(range(1, stored)))
    if any(each.lossy or each.bits not in fits for each in decoded):
        raise ValueError("the frame is another than the header says")
    values = b"".join(
        each.values.astype(f"<{each.values.dtype.kind}{allocated // 8}").tobytes()
        for each in decoded
    )
    ds.PixelData = values + bytes(len(values) % 2)
    ds["PixelData"].VR = "OB" if allocated <= 8 else "OW"
    ds["PixelData"].is_undefined_length = False
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if int(ds.SamplesPerPixel) > 1:
        ds.PhotometricInterpretation, ds.PlanarConfiguration = "RGB", 0
