"""The documented way in: the example in ``docs/audit-api.md`` runs as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tiny_data import write_training_folder
from tiny_model import save_tiny

from app.core.base.home import models_dir
from app.review import audit as package

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "audit-api.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    write_training_folder(tmp_path / "data", per_class=4)
    save_tiny(models_dir(), "tiny")
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL).group(1)
    names: dict[str, object] = {}
    exec(example.replace("best-2", "tiny"), names)
    said = capsys.readouterr().out
    assert "'NORMAL': 4, 'PNEUMONIA': 4" in said
    assert re.search(r"^auc \d\.\d+", said, re.MULTILINE)
    assert len(names["table"]) == 8


def test_what_is_documented_is_there():
    for name in re.findall(r"`Audit\.(\w+)", GUIDE):
        assert hasattr(package.Audit, name) or name in package.Audit.__dataclass_fields__
    for name in ("Readers", "Matrix", "Figures", "Curves", "AuditRow", "TITLES", "save", "load"):
        assert name in GUIDE
        assert name in package.__all__


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, app.review.audit\n"
        "print(*({'tensorflow', 'keras', 'pandas', 'sklearn', 'cleanlab', 'PySide6'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
