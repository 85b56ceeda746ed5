"""The scan: order, what counts, what is skipped, what cannot be opened."""

import os
import sys
from pathlib import Path

import pytest
from factories import chest_like, write_dicom
from PIL import Image

from app.core.base.errors import ReviewError, UnreadableImage
from app.core.image.reader import read_radiograph
from app.core.worklist.scan import scan


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(folder: Path, *given) -> list[str]:
    return [Path(os.path.relpath(item.path, folder)).as_posix() for item in scan(given or [folder])]


def test_order_is_that_of_sorted_full_paths(tmp_path):
    for name in (
        "b.png",
        "a/z.png",
        "a/b/c.PNG",
        "a-b.png",
        "a.png",
        "A.jpeg",
        "a/b.tif",
        "10.dcm",
    ):
        touch(tmp_path / name)
    found = [str(item.path) for item in scan([tmp_path])]
    assert found == sorted(found)
    assert len(found) == 8


def test_content_or_suffix_counts(tmp_path):
    write_dicom(tmp_path / "IM000001")
    write_dicom(tmp_path / "no_preamble", preamble=False)
    Image.fromarray(chest_like()).save(tmp_path / "photo.bin", "PNG")
    touch(tmp_path / "text.dcm", b"this is text")
    touch(tmp_path / "empty.png", b"")
    touch(tmp_path / "notes.txt", b"notes")
    touch(tmp_path / "table.csv", b"a,b")
    assert names(tmp_path) == ["IM000001", "empty.png", "no_preamble", "photo.bin", "text.dcm"]


def test_hidden_and_dicomdir_are_skipped(tmp_path):
    write_dicom(tmp_path / "DICOMDIR")
    write_dicom(tmp_path / "dicomdir")
    touch(tmp_path / ".hidden.png")
    touch(tmp_path / ".git/x.png")
    touch(tmp_path / "sub/.thumbs/y.png")
    touch(tmp_path / "sub/._x.jpg")
    touch(tmp_path / "sub/x.jpg")
    assert names(tmp_path) == ["sub/x.jpg"]


SYSTEM = [
    *("__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"),
    *("@Recycle", "RECYCLER", ".Trash-1000", "found.000", "#snapshot", "~snapshot", ".DS_Store"),
]


@pytest.mark.parametrize("name", [*SYSTEM, *map(str.upper, SYSTEM), *map(str.lower, SYSTEM)])
def test_what_the_system_leaves_is_skipped_wherever_it_lies(tmp_path, name):
    for place in (name, f"NORMAL/{name}", f"a/{name}/b"):
        touch(tmp_path / place / "x.png")
    touch(tmp_path / "NORMAL/own.png")
    touch(tmp_path / "recycled heart/x.png")
    assert names(tmp_path) == ["NORMAL/own.png", "recycled heart/x.png"]
    assert [item.path.name for item in scan([tmp_path / name])] == ["x.png"]  # asked for by name


@pytest.mark.parametrize(
    "name", ["Thumbs.db", "ehthumbs.db", "desktop.ini", "._own.png", "x.jpg@SynoEAStream", "Icon\r"]
)
def test_files_of_the_system_are_skipped(tmp_path, name):
    write_dicom(tmp_path / name)
    assert names(tmp_path) == []


def test_shown_is_the_path_as_given(tmp_path, monkeypatch):
    touch(tmp_path / "data/a/x.png")
    monkeypatch.chdir(tmp_path)
    for given, shown in {
        "data": "data/a/x.png",
        "data/": "data/a/x.png",
        "./data": "./data/a/x.png",
        ".": "./data/a/x.png",
        "data/../data/a": "data/../data/a/x.png",
        "data/a/x.png": "data/a/x.png",
        str(tmp_path): f"{tmp_path}/data/a/x.png",
    }.items():
        assert [item.shown for item in scan([given])] == [shown.replace("/", os.sep)]


def test_a_named_file_counts_always(tmp_path):
    text = touch(tmp_path / "notes.txt")
    hidden = touch(tmp_path / ".x.png")
    assert [item.path for item in scan([text, hidden])] == [text, hidden]


