"""main.py: another Python gets a clear message instead of a traceback."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import python_version

ROOT = Path(__file__).resolve().parent.parent
BEFORE_THE_CHECK = ["main.py", "app/__init__.py", "app/python_version.py"]


@pytest.mark.parametrize("name", BEFORE_THE_CHECK)
@pytest.mark.parametrize("version", [(3, 7), (3, 10)])
def test_what_runs_before_the_check_parses_on_old_pythons(name, version):
    source = (ROOT / name).read_text(encoding="utf-8")
    ast.parse(source, filename=name, feature_version=version)
    # ast leaves this one to the compiler, and Python 3.6 does not know it.
    assert "from __future__ import annotations" not in source


@pytest.mark.parametrize("found", [(2, 7, 18), (3, 6, 15), (3, 10, 13), (3, 14, 0)])
def test_another_python_is_told_what_is_wrong(found, monkeypatch):
    monkeypatch.setenv("PATH", "")
    said = io.StringIO()
    with pytest.raises(SystemExit) as leaving:
        python_version.require(["main.py", "demo"], found, said)
    assert leaving.value.code == 1
    assert "{}.{}".format(*found) in said.getvalue()
    assert "Expected: Python 3.11, 3.12 or 3.13" in said.getvalue()
    assert "To fix it: install" in said.getvalue()


@pytest.mark.parametrize("found", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_the_supported_pythons_pass(found):
    assert python_version.problem(found) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_the_advice_names_a_python_that_really_runs(tmp_path, monkeypatch):
    (tmp_path / "shims").mkdir()
    broken = tmp_path / "shims" / "python3.13"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    working = tmp_path / "python3.11"
    working.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    working.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}{os.pathsep}{tmp_path}")
    said = io.StringIO()
    with pytest.raises(SystemExit):
        python_version.require(["main.py", "demo"], (3, 10, 0), said)
    assert f"{working} main.py demo" in said.getvalue()
    assert str(broken) not in said.getvalue()


def test_an_interpreter_too_old_stops_at_the_check(tmp_path):
    """The real main.py, run by an interpreter that says it is 3.10."""
    script = tmp_path / "as_if_old.py"
    script.write_text(
        "import runpy, sys\n"
        "sys.version_info = (3, 10, 4)\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "it is version 3.10" in done.stderr
    assert "Traceback" not in done.stderr
