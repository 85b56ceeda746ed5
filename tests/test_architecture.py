"""The rules of the house that a fresh interpreter can show."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("PySide6", "tensorflow", "keras", "numpy", "cv2", "pydicom")


def loaded_after(statement: str, names: tuple[str, ...]) -> list[str]:
    code = f"import sys; {statement}; print(*[n for n in {names!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_check_itself_sees_an_import():
    assert loaded_after("import numpy", HEAVY) == ["numpy"]


@pytest.mark.parametrize("module", ["app.cli", "app.bootstrap", "app.python_version"])
def test_the_command_line_starts_without_its_dependencies(module):
    assert loaded_after(f"import {module}", HEAVY) == []


def qt_modules(source: str) -> set[str]:
    """Name the parts of PySide6 that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("PySide6.")}
    return found


def test_the_jobs_know_of_qt_only_its_core():
    assert qt_modules("from PySide6 import QtCore, QtGui") == {"QtCore", "QtGui"}
    assert qt_modules("def f():\n    from PySide6.QtWidgets import QLabel") == {"QtWidgets"}
    for path in (ROOT / "app" / "jobs").rglob("*.py"):
        assert qt_modules(path.read_text(encoding="utf-8")) <= {"QtCore"}, path


def test_the_layers_hold():
    """The contracts of pyproject.toml, as `lint-imports` reads them."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def after_command(*arguments: str) -> set[str]:
    """Name the heavy packages that a command has loaded when it ends."""
    names = (*HEAVY, "scipy", "onnx", "onnxruntime", "requests", "gdcm", "pyqtgraph", "PIL")
    code = (
        "import sys; from app.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        f"print('LOADED', *[n for n in {names!r} if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split("LOADED")[1].split())


@pytest.mark.parametrize("command", [["models"], ["--help"], ["models", "--help"]], ids=" ".join)
def test_a_list_and_a_help_load_nothing_heavy(command):
    assert after_command(*command) == set()


@pytest.mark.slow
def test_a_picture_is_scored_without_what_other_files_need(tmp_path):
    """A network, a decoder and numbers; pydicom comes with the first DICOM file."""
    import cv2
    from factories import chest_like, write_dicom

    light = {"numpy", "cv2", "PIL", "onnxruntime"}
    cv2.imwrite(str(tmp_path / "chest.png"), chest_like())
    scores = ("-o", str(tmp_path / "scores.csv"))
    assert after_command("score", str(tmp_path / "chest.png"), *scores) == light
    write_dicom(tmp_path / "chest.dcm")
    assert after_command("score", str(tmp_path / "chest.dcm"), *scores) >= {*light, "pydicom"}
