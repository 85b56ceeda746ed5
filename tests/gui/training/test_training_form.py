"""The form offers what the chosen network uses, says what each setting does, and gives it back."""

import dataclasses

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tiny_model import save_tiny

from app.core.settings.training import TrainConfig
from app.gui.training.augmentation_dialog import AugmentationDialog
from app.gui.training.training_form import NO_HELP
from app.gui.training.training_settings import TrainingSettings
from app.gui.training.training_starts import networks, start_models
from app.inference.registry.models import promote
from model_zoo import architecture

WAIT = 15_000
DATA = {"data", "labels", "patients", "mapping"}
NAMES = {field.name for field in dataclasses.fields(TrainConfig)} - DATA


@pytest.fixture
def section(qtbot):
    made = TrainingSettings()
    qtbot.addWidget(made)
    made.resize(360, 900)
    made.show()
    return made


@pytest.fixture
def form(section):
    section.form.open_advanced(True)
    return section.form


def of_arch(arch, **changes):
    return TrainConfig(**{**architecture(arch).DEFAULTS, "data": "", "arch": arch, **changes})


def shown(form):
    return {name for name, field in form.fields.items() if field.isVisible()}


def test_every_setting_is_offered_once_with_a_sentence_of_help(form):
    assert set(form.settings()) == NAMES
    for field in form.fields.values():
        assert field.toolTip().endswith(".")
        assert field.accessibleName()
        assert field.accessibleDescription() == field.toolTip()


def test_all_settings_come_back_as_they_were(form):
    config = TrainConfig(
        data="",
        epochs=7,
        batch_size=4,
        learning_rate=2e-6,
        optimizer="sgd",
        schedule="constant",
        weight_decay=0.00012,
        dropout=0.15,
        augmentation=0.3,
        label_smoothing=0.05,
        image_size=160,
        patience=0,
        class_weights=False,
        frozen_blocks=5,
        precision="float32",
        device="cpu",
        fold=3,
        seed=99,
    )
    form.show_config(config)
    assert TrainConfig(data="", **form.settings()) == config
    assert form.fields["learning_rate"].text() == "0.000002"
    assert form.fields["patience"].text() == "never"


@pytest.mark.parametrize("arch", ["dense", "cnn", "best"])
def test_only_what_the_network_uses_is_shown(form, arch):
    config = of_arch(arch)
    form.show_config(config)
    own = set(architecture(arch).OWN_SETTINGS)
    of_some = {name for each in networks().values() for name in each.own}
    assert shown(form) == NAMES - of_some | own
    said = TrainConfig(data="", **form.settings())
    # Without weights of its own a network starts from scratch, whichever word is used.
    start = "pretrained" if arch == "best" else "scratch"
    assert said == dataclasses.replace(config, start=start)


def test_the_fold_hides_the_advanced_settings_and_keeps_their_values(form):
    form.show_config(of_arch("best", seed=5))
    form.fold.setFocus()
    QTest.keyClick(form.fold, Qt.Key.Key_Space)
    assert not form.fields["seed"].isVisible()
    assert form.fields["epochs"].isVisible()
    assert form.settings()["seed"] == 5


def test_a_rate_of_0_is_the_optimizers_own_and_says_which(form):
    form.show_config(of_arch("dense"))
    rate = form.fields["learning_rate"]
    assert rate.text() == "own (0.001)"
    form.fields["optimizer"].choose("sgd")
    assert rate.text() == "own (0.01)"
    rate.stepBy(1)
    assert rate.value() == 0.02
    rate.setValue(0)
    assert form.settings()["learning_rate"] == 0.0


def test_models_of_the_architecture_are_offered_the_active_one_first(section, opacity_home):
    settings = {"nodes_dense": 20, "activation_dense": "elu"}
    for name in ("a", "b"):
        save_tiny(opacity_home / "models", name, arch="dense", cam_layer="", settings=settings)
    promote("b", despite_missing=True)
    section.refresh_models()
    form = section.form
    form.show_config(of_arch("dense"))
    start = form.fields["start"]
    assert [start.itemText(place) for place in range(start.count())] == [
        "Scratch",
        "b (active)",
        "a",
        "dense-1",
    ]
    # The weights prescribe the shapes of the layers.
    start.setCurrentIndex(1)
    start.activated.emit(1)
    said = form.settings()
    assert (said["start"], said["nodes_dense"], said["activation_dense"]) == ("b", 20, "elu")
    assert said["image_size"] == 32
    form.show_config(of_arch("best"))
    texts = [start.itemText(place) for place in range(start.count())]
    assert texts == ["ImageNet", "Scratch", "best-2"]
    assert form.settings()["start"] == "pretrained"
    assert [model.name for model in start_models() if model.active] == ["b"]


