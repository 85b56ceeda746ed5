"""Puts received objects into the inbox, whole or not at all; what is no object is kept aside.

Success may be told to a sender once ``keep`` returns: the bytes are on the disk, under their
final name, and the folder knows of them, so neither a kill nor a power cut takes them away.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.filereader import read_file_meta_info

from app.core.base.errors import ReviewError
from app.core.base.quiet import quiet
from app.core.base.translation import tr
from app.core.dicom.file import read_dataset
from app.core.image.reader import read_radiograph
from app.core.worklist import inbox

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_CHUNK = 1 << 20
_HEADER_PREFIX = 128 + 4
_OF_ENCODING = frozenset({0x00280006, 0x7FE00001, 0x7FE00002})
"""PlanarConfiguration and the offset tables: how pixels are stored, not what they are."""
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class NoObject(Exception):
    """A data set that cannot be understood, or that is not the object it was announced as.

    Parameters
    ----------
    mismatch
        Whether it can be read but is another object than announced.
    """

    def __init__(self, mismatch: bool) -> None:
        super().__init__()
        self.mismatch = mismatch


@dataclass(frozen=True)
class StoredObject:
    """What became of an object.

    Parameters
    ----------
    path
        Where it lies.
    twice
        Whether it was there already, so that nothing was written.
    same_uid
        Whether another content lies there under the same SOPInstanceUID.
    """

    path: Path
    twice: bool = False
    same_uid: bool = False


class InboxStore:
    """The inbox folder of one receiver; use it as a context.

    Parameters
    ----------
    folder, quarantine
        Where objects go, and where what is none goes; None for those of
        ``app.core.worklist.inbox``.
    """

    def __init__(self, folder: Path | None = None, quarantine: Path | None = None) -> None:
        self.folder = folder or inbox.inbox_dir()
        self.quarantine = quarantine or inbox.quarantine_dir()
        self.incoming = self.folder / ".incoming"
        """For data sets that are still arriving; hidden, so no list of images shows them."""
        self._lock = threading.Lock()
        self._known: dict[str, list[Path]] = {}
        self._descriptor = -1

    def __enter__(self) -> InboxStore:
        for folder in (self.folder, self.incoming, self.quarantine):
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        self._hold()
        self._clean()
        for path in self.folder.glob("*/*.dcm"):
            if part := inbox.uid_part_of(path):
                self._known.setdefault(part, []).append(path)
        return self

    def __exit__(self, *_: object) -> None:
        # The system's own lock ends with its descriptor.
        os.close(self._descriptor)

    def free_bytes(self) -> int:
        """Space that is left on the inbox's disk."""
        return shutil.disk_usage(self.folder).free

    def keep(self, arrived: Path, sop_class_uid: str, sop_instance_uid: str) -> StoredObject:
        """Put an object into the inbox.

        Parameters
        ----------
        arrived
            The file of the received data set with its file meta information; it is only read.
        sop_class_uid, sop_instance_uid
            As the sender announced it (PS3.7, 9.1.1).

        Returns
        -------
        StoredObject
            Once everything is safely on disk.

        Raises
        ------
        NoObject
            When it is none. It lies in the quarantine then.
        OSError
            When it cannot be written; nothing is left of it.
        """
        self._check(arrived, sop_class_uid, sop_instance_uid)
        content = _content_hash(arrived)
        with self._lock:
            part = inbox.uid_part(sop_instance_uid)
            known = [path for path in self._known.get(part, ()) if path.is_file()]
            for path in known:
                if _content_hash(path) == content or _same_but_encoding(path, arrived):
                    return StoredObject(path, twice=True, same_uid=inbox.marker_of(path).exists())
            path = self._day() / inbox.file_name(sop_instance_uid, content)
            if path.exists():
                path = path.with_name(inbox.file_name(sop_instance_uid, content, whole=True))
            if known:
                # First the marker: at no moment does either file stand there without it.
                self._mark(path)
            _write_safely(arrived, path)
            for other in known:
                # Told by its new time, a watcher has the other one judged again, with the caution.
                with contextlib.suppress(OSError):
                    os.utime(other)
            self._known[part] = [*known, path]
        return StoredObject(path, same_uid=bool(known))

    def set_aside(self, arrived: Path) -> None:
        """Keep what is no object, for somebody to look into; its name tells nothing."""
        name = f"{_content_hash(arrived)[:32]}.bin"
        _write_safely(arrived, self.quarantine / name)

    def forget_stale(self, older_than_s: float) -> None:
        """Remove what senders left half-sent that long ago."""
        now = datetime.now().timestamp()
        for path in self.incoming.iterdir():
            with contextlib.suppress(OSError):
                if now - path.stat().st_mtime > older_than_s:
                    path.unlink()

    def _check(self, arrived: Path, sop_class_uid: str, sop_instance_uid: str) -> None:
        try:
            with arrived.open("rb") as file, quiet:
                ds, _ = read_dataset(file)
                said = str(ds.SOPClassUID), str(ds.SOPInstanceUID)
        except Exception as error:  # whatever pydicom finds in it, it is no object
            self.set_aside(arrived)
            raise NoObject(mismatch=False) from error
        if said != (sop_class_uid, sop_instance_uid):
            self.set_aside(arrived)
            raise NoObject(mismatch=True)

    def _day(self) -> Path:
        folder = self.folder / datetime.now().strftime("%Y-%m-%d")
        if not folder.is_dir():
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            _sync_folder(self.folder)
        return folder

    def _mark(self, path: Path) -> None:
        marker = inbox.marker_of(path)
        marker.parent.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        marker.touch(mode=_PRIVATE_FILE)
        _sync_folder(marker.parent)

    def _hold(self) -> None:
        """One receiver an inbox: another one's half-received files must not be cleaned away."""
        self._descriptor = os.open(
            self.folder / ".receiver.lock", os.O_RDWR | os.O_CREAT, _PRIVATE_FILE
        )
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            os.close(self._descriptor)
            raise ReviewError(
                tr("Another Opacity is receiving already."),
                tr("One receiver at a time fills the inbox."),
                tr("Switch listening off there, or close it."),
            ) from error
        except OSError:
            pass  # a file system without locks

    def _clean(self) -> None:
        """Remove what a kill left half-written; no sender was told that it is kept."""
        for path in (*self.incoming.iterdir(), *self.folder.glob("*/.*.part")):
            with contextlib.suppress(OSError):
                path.unlink()


