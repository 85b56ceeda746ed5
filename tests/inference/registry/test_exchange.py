"""A model's file that comes in: nothing strange does, and it comes whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import pickle
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from tiny_model import SIZE, save_tiny, wide_gate

from app.core.base.errors import ModelError, OutputError
from app.core.base.home import models_dir
from app.core.model.card import ModelCard
from app.inference.registry import archive as exchange
from app.inference.registry.archive import export_model, import_model, unpack
from app.inference.registry.models import list_models
from app.inference.runtime.classifier import Classifier
from app.inference.runtime.serving import has_form


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return save_tiny(tmp_path_factory.mktemp("built"), "mine", gate=wide_gate())


@pytest.fixture
def folder(built, tmp_path):
    return Path(shutil.copytree(built, tmp_path / "models" / "mine"))


@pytest.fixture
def parcel(folder, tmp_path):
    path = tmp_path / "mine.opacity"
    export_model(folder, path)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def rewrite(path: Path, *, manifest: dict | None = None, **changes: bytes) -> Path:
    """The file with other members (``card`` or ``model``), whose hashes its manifest gives."""
    parts = members(path)
    for name, data in changes.items():
        parts[{"card": "card.json", "form": "model.onnx"}.get(name, "model.keras")] = data
    told = json.loads(parts["manifest.json"])
    for name, file in told["files"].items():
        file["sha256"] = hashlib.sha256(parts[name]).hexdigest()
    parts["manifest.json"] = json.dumps({**told, **(manifest or {})}).encode()
    return write(path, parts)


def with_weights(path: Path, change) -> Path:
    """The file with an altered HDF5 file of weights, all hashes fitting."""
    parts = members(path)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(parts["model.keras"])) as keras:
        inner = {name: keras.read(name) for name in keras.namelist()}
    weights = io.BytesIO(inner["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        change(file)
    inner["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(out, "w") as keras:
        for name, data in inner.items():
            keras.writestr(name, data)
    return with_model(path, out.getvalue())


def with_model(path: Path, model: bytes) -> Path:
    card = json.loads(members(path)["card.json"])
    card["weights_sha256"] = hashlib.sha256(model).hexdigest()
    return rewrite(path, model=model, card=json.dumps(card).encode())


def nothing_came() -> None:
    assert [entry.name for entry in list_models() if not entry.bundled] == []
    assert not models_dir().exists() or not list(models_dir().iterdir())


def test_there_and_back(folder, parcel):
    made = import_model(parcel)
    assert made == models_dir() / "mine"
    inputs = np.random.default_rng(0).uniform(0, 255, (3, SIZE, SIZE, 1)).astype(np.float32)
    np.testing.assert_array_equal(
        Classifier(made).predict(inputs), Classifier(folder).predict(inputs)
    )
    for name in ("model.keras", "fitness.npz"):
        assert (made / name).read_bytes() == (folder / name).read_bytes()
    assert sorted(path.name for path in models_dir().iterdir()) == ["mine"]


def test_a_gate_and_its_card_come_together(parcel, tmp_path):
    """Neither another gate, nor one without a card that names it, nor a card without its gate."""
    parts = members(parcel)
    wider = dataclasses.replace(wide_gate(), usual=1e9).to_bytes()
    card = json.loads(parts["card.json"])
    for changed, why in (
        ({**parts, "fitness.npz": wider}, "is not the one its card describes"),
        ({name: data for name, data in parts.items() if name != "fitness.npz"}, "only one of"),
        ({**parts, "card.json": json.dumps({**card, "fitness": {}}).encode()}, "only one of"),
    ):
        told = json.loads(parts["manifest.json"])
        told["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest()}
            for name, data in changed.items()
            if name != "manifest.json"
        }
        path = write(
            tmp_path / "x.opacity", {**changed, "manifest.json": json.dumps(told).encode()}
        )
        with pytest.raises(ModelError, match=why):
            import_model(path)
    nothing_came()


def test_a_model_without_a_gate_travels_too(tmp_path):
    path = tmp_path / "bare.opacity"
    export_model(save_tiny(tmp_path / "models", "bare"), path)
    assert "fitness.npz" not in members(path)
    assert not (import_model(path) / "fitness.npz").exists()


def test_both_forms_travel(parcel, folder):
    form = (folder / "model.onnx").read_bytes()
    assert members(parcel)["model.onnx"] == form
    assert (import_model(parcel) / "model.onnx").read_bytes() == form


def test_a_file_of_an_older_opacity_gets_its_serving_form(parcel):
    parts = members(parcel)
    del parts["model.onnx"]
    told = json.loads(parts["manifest.json"])
    del told["files"]["model.onnx"]
    parts["manifest.json"] = json.dumps(told).encode()
    card = json.loads(parts["card.json"])
    write(parcel, parts)
    with pytest.raises(
        ModelError, match=r"only one of its card and its files knows of model\.onnx"
    ):
        unpack(parcel)
    del card["serving"]
    rewrite(parcel, card=json.dumps(card).encode())
    made = import_model(parcel)
    assert has_form(ModelCard.load(made / "card.json"))
    assert (made / "model.onnx").is_file()


def with_form(path: Path, form: bytes) -> Path:
    card = json.loads(members(path)["card.json"])
    card["serving"]["sha256"] = hashlib.sha256(form).hexdigest()
    return rewrite(path, form=form, card=json.dumps(card).encode())


def test_a_form_of_another_network_is_refused(parcel, tmp_path):
    other = save_tiny(tmp_path / "others", seed=9, gate=wide_gate())
    with_form(parcel, (other / "model.onnx").read_bytes())
    with pytest.raises(ModelError, match="do not give the same scores"):
        import_model(parcel)
    nothing_came()


def test_a_hostile_form_is_refused(parcel):
    import onnx

    model = onnx.ModelProto.FromString(members(parcel)["model.onnx"])
    model.graph.node[0].domain = "com.somebody"
    with_form(parcel, model.SerializeToString())
    with pytest.raises(ModelError, match=r"holds the operator 'com\.somebody"):
        unpack(parcel)
    nothing_came()


def test_a_taken_name_needs_another(parcel):
    import_model(parcel)
    with pytest.raises(ModelError, match="already there"):
        import_model(parcel)
    made = import_model(parcel, "other")
    assert ModelCard.load(made / "card.json").name == "other"
    with pytest.raises(ModelError, match="already there"):
        import_model(parcel, "best-2")
    with pytest.raises(ModelError, match="cannot name a model"):
        import_model(parcel, "../up")
    assert sorted(path.name for path in models_dir().iterdir()) == ["mine", "other"]


def test_a_name_that_leads_elsewhere(parcel):
    card = json.loads(members(parcel)["card.json"])
    card["name"] = "../../elsewhere"
    rewrite(parcel, card=json.dumps(card).encode())
    with pytest.raises(ModelError, match="cannot name a model"):
        import_model(parcel)
    nothing_came()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file(parcel, share):
    data = parcel.read_bytes()
    parcel.write_bytes(data[: int(share * len(data))])
    # Cut off behind the weights, the file ends as the zip does that these are.
    with pytest.raises(
        ModelError, match=r"damaged or no model's file|it holds '(config\.json|0/factor\.npy)'"
    ):
        import_model(parcel)
    nothing_came()


def test_what_is_no_file_of_a_model(tmp_path):
    for path, words in (
        (tmp_path / "missing.opacity", "No such file"),
        (tmp_path, "cannot be imported"),
    ):
        with pytest.raises(ModelError, match=words):
            import_model(path)
    text = tmp_path / "text.opacity"
    text.write_text("hello")
    with pytest.raises(ModelError, match="damaged or no model's file"):
        import_model(text)


def test_one_flipped_bit_in_each_member(parcel, tmp_path):
    for name in exchange.LIMITS:
        parts = members(parcel)
        middle = len(parts[name]) // 2
        data = bytearray(parts[name])
        data[middle] ^= 1
        broken = write(tmp_path / "broken.opacity", {**parts, name: bytes(data)})
        with pytest.raises(ModelError):
            import_model(broken)
    nothing_came()


def test_a_wrong_hash_is_told(parcel):
    parts = members(parcel)
    write(parcel, {**parts, "card.json": parts["card.json"].replace(b'"1.0"', b'"9.0"')})
    with pytest.raises(ModelError, match=r"card\.json is not the one its manifest describes"):
        import_model(parcel)
    nothing_came()


@pytest.mark.parametrize(
    "extra", ["image.png", "data.pkl", "../up.txt", "/etc/passwd", "card.json/", "CARD.JSON"]
)
def test_an_extra_member(parcel, extra):
    write(parcel, {**members(parcel), extra: b"x"})
    with pytest.raises(ModelError, match="it holds"):
        import_model(parcel)
    nothing_came()


def test_a_missing_and_a_double_member(parcel):
    parts = members(parcel)
    with warnings.catch_warnings(), zipfile.ZipFile(parcel, "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.writestr("card.json", b"{}")
    with pytest.raises(ModelError, match="it holds"):
        import_model(parcel)
    del parts["manifest.json"]
    with pytest.raises(ModelError, match="it holds"):
        import_model(write(parcel, parts))
    nothing_came()


def test_a_link(parcel):
    parts = members(parcel)
    with zipfile.ZipFile(parcel, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name)
            if name == "model.keras":
                info.external_attr, data = (stat.S_IFLNK | 0o777) << 16, b"/etc/passwd"
            archive.writestr(info, data)
    with pytest.raises(ModelError, match="a link or encrypted"):
        import_model(parcel)
    nothing_came()


def test_more_than_a_model_needs(parcel, monkeypatch):
    monkeypatch.setitem(exchange.LIMITS, "card.json", 100)
    with pytest.raises(ModelError, match=r"its card\.json is larger than 100 bytes"):
        import_model(parcel)
    # A few bytes that unpack to very many.
    parts = members(parcel)
    with zipfile.ZipFile(parcel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, bytes(2**20) if name == "manifest.json" else data)
    with pytest.raises(ModelError, match=r"its manifest\.json is larger"):
        import_model(parcel)
    nothing_came()


def test_a_newer_format(parcel):
    rewrite(parcel, manifest={"format": 2})
    with pytest.raises(ModelError) as caught:
        import_model(parcel)
    assert "has the format 2" in caught.value.what
    assert "newer" in caught.value.fix
    card = json.loads(members(parcel)["card.json"])
    rewrite(parcel, manifest={"format": 1}, card=json.dumps({**card, "format": 2}).encode())
    with pytest.raises(ModelError, match="its format is of another Opacity version"):
        import_model(parcel)
    nothing_came()


def test_pickles_are_never_read(parcel, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    pickled = pickle.dumps(Trap())
    original = parcel.read_bytes()
    with_model(parcel, pickled)
    with pytest.raises(ModelError, match=r"model\.keras cannot be read"):
        import_model(parcel)
    parcel.write_bytes(original)
    inner = io.BytesIO(members(parcel)["model.keras"])
    with zipfile.ZipFile(inner, "a") as keras:
        keras.writestr("assets/state.pkl", pickled)
    with_model(parcel, inner.getvalue())
    with pytest.raises(ModelError, match=r"assets/state\.pkl"):
        import_model(parcel)
    assert not (tmp_path / "sprung").exists()
    nothing_came()


def test_weights_that_are_no_numbers(parcel, tmp_path):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(64))
    original = parcel.read_bytes()
    changes = {
        "a link at": lambda file: file.__setitem__("there", h5py.ExternalLink("other.h5", "/x")),
        "a link at 'soft'": lambda file: file.__setitem__("soft", h5py.SoftLink("/layers")),
        "no array of numbers": lambda file: file.create_dataset("text", data="pickled"),
        "no array of numbers at 'blob'": lambda file: file.create_dataset(
            "blob", data=np.void(b"\x80\x04")
        ),
        "no array of numbers at 'out'": lambda file: file.create_dataset(
            "out", (64,), "u1", external=[(str(secret), 0, 64)]
        ),
    }
    for words, change in changes.items():
        parcel.write_bytes(original)
        with_weights(parcel, change)
        with pytest.raises(ModelError, match=words):
            import_model(parcel)
    nothing_came()


def test_code_in_the_model(parcel):
    with zipfile.ZipFile(io.BytesIO(members(parcel)["model.keras"])) as keras:
        inner = {name: keras.read(name) for name in keras.namelist()}
    config = json.loads(inner["config.json"])
    config["config"]["layers"][1]["class_name"] = "Lambda"
    inner["config.json"] = json.dumps(config).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as keras:
        for name, data in inner.items():
            keras.writestr(name, data)
    with_model(parcel, out.getvalue())
    with pytest.raises(ModelError, match="a Lambda layer, which is code"):
        import_model(parcel)
    nothing_came()


def test_a_model_that_does_not_load_leaves_nothing(parcel):
    card = json.loads(members(parcel)["card.json"])
    for change in ({"input_size": 64}, {"cam_layer": "nowhere"}, {"preprocessing": "other"}):
        rewrite(parcel, card=json.dumps({**card, **change}).encode())
        with pytest.raises(ModelError):
            import_model(parcel)
        nothing_came()


def test_a_network_that_gives_no_number_leaves_nothing(parcel):
    def spoil(file):
        layer = next(name for name in file["layers"] if name.startswith("dense"))
        file["layers"][layer]["vars"]["1"][...] = np.nan

    with_weights(parcel, spoil)
    with pytest.raises(ModelError, match="not a number"):
        import_model(parcel)
    nothing_came()


def test_a_full_disk_leaves_nothing(parcel, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exchange, "_try", full)
    with pytest.raises(OutputError, match="No space left"):
        import_model(parcel)
    nothing_came()


def test_a_card_of_a_wrong_kind(parcel):
    card = json.loads(members(parcel)["card.json"])
    rewrite(parcel, card=json.dumps({**card, "licence": {"a": 1}}).encode())
    with pytest.raises(ModelError) as caught:
        unpack(parcel)
    assert "its licence is" in caught.value.what
    assert "/tmp" not in caught.value.what.replace(str(parcel), "")


def test_a_card_is_kept_as_it_came_but_for_its_name(parcel):
    made = import_model(parcel, "renamed")
    card = ModelCard.load(made / "card.json")
    data = {key: value for key, value in card.data.items() if key != "origin"}
    assert dataclasses.replace(card, name="mine", data=data) == unpack(parcel).card
    (entry,) = [entry for entry in list_models() if not entry.bundled]
    assert entry.origin == "imported"
