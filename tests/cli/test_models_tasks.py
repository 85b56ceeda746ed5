"""`models` and its tasks as a person types them: compare, promote, rollback, export, import."""

from __future__ import annotations

import dataclasses
import json
import shutil
import statistics

import cv2
import pytest
from factories import chest_like, write_dicom
from tiny_data import write_training_folder
from tiny_model import save_tiny, wide_gate

from app.cli import main
from app.core.base.home import home, models_dir
from app.core.model.card import ModelCard, pack_hashes
from app.inference.registry.models import active_name
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import score
from app.review.comparison.trial import labelled_items, try_both

MEASURED = {"held_out": {"auc": {"value": 0.9}}}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    save_tiny(folder, "old", seed=1, gate=wide_gate(), metrics=MEASURED)
    save_tiny(folder, "new", seed=5, gate=wide_gate(), metrics=MEASURED)
    return folder


@pytest.fixture
def models(built, opacity_home):
    shutil.copytree(built, models_dir())
    return models_dir()


@pytest.fixture
def data(tmp_path):
    """24 images, four of them of two patients; a file that is refused and one that is broken."""
    folder = write_training_folder(tmp_path / "data", per_class=12)
    for number in range(2):
        again = chest_like(96, 96, seed=900 + number)
        cv2.imwrite(str(folder / "PNEUMONIA" / f"person{number}_virus_99.png"), again)
    write_dicom(folder / "NORMAL" / "knee.dcm", BodyPartExamined="KNEE")
    (folder / "NORMAL" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return folder


def said(capsys) -> tuple[str, str]:
    output = capsys.readouterr()
    return output.out, output.err


def set_threshold_in_the_middle(folder, data) -> None:
    """Give a tiny model an operating point that divides these images."""
    items = [item for item, _ in labelled_items(data)]
    scores = [one.prediction.p_pneumonia for one in score(items, Classifier(folder))]
    middle = statistics.median(p for p in scores if p is not None)
    card = ModelCard.load(folder / "card.json")
    card = dataclasses.replace(card, operating_points={"default": middle})
    (folder / "card.json").write_text(card.to_json())


@pytest.mark.slow
def test_compare_writes_figures_and_every_flip(models, data, tmp_path, capsys):
    for name in ("old", "new"):
        set_threshold_in_the_middle(models / name, data)
    report = tmp_path / "report.json"
    assert main(["models", "compare", "old", "new", "--data", str(data), "-o", str(report)]) == 0
    out, err = said(capsys)
    assert "new 1.0 against old 1.0 on the same images: 26 (" in out
    assert "28 files: 26 scored, 1 refused, 1 unreadable" in err
    figures = json.loads(report.read_text())
    assert figures["n"] == 26
    assert figures["intervals"]["patients"] == 24
    assert "clustered" in figures["mcnemar"]["all"]["method"]
    # Each model's own scores tell the same flips.
    for model, side in (("old", "first"), ("new", "second")):
        assert main(["score", str(data), "--model", model, "-o", str(tmp_path / "s.csv")]) == 0
        rows = (tmp_path / "s.csv").read_text().splitlines()[1:]
        scores = {row.split(",")[0]: row.split(",") for row in rows}
        for kind, images in figures["flipped"].items():
            assert len(images) == figures["flips"][kind]
            for image in images:
                assert float(scores[image["path"]][2]) == pytest.approx(image[side], abs=1e-6)
                called = scores[image["path"]][3] == "PNEUMONIA"
                second_calls = kind in ("newly_caught", "newly_false_alarm")
                assert called == (second_calls == (side == "second"))
    assert sum(figures["flips"].values()) > 0


def test_each_image_is_scored_once_by_each_and_never_after_a_cancel(models, data, monkeypatch):
    from app.review.comparison import trial

    scored: list[str] = []

    def counted(items, classifier, **options):
        for one in score(items, classifier, **options):
            scored.append(f"{classifier.card.name} {one.item.path.name}")
            yield one

    monkeypatch.setattr(trial, "score", counted)
    first, second = Classifier(models / "old"), Classifier(models / "new")
    told: list[tuple[int, int]] = []
    try_both(first, second, labelled_items(data), lambda *now: told.append(now))
    assert len(scored) == len(set(scored)) == 28 + 26
    assert told[-1] == (54, 54)
    assert [done for done, _ in told] == list(range(1, 55))
    with pytest.raises(trial.Cancelled):
        try_both(first, second, labelled_items(data), cancelled=lambda: True)


def test_compare_prints_without_a_report(models, data, capsys):
    assert main(["models", "compare", "old", "old", "--data", str(data)]) == 0
    out, _ = said(capsys)
    assert "difference +0.000" in out
    assert "0 newly caught, 0 newly missed (p = 1.000)" in out


@pytest.mark.slow
def test_what_a_model_was_trained_on_is_left_out(models, data, tmp_path, capsys):
    from app.training.data.dataset import read_dataset

    known = read_dataset(data)
    seen = [i for i, name in enumerate(known.names) if "person0_virus_0" in name]
    hashes = pack_hashes([bytes.fromhex(known.content_hashes[i])[:16] for i in seen])
    save_tiny(models, "taught", seed=2, data={"content_hashes": hashes}, metrics=MEASURED)
    assert main(["models", "compare", "old", "taught", "--data", str(data)]) == 0
    out, _ = said(capsys)
    assert "Left out" in out
    assert "2 images (the same: 1, near duplicates: 0, of the same patients: 1)" in out
    everything = pack_hashes([bytes.fromhex(one)[:16] for one in known.content_hashes])
    save_tiny(models, "all", seed=2, data={"content_hashes": everything}, metrics=MEASURED)
    report = tmp_path / "r.json"
    assert main(["models", "compare", "all", "old", "--data", str(data), "-o", str(report)]) == 1
    assert "No image is left" in said(capsys)[1]
    assert not report.exists()


def test_one_class_only(models, data, capsys):
    shutil.rmtree(data / "NORMAL")
    assert main(["models", "compare", "old", "new", "--data", str(data)]) == 0
    assert "undefined, since the images are all of one class" in said(capsys)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["old", "new", "--data", "{data}", "-o", "{data}/r.json"], 2, "being read"),
        (["old", "new", "--data", "{data}/nowhere"], 2, "There is no"),
        (["old", "nobody", "--data", "{data}"], 1, "no model named"),
        (["old", "pets", "--data", "{data}"], 1, "CAT from DOG"),
        (["old", "new", "--data", "{data}/NORMAL"], 1, "no subfolder NORMAL or PNEUMONIA"),
    ],
)
def test_what_cannot_be_compared(models, data, arguments, code, words, capsys):
    save_tiny(models, "pets", classes=("CAT", "DOG"))
    given = [text.replace("{data}", str(data)) for text in arguments]
    assert main(["models", "compare", *given]) == code
    assert words in said(capsys)[1]


