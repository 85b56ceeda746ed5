"""Whatever is done to names and places, every verdict is found again, and on its own image only."""

import random
import shutil
from datetime import UTC, datetime

import cv2
import numpy as np
import pydicom
import pytest
from factories import LOSSLESS_SYNTAXES, chest_like, write_dicom
from PIL import Image

from app.core.image.reader import read_radiograph
from app.core.reading.verdicts import Agreement, Verdict
from app.core.worklist.identity import identity_of, uid_of_file
from app.core.worklist.scan import scan
from app.review.verdicts.store import VerdictStore

FILES = 12


def _write(folder, n, chance):
    pixels = chest_like(40, 50, seed=n)
    match chance.randrange(4):
        case 0:
            cv2.imwrite(str(folder / f"{n}.png"), pixels)
        case 1:
            Image.fromarray(pixels.astype(np.uint16) * 257).save(folder / f"{n}.tif")
        case 2:
            cv2.imwrite(str(folder / f"{n}.jpg"), pixels)
        case _:
            syntax = chance.choice(LOSSLESS_SYNTAXES)
            write_dicom(folder / f"{n}.dcm", pixels.astype(np.uint16) * 9, transfer_syntax=syntax)


def _move(top, n, chance):
    """One thing that happens to folders; the pixels stay."""
    files = [path for path in top.rglob("*") if path.is_file()]
    path = chance.choice(files)
    match chance.randrange(5):
        case 0:
            path.rename(path.with_name(f"renamed-{n}{path.suffix}"))
        case 1:
            place = top / f"deeper-{n}" / "still"
            place.mkdir(parents=True)
            path.rename(place / path.name)
        case 2:
            path.rename(path.with_name(f"no-suffix-{n}"))
        case 3:
            moved = top.with_name(f"{top.name}-{n}")
            shutil.move(top, moved)
            return moved
        case _ if path.read_bytes()[128:132] == b"DICM":
            header = pydicom.dcmread(path)
            header.PatientName = f"Another^{n}"
            header.save_as(path)
    return top


@pytest.mark.parametrize("seed", range(6))
def test_verdicts_follow_their_images(tmp_path, seed):
    chance = random.Random(seed)
    top = tmp_path / "images"
    top.mkdir()
    for n in range(FILES):
        _write(top, n, chance)
    database = tmp_path / "verdicts.sqlite"
    given = {}
    with VerdictStore(database) as store:
        for item in scan([top]):
            image = identity_of(read_radiograph(item.path))
            if chance.random() < 0.7:
                agreement = chance.choice(list(Agreement))
                store.add(Verdict(image, "Ada", agreement, datetime.now(UTC), note=item.path.name))
                given[image.content_hash] = agreement
    assert 0 < len(given) < FILES
    for n in range(20):
        top = _move(top, n, chance)
    found = {}
    with VerdictStore(database) as store:
        for item in scan([top]):
            image = identity_of(read_radiograph(item.path))
            verdict = store.latest(image, "Ada")
            if verdict is not None:
                found[image.content_hash] = verdict.agreement
            early = uid_of_file(item.path)
            if early.sop_instance_uid:
                assert store.latest(early, "Ada") == verdict
        assert found == given
