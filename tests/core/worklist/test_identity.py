from dataclasses import replace

import numpy as np
import pytest
from factories import chest_like, write_dicom

from app.core.image.radiograph import IDENTITY_8_BIT, Window
from app.core.image.reader import read_radiograph
from app.core.worklist.identity import content_hash, identity_of, identity_of_file, uid_of_file


def test_the_same_values_have_the_same_hash_whatever_holds_them():
    values = chest_like().astype(np.int32) * 7
    hashes = {
        content_hash(values.astype(kind))
        for kind in (np.int16, np.uint16, np.int32, np.uint32, np.int64, ">u2", ">i4")
    }
    assert len(hashes) == 1
    assert content_hash(np.asfortranarray(values)) in hashes
    assert content_hash(values.T) not in hashes
    assert content_hash(values.reshape(400, -1)) not in hashes
    values[3, 3] += 1
    assert content_hash(values) not in hashes


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_one_value_makes_another_image(kind):
    values = chest_like().astype(kind)
    before = content_hash(values)
    values[0, 0] += 1
    assert content_hash(values) != before


def test_it_follows_neither_the_name_nor_the_display(tmp_path):
    made = write_dicom(tmp_path / "a.dcm", chest_like().astype(np.uint16))
    radiograph = read_radiograph(made)
    identity = identity_of(radiograph)
    assert identity.sop_instance_uid == radiograph.header.sop_instance_uid != ""
    (tmp_path / "sub").mkdir()
    moved = made.rename(tmp_path / "sub" / "b.dcm")
    assert identity_of(read_radiograph(moved)) == identity
    shown_otherwise = replace(radiograph, windows=(Window(3.0, 9.0), IDENTITY_8_BIT), inverted=True)
    assert identity_of(shown_otherwise) == identity


def test_a_file_that_cannot_be_decoded_is_known_by_its_place_and_bytes(tmp_path):
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(b"\x89PNG broken")
    second.write_bytes(b"\x89PNG broken")
    assert identity_of_file(first) != identity_of_file(second)
    before = identity_of_file(first)
    assert before == identity_of_file(first)
    assert before.is_unreadable
    first.write_bytes(b"\x89PNG broken!")
    assert identity_of_file(first) != before
    assert identity_of_file(tmp_path).content_hash == ""
    assert identity_of_file(tmp_path / "gone").content_hash == ""


def test_the_uid_is_known_before_the_pixels_are_decoded(tmp_path):
    made = write_dicom(tmp_path / "a.dcm")
    bare = write_dicom(tmp_path / "bare.dcm", preamble=False)
    for path in (made, bare):
        identity = uid_of_file(path)
        assert identity.content_hash == ""
        assert identity.sop_instance_uid == read_radiograph(path).header.sop_instance_uid != ""
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    (tmp_path / "cut.dcm").write_bytes(made.read_bytes()[:300])
    for name in ("x.png", "cut.dcm", "gone.dcm"):
        assert uid_of_file(tmp_path / name).sop_instance_uid == ""
