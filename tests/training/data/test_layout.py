"""Which files a training folder holds: folders, ready-made splits, CSVs, mapped classes."""

import os

import pytest

from app.core.base.errors import ReviewError, TrainingDataError
from app.training.data.layout import read_layout


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")  # never decoded here: the suffix is enough


def table(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def told(layout):
    return {e.name: (layout.classes[e.label], e.split, e.patient) for e in layout.entries}


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    fill(data, "NORMAL/a.png", "NORMAL/ward/b.png", "PNEUMONIA/c.png", "PNEUMONIA/.d.png")
    return data


@pytest.fixture
def flat(tmp_path):
    data = tmp_path / "data"
    fill(data, "a.png", "b.png", "c.png", "deep/d.png")
    return data


def test_class_folders(folder):
    layout = read_layout(folder)
    assert layout.classes == ("NORMAL", "PNEUMONIA")
    assert told(layout) == {
        "NORMAL/a.png": ("NORMAL", "", ""),
        "NORMAL/ward/b.png": ("NORMAL", "", ""),
        "PNEUMONIA/c.png": ("PNEUMONIA", "", ""),
    }
    assert layout.splits == ()
    assert layout.entries == layout.to_train


def test_classes_are_ordered_whatever_their_case(tmp_path):
    fill(tmp_path, "pneumonia/a.png", "Normal/b.png", "Zebra/c.png", "apple/d.png")
    assert read_layout(tmp_path).classes == ("apple", "Normal", "pneumonia", "Zebra")


def test_ready_made_splits_by_any_of_their_names(tmp_path):
    fill(
        tmp_path,
        "Training/NORMAL/a.png",
        "Training/PNEUMONIA/b.png",
        "VALID/normal/c.png",
        "test/PNEUMONIA/d.png",
        "extra/x.png",
    )
    layout = read_layout(tmp_path)
    assert told(layout) == {
        "Training/NORMAL/a.png": ("NORMAL", "train", ""),
        "Training/PNEUMONIA/b.png": ("PNEUMONIA", "train", ""),
        "VALID/normal/c.png": ("NORMAL", "val", ""),
        "test/PNEUMONIA/d.png": ("PNEUMONIA", "test", ""),
    }
    assert layout.splits == ("train", "val", "test")
    assert "test/PNEUMONIA/d.png" not in {entry.name for entry in layout.to_train}
    assert any("extra" in caution for caution in layout.cautions)


def test_a_class_may_be_called_test_but_a_split_without_classes_is_no_class(tmp_path):
    fill(tmp_path / "one", "test/a.png", "control/b.png")
    assert read_layout(tmp_path / "one").classes == ("control", "test")
    fill(tmp_path / "two", "test/a.png", "train/b.png")
    with pytest.raises(TrainingDataError, match="test, train hold no class subfolders"):
        read_layout(tmp_path / "two")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: None, "does not exist"),
        (lambda f: f.write_bytes(b""), "is a file"),
        (lambda f: f.mkdir(), "no class subfolders"),
        (lambda f: fill(f, "NORMAL/a.png"), "only one class, NORMAL"),
    ],
)
def test_a_folder_that_cannot_train(tmp_path, make, said):
    make(tmp_path / "data")
    with pytest.raises(TrainingDataError) as caught:
        read_layout(tmp_path / "data")
    assert said in caught.value.what
    assert caught.value.expected
    assert caught.value.fix


def test_a_mapping_renames_joins_and_leaves_out(folder):
    fill(folder, "COVID/e.png", "TB/f.png", "Viral/g.png")
    layout = read_layout(
        folder, mapping={"covid": "pneumonia", "TB": "", "Viral": "VIRUS", "NORMAL": "NORMAL"}
    )
    assert layout.classes == ("NORMAL", "PNEUMONIA", "VIRUS")
    assert layout.found == ("COVID", "NORMAL", "PNEUMONIA", "TB", "Viral")
    assert told(layout)["COVID/e.png"][0] == "PNEUMONIA"
    assert told(layout)["Viral/g.png"][0] == "VIRUS"
    assert "TB/f.png" not in told(layout)


def test_a_mapping_can_swap_two_classes(folder):
    layout = read_layout(folder, mapping={"NORMAL": "PNEUMONIA", "PNEUMONIA": "NORMAL"})
    assert told(layout)["PNEUMONIA/c.png"][0] == "NORMAL"


