"""The environment: what is installed when, and what is said when it cannot be."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from set_up import Recorder, apt_here

from app import environment, system_libraries
from app.core.base.errors import ReviewError

ROOT = Path(__file__).resolve().parent.parent
linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux needs libraries installed for Qt"
)


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