def test_reached_twice_comes_once(tmp_path):
    x = touch(tmp_path / "a/x.png")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "a/y.png").symlink_to(x)
    assert names(tmp_path, tmp_path, x, tmp_path / "a") == ["a/x.png"]


def test_symlink_loops_end(tmp_path):
    touch(tmp_path / "a/x.png")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to("self")
    assert names(tmp_path) == ["a/x.png"]


def test_dangling_link_to_an_image_is_not_lost(tmp_path):
    (tmp_path / "x.png").symlink_to(tmp_path / "gone.png")
    (item,) = scan([tmp_path])
    with pytest.raises(UnreadableImage, match="no longer there"):
        read_radiograph(item.path)


def test_missing_path_is_an_error_at_once(tmp_path):
    with pytest.raises(ReviewError, match="does not exist"):
        scan([tmp_path, tmp_path / "gone"])


def test_lazy_and_cancelled(tmp_path):
    for number in range(20):
        touch(tmp_path / f"{number:02}/x.png")
    found = scan([tmp_path])
    next(found)
    # What comes later is looked at later.
    touch(tmp_path / "19/y.png")
    assert sum(1 for _ in found) == 20
    seen = []
    for item in scan([tmp_path], lambda: len(seen) >= 3):
        seen.append(item)
    assert len(seen) == 3


def test_deep_tree(tmp_path):
    folder = tmp_path
    for _ in range(150):
        folder = folder / "d"
    touch(folder / "x.png")
    assert len(list(scan([tmp_path]))) == 1


def test_special_files_are_left_out_or_told(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(tmp_path / "pipe.png")
    assert names(tmp_path) == []
    with pytest.raises(UnreadableImage, match="no regular file"):
        read_radiograph(tmp_path / "pipe.png")


def test_deleted_between_scan_and_read(tmp_path):
    path = touch(tmp_path / "x.png")
    (item,) = scan([tmp_path])
    path.unlink()
    with pytest.raises(UnreadableImage, match="no longer there"):
        read_radiograph(item.path)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_no_permission_as_an_unprivileged_child(tmp_path, monkeypatch):
    """Root may read all, so a child gives up its rights first."""
    touch(tmp_path / "closed/x.png")
    Image.fromarray(chest_like()).save(tmp_path / "locked.png")
    Image.fromarray(chest_like()).save(tmp_path / "open.png")
    (tmp_path / "closed").chmod(0)
    (tmp_path / "locked.png").chmod(0)
    tmp_path.chmod(0o755)
    read_radiograph(tmp_path / "open.png")
    # A fork has all modules loaded: the child may not be allowed to import them, nor to reach
    # this folder by its absolute path.
    monkeypatch.chdir(tmp_path)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            lines = []
            for item in scan(["."]):
                try:
                    lines.append(f"{item.shown} read {read_radiograph(item.path).pixels.shape}")
                except UnreadableImage as error:
                    lines.append(f"{item.shown} {error.what}")
            os.write(writer, "\n".join(lines).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = file.read().splitlines()
    os.waitpid(child, 0)
    (tmp_path / "closed").chmod(0o755)
    assert len(said) == 3
    assert [line.split()[0] for line in said] == ["./closed", "./locked.png", "./open.png"]
    assert ["permission denied" in line for line in said] == [True, True, False]
    assert "read (200, 240)" in said[2]


def test_hard_links_are_files_of_their_own(tmp_path):
    """Some network file systems give several files one inode: none of them may get lost."""
    x = touch(tmp_path / "a/x.png")
    os.link(x, tmp_path / "a/y.png")
    (tmp_path / "b").mkdir()
    os.link(x, tmp_path / "b/x.png")
    everything = ["a/x.png", "a/y.png", "b/x.png"]
    assert names(tmp_path) == everything
    assert names(tmp_path, *(tmp_path / name for name in everything)) == everything
    (tmp_path / "b/z.png").symlink_to(tmp_path / "a/y.png")
    assert names(tmp_path) == everything
