"""Where results may go, and what is left of them when something goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from app.cli import UsageError
from app.cli.files import found_items
from app.cli.outputs import check_place, keep_out, make_folder, write_whole, written
from app.core.base.errors import ModelError, OutputError

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n"

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes as on POSIX")


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "x.png").write_bytes(PNG)
    return folder


def refuse(output: Path, *paths: Path) -> None:
    given = [str(path) for path in paths]
    with pytest.raises(UsageError, match="being read"):
        keep_out([None, output], given, found_items(given))


def allow(output: Path, *paths: Path) -> None:
    given = [str(path) for path in paths]
    keep_out([None, output], given, found_items(given))


@posix
def test_a_folder_that_the_scan_reaches_through_a_link(images, tmp_path):
    (tmp_path / "else" / "deep").mkdir(parents=True)
    (tmp_path / "else" / "deep" / "y.png").write_bytes(PNG)
    (images / "link").symlink_to(tmp_path / "else", target_is_directory=True)
    refuse(tmp_path / "else" / "s.csv", images)
    refuse(tmp_path / "else" / "deep" / "s.csv", images)
    refuse(tmp_path / "else" / "other" / "s.csv", images)
    allow(tmp_path / "s.csv", images)


@posix
def test_a_link_among_the_images_that_leads_out(images, tmp_path):
    (images / "s.csv").symlink_to(tmp_path / "s.csv")
    refuse(images / "s.csv", images)


def test_another_name_of_an_image_is_that_image(images, tmp_path):
    """As on a file system where X.PNG is x.png: two names, no link between them."""
    os.link(images / "a" / "x.png", tmp_path / "X.PNG")
    refuse(tmp_path / "X.PNG", images / "a" / "x.png")
    refuse(tmp_path / "X.PNG", images)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root mounts")
def test_another_name_of_the_folder_is_that_folder(images, tmp_path):
    """A bind mount: the same folder under a name that no resolving of links brings back."""
    other = tmp_path / "IMAGES"
    other.mkdir()
    if subprocess.run(["mount", "--bind", images, other], capture_output=True).returncode:
        pytest.skip("this system does not let us mount")
    try:
        refuse(other / "s.csv", images)
        refuse(other / "new" / "s.csv", images)
    finally:
        subprocess.run(["umount", other], check=True)


def test_a_given_file_does_not_close_its_folder(images, tmp_path, monkeypatch):
    allow(images / "a" / "s.csv", images / "a" / "x.png")
    (tmp_path / "y.png").write_bytes(PNG)
    monkeypatch.chdir(images)
    allow(tmp_path / "s.csv", Path(), Path("../y.png"))
    refuse(tmp_path / "y.png", Path(), Path("../y.png"))


@pytest.mark.parametrize("where", ["folder", "no/s.csv"])
def test_a_place_where_no_file_can_be_is_told_at_once(tmp_path, where):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="could not be written"):
        check_place(tmp_path / where)
    with pytest.raises(OutputError), written(tmp_path / where):
        pytest.fail("the work must not begin")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_for_heatmaps_that_is_a_file(tmp_path):
    (tmp_path / "maps").write_text("")
    with pytest.raises(OutputError, match="could not be written"):
        make_folder(tmp_path / "maps")


def test_what_is_complete_stands_under_its_name(tmp_path):
    with written(tmp_path / "s.csv", "a\n") as file:
        file.write("\udcff \u00e4\n")
        assert not (tmp_path / "s.csv").exists()
    assert (tmp_path / "s.csv").read_bytes() == b"a\n\\udcff \xc3\xa4\n"
    assert len(list(tmp_path.iterdir())) == 1


@posix
def test_a_pipe_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with written(pipe, "a\n") as file:
        file.write("1\n")
    assert pipe.is_fifo()
    reader.join(10)
    assert got == [b"a\n1\n"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_what_the_shell_redirected_is_added_to(tmp_path):
    """``-o /proc/self/fd/1 >> s.csv``, which is /dev/stdout by its other name."""
    code = "from app.cli.outputs import written\nfrom pathlib import Path\n"
    code += "with written(Path('/proc/self/fd/1'), 'a\\n') as file: file.write('1\\n')"
    (tmp_path / "s.csv").write_text("before\n")
    with (tmp_path / "s.csv").open("a") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True, cwd=ROOT)
    assert (tmp_path / "s.csv").read_text() == "before\na\n1\n"


@posix
def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with written(tmp_path / "link.csv") as file:
        file.write("x")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "x"


def attempt(path: Path, heading: str, text: str, end) -> None:
    with written(path, heading) as file:
        if text:
            file.write(text)
        end()


def note(error: pytest.ExceptionInfo) -> str:
    return " ".join(getattr(error.value, "__notes__", ()))


@pytest.mark.parametrize("heading", ["a\n", ""])
def test_when_only_the_renaming_fails_the_whole_file_is_kept(tmp_path, heading):
    """A file that another program holds open on Windows; here a folder takes the name."""
    out = tmp_path / "s.csv"
    with pytest.raises(OutputError, match="could not be written") as error:
        attempt(out, heading, "1\n", out.mkdir)
    partial = tmp_path / "s.csv.partial"
    assert partial.read_text() == f"{heading}1\n"
    assert f"kept in {partial}" in note(error)


def raising(problem: BaseException):
    def end() -> None:
        raise problem

    return end


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), ModelError("no"), OutputError("map")])
def test_finished_rows_are_kept_when_the_work_ends_early(tmp_path, problem):
    with pytest.raises(type(problem)) as error:
        attempt(tmp_path / "s.csv", "a\n", "1\n", raising(problem))
    assert not (tmp_path / "s.csv").exists()
    assert (tmp_path / "s.csv.partial").read_text() == "a\n1\n"
    assert "s.csv.partial" in note(error)


@pytest.mark.parametrize(("heading", "text"), [("a\n", ""), ("", "{")])
def test_what_is_worth_nothing_is_not_kept(tmp_path, heading, text):
    with pytest.raises(ModelError) as error:
        attempt(tmp_path / "s.csv", heading, text, raising(ModelError("no")))
    assert not note(error)
    assert not list(tmp_path.iterdir())


def test_an_earlier_partial_is_not_lost(tmp_path):
    (tmp_path / "s.csv.partial").write_text("hours of work")
    with written(tmp_path / "s.csv") as file:
        file.write("x")
    assert (tmp_path / "s.csv.partial").read_text() == "hours of work"
    assert len(list(tmp_path.iterdir())) == 2


@posix
def test_an_image_is_not_written_through_a_link(tmp_path):
    (tmp_path / "precious").write_bytes(b"1")
    (tmp_path / "map.png").symlink_to(tmp_path / "precious")
    write_whole(tmp_path / "map.png", b"2")
    assert (tmp_path / "precious").read_bytes() == b"1"
    assert not (tmp_path / "map.png").is_symlink()
    assert (tmp_path / "map.png").read_bytes() == b"2"
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        write_whole(tmp_path / "taken", b"2")
    assert {path.name for path in tmp_path.iterdir()} == {"precious", "map.png", "taken"}


def test_a_path_that_no_file_system_takes():
    with pytest.raises(UsageError, match="cannot be opened"):
        found_items(["x" * 300])


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_closed_folder_is_told_before_the_work():
    with tempfile.TemporaryDirectory() as made:
        closed = Path(made) / "closed"
        closed.mkdir()
        (closed / "there.pdf").touch()
        Path(made).chmod(0o755)
        closed.chmod(0o555)
        me = os.geteuid()
        if me == 0:  # root may write everywhere
            os.seteuid(65534)
        try:
            for name in ("report.pdf", "there.pdf"):
                with pytest.raises(OutputError, match="Permission denied"):
                    check_place(closed / name)
            check_place(Path("/dev/null"))
        finally:
            os.seteuid(me)
            closed.chmod(0o755)
        check_place(closed / "report.pdf")
