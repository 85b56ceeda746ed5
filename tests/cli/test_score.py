"""`score` and its contract: a row for every file, and nothing else."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from factories import chest_like, write_dicom
from tiny_model import save_tiny

from app.cli import main
from app.cli.score import COLUMNS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture
def folder(tmp_path):
    """Good, bad, hidden, refused and misnamed files."""
    folder = tmp_path / "images"
    for name in ("a/x.png", "b/x.png", "c.JPG"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), chest_like(80, 90, seed=len(name)))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    (folder / "words.dcm").write_text("not an image")
    (folder / "notes.txt").write_text("no row for this")
    (folder / ".hidden.png").write_bytes(b"")
    write_dicom(folder / "adult.dcm", chest_like(), Modality="DX", PatientAge="045Y")
    write_dicom(folder / "no-suffix", chest_like(), Modality="CT")
    return folder


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def test_one_row_a_file(folder, model, tmp_path, capsys):
    out = tmp_path / "scores.csv"
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    assert run("score", folder, "-o", out, "--model", model) == 0
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    assert out.read_text().splitlines()[0] == ",".join(COLUMNS)
    rows = rows_of(out)
    names = ["a/x.png", "adult.dcm", "b/x.png", "broken.png", "c.JPG", "no-suffix", "words.dcm"]
    assert list(rows) == [str(folder / name) for name in names]
    status = {
        Path(path).relative_to(folder).as_posix(): row["status"] for path, row in rows.items()
    }
    assert status == {
        "a/x.png": "ok",
        "adult.dcm": "ok",
        "b/x.png": "ok",
        "broken.png": "unreadable",
        "c.JPG": "ok",
        "no-suffix": "refused",
        "words.dcm": "unreadable",
    }
    for row in rows.values():
        assert row["model"] == "tiny 1.0"
        if row["status"] == "ok":
            p, threshold = float(row["p_pneumonia"]), float(row["threshold"])
            assert row["call"] == ("PNEUMONIA" if p >= threshold else "NORMAL")
        else:
            assert (row["p_pneumonia"], row["call"], row["threshold"]) == ("", "", "")
            assert row["reason"]
    assert "45 years" in rows[str(folder / "adult.dcm")]["reason"]
    assert rows[str(folder / "c.JPG")]["reason"] == ""
    assert "7 files" in capsys.readouterr().err


def test_paths_stay_as_given(folder, model, tmp_path, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert run("score", "images/a", "./images/c.JPG", "-o", "out.csv", "--model", model) == 0
    assert [Path(p) for p in rows_of(tmp_path / "out.csv")] == [
        Path("images/a/x.png"),
        Path("images/c.JPG"),
    ]


@pytest.mark.slow
def test_the_call_is_made_at_the_threshold_itself(folder, tmp_path):
    """p >= threshold: a probability that equals the operating point is a call."""
    first = save_tiny(tmp_path / "first")
    assert run("score", folder / "c.JPG", "-o", tmp_path / "1.csv", "--model", first) == 0
    (row,) = rows_of(tmp_path / "1.csv").values()
    p = float(row["p_pneumonia"])
    for threshold, call in ((p, "PNEUMONIA"), (np.nextafter(p, 1), "NORMAL")):
        model = save_tiny(tmp_path / call, operating_points={"default": float(threshold)})
        assert run("score", folder / "c.JPG", "-o", tmp_path / "2.csv", "--model", model) == 0
        (row,) = rows_of(tmp_path / "2.csv").values()
        assert (float(row["p_pneumonia"]), row["call"]) == (p, call)


def test_heatmaps_of_one_name_are_two_files(folder, model, tmp_path):
    maps = tmp_path / "maps"
    code = run("score", folder, "-o", tmp_path / "s.csv", "--heatmaps", maps, "--model", model)
    assert code == 0
    made = sorted(path.name for path in maps.iterdir())
    assert len(made) == 4
    assert sum(name.startswith("x-") for name in made) == 2
    picture = cv2.imread(str(maps / made[0]), cv2.IMREAD_UNCHANGED)
    assert picture.ndim == 3
    again = tmp_path / "again"
    run("score", folder, "-o", tmp_path / "s.csv", "--heatmaps", again, "--model", model)
    assert sorted(path.name for path in again.iterdir()) == made


def test_a_path_that_is_not_there(folder, model, tmp_path, capsys):
    code = run("score", folder, tmp_path / "gone", "-o", tmp_path / "s.csv", "--model", model)
    assert code == 2
    assert "gone" in capsys.readouterr().err
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize("flag", ["-o", "--heatmaps"])
def test_no_output_into_the_scanned_folder(folder, model, tmp_path, flag, capsys):
    outputs = {
        "-o": tmp_path / "s.csv",
        "--heatmaps": tmp_path / "maps",
        flag: folder / "a" / "out",
    }
    pairs = [part for pair in outputs.items() for part in pair]
    before = sorted(folder.rglob("*"))
    assert run("score", folder, *pairs, "--model", model) == 2
    assert sorted(folder.rglob("*")) == before
    assert "never written into" in capsys.readouterr().err


def test_no_output_into_the_scanned_folder_through_a_link(folder, model, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert run("score", folder, "-o", link / "s.csv", "--model", model) == 2
    assert run("score", link, "-o", folder / "s.csv", "--model", model) == 2


def test_an_input_is_never_overwritten(folder, model):
    image = folder / "c.JPG"
    before = image.read_bytes()
    assert run("score", image, "-o", image, "--model", model) == 2
    assert image.read_bytes() == before


def test_an_output_folder_that_is_not_there(folder, model, tmp_path, capsys):
    assert run("score", folder, "-o", tmp_path / "no" / "s.csv", "--model", model) == 1
    assert "could not be written" in capsys.readouterr().err


def test_a_model_that_is_not_there(folder, tmp_path, capsys):
    assert run("score", folder, "-o", tmp_path / "s.csv", "--model", "nobody") == 1
    assert "no model named 'nobody'" in capsys.readouterr().err


def test_an_empty_folder(model, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("score", tmp_path / "empty", "-o", tmp_path / "s.csv", "--model", model) == 0
    assert (tmp_path / "s.csv").read_text().splitlines() == [",".join(COLUMNS)]


@pytest.mark.slow
def test_a_full_disk_keeps_the_finished_rows_under_another_name(folder, model, tmp_path):
    """RLIMIT_FSIZE in a child process stops the file at 400 bytes, as a full disk would."""
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from app.cli import score, files\n"
        "import app.inference.scoring.pipeline, app.cli\n"
        "from app.inference.runtime.device import tensorflow; tensorflow(); import keras\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))\n"
        "sys.exit(app.cli.main(sys.argv[1:]))"
    )
    out = tmp_path / "s.csv"
    command = [sys.executable, "-c", code, "score", str(folder), "-o", str(out)]
    done = subprocess.run(
        [*command, "--model", str(model)], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert done.returncode == 1, done.stderr
    assert "could not be written" in done.stderr
    assert not out.exists()
    partial = tmp_path / "s.csv.partial"
    assert f"kept in {partial}" in done.stderr
    whole = tmp_path / "whole.csv"
    assert run("score", folder, "-o", whole, "--model", model) == 0
    kept = partial.read_text().splitlines()
    assert len(kept) > 1
    # Whole rows only, and nothing of the one that did not fit.
    assert partial.read_text().endswith("\n")
    names = [line.split(",")[0] for line in whole.read_text().splitlines()]
    assert [line.split(",")[0] for line in kept] == names[: len(kept)]
    assert len(next(csv.reader(kept[-1:]))) == len(COLUMNS)


def test_a_failed_heatmap_keeps_the_rows_and_names_them(folder, model, tmp_path, capsys):
    maps = tmp_path / "maps"
    arguments = ("score", folder, "--heatmaps", maps, "--model", model)
    assert run(*arguments, "-o", tmp_path / "first.csv") == 0
    last = next(maps.glob("c-*.png"))
    last.unlink()
    last.mkdir()
    assert run(*arguments, "-o", tmp_path / "s.csv") == 1
    said = capsys.readouterr().err
    assert f"{last} could not be written" in said
    assert f"kept in {tmp_path / 's.csv.partial'}" in said
    assert len((tmp_path / "s.csv.partial").read_text().splitlines()) == 6
    assert not list(maps.glob("*.partial"))


@pytest.mark.parametrize("where", ["taken", "no/s.csv"])
def test_an_output_that_cannot_be_is_told_before_the_model_is_sought(
    folder, tmp_path, where, capsys
):
    (tmp_path / "taken").mkdir()
    assert run("score", folder, "-o", tmp_path / where, "--model", "nobody") == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="Windows takes no file name this long")
def test_heatmaps_of_names_as_long_as_they_may_be(model, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("x" * 251, "\u00e4" * 125):
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", chest_like())[1].tobytes())
    maps = tmp_path / "maps"
    code = run("score", folder, "-o", tmp_path / "s.csv", "--heatmaps", maps, "--model", model)
    assert code == 0
    assert {path.name.split("-")[0] for path in maps.iterdir()} == {"x" * 200, "\u00e4" * 100}


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_a_path_too_long_is_a_wrong_argument(command, tmp_path, model, capsys):
    out = tmp_path / "out"
    assert run(command, "x" * 300, "-o", out, "--model", model) == 2
    assert "cannot be opened" in capsys.readouterr().err
    (tmp_path / "d" / "NORMAL").mkdir(parents=True)
    assert run(command, tmp_path / "d", "-o", out, "--model", "x" * 300) == 1
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to drop it")
def test_as_somebody_who_may_not_read_or_write(folder, model, tmp_path):
    """Root may read everything, so a child process gives the right up."""
    locked = folder / "locked"
    locked.mkdir()
    shutil.copy(folder / "c.JPG", locked / "in.jpg")
    secret = folder / "secret.png"
    shutil.copy(folder / "a" / "x.png", secret)
    open_out = tmp_path / "open"
    open_out.mkdir()
    open_out.chmod(0o777)
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_mode & 0o005 != 0o005 and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    for path in (*model.parents[:2], model):
        path.chmod(0o755)
    secret.chmod(0)
    locked.chmod(0)
    # What is imported lazily may lie where only root reads: score once before giving up root.
    code = (
        "import os, sys, app.cli\n"
        "warm = app.cli.main(['score', sys.argv[1], *sys.argv[3:], '-o', sys.argv[2] + '.warm'])\n"
        "assert warm == 0\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "sys.exit(app.cli.main(['score', sys.argv[1], '-o', sys.argv[2], *sys.argv[3:]]))"
    )

    def attempt(out: Path) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", code, str(folder), str(out), "--model", str(model)]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)

    try:
        done = attempt(open_out / "s.csv")
        assert done.returncode == 0, done.stderr
        rows = rows_of(open_out / "s.csv")
        assert rows[str(secret)]["status"] == "unreadable"
        assert "permission" in rows[str(secret)]["reason"].lower()
        assert any(
            p.startswith(str(locked)) and r["status"] == "unreadable" for p, r in rows.items()
        )
        assert rows[str(folder / "c.JPG")]["status"] == "ok"
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o755)
        done = attempt(closed / "s.csv")
        assert done.returncode == 1, done.stderr
        assert "could not be written" in done.stderr
        command = [
            sys.executable,
            "-c",
            code.replace("sys.argv[1], '-o'", "sys.argv[1] + '/locked/in.jpg', '-o'"),
        ]
        command += [str(folder), str(open_out / "t.csv"), "--model", str(model)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
        assert done.returncode == 2, done.stderr
        assert "in.jpg cannot be opened" in done.stderr
    finally:
        secret.chmod(0o644)
        locked.chmod(0o755)


@pytest.mark.slow
def test_neither_qt_nor_a_display_is_needed(folder, model, tmp_path):
    code = (
        "import sys; from app.cli import main; code = main(sys.argv[1:]);"
        "assert not [m for m in sys.modules if m.startswith('PySide6')]; sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "score", str(folder), "-o", str(tmp_path / "s.csv")]
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [*command, "--model", str(model)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def test_a_network_without_convolution_says_which_maps_it_draws(folder, tmp_path, capsys):
    dense = save_tiny(tmp_path / "models", "dense", cam_layer="", cam_full_scale=0.01)
    maps = tmp_path / "maps"
    out = tmp_path / "scores.csv"
    assert run("score", folder / "a", "-o", out, "--heatmaps", maps, "--model", dense) == 0
    assert "input gradient: dense 1.0 has no convolution" in capsys.readouterr().err
    (picture,) = maps.iterdir()
    red, _, blue = np.moveaxis(cv2.imread(str(picture))[..., ::-1].astype(int), -1, 0)
    assert (red != blue).any()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_on_a_terminal_figures_are_rounded_and_in_a_file_they_are_not(folder, model, tmp_path):
    import tty

    master, screen = os.openpty()
    try:
        tty.setraw(screen)
        out = tmp_path / "scores.csv"
        image = folder / "c.JPG"
        assert run("score", image, "-o", os.ttyname(screen), "--model", model) == 0
        shown = os.read(master, 65536).decode().splitlines()
    finally:
        os.close(screen)
        os.close(master)
    assert run("score", image, "-o", out, "--model", model) == 0
    (printed,), (kept,) = csv.DictReader(shown), csv.DictReader(out.read_text().splitlines())
    for name in ("p_pneumonia", "threshold"):
        assert len(printed[name]) == len("0.123")
        assert float(kept[name]) == pytest.approx(float(printed[name]), abs=0.0005)
    assert len(kept["p_pneumonia"]) > len("0.123")
