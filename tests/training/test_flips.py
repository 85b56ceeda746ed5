"""The table of flipped images in a run's folder."""

from app.training.flips import NAME, Flip, read_flips, write_flips


def test_it_comes_back_as_it_was(tmp_path):
    flips = (
        Flip("newly_missed", 'PNEUMONIA/a, "b".png', 0.91, 0.12),
        Flip("newly_cleared", "NORMAL/\N{LATIN SMALL LETTER E WITH ACUTE}.png", 0.8, 0.1),
    )
    write_flips(tmp_path, flips)
    assert read_flips(tmp_path) == flips


def test_a_run_without_one_or_with_a_damaged_one(tmp_path):
    assert read_flips(tmp_path) == ()
    (tmp_path / NAME).write_text("kind,name\nx,y\n", encoding="utf-8")
    assert read_flips(tmp_path) == ()
