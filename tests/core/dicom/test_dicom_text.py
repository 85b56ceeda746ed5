"""Text of a header in the languages and character sets of the world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from factories import sequence_item, write_dicom
from pydicom import dcmread

from app.core.dicom.tags import read_elements
from app.core.dicom.text import decoded
from app.core.gate.rules import judge
from app.core.image.reader import read_radiograph


def with_bytes(path: Path, charset: str | None, **values: bytes) -> Path:
    """A file whose elements hold these bytes, whatever the character set says."""
    blanks = {name: "X" * (len(value) + len(value) % 2) for name, value in values.items()}
    told = {"SpecificCharacterSet": charset} if charset else {}
    write_dicom(path, np.full((200, 240), 7, np.uint8), **told, **blanks)
    data = path.read_bytes()
    for name, blank in blanks.items():
        value = values[name] + b" " * (len(blank) - len(values[name]))
        assert data.count(blank.encode()) == 1
        data = data.replace(blank.encode(), value)
    path.write_bytes(data)
    return path


CASES = [
    ("ISO_IR 192", "TÓRAX".encode(), "TÓRAX"),
    ("ISO_IR 192", "胸部".encode(), "胸部"),
    ("ISO_IR 100", "TÓRAX".encode("latin-1"), "TÓRAX"),
    ("ISO_IR 144", "грудная клетка".encode("iso8859_5"), "грудная клетка"),
    ("ISO_IR 126", "ΘΩΡΑΚΑΣ".encode("iso8859_7"), "ΘΩΡΑΚΑΣ"),
    ("GB18030", "胸部".encode("gb18030"), "胸部"),
    ("ISO 2022 IR 6\\ISO 2022 IR 87", "胸部".encode("iso2022_jp"), "胸部"),
    ("\\ISO 2022 IR 87", "胸部".encode("iso2022_jp"), "胸部"),
    ("\\ISO 2022 IR 149", b"\x1b$)C" + "흉부".encode("euc_kr"), "흉부"),
    ("\\ISO 2022 IR 58", b"\x1b$)A" + "胸部".encode("gb2312"), "胸部"),
    ("ISO_IR 13", "胸部".encode("shift_jis"), "胸部"),
    ("GBK", "胸部".encode("gbk"), "胸部"),
    # The character set is wrong or missing.
    (None, "TÓRAX".encode(), "TÓRAX"),
    (None, "TÓRAX".encode("latin-1"), "TÓRAX"),
    ("ISO_IR 100", "грудная клетка".encode(), "грудная клетка"),
    ("ISO_IR 192", "TÓRAX".encode("latin-1"), "TÓRAX"),
    ("ISO_IR 100", "胸部".encode("iso2022_jp"), "胸部"),
    ("UTF-8", "TÓRAX".encode(), "TÓRAX"),
    ("NONSENSE", "TÓRAX".encode(), "TÓRAX"),
]


@pytest.mark.parametrize(("charset", "value", "meant"), CASES)
@pytest.mark.parametrize("keyword", ["BodyPartExamined", "SeriesDescription", "PatientName"])
def test_text_by_the_character_set(tmp_path, keyword, charset, value, meant):
    """Coded strings, which pydicom takes for Latin-1, free text and names alike."""
    path = with_bytes(tmp_path / "a.dcm", charset, **{keyword: value})
    shown = {element.keyword: element.value for element in read_elements(path)}
    assert shown[keyword] == meant
    header = read_radiograph(path).header
    if keyword == "BodyPartExamined":
        assert header.body_part == meant
        assert not [
            each for each in judge(read_radiograph(path), None).refusals if "part" in each.text()
        ]
    elif keyword == "PatientName":
        assert header.patient_name == meant


def test_an_item_takes_the_character_set_of_its_file(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", BodyPartExamined=None)
    ds = dcmread(path)
    ds.AnatomicRegionSequence = [sequence_item(CodeMeaning="Tórax")]
    ds.save_as(path)
    assert read_radiograph(path).header.body_part == "Tórax"


def test_several_values_and_bytes_that_no_set_knows():
    assert decoded(b"A\\B", ["latin-1"]) == "A\\B"
    assert decoded(b"\xff\xfe", ["utf8"]) == "ÿþ"
    # Thai words may be valid UTF-8 by chance: the header is believed.
    thai = "ยก".encode("tis_620")
    assert decoded(thai, ["iso_ir_166"]) == "ยก"
