"""Words of headers: what free text names, and what it does not."""

import pytest

from app.core.gate.header_words import parts_named
from app.core.gate.view_words import names_lateral


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("XR TIBIA/FIBULA LEFT", ("TIBIA", "FIBULA")),
        ("TIBIA AP", ("TIBIA",)),
        ("XR CHEST 2 VIEWS", ("CHEST",)),
        ("XR_CHEST2V", ("CHEST",)),
        ("Röntgen Thorax a.p.", ("CHEST",)),
        ("Rx TÓRAX", ("CHEST",)),
        ("PORTABLE CXR", ("CHEST",)),
        ("Babygram", ("BABYGRAM",)),
        ("CHEST/ABDOMEN", ("CHEST", "ABDOMEN")),
        ("XR THORACIC SPINE", ("SPINE",)),
        ("Brustwirbelsäule seitlich", ("SPINE",)),
        ("CHEST AND SPINE", ("CHEST", "SPINE")),
        ("Hüfte links", ("HUFTE",)),
        ("Both knees", ("KNEES",)),
        ("", ()),
        ("ROUTINE", ()),
        ("Manchester Royal Infirmary, Mr Chester", ()),
        ("Abteilung 3, Einstellung 2", ()),
        ("shipped, handed over", ()),
    ],
)
def test_parts_named(text, parts):
    assert parts_named(text) == parts


@pytest.mark.parametrize(
    ("text", "lateral", "in_free_text"),
    [
        ("LATERAL", True, True),
        ("CHEST LAT", True, True),
        ("LLATERAL", True, True),
        ("PROFIL", True, True),
        ("LL", True, False),
        ("PROFILE", True, False),
        ("AP BILATERAL", False, False),
        ("LATE INSPIRATION, LATEX ALLERGY", False, False),
        ("LATERALITY L", False, False),
        ("PLATE", False, False),
        ("FRONTAL", False, False),
    ],
)
def test_names_lateral(text, lateral, in_free_text):
    assert names_lateral(text) is lateral
    assert names_lateral(text, codes=False) is in_free_text
