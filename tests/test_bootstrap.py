"""The set-up commands: what is installed when, and what is said when it cannot be."""

import json
import os
import re
import struct
import subprocess
import sys
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import bootstrap, environment, system_libraries
from app.core.errors import ReviewError

ROOT = Path(__file__).resolve().parent.parent
linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux needs libraries installed for Qt"
)


class Recorder:
    """Stands in for subprocess.run: notes each command, and answers with an exit code."""

    def __init__(self, codes=()):
        self.commands = []
        self.codes = dict(codes)

    def __call__(self, command, **_):
        self.commands.append([str(part) for part in command])
        line = " ".join(self.commands[-1])
        code = next((code for part, code in self.codes.items() if part in line), 0)
        return SimpleNamespace(returncode=code, stdout="", stderr="no luck")

    def lines(self, part):
        return [" ".join(c) for c in self.commands if part in " ".join(c)]


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    return tmp_path


@pytest.fixture
def made(checkout):
    """A checkout whose environment exists, as far as the set-up looks."""
    python = environment.python_of(checkout)
    python.parent.mkdir(parents=True)
    python.touch()
    return checkout


def test_a_bare_checkout_gets_an_environment_and_the_packages(checkout):
    run = Recorder()
    environment.set_up("demo", checkout, run)
    assert run.lines(f"-m venv {checkout / '.venv'}")
    assert run.lines("pip install")[0].endswith("-e .[demo]")


def test_the_second_time_nothing_is_installed(made):
    environment.set_up("demo", made, Recorder())
    again = Recorder()
    assert environment.set_up("demo", made, again) == environment.python_of(made)
    assert not again.lines("pip install")
    assert not again.lines("-m venv")


def test_a_second_extra_keeps_the_first_and_test_covers_demo(made):
    environment.set_up("demo", made, Recorder())
    second = Recorder()
    environment.set_up("test", made, second)
    assert second.lines("pip install")[0].endswith("-e .[demo,test]")
    third = Recorder()
    environment.set_up("demo", made, third)
    assert not third.lines("pip install")


def test_a_changed_pyproject_installs_again(made):
    environment.set_up("test", made, Recorder())
    (made / "pyproject.toml").write_text("[project]\nname = 'y'\n")
    again = Recorder()
    environment.set_up("test", made, again)
    assert again.lines("pip install")


def test_a_moved_checkout_installs_again(made):
    environment.set_up("test", made, Recorder())
    stamp = environment.read_stamp(made)
    environment.write_stamp(made, {**stamp, "checkout": "/elsewhere"})
    again = Recorder()
    environment.set_up("test", made, again)
    assert again.lines("pip install")


def test_a_broken_environment_is_made_again(made):
    environment.set_up("demo", made, Recorder())
    broken = Recorder({"import pip": 1})
    environment.set_up("test", made, broken)
    assert broken.lines("-m venv ")
    assert not environment.python_of(made).exists()  # all of the broken one is gone
    assert broken.lines("pip install")[0].endswith("-e .[test]")


def test_a_failing_pip_leaves_no_stamp_and_says_how_to_go_on(made):
    with pytest.raises(ReviewError) as caught:
        environment.set_up("demo", made, Recorder({"pip install": 1}))
    assert "exit code 1" in caught.value.what
    assert "pip config list" in caught.value.fix
    assert environment.read_stamp(made) == {}


def test_a_folder_that_cannot_be_written_to_is_named(checkout):
    with pytest.raises(ReviewError, match="no luck") as caught:
        environment.set_up("demo", checkout, Recorder({"-m venv": 1}))
    assert str(checkout / ".venv") in caught.value.what


def test_somebody_elses_environment_is_never_wiped(made):
    mine = made / ".venv" / "mine"
    mine.touch()
    with pytest.raises(ReviewError, match=r"did not make.*rename or remove"):
        environment.set_up("demo", made, Recorder({"import pip": 1}))
    assert mine.exists()


def test_an_interrupted_start_is_begun_again(checkout):
    with pytest.raises(ReviewError, match="no luck"):
        environment.set_up("demo", checkout, Recorder({"-m venv": 1}))
    again = Recorder()
    environment.set_up("demo", checkout, again)
    assert again.lines("-m venv ")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_checkout_that_may_not_be_written_to_is_told(checkout):
    """In another process: root, who may write anywhere, gives its rights up for good."""
    code = f"""if True:
        import os, sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        from types import SimpleNamespace
        from app import environment
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        run = lambda *_, **__: SimpleNamespace(returncode=0, stdout="", stderr="")
        try:
            environment.set_up("demo", Path("."), run)
        except environment.ReviewError as error:
            sys.exit(str(error))
    """
    checkout.chmod(0o555)
    try:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    finally:
        checkout.chmod(0o755)
    assert done.returncode == 1
    assert "could not be made" in done.stderr
    assert "Permission denied" in done.stderr
    assert "To fix it: make the folder writable" in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"qt": true}', '{"extras": 5}'])
def test_a_damaged_stamp_counts_as_none(made, text):
    (made / ".venv" / "opacity.json").write_text(text)
    assert environment.read_stamp(made) == {}


def test_a_real_environment_is_found_healthy_and_a_torn_one_not(tmp_path):
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=sys.platform != "win32")
    python = environment.python_of(tmp_path)
    assert not environment._healthy(python, subprocess.run)  # no pip in it
    assert environment._healthy(Path(sys.executable), subprocess.run)