def test_a_mapping_of_a_class_that_is_not_there(folder):
    with pytest.raises(TrainingDataError) as caught:
        read_layout(folder, mapping={"COVID": "PNEUMONIA"})
    assert "names COVID" in caught.value.what
    assert "NORMAL, PNEUMONIA" in caught.value.expected


def test_a_mapping_that_leaves_one_class(folder):
    with pytest.raises(TrainingDataError, match="only one class, NORMAL"):
        read_layout(folder, mapping={"PNEUMONIA": ""})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("path,label\na.png,SICK\nb.png,Well\n", "utf-8"),
        ("LABEL;other;Path\nSICK;1;a.png\nWell;;b.png\n", "utf-8-sig"),
        ("note\tPath\tLabel\r\nfrüh\ta.png\tSICK\r\n\r\nspät\tb.png\twell\r\n", "latin-1"),
        ('path,label\n"a.png","SICK"\n ./b.png , Well\n', "utf-8"),
        ("path,label\na.png,SICK\nb.png,Well\n", "utf-16"),
    ],
)
def test_labels_from_any_usual_csv(flat, tmp_path, text, encoding):
    layout = read_layout(flat, table(tmp_path / "labels.csv", text, encoding))
    assert [(e.name, layout.classes[e.label].upper()) for e in layout.entries] == [
        ("a.png", "SICK"),
        ("b.png", "WELL"),
    ]
    assert "2 images of the folder are not in labels.csv" in layout.cautions[-1]


def test_patients_splits_absolute_paths_and_backslashes_of_a_csv(flat, tmp_path):
    labels = table(
        tmp_path / "labels.csv",
        f"path,label,patient,split\n{flat / 'a.png'},NORMAL,7,Training\n"
        "deep\\d.png,PNEUMONIA,,TEST\nb.png,PNEUMONIA,7,\n",
    )
    layout = read_layout(flat, labels)
    assert told(layout) == {
        "a.png": ("NORMAL", "train", "csv|7"),
        "b.png": ("PNEUMONIA", "", "csv|7"),
        "deep/d.png": ("PNEUMONIA", "test", ""),
    }


def test_a_csv_cannot_bring_the_test_folder_into_training(tmp_path):
    fill(tmp_path / "data", "train/a.png", "test/b.png")
    labels = table(tmp_path / "labels.csv", "path,label\ntrain/a.png,N\ntest/b.png,P\n")
    layout = read_layout(tmp_path / "data", labels)
    assert [entry.split for entry in layout.entries] == ["train", "test"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.png,N\ngone.png,P\nb.png,P\nlost.png,P\n", "2 rows naming a file that is"),
        ("path,label\na.png,N\n../x.png,P\n", "1 row without a path, or with one outside"),
        (f"path,label\na.png,N\n{'x' * 5000},P\n", "1 row naming a file that is"),
        ("path,label\na.png,N\n,P\n", "1 row without a path"),
        ("path,label\na.png,N\nb.png,\nc.png,unknown\n", "2 rows without a label"),
        ("path,label\na.png,N\nb.png,P\na.png,P\n", "1 row naming a file again"),
        ("path,label,split\na.png,N,train\nb.png,P,holdout\n", "1 row with an unknown split"),
        ("file,label\na.png,N\n", "no column path"),
        ("", "no column path or label"),
        ("path,label\n", "no rows below"),
        ("path,label,label\na.png,N,P\n", "the column label twice"),
        ("path,label\na.png\0,N\n", "cannot be read"),
    ],
)
def test_a_csv_that_cannot_be_used(flat, tmp_path, text, said):
    fill(tmp_path, "x.png")
    with pytest.raises(TrainingDataError) as caught:
        read_layout(flat, table(tmp_path / "labels.csv", text))
    assert said in caught.value.what
    assert caught.value.expected
    assert caught.value.fix


def test_rows_are_named_by_their_line_and_not_by_what_they_hold(flat, tmp_path):
    rows = "".join(f"smith-{n}.png,P\n" for n in range(9))
    with pytest.raises(TrainingDataError) as caught:
        read_layout(flat, table(tmp_path / "labels.csv", f"path,label\na.png,N\n{rows}"))
    assert "9 rows" in caught.value.what
    assert "lines 3, 4, 5, 6, 7, ..." in caught.value.what
    assert "smith" not in str(caught.value)


