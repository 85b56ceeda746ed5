"""Descriptors of look-up tables that their entries belie; DCMTK is the oracle for their number."""

import numpy as np
import pytest
from factories import chest_like
from pydicom import Dataset

from app.core.base.reasons import texts
from app.core.image.display import render
from app.core.image.reader import read_radiograph

GREY_12 = chest_like().astype(np.uint16) * 16 + 7
RAMP = np.arange(4096)
SHOWN = np.floor(GREY_12 / 4095 * 255 + 0.5)


def lut(descriptor: list[int], entries: np.ndarray, vr: str = "US") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, descriptor)
    item.add_new("LUTData", "OW", entries.tobytes() + b"\0" * (entries.nbytes % 2))
    return item


WORDS, BYTES = RAMP.astype("<u2"), (RAMP // 16).astype(np.uint8)

BELIED = {
    "16 bits said, 12 used": ([4096, 0, 16], WORDS, "12 bits an entry"),
    "12 said, 10 used": ([4096, 0, 12], WORDS // 4, "10 bits an entry"),
    "10 said, 12 used": ([4096, 0, 10], WORDS, "12 bits an entry"),
    "8 said, 16 used": ([4096, 0, 8], WORDS * 16, "16 bits an entry"),
    "11 said, 8 used": ([4096, 0, 11], WORDS // 16, "8 bits an entry"),
    "no bits said": ([4096, 0, 0], WORDS, ""),
    "too many bits said": ([4096, 0, 4095], WORDS, ""),
    "packed bytes said to be words": ([4096, 0, 16], BYTES, "8 bits an entry"),
    "packed bytes": ([4096, 0, 8], BYTES, ""),
    "fewer entries said": ([1024, 0, 12], WORDS, "4096 entries"),
    "no number said": ([0, 0, 12], WORDS, "4096 entries"),
    "zeros after the entries": ([4096, 0, 12], np.r_[WORDS, np.zeros(9, "<u2")], ""),
    "right": ([4096, 0, 12], WORDS, ""),
}


@pytest.mark.parametrize("name", BELIED)
def test_bits_and_number_follow_the_entries(dicom_factory, name):
    descriptor, entries, note = BELIED[name]
    path = dicom_factory(GREY_12, BitsStored=12, VOILUTSequence=[lut(descriptor, entries)])
    read = read_radiograph(path)
    assert np.abs(render(read) - SHOWN).max() <= 2
    told = [words for words in texts((*read.steps, *read.cautions)) if "VOI LUT" in words]
    assert bool(told) == bool(note)
    assert not note or any(note in words for words in told)


@pytest.mark.parametrize("kept", [4095, 3800])
def test_missing_entries_are_a_caution(dicom_factory, kept):
    item = lut([4096, 0, 12], WORDS[:kept])
    read = read_radiograph(dicom_factory(GREY_12, BitsStored=12, VOILUTSequence=[item]))
    assert np.abs(render(read) - SHOWN).max() <= 20
    assert any(f"{kept} entries" in caution for caution in texts(read.cautions))


@pytest.mark.parametrize(("shift", "signed"), [(0, False), (-2048, True), (50_000, False)])
def test_the_first_value_has_the_sign_that_fits_the_values(dicom_factory, shift, signed):
    values = (GREY_12.astype(np.int64) + shift).astype(np.int16 if signed else np.uint16)
    for first, vr in ((shift % 65536, "US"), ((shift + 32768) % 65536 - 32768, "SS")):
        item = lut([4096, first, 12], WORDS, vr)
        read = read_radiograph(dicom_factory(values, VOILUTSequence=[item]))
        assert np.abs(render(read) - SHOWN).max() <= 1


def test_a_table_that_begins_below_the_values_stays_there(dicom_factory):
    item = lut([4196, -100, 12], np.r_[np.zeros(100, "<u2"), WORDS], "SS")
    read = read_radiograph(dicom_factory(GREY_12, BitsStored=12, VOILUTSequence=[item]))
    assert np.abs(render(read) - SHOWN).max() <= 1


def test_entries_of_a_modality_lut_are_values_whatever_bits_are_said(dicom_factory):
    item = lut([4096, 0, 8], WORDS[::-1].copy())
    item.ModalityLUTType = "US"
    read = read_radiograph(dicom_factory(GREY_12, BitsStored=12, ModalityLUTSequence=[item]))
    np.testing.assert_array_equal(read.pixels, 4095 - GREY_12)


def test_a_modality_lut_of_few_entries_is_unusable(dicom_factory):
    item = lut([4096, 0, 12], WORDS[:1000])
    read = read_radiograph(dicom_factory(GREY_12, BitsStored=12, ModalityLUTSequence=[item]))
    np.testing.assert_array_equal(read.pixels, GREY_12)
    assert any("Modality LUT cannot be used" in caution for caution in texts(read.cautions))


def test_an_unusable_modality_lut_leaves_the_rescale(dicom_factory):
    path = dicom_factory(
        GREY_12, BitsStored=12, ModalityLUTSequence=[Dataset()], RescaleSlope=2, RescaleIntercept=-5
    )
    read = read_radiograph(path)
    np.testing.assert_array_equal(read.pixels, GREY_12.astype(int) * 2 - 5)
    assert any("Modality LUT cannot be used" in caution for caution in texts(read.cautions))