def apt_here(monkeypatch, uid):
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: uid, raising=False)


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


def test_python_without_ensurepip_asks_for_its_own_package(checkout, monkeypatch):
    apt_here(monkeypatch, 1000)
    with pytest.raises(ReviewError) as caught:
        environment.set_up("demo", checkout, Recorder({"ensurepip": 1}))
    wanted = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert f"apt-get install -y {wanted}" in caught.value.fix


@linux_only
def test_what_is_missing_is_asked_for_at_once(checkout, monkeypatch):
    apt_here(monkeypatch, 1000)
    monkeypatch.setattr(system_libraries, "missing_libraries", lambda _: ["libEGL.so.1"])
    with pytest.raises(ReviewError) as caught:
        environment.set_up("test", checkout, Recorder({"ensurepip": 1}), with_qt=True)
    assert "libEGL.so.1" in caught.value.what
    assert "ensurepip" in caught.value.what
    assert caught.value.fix.endswith("-venv libegl1")


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


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_where_a_display_is_expected(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(bootstrap.sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert bootstrap.display_named() is expected


@pytest.fixture
def handed_over(monkeypatch, tmp_path):
    """Set-up done; notes what the process would become."""
    seen = []
    monkeypatch.setattr(environment, "set_up", lambda *_, **__: Path("/env/python"))
    monkeypatch.setattr(environment, "ensure_qt_once", lambda *_: None)
    monkeypatch.setattr(bootstrap, "_demo_folder", lambda *_: tmp_path / "demo")
    monkeypatch.setattr(
        bootstrap, "hand_over", lambda command, variables: seen.append((command, variables))
    )
    monkeypatch.chdir(tmp_path)
    return seen


def test_tests_run_offscreen_and_get_the_further_arguments(handed_over, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "display_named", lambda: False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    bootstrap.run_tests(["-q", "tests/test_main.py"], tmp_path)
    command, variables = handed_over[0]
    assert command[1:] == ["-m", "pytest", "-q", "tests/test_main.py"]
    assert variables["QT_QPA_PLATFORM"] == "offscreen"


def test_the_demo_opens_the_window_where_there_is_a_display(handed_over, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "display_named", lambda: True)
    monkeypatch.setattr(system_libraries, "qt_problem", lambda *_: "")
    bootstrap.run_demo([], tmp_path)
    assert handed_over[0][0][1:] == [str(tmp_path / "main.py"), str(tmp_path / "demo")]


@pytest.mark.parametrize("named", [False, True])
def test_the_demo_without_a_display_scores_and_prints(
    handed_over, monkeypatch, tmp_path, capsys, named
):
    monkeypatch.setattr(bootstrap, "display_named", lambda: named)
    monkeypatch.setattr(system_libraries, "qt_problem", lambda *_: "could not connect to display")
    commands = []

    def score(command, **_):
        commands.append(command)
        Path(command[-1]).write_text(
            f"path,p_pneumonia\n{command[-3]}/a/chest.dcm,0.123456\n", encoding="utf-8"
        )
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(bootstrap.subprocess, "run", score)
    assert bootstrap.run_demo([], tmp_path) == 0
    assert handed_over == []
    table = tmp_path / "demo-scores.csv"  # beside the scored folder, never in it
    assert commands[0][2:] == ["score", str(tmp_path / "demo"), "-o", str(table)]
    said = capsys.readouterr().out
    assert "no display" in said or "display cannot be opened" in said
    assert "chest.dcm  0.123" in said
    assert str(table) in said


def test_a_disk_full_in_the_set_up_is_told(monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(environment, "set_up", full)
    assert bootstrap.handle(["test"]) == 1
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "To fix it" in said


def test_the_demo_takes_no_arguments(capsys):
    assert bootstrap.handle(["demo", "/some/folder"]) == 1
    assert "python3 main.py FOLDER" in capsys.readouterr().err


def test_other_commands_are_left_alone_where_the_packages_are():
    assert bootstrap.handle(["score", "x"]) is None
    assert bootstrap.handle([]) is None


def test_a_python_without_the_packages_is_led_to_the_environment(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bootstrap, "NEEDED", ("no_such_module_here",))
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    assert bootstrap.handle(["score", "x"]) == 1
    assert "lacks packages that Opacity needs: no_such_module_here" in capsys.readouterr().err
    assert bootstrap.handle(["--help"]) is None  # help needs no packages

    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / ".venv" / "opacity.json").write_text(json.dumps({"extras": ["demo"]}))
    seen = []
    monkeypatch.setattr(bootstrap, "hand_over", lambda command, _: seen.append(command) or 0)
    assert bootstrap.handle(["score", "x"]) == 0
    assert seen == [[str(python), str(tmp_path / "main.py"), "score", "x"]]


def test_columns_line_up_with_short_paths_and_rounded_scores(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(
        f"path,status,p_pneumonia,reason\n{tmp_path}/b/c.dcm,ok,0.98765,\n"
        f"{tmp_path}/d.dcm,refused,,a tibia\n"
    )
    assert bootstrap.as_columns(table, tmp_path).splitlines() == [
        "path     status   p_pneumonia  reason",
        f"{Path('b/c.dcm')}  ok       0.988",
        "d.dcm    refused               a tibia",
    ]