def _write_safely(source: Path, target: Path) -> None:
    """Copy so that the target is whole or not there, whatever happens meanwhile."""
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with source.open("rb") as read, os.fdopen(descriptor, "wb") as written:
            shutil.copyfileobj(read, written, _CHUNK)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Have the folder's own entries on disk; Windows has no such thing, nor some file systems."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _content_hash(path: Path) -> str:
    """SHA-256 in hex of transfer syntax and data set, not of what the receiver put before it."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        meta = read_file_meta_info(path)
        digest.update(str(meta.TransferSyntaxUID).encode())
        # The group's length counts from behind its own element of 12 bytes (PS3.10, 7.1).
        file.seek(_HEADER_PREFIX + 12 + meta.FileMetaInformationGroupLength)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _same_but_encoding(one: Path, other: Path) -> bool:
    """Whether two files hold the same header and, decoded, the same pixels.

    A second sender may have compressed what the first sent plain. What cannot be decoded is taken
    for different: kept twice is better than lost.
    """
    try:
        with quiet:
            if read_file_meta_info(one).TransferSyntaxUID == (
                read_file_meta_info(other).TransferSyntaxUID
            ):
                return False
            if list(_header(one)) != list(_header(other)):
                return False
            first, second = read_radiograph(one), read_radiograph(other)
    except Exception:
        return False
    # Of colour and of several frames the reader keeps only a part.
    whole = not (first.colour or second.colour) and first.header.frames == 1
    # An overlay in unused bits is lost in most compressions.
    masks = [[overlay.mask for overlay in each.overlays] for each in (first, second)]
    drawn = len(masks[0]) == len(masks[1]) and all(map(np.array_equal, *masks))
    return whole and drawn and np.array_equal(first.pixels, second.pixels)


def _header(path: Path) -> Iterator[object]:
    with path.open("rb") as file:
        ds, _ = read_dataset(file)
    return (element for element in ds if element.tag not in _OF_ENCODING)
