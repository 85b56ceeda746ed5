"""Takes the screenshots of README and the user guide: ``python docs/make_screenshots.py``.

Opens the real window, on the bundled model, offscreen. The images are real chest radiographs:
the DICOM files of the package pydicom-data, and those of ``--images`` where given. The fonts
are those of the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1280, 800)
SECONDS = 180.0


def wait(until: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Run the event loop until something is so."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise SystemExit("The window did not get there in time.")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def pause(seconds: float = 0.4) -> None:
    """Let the window settle."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def take(window, path: Path) -> None:
    """Save the window as it is."""
    pause()
    if not window.grab().save(str(path)):
        raise SystemExit(f"{path} could not be written.")
    print(path)


def choose(window, wanted: Callable[[str], bool]) -> None:
    """Show the first image of that name, with its heatmap where it gets one."""
    rows = window.worklist_model.rows
    item = next(row.item for row in rows if wanted(row.item.path.name))
    answered: list[bool] = []
    link = window.service.heatmap_ready.connect(lambda *_: answered.append(True))
    if window.worklist.current_item == item:
        window.controller.current = None
        window.controller.choose(item)
    else:
        window.worklist.choose(item)
    wait(lambda: bool(answered))
    window.service.heatmap_ready.disconnect(link)


def gather(folder: Path, images: Path | None) -> None:
    """Copy the radiographs to open: names and folders as a hospital might give them."""
    import data_store

    source = Path(data_store.__file__).parent / "data"
    for name in ("RG1_J2KR.dcm", "RG3_J2KR.dcm"):
        shutil.copy(source / name, folder / name)
    for path in sorted(images.rglob("*.jp*g")) if images else ():
        shutil.copy(path, folder / path.name)
    (folder / "cut-off.dcm").write_bytes((folder / "RG1_J2KR.dcm").read_bytes()[:2000])


def show_sweep(window, sweep: Path, path: Path) -> None:
    """A copy of a sweep in its window, the best trial selected."""
    target = Path(os.environ["OPACITY_HOME"]) / "sweeps" / sweep.name
    target.mkdir(parents=True)
    for name in ("sweep.json", "ledger.jsonl"):
        shutil.copy(sweep / name, target / name)
    window.commands["sweeps"].trigger()
    shown = window.sweep_window
    wait(lambda: shown.studies.rowCount() > 1)
    shown.studies.selectRow(1)
    wait(lambda: shown.board.proxy.rowCount() > 0)
    shown.board.selectRow(0)
    pause(1.0)
    take(shown, path)
    shown.close()


def main() -> None:
    """Open, score, look, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, help="a folder of further radiographs (JPEG)")
    parser.add_argument("--sweep", type=Path, help="the folder of a sweep, for its window")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "radiographs"
        folder.mkdir()
        gather(folder, options.images)
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ["OPACITY_HOME"] = str(Path(home) / "home")
        sys.path.insert(0, str(ROOT))
        from app.gui.application import make_application
        from app.gui.main_window import MainWindow

        application = make_application()
        window = MainWindow()
        window.resize(*SIZE)
        window.show()
        take(window, options.out / "empty.png")
        done: list[bool] = []
        window.service.finished.connect(lambda: done.append(True))
        window.open([str(folder)])
        wait(lambda: bool(done))
        choose(window, lambda name: name == "RG1_J2KR.dcm")
        take(window, options.out / "window.png")
        choose(window, lambda name: name == "RG3_J2KR.dcm")
        take(window, options.out / "refused.png")
        window.commands["thumbnails"].setChecked(True)
        choose(window, lambda name: name == "RG1_J2KR.dcm")
        pause(2.0)
        take(window, options.out / "thumbnails.png")
        window.commands["thumbnails"].setChecked(False)
        window.commands["training"].setChecked(True)
        take(window, options.out / "training.png")
        window.commands["models"].trigger()
        take(window.models_dialog, options.out / "models.png")
        window.models_dialog.close()
        if options.sweep:
            show_sweep(window, options.sweep, options.out / "sweep.png")
        window.close()
        while not window.service.close(10.0):
            pass
        application.processEvents()


if __name__ == "__main__":
    main()
