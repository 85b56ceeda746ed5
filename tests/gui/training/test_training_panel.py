"""The real training panel, driven as a person would, with the real worker behind it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from tiny_data import write_training_folder
from tiny_settings import tiny

from app.core.base.errors import ReviewError
from app.core.base.events import EpochEnded, RunEnded, RunStarted, to_line
from app.core.settings.training import TrainConfig
from app.gui.application import make_application
from app.gui.common.curves import CurvesView
from app.gui.training.training_panel import TrainingPanel
from app.inference.registry.models import list_models
from app.training.data.dataset import read_dataset
from app.training.fit.checkpoint import save_checkpoint
from app.training.fit.loop import Hooks, fit
from app.training.runs.run_lock import lock_run
from app.training.runs.runs import EVENTS_NAME, RunState, append_failure, list_runs, new_run
from app.training.runs.worker import teller


@pytest.fixture
def panel(qtbot):
    make_application()
    panel = TrainingPanel()
    panel.resize(360, 900)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.shutdown()


def cells(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def one_class(tmp_path):
    (tmp_path / "one" / "NORMAL").mkdir(parents=True)
    for number in range(20):
        (tmp_path / "one" / "NORMAL" / f"{number}.png").write_bytes(b"")
    return tmp_path / "one"


def pick(panel, folder, monkeypatch, qtbot):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    qtbot.mouseClick(panel.data.choose_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.hint.text() != "Counting the images", timeout=10_000)


@pytest.mark.slow
def test_train_watch_stop_and_use_the_model(panel, qtbot, tmp_path, monkeypatch):
    pick(panel, write_training_folder(tmp_path / "tiny"), monkeypatch, qtbot)
    assert [row[:3] for row in cells(panel.data.balance)] == [
        ["NORMAL", "24", "24"],
        ["PNEUMONIA", "24", "24"],
    ]
    assert panel.data.balance.item(0, 3).text() == "50.0 %"
    assert panel.data.balance.isVisible()
    panel.form.fields["epochs"].setValue(50)
    panel.form.fields["patience"].setValue(50)
    panel.form.fields["batch_size"].setValue(16)
    panel.form.fields["frozen_blocks"].setValue(16)  # trains only the head, in a few seconds
    panel.form.fields["augmentation"].setValue(0.0)
    trained, wanted = [], []
    panel.model_trained.connect(trained.append)
    panel.use_model.connect(wanted.append)

    qtbot.mouseClick(panel.start_button, Qt.MouseButton.LeftButton)
    assert panel.training
    assert not panel.start_button.isEnabled()
    assert panel.curves.isVisible()
    assert cells(panel.runs)[0][2] == "running"
    # Under a minute on two idle cores; the limit is for a machine that does other things.
    qtbot.waitUntil(
        lambda: len(panel.curves.points("val_loss")[0]) >= 2 or not panel.training,
        timeout=400_000,
    )
    assert panel.training, panel.errors.text.text()
    assert panel.curves.points("val_auc")[0][:2] == [1.0, 2.0]
    assert panel.curves.points("step_loss")[0]
    assert "Epoch" in panel.progress_label.text()

    qtbot.mouseClick(panel.stop_button, Qt.MouseButton.LeftButton)
    assert "best so far is being kept" in panel.progress_label.text()
    qtbot.waitUntil(lambda: not panel.training, timeout=200_000)
    assert panel.errors.isHidden(), panel.errors.text.text()
    (model,) = [model for model in list_models() if not model.bundled]
    assert trained == [model.name]
    assert model.name in panel.result.text()
    assert "Stopped" in panel.result.text()
    (run,) = list_runs()
    assert run.config is not None
    assert (run.config.batch_size, run.config.frozen_blocks) == (16, 16)
    assert run.state is RunState.STOPPED
    assert 2 <= run.epochs_run < 50
    assert cells(panel.runs)[0][2] == "stopped"

    qtbot.mouseClick(panel.use_button, Qt.MouseButton.LeftButton)
    assert wanted == [model.name]


def test_one_class_shows_the_error_and_cannot_start(panel, qtbot, tmp_path, monkeypatch):
    pick(panel, one_class(tmp_path), monkeypatch, qtbot)
    assert panel.data.errors.isVisible()
    text = panel.data.errors.text.text()
    assert "only one class, NORMAL" in text
    assert "At least two classes were expected" in text
    assert "add the images of another class" in text
    assert not panel.start_button.isEnabled()


def test_a_dropped_folder_is_counted_and_remembered(panel, qtbot, tmp_path):
    folder = write_training_folder(tmp_path / "tiny", per_class=20)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.dropEvent(drop)
    qtbot.waitUntil(lambda: panel.data.balance.rowCount() == 2, timeout=10_000)
    again = TrainingPanel()
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.data.balance.rowCount() == 2, timeout=10_000)
    assert again.data.folder_label.path == str(folder)
    again.shutdown()


def test_a_remembered_folder_that_is_gone_is_an_error_not_a_crash(qtbot, panel, tmp_path):
    panel.data.controller.choose_folder(str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: panel.data.errors.isVisible(), timeout=10_000)
    assert "does not exist" in panel.data.errors.text.text()


def test_past_runs_come_back_with_curves_models_and_reasons(qtbot):
    good = new_run(TrainConfig(data="/images", epochs=3))
    events = [
        RunStarted("r", "best", 3, 10, {}, {}, {}, "CPU"),
        EpochEnded(1, 3, 1.0, {"loss": 0.6, "val_loss": 0.7, "val_auc": 0.8}, True),
        RunEnded("/m/best-1", "best-1", 1, 1, True),
    ]
    lines = "\n".join(to_line(event) for event in events)
    (good / EVENTS_NAME).write_text(lines, encoding="utf-8")
    bad = new_run(TrainConfig(data="/images", epochs=3))
    append_failure(bad, ReviewError("It crashed.", "No crash.", "Again."))
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert {row[2] for row in cells(panel.runs)} == {"stopped", "failed"}
    rows = {row[2]: number for number, row in enumerate(cells(panel.runs))}

    panel.runs.cellClicked.emit(rows["stopped"], 0)
    assert panel.curves.points("val_auc") == ([1.0], [0.8])
    assert "best-1" in panel.result.text()
    assert panel.use_button.isEnabled()
    panel.runs.cellClicked.emit(rows["failed"], 0)
    assert panel.errors.isVisible()
    assert "It crashed." in panel.errors.text.text()
    assert panel.curves.points("val_auc") == ([], [])
    panel.shutdown()


@pytest.mark.slow
def test_a_run_that_was_cut_off_is_resumed_by_keyboard(qtbot, tmp_path, monkeypatch):
    data = write_training_folder(tmp_path / "tiny", per_class=30)
    config = tiny("dense", data, epochs=3)
    folder = new_run(config)

    def keep(model, best, progress):
        save_checkpoint(folder, model, best, progress)
        raise KeyboardInterrupt

    tell = teller(folder, lambda line: None)
    tell(RunStarted("r", "dense", 3, 10, {}, {}, {}, "CPU"))
    with pytest.raises(KeyboardInterrupt):
        fit(read_dataset(data), config, Hooks(tell, on_epoch=keep))
    panel = TrainingPanel()
    panel.resize(360, 900)
    qtbot.addWidget(panel)
    panel.show()
    with lock_run(folder):
        panel.controller.refresh_runs()
        assert cells(panel.runs)[0][2] == "running elsewhere"
        panel.runs.cellActivated.emit(0, 0)
        assert not panel.resume_button.isVisible()
    panel.controller.refresh_runs()
    assert cells(panel.runs)[0][2:4] == ["interrupted", "1/3"]
    panel.runs.setFocus()
    panel.runs.setCurrentCell(0, 0)
    qtbot.keyClick(panel.runs, Qt.Key.Key_Return)
    assert panel.resume_button.text() == "Resume after epoch 1"
    panel.resume_button.setFocus()
    with qtbot.waitSignal(panel.process.finished, timeout=400_000) as heard:
        qtbot.keyClick(panel.resume_button, Qt.Key.Key_Space)
        assert not panel.resume_button.isVisible()
    assert heard.args[0].ok, heard.args[0]
    assert panel.curves.points("val_auc")[0] == [1.0, 2.0, 3.0]
    assert cells(panel.runs)[0][2:4] == ["finished", "3/3"]
    panel.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("width", [340, 420])
def test_nothing_is_wider_than_the_panel(panel, qtbot, tmp_path, monkeypatch, width):
    pick(panel, write_training_folder(tmp_path / "tiny", per_class=20), monkeypatch, qtbot)
    panel.clear_curves(6)
    panel.show_progress("Epoch 5 of 6, step 31 of 114, about 4 min left", 0.7)
    panel.show_result((("Model", "best-20261123-012345"), ("AUC", "0.99")), "best-1", True)
    panel.resize(width, 700)
    qtbot.wait(50)
    for child in panel.findChildren(QPushButton) + panel.findChildren(QLabel):
        if child.isVisible():
            assert child.mapTo(panel, child.rect().topRight()).x() < width, child.objectName()
    # A label that does not wrap must have the room it asks for.
    for button in panel.findChildren(QPushButton):
        if button.isVisible():
            assert button.width() >= button.minimumSizeHint().width(), button.text()


def test_a_run_that_starts_over_with_a_smaller_batch_starts_its_curves_over(qtbot):
    curves = CurvesView()
    qtbot.addWidget(curves)
    curves.clear(6)
    curves.add_step(0.5, 0.7)
    curves.add_epoch(1, {"loss": 0.6, "val_auc": 0.9}, True)
    curves.add_step(0.1, 0.8)
    assert curves.points("step_loss") == ([0.1], [0.8])
    assert curves.points("loss") == ([], [])


def test_what_is_not_a_number_is_not_drawn(qtbot):
    curves = CurvesView()
    qtbot.addWidget(curves)
    curves.add_epoch(1, {"loss": float("nan"), "val_loss": 0.5}, True)
    assert curves.points("loss") == ([], [])
    assert curves.points("val_loss") == ([1.0], [0.5])


def test_the_learning_rate_has_a_plot_once_it_is_told(qtbot):
    curves = CurvesView()
    qtbot.addWidget(curves)
    curves.show()
    curves.clear(4)
    curves.add_epoch(1, {"loss": 0.6}, False)
    assert not curves._rate_plot.isVisible()
    curves.add_epoch(2, {"loss": 0.5, "learning_rate": 5e-4}, False)
    curves.add_epoch(3, {"loss": 0.4, "learning_rate": 1e-4}, False)
    assert curves._rate_plot.isVisible()
    assert curves.points("learning_rate") == ([2.0, 3.0], [5e-4, 1e-4])
    assert curves._rate_title.text() == "Learning rate, by epoch: 0.0001, at most 0.0005"
    low, high = curves._rate_plot.getViewBox().viewRange()[1]
    assert low < 0 < 5e-4 < high


def test_start_stop_and_promote_do_not_move_when_a_line_appears(panel, qtbot):
    panel.show_result((("AUC", "0.9"),), "new", True)
    panel.clear_curves(3)
    panel.stop_button.show()
    panel.show_progress("Epoch 1", 0.1)
    buttons = (panel.start_button, panel.stop_button, panel.result_section.promote_button)

    def places():
        QApplication.processEvents()
        qtbot.wait(20)
        return [button.mapTo(panel.setup.parentWidget(), QPoint()).y() for button in buttons]

    before = places()
    panel.show_estimate("About four minutes on this machine, as measured with a few real steps")
    panel.show_comparison(("Missed: 3 before, 2 now", "AUC: 0.91 before, 0.92 now"), (Path("a"),))
    assert places() == before
    panel.show_progress("Epoch 2 of 3, about four minutes left on this machine. " * 2, 0.5)
    assert places()[:2] == before[:2]
    assert panel.result_section.flips_button.isVisible()


def test_the_images_that_flip_replace_no_list_without_a_question(panel, qtbot):
    opened = []
    panel.flips_wanted.connect(opened.append)
    panel.show_result((("AUC", "0.9"),), "new", True)
    panel.show_comparison(("AUC: 0.9",), (Path("a.png"), Path("b.png")))
    section = panel.result_section
    section.flips_button.click()
    assert not opened
    assert section.prompt.isVisible()
    section.prompt.no_button.click()
    assert not opened
    section.flips_button.click()
    section.prompt.yes_button.click()
    assert opened == [["a.png", "b.png"]]
