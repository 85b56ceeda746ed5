"""The demo folder: real files out of pydicom-data, copied once, site-packages untouched."""

import os
import shutil
from importlib import metadata
from pathlib import Path

import pydicom
import pytest

from app import demo
from app.core.base.errors import OutputError, ReviewError


def test_the_folder_holds_real_radiographs(tmp_path):
    folder = demo.prepare(tmp_path / "demo")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 8
    for path in files:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert header.Modality == "CR"
        expected = "CHEST" if "chest" in path.parent.name else "EXTREMITY"
        assert header.BodyPartExamined == expected
        compressed = header.file_meta.TransferSyntaxUID.is_compressed
        assert compressed == path.name.startswith("jpeg-2000")


def test_a_second_time_copies_nothing_and_mends_what_is_torn(tmp_path):
    demo.prepare(tmp_path)
    whole, torn = sorted(path for path in tmp_path.rglob("*.dcm"))[:2]
    before = torn.read_bytes()
    torn.write_bytes(before[:1000])
    os.utime(whole, (1, 1))
    demo.prepare(tmp_path)
    assert whole.stat().st_mtime == 1
    assert torn.read_bytes() == before
    assert not list(tmp_path.rglob("*.part"))


def test_by_default_it_lies_in_the_programs_own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("OPACITY_HOME", str(tmp_path))
    assert demo.prepare() == tmp_path / "demo"


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OutputError, match=r"No space left on device.*40 MB.*OPACITY_HOME"):
        demo.prepare(tmp_path)


def test_a_missing_package_is_told(tmp_path, monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(demo.metadata, "distribution", absent)
    with pytest.raises(ReviewError, match=r"pydicom-data .* not installed.*main\.py demo"):
        demo.prepare(tmp_path)


def test_a_package_that_lacks_a_file_is_told(tmp_path, monkeypatch):
    class Hollow:
        version = "0"

        def locate_file(self, name):
            return Path(tmp_path, name)

    monkeypatch.setattr(demo.metadata, "distribution", lambda _: Hollow())
    with pytest.raises(ReviewError, match=r"lacks RG1_UNCR\.dcm"):
        demo.prepare(tmp_path / "demo")
