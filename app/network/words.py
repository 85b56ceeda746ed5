"""What other DICOM programs answer, in words for the person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.base.translation import tr


@dataclass(frozen=True)
class SendResult:
    """What became of one file.

    Parameters
    ----------
    path
        The file.
    ok
        Whether the node has it.
    words
        What the node said, or why it was not sent.
    status
        Status of the C-STORE response (PS3.4, B.2.3); None where there was none.
    """

    path: Path
    ok: bool
    words: str
    status: int | None = None


def status_words(status: int) -> tuple[bool, str]:
    """A status of C-STORE (PS3.4, B.2.3; PS3.7, C) in words.

    Returns
    -------
    bool, str
        Whether the node has the object, and what it said.
    """
    if status == 0x0000:
        return True, tr("Sent.")
    if status in (0xB000, 0xB006, 0xB007) or status == 0x0001:
        return True, tr(
            "Sent; the node has changed or doubts parts of it ({code}).", code=_hex(status)
        )
    if status & 0xFF00 == 0xA700:
        why = tr("the node has no room for it, or too much came at once")
    elif status & 0xFF00 == 0xA900:
        why = tr("the node finds that it is not what it says")
    elif status & 0xF000 == 0xC000:
        why = tr("the node cannot understand it")
    elif status == 0x0117:
        why = tr("the node finds its SOPInstanceUID invalid")
    elif status == 0x0122:
        why = tr("the node does not take this kind of object")
    elif status == 0x0124:
        why = tr("the node does not allow it to us")
    else:
        why = tr("the node gives no reason that is known here")
    return False, tr("Refused: {why} ({code}).", why=why, code=_hex(status))


def rejection_words(source: int, reason: int) -> str:
    """Why an association was rejected (PS3.8, 9.3.4), in words."""
    said = {
        (1, 1): tr("It gives no reason."),
        (1, 2): tr("It does not know this kind of connection."),
        (1, 3): tr("It does not know our AE title."),
        (1, 7): tr("It has another AE title than the one we called."),
        (3, 1): tr("It has too much to do just now."),
        (3, 2): tr("It has too many connections just now."),
    }
    return said.get((source, reason), tr("It gives no reason that is known here."))


def _hex(status: int) -> str:
    return f"0x{status:04X}"
