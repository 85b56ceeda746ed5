"""The hide-identity switch: every text about a patient passes here on its way to the screen.

Hidden are names, IDs, dates, file names and paths. Images get stand-in names ("Image 12", by their
place in the scan), so that a list stays usable. What is burned into the pixels cannot be hidden.

``shown`` is for a value that is identity as a whole, ``file_name`` and ``path`` for where an image
or a folder lies, ``sentence`` for words that may have any of these inside, ``tag`` for a DICOM
attribute. Whoever shows one of them asks again when ``changed`` comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.base.translation import tr
from app.core.image.radiograph import Header

HIDDEN = "•••"
"""Stands where a name, an ID or a date would."""

_PLAIN_VRS = {"AS", "CS", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"}
"""Numbers and coded words (DICOM PS3.5 6.2): they name nobody."""
_PLAIN_KEYWORDS = {
    "ImplementationClassUID",
    "ImplementationVersionName",
    "LUTExplanation",
    "Manufacturer",
    "ManufacturerModelName",
    "MediaStorageSOPClassUID",
    "SOPClassUID",
    "SoftwareVersions",
    "TransferSyntaxUID",
    "WindowCenterWidthExplanation",
}
"""Text attributes that tell of the machine or the file, not of the patient."""
_TRACES = re.compile(
    r"""
    (?:[A-Za-z]:[\\/]|\\\\|(?<![\w.)])~?/)[^\s"'<>|]+      # a path
    | [^\s"'<>|/\\]+\.(?:png|jpe?g|tiff?|dcm|dicom|csv)\b  # a file
    | \b\d{4}-\d\d-\d\d\b | \b(?:19|20)\d\d[01]\d[0-3]\d\b # a date
    | \b\d\d?[./]\d\d?[./](?:\d\d){1,2}\b
    | \b[0-2]\.\d+(?:\.\d+){3,}\b                          # a UID
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Privacy(QObject):
    """Whether identity is hidden, and what to show in its place.

    Signals
    -------
    changed(bool)
        It is hidden from now on, or no longer.
    """

    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._hidden = False
        self.number_of: Callable[[Path], int | None] = lambda _path: None
        """The place of an image in the list, from 1; None for one that is not in it."""
        self.known_words: Callable[[], Iterable[str]] = lambda: ()
        """All names, IDs, dates and paths that the program knows, for ``sentence``."""
        self._other: dict[str, int] = {}

    @property
    def hidden(self) -> bool:
        """Whether identity is hidden now."""
        return self._hidden

    def set_hidden(self, hidden: bool) -> None:
        """Hide identity, or show it again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.changed.emit(hidden)

    def shown(self, text: str) -> str:
        """A name, an ID or a date: itself, or dots; empty stays empty."""
        return HIDDEN if self._hidden and text else text

    def file_name(self, path: Path) -> str:
        """The name of an image's file, or its stand-in."""
        return self._image(path) if self._hidden else path.name

    def image_path(self, path: Path, shown: str = "") -> str:
        """The path of an image as tables and tool tips show it, or its stand-in."""
        return self._image(path) if self._hidden else shown or str(path)

    def path(self, path: str | Path) -> str:
        """The path of a folder, or of a file that is no image of the list, or its stand-in."""
        if not self._hidden or not str(path):
            return str(path)
        return tr("Path {number}", number=self._stand_in(str(path)))

    def sentence(self, text: str) -> str:
        """Words with names, IDs, dates or paths inside, such as an error's, without them."""
        if not self._hidden or not text:
            return text
        # People write a name in other letters than a header does, which has capitals alone.
        lower = text.lower()
        found = {word for word in self.known_words() if word and word.lower() in lower}
        for word in sorted(found, key=len, reverse=True):
            # Whole words only: an ID "7" must not take the sevens out of every figure.
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
        return _TRACES.sub(HIDDEN, text)

    def tag(self, keyword: str, vr: str, value: str) -> str:
        """The value of a DICOM attribute; hidden unless it is known to name nobody.

        Parameters
        ----------
        keyword
            Empty for a private attribute, which may hold anything.
        vr
            Value representation, two letters.
        value
            In words.
        """
        plain = bool(keyword) and (vr in _PLAIN_VRS or keyword in _PLAIN_KEYWORDS)
        return value if plain else self.shown(value)

    def _image(self, path: Path) -> str:
        number = self.number_of(path)
        if number is None:
            return tr("Other image {number}", number=self._stand_in(str(path)))
        return tr("Image {number}", number=number)

    def _stand_in(self, path: str) -> int:
        return self._other.setdefault(path, len(self._other) + 1)


def identity_words(path: Path, shown: str, header: Header) -> Iterator[str]:
    """All that names a patient or a file: what ``sentence`` looks for."""
    yield from (str(path), shown, path.name, path.stem)
    yield from (header.patient_id, header.issuer_of_patient_id, header.study_date)
    yield from (header.study_instance_uid, header.sop_instance_uid)
    yield header.patient_name.replace("^", " ").strip()
    yield from re.split(r"[\s^=]+", header.patient_name)


privacy = Privacy()
"""The one switch of the program."""
