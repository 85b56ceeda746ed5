"""Headers that lead a reader astray: a wrong length of the meta information, unknown VRs.

Where an element ends follows from its VR in explicit encodings, so one VR that no standard knows
can cost all that stands behind it. DCMTK's rule is taken: two capital letters are a VR of the
future, which has a length of 32 bits, anything else is a mistake of a writer with one of 16. What
follows has to look like an element; if it does not, the other length is tried.
"""

from __future__ import annotations

_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
VALUE_REPRESENTATIONS = _LONG | _SHORT
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXELS = 0x7FE00008
_DEEPEST = 16


def end_of_meta(head: bytes) -> int:
    """Where the meta information really ends, whatever its group length says.

    Parameters
    ----------
    head
        The file's beginning; an end that lies beyond it counts as its own.
    """
    place = 132
    while head[place : place + 2] == b"\2\0":
        value, length, _ = _element(head, place)
        place = value + length
    return place


def with_known_vrs(content: bytes) -> bytes | None:
    """A file of explicit VRs, little-endian, with each unknown VR changed into one that is known.

    No byte is moved. The dictionary's VR is taken where its length has the same form, else one
    that is read as it stands.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    bytes or None
        None when nothing is to be changed.
    """
    start = end_of_meta(content) if content[128:132] == b"DICM" else 0
    if content[start + 4 : start + 6] not in VALUE_REPRESENTATIONS:
        return None  # the VRs are implicit
    changes: dict[int, bytes] = {}
    _walk(content, start, len(content), changes, 0)
    if not changes:
        return None
    mended = bytearray(content)
    for place, vr in changes.items():
        mended[place : place + 2] = vr
    return bytes(mended)


def _walk(content: bytes, place: int, end: int, changes: dict[int, bytes], depth: int) -> int:
    """Note the unknown VRs of a data set; gives where it ends."""
    while place + 8 <= end:
        tag = _tag(content, place)
        if tag >= _PIXELS and tag >> 16 == _PIXELS >> 16:
            return end
        if tag in (_ITEM_END, _SEQUENCE_END):
            return place + 8
        vr = content[place + 4 : place + 6]
        if vr not in VALUE_REPRESENTATIONS:
            form = _form(content, place, end)
            if form is None:
                return end
            after, known = form
            if known:
                changes[place + 4] = known
            place = after
            continue
        value, length, _ = _element(content, place)
        if length != _UNDEFINED:
            place = value + length
        elif vr == b"SQ" and depth < _DEEPEST:
            place = _walk_items(content, value, end, changes, depth + 1)
        else:
            return end
    return place


def _walk_items(content: bytes, place: int, end: int, changes: dict[int, bytes], depth: int) -> int:
    while place + 8 <= end and _tag(content, place) == _ITEM:
        length = int.from_bytes(content[place + 4 : place + 8], "little")
        inside = end if length == _UNDEFINED else min(end, place + 8 + length)
        place = _walk(content, place + 8, inside, changes, depth)
    return place + 8


def _form(content: bytes, place: int, end: int) -> tuple[int, bytes] | None:
    """Where an element of an unknown VR ends, and the VR to read it with.

    The VR is empty for an element without one (implicit), which pydicom reads.
    """
    tag = _tag(content, place)
    raw = content[place + 4 : place + 6]
    short = place + 8 + int.from_bytes(content[place + 6 : place + 8], "little")
    long = place + 12 + int.from_bytes(content[place + 8 : place + 12], "little")
    implicit = place + 8 + int.from_bytes(content[place + 4 : place + 8], "little")
    reads = [(long, b"UN", _LONG), (short, b"ST", _SHORT)]
    if not (raw.isalpha() and raw.isupper()):
        reads.reverse()
    for after, vr, kin in reads:
        if _may_follow(content, after, end, tag):
            try:
                from pydicom.datadict import dictionary_VR

                said = dictionary_VR(tag).split()[0].encode()
            except KeyError:
                said = vr
            return after, said if said in kin and said != b"SQ" else vr
    return (implicit, b"") if _may_follow(content, implicit, end, tag) else None


def _may_follow(content: bytes, place: int, end: int, tag: int) -> bool:
    if place == end:
        return True
    if place + 8 > end:
        return False
    following = _tag(content, place)
    known = content[place + 4 : place + 6] in VALUE_REPRESENTATIONS
    return following in (_ITEM_END, _SEQUENCE_END, _ITEM) or (following > tag and known)


def _element(content: bytes, place: int) -> tuple[int, int, bytes]:
    """Place of the value, its length and the VR."""
    vr = content[place + 4 : place + 6]
    if vr in _LONG:
        return place + 12, int.from_bytes(content[place + 8 : place + 12], "little"), vr
    return place + 8, int.from_bytes(content[place + 6 : place + 8], "little"), vr


def _tag(content: bytes, place: int) -> int:
    group, element = (int.from_bytes(content[at : at + 2], "little") for at in (place, place + 2))
    return group << 16 | element
