"""Reasons: codes with values, worded at the edge, counted by what they are."""

from __future__ import annotations

import ast
import json
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from factories import chest_like

from app.core.base import reasons, translation
from app.core.base.errors import UnreadableImage
from app.core.base.reasons import (
    Kind,
    Reason,
    as_reasons,
    caution,
    codes,
    groups,
    phrase,
    texts,
    told,
    unreadable,
)
from app.core.gate.rules import judge
from app.core.image.radiograph import Header, Radiograph

ROOT = Path(__file__).resolve().parents[3]
PART = phrase("test-part", "{n} parts")
ODD = caution("test-odd", "It has {what} in {share:.0%} of {kind}", "It is odd in {kind}")
PLAIN = caution("test-plain", "It is plain")
LOST = unreadable(
    "test-lost",
    "{path} is lost.",
    "The file is lost.",
    "It was expected at {path}.",
    "Look for it.",
)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    translation.install(None)


def test_words_are_made_when_they_are_read():
    reason = ODD(what=PART(n=3), share=0.25, kind="CR")
    assert reason.text() == "It has 3 parts in 25% of CR"
    translation.install({"{n} parts": "{n} Teile", ODD.template: "{what}: {share:.0%}"}.get)
    assert reason.text() == "3 Teile: 25%"


def test_an_unreadable_file_is_told_in_three_parts():
    error = UnreadableImage(LOST(path="a.png"))
    assert (error.what, error.expected) == ("a.png is lost.", "It was expected at a.png.")
    assert str(error) == "a.png is lost. It was expected at a.png. Look for it."
    assert error.reason.group.what() == "The file is lost."
    assert pickle.loads(pickle.dumps(error)).reason == error.reason


def test_equal_by_code_and_values_and_grouped_by_what_they_are():
    one, two = ODD(what="a", share=0.1, kind="CR"), ODD(what="b", share=0.2, kind="CR")
    assert one == ODD(what="a", share=0.1, kind="CR")
    assert one != two
    assert one.group == two.group != ODD(what="a", share=0.1, kind="DX").group
    assert one.group.text() == "It is odd in CR"
    assert one.group.group == one.group
    assert groups([one, two, PLAIN()]) == (one.group, PLAIN())
    assert codes([one, PLAIN()]) == ("test-odd", "test-plain")
    assert one.kind is Kind.CAUTION


def test_through_json_and_back():
    some = (PART(n=1), "two")
    assert ODD(what=some, share=1, kind="CR").what() == "It has 1 parts, two in 100% of CR"
    for reason in (ODD(what=PART(n=3), share=0.25, kind=some), PLAIN(), told("Was {so}.")):
        assert Reason.from_json(json.loads(json.dumps(reason.to_json()))) == reason
        assert hash(Reason.from_json(reason.to_json())) == hash(reason)


@pytest.mark.parametrize("raw", [None, 3, [], {}, {"code": 3}, {"code": "a", "params": [1]},
                                 {"code": "a", "params": {"b": [{}]}}])  # fmt: skip
def test_what_is_no_reason_is_a_value_error(raw):
    with pytest.raises(ValueError, match="reason"):
        Reason.from_json(raw)


def test_what_an_older_version_kept_is_its_own_words():
    old = Reason.from_json("The view is {odd}.")
    assert old == told("The view is {odd}.")
    assert old.text() == "The view is {odd}."
    assert old.group == old
    assert texts(["a", PLAIN()]) == ("a", "It is plain")
    assert as_reasons(["a"]) == (told("a"),)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"code": "of-a-newer-version", "params": {"n": 3}}, "of-a-newer-version"),
        ({"code": "test-odd", "params": {}}, "test-odd"),
        ({"code": "test-odd", "params": {"kind": "CR"}}, "It is odd in CR"),
        (
            {"code": "test-odd", "params": {"what": "a", "share": "much", "kind": "CR"}},
            "It is odd in CR",
        ),
    ],
)
def test_words_of_another_version_do_not_stop_anybody(raw, words):
    assert Reason.from_json(raw).text() == words


def test_a_code_is_declared_once():
    with pytest.raises(ValueError, match="test-plain"):
        caution("test-plain", "Something else")


def declaring() -> set[str]:
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module == "app.core.base.reasons":
                names = {each.name for each in node.names}
                if names & {str(kind) for kind in Kind}:
                    found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


@pytest.mark.slow
def test_reasons_are_declared_where_any_process_finds_them():
    assert len(declaring()) > 20
    assert all(re.fullmatch(r"app\.core\.\w+\.\w+", name) for name in declaring())


def test_a_process_that_has_read_no_image_knows_the_words():
    code = (
        "from app.core.base.reasons import Reason\n"
        "print(Reason('../x').text(), Reason('view-lateral', {'view': 'LL'}).text())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "../x The view is lateral (LL), not a frontal view"


@pytest.mark.slow
def test_all_declarations_keep_the_rules():
    for name in declaring():
        import_module(name)
    ours = [each for each in reasons._declared.values() if not each.code.startswith("test-")]
    assert len(ours) > 30
    for each in ours:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.code)
        assert reasons._names_in(each.general) <= reasons._names_in(each.template), each.code
        # What counts many images names no file and no number of one of them.
        assert "path" not in reasons._names_in(each.general), each.code
        if each.kind in (Kind.REFUSAL, Kind.CAUTION, Kind.UNREADABLE):
            assert not re.search(r"\{\w+:[^}]*\}", each.general), each.code


def test_sixty_adults_are_one_reason():
    """Counted by what it is, and not by its sentence, which has every adult's own age."""
    found = Counter()
    for age in range(20, 80):
        header = Header(is_dicom=True, modality="CR", body_part="CHEST", age_years=age)
        judged = judge(Radiograph(Path("x.dcm"), chest_like(), header=header), (1.0, 5.0))
        found.update(groups(judged.cautions))
    ((group, count),) = found.items()
    assert (group.code, count) == ("age-outside-training", 60)
    assert not re.search(r"\d", group.text())
