"""The gate by header: table of what is refused, cautioned and passed."""

from pathlib import Path

import pytest
from factories import chest_like

from app.core.base.reasons import texts
from app.core.gate.rules import GateResult, judge
from app.core.image.radiograph import Header, Radiograph

CHEST = {"is_dicom": True, "modality": "CR", "body_part": "CHEST", "view": "AP"}


def radiograph(colour=False, side=224, **header) -> Radiograph:
    return Radiograph(Path("x.dcm"), chest_like(side, side), header=Header(**header), colour=colour)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        *(({"modality": m}, m) for m in ("CT", "MR", "US", "XA", "PX", "MG", "OT", "SC", "IO")),
        ({"modality": ""}, "Modality"),
        *(
            ({"body_part": part}, part)
            for part in (
                "EXTREMITY",
                "ABDOMEN",
                "SKULL",
                "HAND",
                "TSPINE",
                "THORACIC SPINE",
                "T-SPINE",
                "THORACOLUMBAR",
                "BREAST",
                "STERNUM",
                "CSPINE",
                "KNIE",
                "OTHER KNEE",
                "BRUSTWIRBELSÄULE",
                "COLONNE THORACIQUE",
            )
        ),
        *(
            ({"view": view}, "lateral")
            for view in (
                "LL",
                "RL",
                "LATERAL",
                "lateral",
                "LAT",
                "LEFT LATERAL",
                "medio-lateral",
                "LATERAL (SeriesDescription)",
                "PROFIL",
                "profil gauche",
                "SEITLICH",
                "PERFIL",
                "LATERALE",
                "Latéral",
                "LLATERAL",
                "LLAT",
                "LATL",
                "latero-lateral",
                "SAGITTAL",
                "AP LAT",
                "PA/LAT",
            )
        ),
        *(({"view": view}, "decubitus") for view in ("LLD", "RLD", "LEFT LATERAL DECUBITUS")),
        *(({"view": view}, "oblique") for view in ("RAO", "LPO", "LLO", "left anterior oblique")),
        ({"frames": 2}, "2 frames"),
    ],
)
def test_refused_with_the_reason(change, word):
    judgement = judge(radiograph(**(CHEST | change)), (1.0, 5.0))
    assert len(judgement.refusals) == 1
    assert word in judgement.refusals[0].text()


@pytest.mark.parametrize(
    "change",
    [
        *({"modality": m} for m in ("CR", "DX", "RG", "RF")),
        *(
            {"body_part": part}
            for part in (
                "CHEST",
                "chest",
                "CHEST AP",
                "PORT CHEST",
                "CHEST_PORTABLE",
                "THORAX",
                "Thorax",
                "TORAX",
                "LUNG",
                "LUNGS",
                "Brust",
                "CHESTPA",
                "胸部",
                "TÓRAX",
                "To\u0301rax",
                "KLATKA PIERSIOWA",
                "грудная клетка",
            )
        ),
        *(
            {"view": v}
            for v in ("", "AP", "PA", "AP SUPINE", "antero-posterior", "PA ERECT", "AP BILATERAL")
        ),
        {"age_years": None},
    ],
)
def test_passes_without_a_word(change):
    judgement = judge(radiograph(**(CHEST | change)), (1.0, 5.0))
    assert judgement.refusals == ()
    assert judgement.cautions == ()


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (1.0, ""),
        (365 / 365.25, ""),
        (5.999, ""),
        (6.0, "6 years"),
        (64.3, "64 years"),
        (0.5, "6 months"),
        (3 / 365.25, "3 days"),
        (1 / 365.25, "1 day "),
        (11 / 12, "11 months"),
        (None, ""),
    ],
)
def test_age_beyond_training_is_a_caution(age, words):
    judgement = judge(radiograph(**CHEST, age_years=age), (1.0, 5.0))
    assert judgement.refusals == ()
    assert bool(judgement.cautions) == bool(words)
    assert words in "".join(texts(judgement.cautions))
    assert judge(radiograph(**CHEST, age_years=age), None).cautions == ()


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("CHEST_TO_ABDOMEN", "more than the chest"),
        ("TRUNK", "more than the chest"),
        ("BABYGRAM", "more than the chest"),
        *(
            (part, "does not name the body part")
            for part in ("", "UNKNOWN", "-", "UNSPECIFIED", "NOT SPECIFIED", "not_specified", "N/A")
        ),
    ],
)
def test_doubtful_body_part_is_a_caution(part, word):
    judgement = judge(radiograph(**(CHEST | {"body_part": part})), None)
    assert judgement.refusals == ()
    assert word in judgement.cautions[0].text()


def test_images_without_header():
    assert judge(radiograph(), (1.0, 5.0)) == judge(radiograph(side=64), None)
    assert judge(radiograph(), None).refusals == ()
    assert "colour" in judge(radiograph(colour=True), None).refusals[0].text()
    assert "frames" in judge(radiograph(frames=3), None).refusals[0].text()
    assert "1 × 1" in judge(radiograph(side=1), None).refusals[0].text()


def test_all_reasons_are_told():
    odd = radiograph(colour=True, is_dicom=True, modality="US", body_part="LIVER", frames=9)
    assert len(judge(odd, None).refusals) == 4


@pytest.mark.parametrize(
    ("parts", "refused", "caution"),
    [
        ((), "", "does not name the body part"),
        (("CHEST",), "", ""),
        (("CHEST", "KNEE"), "", "KNEE"),
        (("BABYGRAM",), "", "more than the chest"),
        (("CHEST", "BABYGRAM"), "", "more than the chest"),
        (("TIBIA", "FIBULA"), "TIBIA, FIBULA", ""),
    ],
)
@pytest.mark.parametrize("part", ["", "UNKNOWN"])
def test_descriptions_stand_in_for_a_missing_body_part(part, parts, refused, caution):
    header = CHEST | {"body_part": part, "parts_described": parts}
    judgement = judge(radiograph(**header), None)
    for said, word in ((judgement.refusals, refused), (judgement.cautions, caution)):
        assert len(said) == bool(word)
        assert word in "".join(texts(said))
    # Where the tag says what it is, the descriptions say nothing against it.
    assert judge(radiograph(**(header | {"body_part": "CHEST"})), None) == GateResult()