def test_a_csv_that_is_not_there(flat, tmp_path):
    with pytest.raises(TrainingDataError, match="There is no file"):
        read_layout(flat, tmp_path / "labels.csv")


def test_a_label_that_means_nothing_may_be_mapped_away(flat, tmp_path):
    labels = table(tmp_path / "l.csv", "path,label\na.png,N\nb.png,P\nc.png,unknown\n")
    layout = read_layout(flat, labels, mapping={"unknown": ""})
    assert layout.classes == ("N", "P")


def test_a_repeated_row_counts_once(flat, tmp_path):
    labels = table(tmp_path / "l.csv", "path,label\na.png,N\nb.png,P\n./a.png,n\n")
    layout = read_layout(flat, labels)
    assert len(layout.entries) == 2
    assert "repeats 1 row" in layout.cautions[0]


def test_patients_of_a_second_csv(folder, tmp_path):
    patients = table(
        tmp_path / "p.csv", "patient;path\nx;NORMAL/a.png\nx;PNEUMONIA/c.png\ny;elsewhere.png\n"
    )
    layout = read_layout(folder, patients=patients)
    # Patients may be called x and y; without the other, x is what stands for nobody.
    assert told(layout)["NORMAL/a.png"][2] == told(layout)["PNEUMONIA/c.png"][2] == "csv|x"
    assert told(layout)["NORMAL/ward/b.png"][2] == ""
    assert "1 image has no patient in p.csv" in layout.cautions[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,patient\nelsewhere.png,x\n", "names none of the images"),
        ("path,patient\nNORMAL/a.png,x\nNORMAL/a.png,y\n", "1 row giving a file a second patient"),
        ("path,label\nNORMAL/a.png,x\n", "no column patient"),
    ],
)
def test_a_csv_of_patients_that_cannot_be_used(folder, tmp_path, text, said):
    with pytest.raises(TrainingDataError, match=said):
        read_layout(folder, patients=table(tmp_path / "p.csv", text))


def test_a_cancel_ends_it(folder):
    with pytest.raises(ReviewError, match="stopped"):
        read_layout(folder, cancelled=lambda: True)


def test_a_folder_that_cannot_be_opened_is_told(folder, monkeypatch):
    real = os.scandir

    def closed(path):
        if str(path).endswith("ward"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)  # root may open everything
    layout = read_layout(folder)
    assert "NORMAL/ward/b.png" not in told(layout)
    assert "1 folder below data cannot be opened" in layout.cautions[0]


def test_a_link_out_of_the_folder_counts_by_its_name(folder, tmp_path):
    fill(tmp_path, "far.png")
    (folder / "NORMAL" / "linked.png").symlink_to(tmp_path / "far.png")
    assert "NORMAL/linked.png" in told(read_layout(folder))


@pytest.mark.data
def test_the_real_collection(shared_data):
    layout = read_layout(shared_data / "kermany-train")
    assert layout.classes == ("NORMAL", "PNEUMONIA")
    assert [sum(e.label == i for e in layout.entries) for i in (0, 1)] == [1341, 3875]


def test_weights_and_labels_before_the_correction(flat, tmp_path):
    labels = table(
        tmp_path / "labels.csv",
        "path;label;Weight;original_label\na.png;NORMAL;2,5;pneumonia\nb.png;PNEUMONIA;;\n",
    )
    layout = read_layout(flat, labels)
    assert [(e.label, e.weight, e.original) for e in layout.entries] == [
        (0, 2.5, 1),
        (1, 1.0, None),
    ]


@pytest.mark.parametrize("weight", ["0", "-1", "nan", "inf", "1e9", "heavy", "0x10"])
def test_a_weight_that_is_none(flat, tmp_path, weight):
    labels = table(tmp_path / "labels.csv", f"path,label,weight\na.png,N,{weight}\nb.png,P,1\n")
    with pytest.raises(TrainingDataError, match="1 row with a weight that is none") as caught:
        read_layout(flat, labels)
    assert "from 0.01 to 100" in caught.value.expected


def test_one_file_twice_with_two_weights(flat, tmp_path):
    labels = table(tmp_path / "labels.csv", "path,label,weight\na.png,N,1\na.png,N,2\nb.png,P,1\n")
    with pytest.raises(TrainingDataError, match="naming a file again"):
        read_layout(flat, labels)
