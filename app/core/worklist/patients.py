"""Who is on an image, and into which fold that person falls.

Every key of a patient is made here, from what a table, a header or a file name says, so that every
training splits alike, no patient is ever on both sides, and no two strangers are taken for one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from app.core.image.radiograph import Header

FOLDS = 5
_BUCKETS = 10

_PERSON = re.compile(r"^(person\d+)_(bacteria|virus)_\d+(?:_\d+)*$", re.IGNORECASE)
_STUDY = re.compile(r"^((?:NORMAL2-)?IM-\d+)(?:-\d+)+$", re.IGNORECASE)
_NIH = re.compile(r"^(000\d{5})_\d{3}$")
"""ChestX-ray14 has 30,805 patients: a name that begins with more is a date, or another's number."""

_LEAST_TELLING = 0.25
"""Of Kermany's names at least so many bear a kind of pneumonia or NORMAL2: of any of its parts."""

_WORDS = """
    anon anonym anonymous anonymus anonymized anonymised anonymize anonymise anonymizedpatient
    anonymouspatient anonpatient anonymouspatientid anonymisiert anonyme anonimo anonimizado
    deid deidentified deidentifiedpatient pseudonym pseudonymized pseudonymised pseudonymous
    unknown unk unkn unknownpatient unknownid unidentified unassigned unspecified undefined unnamed
    unbekannt inconnu desconocido sconosciuto onbekend okand
    none null nil nan na no noid nopid nopatient nopatientid noname nomrn nobody nothing
    notavailable notapplicable notknown notset notgiven keine missing empty blank
    test testpatient patienttest testid testing tester phantom qa qc demo demopatient dummy
    dummypatient sample example default temp tmp
    patient patientid patientname pat pid id mrn name subject
    removed deleted redacted hidden masked private confidential cleared stripped
    x xx
    匿名 不明 未知 無名 なし 无 無
    """
_NOBODY = frozenset(_WORDS.split())
"""What stands for a PatientID where there is none, without case, accents, spaces and signs."""


def names_nobody(patient_id: str) -> bool:
    """Whether a PatientID is a placeholder, the same for many patients: ANONYMOUS, 0, N/A, none."""
    letters = unicodedata.normalize("NFKD", patient_id).casefold()
    letters = "".join(each for each in letters if each.isalnum())
    return (
        not letters  # signs alone
        or not patient_id.strip().strip("0")
        or letters in _NOBODY
        or (len(letters) > 2 and set(letters) == {"x"})
        or (len(letters) > 3 and set(letters) == {"9"})
    )


def of_header(header: Header) -> str:
    """The patient of a DICOM header, '' where it names none.

    PatientID is unique only within its issuer.
    """
    if names_nobody(header.patient_id):
        return ""
    return f"{header.issuer_of_patient_id.strip()}|{header.patient_id.strip()}"


def of_table(word: str, words: Iterable[str] = ()) -> str:
    """The patient whom a table names, '' where it names none.

    Marked, so that no patient of a table is taken for one of a header or file name.

    Parameters
    ----------
    word
        What stands in the table.
    words
        The whole column: where there is a patient 1, a 0 is one too, and so is x beside y.
    """
    word = word.strip()
    if names_nobody(word) and not any(_follows(each.strip(), word) for each in words):
        return ""
    return f"csv|{word}"


def _follows(word: str, other: str) -> bool:
    """Whether a word is the next of somebody who counts 0, 1, 2 or x, y, z."""
    if other and not other.strip("0"):
        return word.lstrip("0") == "1"
    return other.lower() == "x" and word.lower() == "y"


@dataclass(frozen=True)
class Naming:
    """What the file names of a folder say of patients; see ``naming_of``.

    Parameters
    ----------
    is_kermany
        Whether names such as ``IM-0115-0001`` are those of Kermany et al.'s collection. Every
        export of some viewers is called so, whoever is on it.
    """

    is_kermany: bool = False

    def patient_of(self, name: str) -> str:
        """The patient whom a file name carries, '' for none.

        ``person12_virus_3.jpeg`` gives ``person12`` whatever the pneumonia's kind: the kinds may
        be numbered apart, but treating both as one person can only make a split safer.
        """
        stem = PurePath(name).stem
        for pattern in (_PERSON, _STUDY, _NIH):
            if (match := pattern.match(stem)) and (pattern is not _STUDY or self.is_kermany):
                return match.group(1).lower()
        return ""

    def key(self, name: str, header: Header | None = None, table: str = "") -> str:
        """The key of an image's patient, '' for an unknown one: who stands for himself alone.

        Parameters
        ----------
        name
            File name.
        header
            Of the file, where it was read. It goes before the name.
        table
            What ``of_table`` made of a table's word. It goes before the header.
        """
        return table or (of_header(header) if header else "") or self.patient_of(name)


def naming_of(names: Iterable[str]) -> Naming:
    """How the files of a folder are named: all of them tell what one of them cannot.

    Names of the form IM-0001-0001 are patients of Kermany's collection only among others that it
    alone has, with the kind of a pneumonia or NORMAL2.
    """
    stems = [PurePath(name).stem for name in names]
    telling = sum(map(_tells, stems))
    alike = telling + sum(_STUDY.match(stem) is not None and not _tells(stem) for stem in stems)
    return Naming(telling > 0 and telling >= _LEAST_TELLING * alike)


def is_kermany(names: Iterable[str]) -> bool:
    """Whether nearly all files of a folder are named as in Kermany et al.'s collection."""
    names = list(names)
    stems = (PurePath(name).stem for name in names)
    of_it = sum(bool(_PERSON.match(stem) or _STUDY.match(stem)) for stem in stems)
    return naming_of(names).is_kermany and of_it > 0.9 * len(names)


def _tells(stem: str) -> bool:
    study = _STUDY.match(stem)
    return _PERSON.match(stem) is not None or (
        study is not None and study.group(1).lower().startswith("normal2")
    )


def pneumonia_kind(name: str) -> str | None:
    """``bacteria`` or ``virus`` where the file name says it, else None."""
    match = _PERSON.match(PurePath(name).stem)
    return match.group(2).lower() if match else None


def bucket_of(group: str) -> int:
    """A fixed number from 0 to 9 for a group, the same on every machine and in every year."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") % _BUCKETS


def side_of(group: str, fold: int) -> str:
    """Where a group stands when ``fold`` is held out.

    Returns
    -------
    str
        ``calibration`` (a fifth: never trained on, sets the operating point), ``validation``
        (a tenth: decides when to stop) or ``train``.
    """
    bucket = bucket_of(group)
    if bucket // 2 == fold % FOLDS:
        return "calibration"
    # The inner validation is one half of the next fold.
    return "validation" if bucket == (2 * (fold + 1)) % _BUCKETS else "train"
