"""Which view an image is, by everything that its header says of it."""

from __future__ import annotations

import pytest
from factories import sequence_item

from app.core.gate.rules import judge
from app.core.gate.view_words import view_coded, view_named
from app.core.image.reader import read_radiograph
from app.core.reading.measure import projection

LATERALS = {
    "German": "Thorax seitlich",
    "German, short": "Thorax seitl.",
    "German noun": "Seitenaufnahme Lunge",
    "French": "Thorax profil",
    "French accent": "Radiographie pulmonaire latérale",
    "Spanish": "Tórax lateral",
    "Spanish profile": "TORAX PERFIL IZQUIERDO",
    "Portuguese": "Tórax perfil",
    "Italian": "Torace laterale",
    "Italian, projection": "Torace latero-laterale",
    "Polish": "Klatka piersiowa boczne",
    "Polish, short": "Klatka piersiowa bok",
    "Dutch": "Thorax dwarse opname",
    "Dutch side": "Borstkas zijwaarts",
    "Hungarian": "Mellkas oldalirányú felvétel",
    "Turkish": "Göğüs yan grafi",
    "Russian": "Грудная клетка, боковая проекция",
    "Russian adjective": "боковой снимок",
    "Ukrainian": "бічна проекція",
    "Greek": "Θώρακας πλάγια",
    "Greek profile": "Θώρακας προφίλ",
    "Chinese, simplified": "胸部侧位",
    "Chinese, traditional": "胸部側位",
    "Chinese, side": "胸部左侧位片",
    "Japanese": "胸部側面",
    "Japanese, English word": "胸部LAT",
    "Korean": "흉부 측면",
    "Swedish": "Lungor sidobild",
    "Italian, short": "RX TORACE LL",
    "Czech": "Hrudník bočně: boční projekce",
    "English": "CHEST LAT",
}


@pytest.mark.parametrize("said", LATERALS.values(), ids=LATERALS)
def test_lateral_words_of_every_language(said):
    assert view_named(said, codes=False) == "lateral"
    assert view_named(said) == "lateral"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("CHEST DECUBITUS", "decubitus"),
        ("Thorax in Linksseitenlage", "decubitus"),
        ("胸部 側臥位", "decubitus"),
        ("胸部侧卧位", "decubitus"),
        ("흉부 측와위", "decubitus"),
        ("デクビタス", "decubitus"),
        ("Klatka piersiowa na boku", "decubitus"),
        ("Göğüs dekübit", "decubitus"),
        ("Göğüs yan yatar", "decubitus"),
        ("Mellkas oldalfekvő", "decubitus"),
        ("Thorax zijligging", "decubitus"),
        ("Грудная клетка на боку", "decubitus"),
        ("латеропозиция", "decubitus"),
        ("Θώρακας πλάγια κατάκλιση", "decubitus"),
        ("Torace decubito laterale", "decubitus"),
        ("Mellkas ferde", "oblique"),
        ("Göğüs oblik", "oblique"),
        ("Thorax schuin", "oblique"),
        ("Torace obliqua", "oblique"),
        ("LEFT LATERAL DECUBITUS", "decubitus"),
        ("Thorax schräg", "oblique"),
        ("Chest oblique", "oblique"),
        ("Tórax oblicua", "oblique"),
        ("Klatka piersiowa skośne", "oblique"),
        ("Грудная клетка косая", "oblique"),
        ("Θώρακας λοξή", "oblique"),
        ("胸部斜位", "oblique"),
        ("흉부 사위", "oblique"),
        ("CHEST LAO", "oblique"),
        ("CHEST PA OBLIQUE", "other"),
        # Views from the front, whatever else is said.
        ("Thorax a.p.", "AP"),
        ("CHEST PA", "PA"),
        ("胸部PA", "PA"),
        ("胸部正位", "frontal"),
        ("прямая проекция", "frontal"),
        ("Tórax AP decúbito supino", "AP"),
        ("Thorax de face, décubitus dorsal", "frontal"),
        ("Göğüs ön-arka", "AP"),
        # Several images, or none.
        ("CHEST PA+LAT", None),
        ("Thorax p.a./seitl.", None),
        ("胸部正侧位", None),
        ("Грудная клетка прямая и боковая", None),
        ("Klatka piersiowa PA i bok", None),
        ("CHEST 2 VIEWS", None),
        ("Dr Rao, routine", None),
        ("Dr. Yan", None),
        ("DR LATERAL CHEST", "lateral"),
        ("Θώρακας ύπτια κατάκλιση", None),
        ("双侧面", None),
        ("左侧胸痛", None),
        ("Torace decubito supino", None),
        ("Lung bilateral", None),
        ("Thorax beidseitig", None),
        ("Laterality L", None),
        ("Yanik ünitesi, plate, latex, bokser", None),
        ("XR LL, LATE", None),
        ("", None),
    ],
)
def test_views_in_free_text(said, kind):
    assert view_named(said, codes=False) == kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, "lateral") for code in ("R-10236", "399173006", "R-10232", "399198007")),
        *((code, "lateral") for code in ("R-102CD", "399067008", "G-A145", "r-10236 ")),
        *((code, "PA") for code in ("R-10214", "272479007", "R-40888")),
        *((code, "AP") for code in ("R-10206", "399348003")),
        *((code, "oblique") for code in ("R-102C1", "399182000", "399135007", "R-10226")),
        *((code, "decubitus") for code in ("F-10319", "102536004")),
        ("399033003", "frontal"),
        ("R-10241", "other"),
        ("T-D3000", None),
        ("", None),
    ],
)
def test_codes_of_the_standard(code, kind):
    assert view_coded(code) == kind


