"""What the window loads before it stands on the screen, and what it never loads on a CPU."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from factories import chest_like

ROOT = Path(__file__).resolve().parents[2]

NOT_TO_DRAW = (
    *("tensorflow", "keras", "tf2onnx", "onnx", "scipy", "pydicom", "gdcm", "pynetdicom"),
    *("highdicom", "reportlab", "pyqtgraph", "requests", "pandas", "sklearn", "optuna"),
)
SCRIPT = """
import sys, time
from app.core.base.worker_io import private_stdout
out = private_stdout()
from app.gui.application import make_application
from app.gui.main_window import MainWindow
application = make_application()
window = MainWindow()
window.show()
# What stands here was needed to draw it: the service's threads import what they need later.
print(*[name for name in {names!r} if name in sys.modules], file=out, flush=True)
finished, scored = [], []
window.service.scored.connect(scored.extend)
window.service.finished.connect(lambda: finished.append(True))
window.open([sys.argv[1]])
end = time.monotonic() + 120
while time.monotonic() < end and not finished:
    application.processEvents()
    time.sleep(0.01)
# The device is named wherever the network ran, though it may find these unlike its own images.
judged = [one for one in scored if one.prediction.device]
print(len(judged), *[name for name in ("tensorflow", "keras") if name in sys.modules], file=out)
window.close()
while not window.service.close(60.0):
    pass
"""


@pytest.mark.slow
def test_the_open_window_loads_no_more_than_it_draws_and_scores_without_tensorflow(tmp_path):
    (tmp_path / "images").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "images" / f"chest{number}.png"), chest_like(seed=number))
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "OPACITY_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT.replace("{names!r}", repr(NOT_TO_DRAW)),
            str(tmp_path / "images"),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", "3"]