def test_promote_and_roll_back(models, capsys):
    assert main(["models", "rollback"]) == 1
    assert "nothing to go back to" in said(capsys)[1]
    assert main(["models", "promote", "new"]) == 0
    assert "goes back to best-2" in said(capsys)[1]
    assert main(["models"]) == 0
    (line,) = [line for line in said(capsys)[0].splitlines() if line.startswith("*")]
    assert "new" in line
    assert main(["models", "--json"]) == 0
    listed = json.loads(said(capsys)[0])
    assert [entry["name"] for entry in listed if entry["active"]] == ["new"]
    assert main(["models", "rollback"]) == 0
    assert "best-2 is the active model again" in said(capsys)[1]
    assert active_name() == "best-2"


def test_a_model_that_lacks_something(models, capsys):
    save_tiny(models, "raw")
    assert main(["models", "promote", "raw"]) == 1
    assert "lacks: figures on held-out patients" in said(capsys)[1]
    assert main(["models", "promote", "raw", "--despite-missing"]) == 0
    assert active_name() == "raw"


@pytest.mark.slow
def test_the_active_model_is_the_one_that_scores(models, data, tmp_path, capsys):
    assert main(["models", "promote", "new"]) == 0
    out = tmp_path / "s.csv"
    assert main(["score", str(data / "NORMAL"), "-o", str(out)]) == 0
    assert "new 1.0" in out.read_text()
    shutil.rmtree(models / "new")
    said(capsys)
    assert main(["models"]) == 0
    assert "new cannot be used" in said(capsys)[1]
    assert main(["score", str(data / "NORMAL"), "-o", str(out)]) == 0
    assert "Caution: The active model new cannot be used, so best-2 is" in said(capsys)[1]
    assert "best-2 2.1" in out.read_text()


def test_export_and_import(models, tmp_path, capsys):
    file = tmp_path / "old.opacity"
    assert main(["models", "export", "old", "-o", str(file)]) == 0
    assert main(["models", "import", str(file)]) == 1
    assert "already there" in said(capsys)[1]
    assert main(["models", "import", str(file), "--name", "copy"]) == 0
    assert "models promote copy" in said(capsys)[1]
    assert active_name() == "best-2"
    assert main(["models", "import", str(file), "--name", "../x"]) == 2
    assert main(["models", "import", str(tmp_path / "none.opacity")]) == 2
    file.write_bytes(file.read_bytes()[:-100])
    assert main(["models", "import", str(file), "--name", "third"]) == 1
    assert "cannot be imported" in said(capsys)[1]
    assert sorted(path.name for path in models_dir().iterdir()) == ["copy", "new", "old"]


def test_a_model_of_several_classes_is_listed(models, capsys):
    save_tiny(models, "many", classes=("A", "B", "C"), operating_points={})
    assert main(["models"]) == 0
    (line,) = [line for line in said(capsys)[0].splitlines() if " many " in line]
    assert "no operating point" in line
    assert not (home() / "active.json").exists()


def test_a_model_of_other_classes_gets_a_clear_error_wherever_it_would_judge(
    models, data, tmp_path, capsys
):
    save_tiny(models, "many", classes=("A", "B", "C"), operating_points={})
    for command in ("score", "evaluate"):
        arguments = [command, str(data), "-o", str(tmp_path / "out"), "--model", "many"]
        assert main(arguments) == 1
        assert "Scoring needs a model of the classes NORMAL and PNEUMONIA" in said(capsys)[1]