def code(value="", meaning="", scheme="SRT", **tags):
    return sequence_item(
        CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning, **tags
    )


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"ViewPosition": "", "ViewCodeSequence": [code("R-10236")]}, "lateral"),
        ({"ViewPosition": None, "ViewCodeSequence": [code("399173006", scheme="SCT")]}, "lateral"),
        ({"ViewPosition": "AP", "ViewCodeSequence": [code("R-10236", "left lateral")]}, "lateral"),
        ({"ViewPosition": "LL", "ViewCodeSequence": [code("R-10206")]}, "lateral"),
        ({"ViewPosition": "PA", "ViewCodeSequence": [code("X1", "links seitlich")]}, "lateral"),
        ({"ViewPosition": "AP", "ViewCodeSequence": [code("R-10206", "oblique")]}, "oblique"),
        ({"ViewPosition": "", "PatientOrientation": ["H", "A"]}, "lateral"),
        ({"ViewPosition": "", "SeriesDescription": "Thorax schräg"}, "oblique"),
        ({"ViewPosition": "AP", "SeriesDescription": "Chest AP decubitus"}, "decubitus"),
        ({"ViewPosition": "AP", "PatientPosition": "HFDL"}, "decubitus"),
        (
            {"PatientOrientationCodeSequence": [code("F-10450", "recumbent",
                PatientOrientationModifierCodeSequence=[code("F-10319")])]},
            "decubitus",
        ),
    ],
)  # fmt: skip
def test_refused(dicom_factory, tags, word):
    (refusal,) = judge(read_radiograph(dicom_factory(**tags)), None).refusals
    assert word in refusal.text()


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        (
            {"ViewPosition": "PA", "PatientOrientation": ["A", "F"]},
            ("ViewPosition PA", "PatientOrientation"),
        ),
        (
            {"ViewPosition": "AP", "SeriesDescription": "Thorax seitlich, Meier"},
            ("ViewPosition AP", "SeriesDescription lateral"),
        ),
        (
            {"ViewPosition": "AP", "ViewCodeSequence": [code("R-10214")]},
            ("ViewPosition AP", "ViewCodeSequence PA"),
        ),
        ({"ViewPosition": "", "StudyDescription": "CHEST LATERAL"}, ("StudyDescription lateral",)),
        ({"ViewPosition": "", "ViewCodeSequence": [code("R-10241", "axial")]}, ("axial",)),
        ({"ViewPosition": "AP", "PatientOrientation": ["L", "P"]}, ("PatientOrientation",)),
        ({"ViewPosition": "", "ProtocolName": "Thorax PA oblique"}, ("ProtocolName",)),
    ],
)
def test_what_contradicts_itself_is_a_caution_that_names_it(dicom_factory, tags, named):
    judgement = judge(read_radiograph(dicom_factory(**tags)), None)
    assert judgement.refusals == ()
    (caution,) = judgement.cautions
    assert all(each in caution.text() for each in named)
    assert "Meier" not in caution.text()


@pytest.mark.parametrize(
    "tags",
    [
        {"ViewPosition": "AP", "ViewCodeSequence": [code("R-10206", "antero-posterior")]},
        {"ViewPosition": "PA", "PatientOrientation": ["L", "F"]},
        {"ViewPosition": "PA", "PatientOrientation": ["L", "FP"]},
        {"ViewPosition": "PA", "StudyDescription": "CHEST PA AND LATERAL"},
        {"ViewPosition": "AP", "PatientPosition": "HFS", "SeriesDescription": "Thorax liegend"},
        {"ViewPosition": "AP", "SeriesDescription": "Tórax decúbito supino"},
        {"ViewPosition": "", "ProtocolName": "Thorax p.a."},
        {"PatientOrientationCodeSequence": [code("F-10450", "recumbent")]},
    ],
)
def test_frontal_views_pass_without_a_word(dicom_factory, tags):
    judgement = judge(read_radiograph(dicom_factory(**tags)), None)
    assert (judgement.refusals, judgement.cautions) == ((), ())


def test_the_view_is_shown_as_its_element_says(dicom_factory):
    def view(**tags):
        return read_radiograph(dicom_factory(**tags)).header.view

    assert view(ViewPosition="AP", ViewCodeSequence=[code("R-10214")]) == "AP"
    assert view(ViewPosition="", ViewCodeSequence=[code("R-10214")]) == "PA"
    assert view(ViewPosition="", ViewCodeSequence=[code("R-10214", "from behind")]) == "from behind"
    lateral = view(ViewPosition="", ViewCodeSequence=[code("R-10236")])
    assert lateral == "LATERAL (ViewCodeSequence)"


def test_a_lateral_by_code_is_one_wherever_projections_are_compared(dicom_factory):
    tags = {"ViewPosition": "AP", "ViewCodeSequence": [code("R-10236")]}
    assert projection(read_radiograph(dicom_factory(**tags)).header) == "LATERAL"
