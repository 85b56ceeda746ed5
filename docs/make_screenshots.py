"""Takes the screenshots of README and the user guide: ``python docs/make_screenshots.py``.

Opens the real window, on the bundled model, offscreen. The images are real radiographs: the DICOM
files of the package pydicom-data, and those of ``--images`` where given. The prior is the same
chest again, turned into an earlier one in its header: two of one patient are not in the package.
The fonts are those of the machine.
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
WIDTHS = (508, 262)
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
    write_prior(source / "RG1_UNCR.dcm", folder / "RG1_2003.dcm")
    (folder / "cut-off.dcm").write_bytes((folder / "RG1_J2KR.dcm").read_bytes()[:2000])


def write_prior(source: Path, target: Path) -> None:
    """The same image, cut a little closer, as one that was taken the year before."""
    import numpy as np
    import pydicom
    from pydicom.uid import generate_uid

    prior = pydicom.dcmread(source)
    for name in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        if name in prior:
            setattr(prior, name, "2003" + str(getattr(prior, name))[4:])
    prior.SOPInstanceUID = prior.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    prior.StudyInstanceUID, prior.SeriesInstanceUID = generate_uid(), generate_uid()
    pixels = prior.pixel_array[70:-40, 50:-60]
    prior.Rows, prior.Columns = pixels.shape
    prior.PixelData = np.ascontiguousarray(pixels).tobytes()
    prior.save_as(target)


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


def use(application, theme: str, language: str) -> None:
    """Dress the application; windows made from now on speak the language."""
    from app.gui.common import languages
    from app.gui.common.appearance import Appearance

    Appearance.of(application).choose(theme)
    languages.use(application, language)


def open_window(folder: Path | None):
    """A new window, with a folder open and scored."""
    from PySide6.QtCore import Qt

    from app.gui.main_window import MainWindow

    window = MainWindow()
    window.settings.set_text("reader", "R. Example")
    window.resize(*SIZE)
    window.show()
    # As on the first day: a window before this one had the training panel open, which is wide.
    docks = [window.worklist_dock, window.prediction_dock]
    window.resizeDocks(docks, WIDTHS, Qt.Orientation.Horizontal)
    if folder is not None:
        done: list[bool] = []
        window.service.finished.connect(lambda: done.append(True))
        window.open([str(folder)])
        wait(lambda: bool(done))
        choose(window, lambda name: name == "RG1_J2KR.dcm")
    return window


def close(window) -> None:
    """Close a window and wait for its threads."""
    window.close()
    pause()
    while not window.service.close(10.0):
        pass


def reading(window, out: Path) -> None:
    """Verdicts, measures, window panel, prior, hidden identity, tags."""
    from app.core.reading.marks import Mark, MarkKind

    desk = window.image_view.drawing.desk
    desk.add(Mark(MarkKind.RATIO, ((690, 1350), (1330, 1350), (270, 1500), (1600, 1500))))
    desk.add(Mark(MarkKind.LENGTH, ((1180, 620), (1560, 640))))
    desk.add(Mark(MarkKind.ELLIPSE, ((330, 1050), (620, 1300)), "round shadow"))
    take(window, out / "measures.png")
    while desk.marks:
        desk.select(len(desk.marks) - 1)
        desk.remove_selected()
    window.commands["window-panel"].setChecked(True)
    take(window, out / "window-panel.png")
    window.commands["window-panel"].setChecked(False)
    window.commands["prior"].trigger()
    pause(4.0)
    take(window, out / "prior.png")
    window.commands["prior"].trigger()
    window.commands["label-normal"].trigger()
    pause(1.0)
    choose(window, lambda name: name == "RG1_J2KR.dcm")
    window.commands["agree"].trigger()
    pause(1.0)
    choose(window, lambda name: name == "RG1_2003.dcm")
    window.commands["unsure"].trigger()
    window.commands["key-image"].trigger()
    pause(1.0)
    choose(window, lambda name: name == "RG1_J2KR.dcm")
    take(window, out / "verdicts.png")
    window.commands["hide-identity"].setChecked(True)
    take(window, out / "hidden.png")
    window.commands["hide-identity"].setChecked(False)


def dialogs(window, out: Path) -> None:
    """Settings page by page, the sheet of shortcuts, export, tags."""
    from app.gui.common.shortcuts_sheet import ShortcutsSheet

    window.desk.show_settings()
    shown = window.desk.dialog
    for number, name in enumerate(("look", "display", "reading", "new-images", "nodes", "export")):
        shown.list.setCurrentRow(number)
        if name in ("look", "new-images"):
            take(shown, out / f"settings-{name}.png")
    shown.list.setCurrentRow(len(shown.pages) - 1)
    take(shown, out / "settings-keyboard.png")
    shown.reject()
    window.desk.show_keys()
    sheet = window.findChild(ShortcutsSheet)
    take(sheet, out / "shortcuts.png")
    sheet.close()
    window.commands["export"].trigger()
    pause(1.0)
    take(window.exports.dialog, out / "export.png")
    window.exports.dialog.close()


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

        application = make_application()
        window = open_window(None)
        take(window, options.out / "empty.png")
        close(window)
        window = open_window(folder)
        take(window, options.out / "window.png")
        choose(window, lambda name: name == "RG3_J2KR.dcm")
        take(window, options.out / "refused.png")
        choose(window, lambda name: name == "RG1_J2KR.dcm")
        reading(window, options.out)
        dialogs(window, options.out)
        use(application, "light", "en")
        take(window, options.out / "light.png")
        use(application, "dark", "en")
        window.commands["thumbnails"].setChecked(True)
        pause(2.0)
        take(window, options.out / "thumbnails.png")
        window.commands["thumbnails"].setChecked(False)
        window.commands["training"].setChecked(True)
        take(window, options.out / "training.png")
        window.commands["training"].setChecked(False)
        window.commands["models"].trigger()
        take(window.models_dialog, options.out / "models.png")
        window.models_dialog.close()
        if options.sweep:
            show_sweep(window, options.sweep, options.out / "sweep.png")
        close(window)
        use(application, "dark", "de")
        window = open_window(folder)
        take(window, options.out / "german.png")
        close(window)
        application.processEvents()


if __name__ == "__main__":
    main()