def test_from_scratch_all_layers_are_trained(form):
    form.show_config(of_arch("best"))
    frozen, start = form.fields["frozen_blocks"], form.fields["start"]
    assert frozen.text() == "all but the first 3 of 16"
    start.choose("scratch")
    start.activated.emit(start.currentIndex())
    assert form.settings()["frozen_blocks"] == 0
    assert frozen.text() == "all"
    assert not frozen.isEnabled()
    start.choose("pretrained")
    start.activated.emit(start.currentIndex())
    assert form.settings()["frozen_blocks"] == 3
    assert frozen.isEnabled()


def test_help_follows_the_cursor_and_the_focus(section, form, qtbot):
    form.fields["arch"].clearFocus()
    dropout = form.fields["dropout"]
    QApplication.sendEvent(dropout, QEvent(QEvent.Type.Enter))
    assert section.help.text() == f"Dropout: {dropout.toolTip()}"
    QApplication.sendEvent(dropout, QEvent(QEvent.Type.Leave))
    assert section.help.text() == NO_HELP
    section.activateWindow()
    form.fields["epochs"].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: section.help.text().startswith("Epochs: "), timeout=WAIT)
    QTest.keyClick(form.fields["epochs"], Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: section.help.text().startswith("Batch size: "), timeout=WAIT)


def test_each_help_fits_into_its_place(section, form, qtbot):
    section.help.setParent(None)
    section.help.setFixedWidth(330)
    for help_text in form._helps.values():
        assert (
            section.help.fontMetrics()
            .boundingRect(0, 0, 306, 1000, int(Qt.TextFlag.TextWordWrap), help_text)
            .height()
            <= section.help.height() - 15
        ), help_text
    section.help.deleteLater()


def test_the_wheel_leaves_a_field_alone_that_it_only_passes_over(form):
    seed = form.fields["seed"]
    form.fields["epochs"].setFocus()
    before = seed.value()
    QApplication.sendEvent(
        seed,
        QWheelEvent(
            QPointF(5, 5),
            QPointF(seed.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )
    assert seed.value() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "GPU if there is one"),
        ("NVIDIA H100", "NVIDIA H100"),
        ("CPU (2 cores, x86_64)", "CPU (no GPU)"),
    ],
)
def test_the_device_is_named(form, name, words):
    form.fields["device"].choose("cpu")
    form.show_device(name)
    device = form.fields["device"]
    assert device.itemText(0) == words
    assert form.settings()["device"] == "cpu"


def test_an_image_size_too_small_to_make_sense_is_set_right(form):
    size = form.fields["image_size"]
    assert size.text() == "own (192 pixels)"
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "5")
    QTest.keyClick(size, Qt.Key.Key_Return)
    assert form.settings()["image_size"] == 16


def test_the_preview_shows_plain_and_augmented_images(qtbot, tmp_path):
    from tiny_data import write_training_folder

    folder = write_training_folder(tmp_path / "tiny", per_class=10)
    seeds = iter((1, 2))
    config = TrainConfig(data=str(folder))
    dialog = AugmentationDialog(config, draw=lambda: next(seeds))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.another.isEnabled, timeout=WAIT)
    cells = [cell for row in dialog._cells for cell in row]
    assert len(cells) == 24
    first = [cell.pixmap().toImage() for cell in cells]
    assert first[0] != first[1] != first[2]
    assert not first[0].isNull()
    qtbot.mouseClick(dialog.another, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.another.isEnabled, timeout=WAIT)
    assert cells[0].pixmap().toImage() != first[0]
    dialog.close()


def test_the_preview_says_when_nothing_is_augmented_or_nothing_can_be_read(qtbot, tmp_path):
    dialog = AugmentationDialog(TrainConfig(data=str(tmp_path / "gone"), augmentation=0.0))
    qtbot.addWidget(dialog)
    assert "no augmentation" in dialog.words.text()
    qtbot.waitUntil(dialog.another.isEnabled, timeout=WAIT)
    assert "gone" in dialog.words.text()
    dialog.close()
