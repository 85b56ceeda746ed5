"""The inbox: where received images lie, how their files are called, and what their names tell.

A file name holds two hashes and nothing of a patient: the first is of the SOPInstanceUID, the
second of the content. So the names alone tell which objects are here already. Two files with the
same first part are two contents under one UID; a marker keeps that in mind for both.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from app.core.base.home import home
from app.core.base.reasons import Reason, caution

_NAME = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16}|[0-9a-f]{64})\.dcm")
_MARKERS = ".same-uid"

SAME_UID = caution(
    "same-uid-other-content",
    "Another image in the inbox has the same SOPInstanceUID but other content; "
    "make sure that this is the image you mean",
)
"""The caution that goes with the score of either."""


def inbox_dir() -> Path:
    """The folder of received images, one subfolder a day; it may not exist yet."""
    return home() / "inbox"


def quarantine_dir() -> Path:
    """The folder of received data sets that are no valid objects; it may not exist yet."""
    return home() / "quarantine"


def uid_part(sop_instance_uid: str) -> str:
    """The first part of the names of all files with this SOPInstanceUID: 16 hex digits."""
    return hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:16]


def file_name(sop_instance_uid: str, content: str, whole: bool = False) -> str:
    """The name of a received file; short, since people see it in lists.

    Parameters
    ----------
    sop_instance_uid
        Of the object.
    content
        SHA-256 in hex of its transfer syntax and its encoded data set.
    whole
        Whether to put all of it into the name, where another content took the short one.
    """
    return f"{uid_part(sop_instance_uid)}-{content if whole else content[:16]}.dcm"


def uid_part_of(path: Path) -> str:
    """The first part of a received file's name; empty for any other file."""
    match = _NAME.fullmatch(path.name)
    return match.group(1) if match else ""


def marker_of(path: Path) -> Path:
    """The marker that stands for "two contents under this UID", beside the day's folders."""
    return path.parent.parent / _MARKERS / uid_part_of(path)


def cautions_of(path: Path) -> tuple[Reason, ...]:
    """What to keep in mind of a file because of the company it came in; empty for most."""
    return (SAME_UID(),) if uid_part_of(path) and marker_of(path).exists() else ()
