"""Whether a folder's file system is one on which SQLite's write-ahead log is safe.

The log needs memory that all programs on the database share, which a network share does not give
(https://sqlite.org/wal.html, "Disadvantages"). In doubt the answer is no: the rollback journal is
slower and works everywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

_LOCAL = frozenset(
    (
        *("apfs", "bcachefs", "btrfs", "ecryptfs", "exfat", "ext2", "ext3", "ext4", "f2fs"),
        *("fuseblk", "hfs", "hfsplus", "jfs", "nilfs2", "ntfs", "ntfs3", "overlay", "ramfs"),
        *("reiserfs", "tmpfs", "ufs", "vfat", "xfs", "zfs"),
    )
)
_DRIVE_REMOTE = 4
_ESCAPE = re.compile(r"\\([0-7]{3})")


def is_local(path: Path) -> bool:
    """Whether a file or folder lies on a disk of this computer.

    Parameters
    ----------
    path
        It need not exist yet; then the nearest folder above it counts.
    """
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    path = path.resolve()
    try:
        if sys.platform == "win32":
            return _is_local_drive(path)
        if sys.platform == "darwin":
            listed = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True
            )
            return is_local_by_mount(path, listed.stdout)
        return is_local_by_mountinfo(path, _mountinfo())
    except (OSError, subprocess.SubprocessError, ValueError):
        return False


def is_local_by_mountinfo(path: Path, mountinfo: str) -> bool:
    """The answer from Linux' ``/proc/self/mountinfo`` (proc(5)): the deepest mount decides."""
    kinds: dict[Path, str] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        # Blanks and the like in a path are written as octal escapes.
        mounted = _ESCAPE.sub(lambda octal: chr(int(octal[1], 8)), before.split()[4])
        kinds[Path(mounted)] = after.split()[0]
    for place in (path, *path.parents):
        if place in kinds:
            return kinds[place] in _LOCAL
    return False


def is_local_by_mount(path: Path, listed: str) -> bool:
    """The answer from macOS' ``mount``: ``... on /Volumes/x (apfs, local, journaled)``."""
    flags: dict[Path, set[str]] = {}
    for line in listed.splitlines():
        before, _, after = line.rpartition(" (")
        flags[Path(before.partition(" on ")[2])] = set(after.rstrip(")").split(", "))
    for place in (path, *path.parents):
        if place in flags:
            return "local" in flags[place]
    return False


def _mountinfo() -> str:
    return Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")


def is_unc(path: str) -> bool:
    r"""Whether a Windows path names a share: ``\\server\share``, with or without ``\\?\UNC``."""
    if path.startswith(("\\\\?\\", "\\\\.\\")):
        return path[4:].upper().startswith("UNC\\")
    return path.startswith("\\\\")


def _is_local_drive(path: Path) -> bool:
    if is_unc(str(path)):
        return False
    kind: int = ctypes.windll.kernel32.GetDriveTypeW(path.anchor)  # type: ignore[attr-defined]
    return kind not in (0, 1, _DRIVE_REMOTE)


def sync_folder(folder: Path) -> None:
    """Put the name of a new file on disk too; Windows does so by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems cannot do this; they keep their folders on the server.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
