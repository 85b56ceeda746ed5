"""Ages as headers and tables write them."""

from __future__ import annotations

import pytest

from app.core.base import translation
from app.core.base.ages import age_words, doubt_reason, read_age
from app.core.base.translation_file import VARIABLE, use_the_windows_language
from app.core.gate.rules import judge
from app.core.image.reader import read_radiograph

DAY = 1 / 365.25


@pytest.mark.parametrize(
    ("said", "years"),
    [
        *((said, 45.0) for said in ("045Y", "45Y", "0045Y", "45 y", "45 years", "45yo", "45 y/o")),
        *((said, 45.0) for said in ("45 Jahre", "45 ans", "45 años", "45 лет", "45歳", "45岁")),
        *(
            (said, 45.0)
            for said in ("45-year-old", "45 years old", "45 Jahre alt", "４５Ｙ", "45 a")
        ),
        ("90+Y", None),
        ("90Y+", 90.0),
        ("> 89 years", 89.0),
        ("4.5 y", 4.5),
        ("4,5 Jahre", 4.5),
        ("072M", 6.0),
        ("18M", 1.5),
        ("6 Mo", 0.5),
        ("6 mo.", 0.5),
        ("7 months", 7 / 12),
        ("3ヶ月", 0.25),
        ("3W", 21 * DAY),
        ("052W", 364 * DAY),
        ("12D", 12 * DAY),
        ("10 days", 10 * DAY),
        ("10 Tage", 10 * DAY),
        ("6 h", DAY / 4),
        ("4Y6M", 4.5),
        ("4 years 6 months", 4.5),
        ("1 Jahr, 3 Monate", 1.25),
        ("000Y", 0.0),
    ],
)
def test_an_age_with_its_unit(said, years):
    age = read_age(said)
    assert age.years == (None if years is None else pytest.approx(years, abs=1e-12))
    assert age.doubt == ("unreadable" if years is None else "")


@pytest.mark.parametrize(
    ("said", "years"), [("45", 45.0), ("045", 45.0), ("4.5", 4.5), (" 3 ", 3.0), ("58,5", 58.5)]
)
def test_no_unit_means_years_and_is_told(said, years):
    assert (read_age(said).years, read_age(said).doubt) == (years, "no unit")


@pytest.mark.parametrize(
    "said",
    [
        "old",
        "-1",
        "1000",
        "999Y",
        "Y45",
        "45X",
        "45 j",
        "6M4Y",
        "4 6",
        "4Y6",
        "45Y\\46Y",
        "20150101",
    ],
)
def test_what_is_no_age_is_told(said):
    assert (read_age(said).years, read_age(said).doubt) == (None, "unreadable")


@pytest.mark.parametrize("said", ["", "  ", "-", "unknown", "UNK", "N/A", "nan", "NULL", "?"])
def test_no_age_told_is_no_doubt(said):
    assert (read_age(said).years, read_age(said).doubt) == (None, "")


def test_the_header_tells_what_was_made_of_its_age(dicom_factory):
    """A bare number is years, and said to be; what cannot be read is named with the score."""
    bare = read_radiograph(dicom_factory(PatientAge="45"))
    assert bare.header.age_years == 45
    assert doubt_reason("no unit") in bare.steps
    cautions = judge(bare, (1.0, 5.0)).cautions
    assert "45 years old" in cautions[0].text()
    assert cautions[1] == doubt_reason("no unit")
    fitting = read_radiograph(dicom_factory(PatientAge="3"))
    assert judge(fitting, (1.0, 5.0)).cautions == ()
    assert doubt_reason("no unit") in fitting.steps
    odd = read_radiograph(dicom_factory(PatientAge="4X"))
    assert odd.header.age_years is None
    assert judge(odd, (1.0, 5.0)).cautions == (doubt_reason("unreadable"),)
    assert doubt_reason("unreadable") in odd.steps
    dates = {"PatientBirthDate": "20000101", "StudyDate": "20200101"}
    from_dates = read_radiograph(dicom_factory(PatientAge="4X", **dates))
    assert from_dates.header.age_years == 20
    assert doubt_reason("from dates") in from_dates.steps
    told = read_radiograph(dicom_factory(PatientAge="003Y"))
    assert not {doubt_reason(d) for d in ("no unit", "from dates", "unreadable")} & set(told.steps)


@pytest.mark.parametrize(
    ("years", "english", "german"),
    [
        (45.9, "45 years", "45 Jahre"),
        (0.5, "6 months", "6 Monate"),
        (40 * DAY, "40 days", "40 Tage"),
        (DAY, "1 day", "1 Tag"),
    ],
)
def test_ages_in_words(monkeypatch, years, english, german):
    assert age_words(years) == english
    monkeypatch.setenv(VARIABLE, "de")
    try:
        use_the_windows_language()
        assert age_words(years) == german
    finally:
        translation.install(None)
