"""Reading training images: what counts, what is left out, who stands on which side."""

import dataclasses

import cv2
import pytest
from factories import chest_like, write_dicom
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import TrainingDataError
from app.training.data.dataset import dataset_for, read_dataset
from app.training.data.inspection import inspect_layout
from app.training.data.layout import read_layout
from app.training.data.summary import summarise
from app.training.result.card import ages, is_kermany


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_training_folder(tmp_path_factory.mktemp("data"), per_class=30)


@pytest.fixture(scope="module")
def dataset(data):
    return read_dataset(data)


@pytest.mark.parametrize("classes", [[], ["NORMAL"]], ids=["no class", "one class"])
def test_too_few_classes(tmp_path, classes):
    for name in classes:
        (tmp_path / name).mkdir()
    with pytest.raises(TrainingDataError, match=r"no class subfolders|only one class"):
        read_dataset(tmp_path)


def test_a_class_without_images(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    for path in (folder / "NORMAL").iterdir():
        path.unlink()
    with pytest.raises(TrainingDataError, match="Readable images of the class NORMAL: 0"):
        read_dataset(folder)


def test_images_of_one_patient_id_stay_together(tmp_path):
    """Names such as IM000001 tell nothing: the header does."""
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (tmp_path / name).mkdir()
        for number in range(12):
            write_dicom(
                tmp_path / name / f"IM{number:06}.dcm",
                chest_like(seed=100 * label + number),
                Modality="DX",
                BodyPartExamined="CHEST",
                PatientID=f"{label}-{number // 3}",
                PatientAge="004Y" if number % 2 else "014Y",
            )
        write_dicom(tmp_path / name / "ct.dcm", chest_like(), Modality="CT")
    dataset = read_dataset(tmp_path)
    assert len(dataset.labels) == 24
    assert len(set(dataset.groups)) == 8
    assert [name for name, _ in dataset.skipped] == ["NORMAL/ct.dcm", "PNEUMONIA/ct.dcm"]
    assert ages(dataset) == (4.0, 14.0)


def test_ages_are_not_claimed_where_nobody_told_them(dataset):
    assert ages(dataset) == (1.0, 5.0)  # names of Kermany's collection
    strangers = dataclasses.replace(dataset, groups=("x",) * len(dataset.groups))
    assert ages(strangers) is None


def test_unreadable_files_are_counted_and_left_out(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    (folder / "NORMAL" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    dataset = read_dataset(folder)
    assert len(dataset.labels) == 24
    assert [name for name, _ in dataset.skipped] == ["NORMAL/broken.png"]


def test_the_operating_point_was_set_on_patients_it_never_saw(dataset):
    split = {s: set(dataset.indices(s, 2)) for s in ("train", "validation", "calibration")}
    assert sum(len(part) for part in split.values()) == len(dataset.labels)
    groups = {s: {dataset.groups[i] for i in part} for s, part in split.items()}
    assert not groups["train"] & groups["calibration"]
    assert not groups["validation"] & groups["calibration"]
    assert not groups["train"] & groups["validation"]


def test_all_images_unreadable(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    for path in folder.rglob("*.png"):
        path.write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    with pytest.raises(TrainingDataError, match=r"images.*: 0.*Of 24 that were left out: "):
        read_dataset(folder)


def test_five_images(tmp_path):
    folder = write_training_folder(tmp_path, per_class=3)
    next((folder / "NORMAL").iterdir()).unlink()
    with pytest.raises(TrainingDataError, match=r"class NORMAL: 2.*at least 10"):
        read_dataset(folder)


def test_three_classes_mapped_onto_two(tmp_path):
    folder = write_training_folder(tmp_path, per_class=12)
    covid = folder / "COVID"
    covid.mkdir()
    for number, path in enumerate(sorted((folder / "PNEUMONIA").iterdir())[:4]):
        path.rename(covid / f"person{900 + number}_virus_1.png")
    two = dataset_for(tiny("dense", folder, mapping={"COVID": "PNEUMONIA"}))
    assert two.classes == ("NORMAL", "PNEUMONIA")
    assert two.counts(range(len(two.labels))) == {"NORMAL": 12, "PNEUMONIA": 12}


def test_a_csv_tells_the_classes_and_the_patients(tmp_path):
    folder = write_training_folder(tmp_path / "images", per_class=12)
    lines = ["path,label,patient"]
    for path in sorted(folder.rglob("*.png")):
        number = int("".join(filter(str.isdigit, path.name.split("_")[0].split("-")[-1])) or 0)
        other = "sick" if path.parent.name == "PNEUMONIA" else "well"
        lines.append(f"{path.relative_to(folder).as_posix()},{other},p{number % 5}-{other}")
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(lines))
    dataset = dataset_for(tiny("dense", folder, labels=str(table)))
    assert dataset.classes == ("sick", "well")
    assert dataset.counts(range(24)) == {"sick": 12, "well": 12}
    assert len(set(dataset.groups)) < 24


def write_export(folder, name_of, **header):
    """Two classes of 60 files: one child a file, as an export names and labels them."""
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (folder / name).mkdir(parents=True)
        for number in range(60):
            seed = 1000 * label + number
            path = folder / name / name_of(seed)
            if path.suffix == ".dcm":
                header = {"Modality": "DX", "BodyPartExamined": "CHEST", **header}
                write_dicom(path, chest_like(66, 70, seed=seed), **header)
            else:
                cv2.imwrite(str(path), chest_like(66, 70, seed=seed))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("placeholder", ["ANONYMOUS", "0", "N/A", "Test^Patient"])
def test_a_placeholder_in_every_header_is_not_one_patient(tmp_path, placeholder):
    folder = write_export(tmp_path / "a", lambda seed: f"{seed}.dcm", PatientID=placeholder)
    dataset = read_dataset(folder)
    assert dataset.without_patient == len(set(dataset.groups)) == 120
    for side in ("train", "validation", "calibration"):
        assert all(dataset.counts(dataset.indices(side, 0)).values())
    told = inspect_layout(read_layout(folder)).warnings
    assert any("120 images have a PatientID that names nobody" in each for each in told)


def test_a_viewers_export_is_neither_one_patient_nor_another_collection(tmp_path):
    folder = write_export(tmp_path / "a", lambda seed: f"IM-0001-{seed:04}.png")
    assert summarise(folder).trainable
    dataset = read_dataset(folder)
    assert dataset.without_patient == 120
    assert not is_kermany(dataset)
    assert ages(dataset) is None


def test_placeholders_of_a_table_are_not_one_patient(tmp_path):
    folder = write_export(tmp_path / "a", lambda seed: f"{seed}.png")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    rows = [f"{name},{'unknown' if at % 3 else at // 6}" for at, name in enumerate(names)]
    (tmp_path / "patients.csv").write_text("\n".join(["path,patient", *rows]))
    dataset = read_dataset(folder, patients=tmp_path / "patients.csv")
    assert dataset.without_patient == 80
    assert len(set(dataset.groups)) == 80 + 20
