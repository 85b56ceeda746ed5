"""The header of any file in words; never a pixel."""

import numpy as np
import pytest
from factories import write_dicom, write_huge_png
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from app.core.base.errors import UnreadableImage
from app.core.dicom.tags import Element, read_elements


def by_keyword(elements):
    return {element.keyword: element for element in elements if element.keyword}


def test_every_element_of_the_header_is_there(dicom_factory):
    path = dicom_factory(PatientName="Öz^Ünal", SpecificCharacterSet="ISO_IR 100")
    found = by_keyword(read_elements(path))
    name = Element("(0010,0010)", "PatientName", "Patient's Name", "PN", "Öz^Ünal")
    assert found["PatientName"] == name
    assert found["TransferSyntaxUID"].value == "1.2.840.10008.1.2.1 (Explicit VR Little Endian)"
    assert found["Rows"].value == "200"
    assert found["PixelData"].value == "not read"


def test_sequences_nest_and_private_elements_are_named(dicom_factory):
    inner = Dataset()
    inner.CodeValue, inner.CodeMeaning = "399348003", "antero-posterior"
    item = Dataset()
    item.ViewModifierCodeSequence = [inner, inner]
    item.CodeMeaning = "frontal"
    path = dicom_factory(ViewCodeSequence=[item])
    ds = dcmread(path)
    block = ds.private_block(0x0011, "OPACITY TEST", create=True)
    block.add_new(0x01, "LO", "of the maker")
    block.add_new(0x02, "OB", bytes(range(40)))
    ds.save_as(path)
    elements = read_elements(path)
    sequence = by_keyword(elements)["ViewCodeSequence"]
    assert sequence.value == "1 item"
    (first,) = sequence.children
    assert first.tag == "Item 1"
    modifiers = by_keyword(first.children)["ViewModifierCodeSequence"]
    assert modifiers.value == "2 items"
    assert by_keyword(modifiers.children[1].children)["CodeMeaning"].value == "antero-posterior"
    tags = {element.tag: element for element in elements}
    assert tags["(0011,1001)"].value == "of the maker"
    assert tags["(0011,1001)"].keyword == ""
    assert tags["(0011,1002)"].value == f"40 bytes: {bytes(range(16)).hex(' ')} …"


def test_long_values_many_items_and_bad_ones_are_shortened_or_told(dicom_factory):
    item = Dataset()
    item.CodeMeaning = "one"
    path = dicom_factory(
        ImageComments="word " * 200, ViewCodeSequence=[item] * 70, AcquisitionNumber=1
    )
    ds = dcmread(path)
    bad = Tag("AcquisitionNumber")
    ds._dict[bad] = RawDataElement(bad, "IS", 4, b"abc ", 0, False, True)
    ds.save_as(path)
    found = by_keyword(read_elements(path))
    assert len(found["ImageComments"].value) == 256
    assert found["ImageComments"].value.endswith("…")
    assert found["ViewCodeSequence"].value == "70 items, the first 50 shown"
    assert len(found["ViewCodeSequence"].children) == 50
    assert found["AcquisitionNumber"].value in ("cannot be read", "abc")


def test_pixels_are_never_read(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", np.zeros((1000, 1000), np.uint16))
    whole = path.read_bytes()
    # All of the pixels cut off: nothing of them is missed.
    path.write_bytes(whole[:-1_900_000])
    assert by_keyword(read_elements(path))["PixelData"].value == "not read"
    huge = write_huge_png(tmp_path / "huge.png", 9_000)
    facts = {element.name: element.value for element in read_elements(huge)}
    assert (facts["Width"], facts["Height"], facts["Mode"]) == ("9000", "9000", "L")


def test_a_photograph_tells_size_mode_and_exif(tmp_path):
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    Image.new("RGB", (30, 20)).save(path, exif=exif, dpi=(96, 96))
    facts = {element.name: element.value for element in read_elements(path)}
    assert (facts["Format"], facts["Width"], facts["Height"], facts["Mode"]) == (
        "JPEG",
        "30",
        "20",
        "RGB",
    )
    assert facts["Make"] == "A maker"
    assert facts["DateTimeOriginal"] == "2020:01:02 03:04:05"


def test_a_file_that_is_gone_or_no_image_is_told(tmp_path):
    (tmp_path / "a.txt").write_text("no image")
    for name in ("gone.dcm", "a.txt"):
        with pytest.raises(UnreadableImage, match="cannot be read"):
            read_elements(tmp_path / name)


def test_an_element_that_never_ends_in_zeros_is_refused(dicom_factory):
    path = dicom_factory()
    content = path.read_bytes()
    path.write_bytes(content[:400] + bytes(1_000_000))
    try:
        elements = read_elements(path)
    except UnreadableImage:
        return
    assert len(elements) < 20_100
