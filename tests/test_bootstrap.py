"""The commands of the set-up, `demo` and `test`: what they hand over to, and what they say."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import bootstrap, environment, system_libraries


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


def test_all_tests_run_together_but_for_those_that_measure(handed_over, monkeypatch, tmp_path):
    ran = []
    codes = iter((1, 0))
    monkeypatch.setattr(
        bootstrap.subprocess,
        "run",
        lambda command, **_: ran.append(command) or SimpleNamespace(returncode=next(codes)),
    )
    assert bootstrap.run_tests([], tmp_path) == 1, "one failure in either run is a failure"
    assert [command[-2:] for command in ran] == [
        ["-m", "not alone"],
        ["-m", "alone"],
    ]
    assert not handed_over


def test_the_quick_tests_leave_out_what_is_slow(handed_over, tmp_path):
    bootstrap.run_tests(["--quick", "tests/core"], tmp_path)
    command, _ = handed_over[0]
    assert command[-3:] == ["-m", "not slow and not alone", "tests/core"]


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


def test_every_figure_that_is_printed_is_rounded_and_the_file_stays(tmp_path):
    table = tmp_path / "t.csv"
    text = (
        "path,p_pneumonia,threshold,model,p_low,p_high,p_bacterial\n"
        f"{tmp_path}/c.dcm,0.98765432,0.8285058542672504,best-2 2.1,0.911111,0.999999,\n"
    )
    table.write_text(text)
    _, row = bootstrap.as_columns(table, tmp_path).splitlines()
    assert row.split() == ["c.dcm", "0.988", "0.829", "best-2", "2.1", "0.911", "1.000"]
    assert table.read_text() == text
