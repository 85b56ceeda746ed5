"""One file to one Radiograph, whatever it is: every failure becomes an UnreadableImage."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from app.core.errors import UnreadableImage
from app.core.header_probe import looks_like_dicom
from app.core.images import Radiograph
from app.core.inbox import cautions_of
from app.core.raster import raster_format, read_raster
from app.core.translation import tr

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"})

_HEAD = 1024
_MAX_RASTER_BYTES = 1 << 30


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
        raise UnreadableImage(
            tr("{path} needs more memory than there is.", path=path),
            tr("A radiograph needs a few hundred megabytes at most."),
            tr("Close other programs, or export it at a lower resolution."),
        ) from error
    except Exception as error:
        raise UnreadableImage(
            tr("{path} cannot be read ({name}).", path=path, name=type(error).__name__),
            tr("A whole PNG, JPEG, TIFF or DICOM file was expected."),
            tr("Export or copy it again from its source."),
        ) from error


def _read(path: Path, file: BinaryIO) -> Radiograph:
    head = file.read(_HEAD)
    size = file.seek(0, 2)
    file.seek(0)
    if not head:
        raise UnreadableImage(
            tr("{path} is empty.", path=path),
            tr("A PNG, JPEG, TIFF or DICOM file was expected."),
            tr("Export or copy it again from its source."),
        )
    # DICOM first: its preamble may hold a TIFF header, for files that are both.
    if looks_like_dicom(head):
        # pydicom takes longer to import than a picture takes to be scored.
        from app.core.dicom import read_dicom

        radiograph = read_dicom(path, file)
        cautions = cautions_of(path)
        return (
            replace(radiograph, cautions=radiograph.cautions + cautions) if cautions else radiograph
        )
    if raster_format(head):
        if size > _MAX_RASTER_BYTES:
            raise UnreadableImage(
                tr("{path} is too large: {number:.1f} GiB.", path=path, number=size / 2**30),
                tr("A picture file of at most 1 GiB was expected."),
                tr("Export it at a lower resolution."),
            )
        return read_raster(path, file.read())
    raise UnreadableImage(
        tr("{path} holds no image that can be read.", path=path),
        tr("A PNG, JPEG, TIFF or DICOM file was expected, whatever its suffix."),
        tr("Check that it is the right file, or export it in one of these formats."),
    )


def _not_a_file(path: Path) -> UnreadableImage:
    if not path.is_dir():
        return UnreadableImage(
            tr("{path} is no regular file.", path=path),
            tr("An image file was expected."),
            tr("Choose a file."),
        )
    # A folder is in the worklist when it could not be opened: here the person learns why.
    with os.scandir(path):
        return UnreadableImage(
            tr("{path} is a folder.", path=path),
            tr("An image file was expected."),
            tr("Open it as a folder."),
        )


def _cannot_open(path: Path, error: OSError) -> UnreadableImage:
    if isinstance(error, FileNotFoundError):
        return UnreadableImage(
            tr("{path} is no longer there.", path=path),
            tr("The file was expected where it was found."),
            tr("Check whether it was moved or deleted, and open the folder again."),
        )
    if isinstance(error, PermissionError):
        return UnreadableImage(
            tr("{path} may not be read (permission denied).", path=path),
            tr("Read permission is needed."),
            tr("Ask the file's owner for it, or copy the file to a folder of yours."),
        )
    name = errno.errorcode.get(error.errno or 0, "")
    return UnreadableImage(
        tr(
            "{path} cannot be read: {why}",
            path=path,
            why=f"{error.strerror or tr('the drive failed')} {name}".rstrip() + ".",
        ),
        tr("The file was expected to open."),
        tr("Check the drive or the network, and try again."),
    )
