"""One file to one Radiograph, whatever it is: every failure becomes an UnreadableImage."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from app.core.base.errors import UnreadableImage
from app.core.base.limits import MOST_BYTES
from app.core.base.reasons import phrase, unreadable
from app.core.dicom.header_probe import looks_like_dicom
from app.core.image.radiograph import Radiograph
from app.core.image.raster import raster_format, read_raster
from app.core.worklist.inbox import cautions_of

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"})

_HEAD = 1024
_MAX_RASTER_BYTES = MOST_BYTES


_NO_MEMORY = unreadable(
    "no-memory",
    "{path} needs more memory than there is.",
    "The file needs more memory than there is.",
    "A radiograph needs a few hundred megabytes at most.",
    "Close other programs, or export it at a lower resolution.",
)
_FAILED = unreadable(
    "reading-failed",
    "{path} cannot be read ({name}).",
    "The file cannot be read ({name}).",
    "A whole PNG, JPEG, TIFF or DICOM file was expected.",
    "Export or copy it again from its source.",
)
_EMPTY = unreadable(
    "empty-file",
    "{path} is empty.",
    "The file is empty.",
    "A PNG, JPEG, TIFF or DICOM file was expected.",
    "Export or copy it again from its source.",
)
_TOO_LARGE = unreadable(
    "picture-file-too-large",
    "{path} is too large: {number:.1f} GiB.",
    "The file is too large.",
    "A picture file of at most 256 MB was expected.",
    "Export it at a lower resolution.",
)
_NO_IMAGE = unreadable(
    "no-image-in-file",
    "{path} holds no image that can be read.",
    "The file holds no image that can be read.",
    "A PNG, JPEG, TIFF or DICOM file was expected, whatever its suffix.",
    "Check that it is the right file, or export it in one of these formats.",
)
_NO_FILE = unreadable(
    "no-regular-file",
    "{path} is no regular file.",
    "It is no regular file.",
    "An image file was expected.",
    "Choose a file.",
)
_FOLDER = unreadable(
    "folder",
    "{path} is a folder.",
    "It is a folder.",
    "An image file was expected.",
    "Open it as a folder.",
)
_GONE = unreadable(
    "file-gone",
    "{path} is no longer there.",
    "The file is no longer there.",
    "The file was expected where it was found.",
    "Check whether it was moved or deleted, and open the folder again.",
)
_FORBIDDEN = unreadable(
    "permission-denied",
    "{path} may not be read (permission denied).",
    "The file may not be read (permission denied).",
    "Read permission is needed.",
    "Ask the file's owner for it, or copy the file to a folder of yours.",
)
_NOT_OPENED = unreadable(
    "file-not-opened",
    "{path} cannot be read: {why} {name}.",
    "The file cannot be read: {why} {name}.",
    "The file was expected to open.",
    "Check the drive or the network, and try again.",
)
DRIVE_FAILED = phrase("drive-failed", "the drive failed")


def looks_like_image(path: Path) -> bool:
    """Whether a regular file is taken for an image, by its suffix or by its first bytes.

    A file that cannot be opened and has another suffix is not: nothing speaks for it.
    """
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return True
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError):
        return False
    return bool(raster_format(head)) or looks_like_dicom(head)


def read_radiograph(path: Path) -> Radiograph:
    """Read a PNG, JPEG, TIFF or DICOM file, told apart by content.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Radiograph
        The first frame, never turned or flipped.

    Raises
    ------
    UnreadableImage
        With words for the person, whatever went wrong. The message names the file by its path
        alone and quotes nothing of a DICOM header, since it may reach a log.
    """
    try:
        # Opening a named pipe would wait for a writer for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _not_a_file(path)
        with path.open("rb") as file:
            return _read(path, file)
    except UnreadableImage:
        raise
    except OSError as error:
        raise _cannot_open(path, error) from error
    except MemoryError as error:
        raise UnreadableImage(_NO_MEMORY(path=str(path))) from error
    except Exception as error:
        raise UnreadableImage(_FAILED(path=str(path), name=type(error).__name__)) from error


def _read(path: Path, file: BinaryIO) -> Radiograph:
    head = file.read(_HEAD)
    size = file.seek(0, 2)
    file.seek(0)
    if not head:
        raise UnreadableImage(_EMPTY(path=str(path)))
    # DICOM first: its preamble may hold a TIFF header, for files that are both.
    if looks_like_dicom(head):
        # pydicom takes longer to import than a picture takes to be scored.
        from app.core.dicom.image import read_dicom

        radiograph = read_dicom(path, file)
        cautions = cautions_of(path)
        return (
            replace(radiograph, cautions=radiograph.cautions + cautions) if cautions else radiograph
        )
    if raster_format(head):
        if size > _MAX_RASTER_BYTES:
            raise UnreadableImage(_TOO_LARGE(path=str(path), number=size / 2**30))
        return read_raster(path, file.read())
    raise UnreadableImage(_NO_IMAGE(path=str(path)))


def _not_a_file(path: Path) -> UnreadableImage:
    if not path.is_dir():
        return UnreadableImage(_NO_FILE(path=str(path)))
    # A folder is in the worklist when it could not be opened: here the person learns why.
    with os.scandir(path):
        return UnreadableImage(_FOLDER(path=str(path)))


def _cannot_open(path: Path, error: OSError) -> UnreadableImage:
    if isinstance(error, FileNotFoundError):
        return UnreadableImage(_GONE(path=str(path)))
    if isinstance(error, PermissionError):
        return UnreadableImage(_FORBIDDEN(path=str(path)))
    name = errno.errorcode.get(error.errno or 0, "")
    if not name:
        name = type(error).__name__
    why = error.strerror or DRIVE_FAILED()
    return UnreadableImage(_NOT_OPENED(path=str(path), why=why, name=name))
