"""The libraries of the system that Qt needs: which are missing, who may install them."""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from set_up import Recorder, apt_here

from app import system_libraries
from app.core.base.errors import ReviewError

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux needs libraries installed for Qt"
)


def test_root_gets_the_packages_installed(monkeypatch):
    apt_here(monkeypatch, 0)
    run = Recorder()
    system_libraries.install_packages(["libegl1", "libgl1"], "Qt needs them.", run)
    assert [command[:2] for command in run.commands] == [
        ["apt-get", "update"],
        ["apt-get", "install"],
    ]
    assert run.commands[1][-2:] == ["libegl1", "libgl1"]


def test_another_user_gets_the_exact_line(monkeypatch):
    apt_here(monkeypatch, 1000)
    run = Recorder()
    with pytest.raises(ReviewError) as caught:
        system_libraries.install_packages(["libegl1", "libgl1"], "Qt needs them.", run)
    assert run.commands == []
    line = "sudo apt-get update && sudo apt-get install -y libegl1 libgl1"
    assert caught.value.fix.splitlines()[-1].strip() == line


def test_without_apt_the_packages_are_named(monkeypatch):
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _: None)
    with pytest.raises(ReviewError, match=r"package manager.*libegl1"):
        system_libraries.install_packages(["libegl1"], "Qt needs it.", Recorder())


def test_a_failing_apt_is_told_with_its_exit_code(monkeypatch):
    apt_here(monkeypatch, 0)
    with pytest.raises(ReviewError, match="exit code 100"):
        system_libraries.install_packages(["x"], "y", Recorder({"install": 100}))


def test_a_library_that_no_system_has_is_found_missing():
    assert system_libraries.missing_libraries(["libno-such-thing.so.9"]) == [
        "libno-such-thing.so.9"
    ]


@linux_only
def test_a_library_that_every_linux_has_is_not_missing():
    assert system_libraries.missing_libraries(["libc.so.6"]) == []


def needed_by(path):
    """Sonames in the NEEDED entries of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    at, size, count = (*struct.unpack_from("<Q", data, 40), *struct.unpack_from("<HH", data, 58))
    sections = [struct.unpack_from("<IIQQQQII", data, at + size * n) for n in range(count)]
    for _, kind, _, _, offset, length, link, _ in sections:
        if kind == 6:  # SHT_DYNAMIC, its names are in the section it links to
            names = sections[link][4]
            for tag, value in struct.iter_unpack("<QQ", data[offset : offset + length]):
                if tag == 1:  # DT_NEEDED
                    yield data[names + value : data.index(b"\0", names + value)].decode()


@linux_only
@pytest.mark.parametrize(
    ("platform", "parts"),
    [
        ("offscreen", ["QtWidgets.abi3.so", "QtSvg.abi3.so", "Qt/plugins/imageformats/*"]),
        ("xcb", ["Qt/plugins/xcbglintegrations/*"]),
        ("wayland", []),
    ],
)
def test_every_library_that_qt_links_against_is_on_the_list(platform, parts):
    """A new PySide6 may need another one: this tells before a bare machine does."""
    import PySide6
    import shiboken6

    home = Path(PySide6.__file__).parent
    todo = [p for part in parts for p in home.glob(part)]
    todo += home.glob(f"Qt/plugins/platforms/libq{platform}.so")
    assert todo
    brought = {p.name: p for f in ("*.so*", "Qt/lib/*") for p in home.glob(f)}
    brought |= {p.name: p for p in Path(shiboken6.__file__).parent.glob("*.so*")}
    listed = {*system_libraries.LIBRARIES["offscreen"], *system_libraries.LIBRARIES[platform]}
    every_linux = r"lib(c|m|dl|pthread|rt|gcc_s|stdc\+\+)\.so\.\d|ld-linux.*"
    # Parts of other wheels of Qt, which PySide6-Essentials links against but does not bring.
    other_wheels = r"libQt6Pdf\.so\.6"
    seen = set()
    while todo:
        for name in needed_by(todo.pop()):
            if name in brought and name not in seen:
                todo.append(brought[name])
            elif name not in brought and not re.fullmatch(f"{every_linux}|{other_wheels}", name):
                assert name in listed
            seen.add(name)


def test_qt_starts_offscreen_here():
    assert system_libraries.qt_problem(Path(sys.executable), "offscreen") == ""


def test_qt_that_cannot_start_gives_its_words():
    problem = system_libraries.qt_problem(Path(sys.executable), "nosuchplatform")
    assert "nosuchplatform" in problem


@linux_only
@pytest.mark.parametrize("platform", ["", "xcb"])
def test_the_window_names_the_libraries_that_are_missing_and_the_line_that_brings_them(
    monkeypatch, platform
):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    lacks = ["libxcb-cursor.so.0", "libEGL.so.1"]
    monkeypatch.setattr(
        system_libraries, "missing_libraries", lambda names: [n for n in names if n in lacks]
    )
    with pytest.raises(ReviewError) as caught:
        system_libraries.check_window()
    assert "libxcb-cursor.so.0" in caught.value.what
    assert "apt-get install -y libegl1 libxcb-cursor0\n" in caught.value.fix


@linux_only
def test_one_display_that_works_is_enough(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(
        system_libraries, "missing_libraries", lambda names: [n for n in names if "xcb" in n]
    )
    system_libraries.check_window()


@linux_only
def test_main_ends_with_1_and_words_where_qt_would_abort(tmp_path):
    """The whole program: on an X server that is not there, and without a library."""
    root = Path(__file__).resolve().parents[1]
    bare = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
    bare |= {"DISPLAY": ":4711", "OPACITY_HOME": str(tmp_path)}
    hidden = (
        "import sys; from app import system_libraries as s; "
        "s.LIBRARIES['xcb']['libno-such-thing.so.9'] = 'libnothing9'; "
        "from app import cli; sys.exit(cli.main(sys.argv[1:]))"
    )
    for start in ([str(root / "main.py")], ["-c", hidden]):
        done = subprocess.run(
            [sys.executable, *start, str(tmp_path)],
            cwd=root,
            env=bare,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 1, done.stderr
        assert "The window cannot open" in done.stderr
        assert "Traceback" not in done.stderr
    assert "libno-such-thing.so.9" in done.stderr
    assert "libnothing9" in done.stderr
