"""The table of flipped images in a run's folder."""

from app.training.result.changed_calls import NAME, Flip, read_flips, write_flips


def test_it_comes_back_as_it_was(tmp_path):
    flips = (
        Flip("newly_missed", 'PNEUMONIA/a, "b".png', 0.91, 0.12, "newly_missed"),
        Flip(
            "newly_cleared", "P/\N{LATIN SMALL LETTER E WITH ACUTE}.png", 0.8, 0.1, "newly_missed"
        ),
    )
    write_flips(tmp_path, flips)
    assert read_flips(tmp_path) == flips
    assert [(flip.label, flip.original_label) for flip in flips] == [(1, 1), (0, 1)]


def test_a_table_of_a_run_before_labels_could_be_corrected(tmp_path):
    (tmp_path / NAME).write_text("kind,name,p_active,p_new\nnewly_caught,a.png,0.1,0.9\n")
    (flip,) = read_flips(tmp_path)
    assert flip.original_kind == "newly_caught"


def test_a_run_without_one_or_with_a_damaged_one(tmp_path):
    assert read_flips(tmp_path) == ()
    (tmp_path / NAME).write_text("kind,name\nx,y\n", encoding="utf-8")
    assert read_flips(tmp_path) == ()
