"""Native decoders in processes of their own: what dies or hangs costs one image, and no more."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from factories import chest_like
from jpeg_lossless import lossless_frame
from PIL import Image
from pydicom.uid import JPEGLosslessSV1

from app.core.base.errors import UnreadableImage
from app.core.image.reader import read_radiograph
from app.core.native import pool as native_pool
from app.core.native.pool import DecoderEnded, NativePool

WORKER = (sys.executable, "-P", str(Path(__file__).parents[2] / "native_worker_of_tests.py"))


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(native_pool, "_SECONDS", 1.0)
    made = NativePool(2, WORKER)
    yield made
    made.close()
    assert made.processes() == []


def doubled(pool, count=10):
    data = bytes(range(count))
    pixels, about = pool.run("double", data, {"told": [1, "x"]}, 0.0)
    np.testing.assert_array_equal(pixels, 2 * np.arange(count, dtype=np.uint16))
    assert about == {"told": [1, "x"]}


def test_one_warm_worker_serves_one_caller(pool):
    assert pool.processes() == []
    doubled(pool)
    first = pool.processes()
    doubled(pool)
    assert pool.processes() == first
    assert len(first) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "why"), [("die", "died"), ("leave", "died"), ("spin", "slow"), ("sleep", "slow")]
)
def test_a_dead_or_hanging_worker_costs_one_image(pool, monkeypatch, task, why):
    monkeypatch.setattr(native_pool, "_WALL", 8 if task == "spin" else 2)
    doubled(pool)
    first = pool.processes()
    begun = time.monotonic()
    with pytest.raises(DecoderEnded) as caught:
        pool.run(task, b"", {}, 0.0)
    assert caught.value.why == why
    assert time.monotonic() - begun < 15
    doubled(pool)
    assert pool.processes() != first
    assert not _is_alive(first[0])


def test_a_refusal_keeps_the_worker(pool):
    with pytest.raises(ValueError, match="no such thing"):
        pool.run("refuse", b"", {}, 0.0)
    first = pool.processes()
    doubled(pool)
    assert pool.processes() == first


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process may take")
def test_a_worker_that_takes_too_much_is_told(pool):
    with pytest.raises(DecoderEnded) as caught:
        pool.run("eat", b"", {"bytes": 2 << 30}, 0.0)
    assert caught.value.why == "memory"
    doubled(pool)


@pytest.mark.slow
def test_a_large_image_is_whole_and_its_memory_is_let_go(pool):
    doubled(pool)
    first = pool.processes()
    pixels, _ = pool.run("eat", b"", {"bytes": 100 << 20}, 0.0)
    assert pixels.size == 100 << 20
    assert pixels.min() == 1
    doubled(pool)
    assert pool.processes() != first


def test_a_worker_killed_while_idle_costs_nothing(pool):
    doubled(pool)
    os.kill(pool.processes()[0], signal.SIGKILL)
    _wait_for(lambda: not pool._idle[0].alive())
    doubled(pool)


def test_more_callers_than_workers(pool):
    done = []
    threads = [
        threading.Thread(target=lambda: (doubled(pool, 200), done.append(1))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 8
    assert len(pool.processes()) <= 2


def test_a_worker_that_cannot_start_is_told():
    for command in (("/no/such/program",), (sys.executable, "-c", "")):
        with pytest.raises(DecoderEnded) as caught:
            NativePool(1, command).run("double", b"", {}, 0.0)
        assert caught.value.why == "start"


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"shape": [9], "dtype": "O"}', "{" * 90])
def test_an_answer_is_believed_in_nothing(line, tmp_path):
    script = f"import sys; print('ready', flush=True); sys.stdin.readline(); print({line!r})"
    with pytest.raises(DecoderEnded) as caught:
        NativePool(1, (sys.executable, "-c", script)).run("double", b"1", {}, 0.0)
    assert caught.value.why == "died"


@pytest.mark.parametrize("huge", [[1 << 40], [-1], [1 << 20, 1 << 20]])
def test_an_answer_larger_than_its_memory(huge):
    script = f"""
import json, sys
print('ready', flush=True)
asked = json.loads(sys.stdin.readline())
print(json.dumps(dict(place=asked["place"], shape={huge}, dtype="|u1", about={{}})), flush=True)
sys.stdin.read()
"""
    pool = NativePool(1, (sys.executable, "-c", script))
    with pytest.raises(DecoderEnded):
        pool.run("double", b"1", {}, 0.0)
    pool.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "end"])
def test_workers_end_with_the_program_and_leave_nothing_behind(how, dicom_factory):
    path = _lossless(dicom_factory, 12)
    script = f"""
        import sys
        from pathlib import Path
        from app.core.native.pool import native_pool
        from app.core.image.reader import read_radiograph
        read_radiograph(Path({str(path)!r}))
        print(*native_pool().processes(), flush=True)
        sys.stdin.readline()
    """
    before = _left_behind()
    program = subprocess.Popen(
        (sys.executable, "-c", textwrap.dedent(script)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    workers = [int(word) for word in program.stdout.readline().split()]
    assert len(workers) == 1
    assert _is_alive(workers[0])
    if how == "end":
        program.stdin.write("\n")
        program.stdin.close()
    else:
        program.send_signal(getattr(signal, how))
    program.wait(30)
    _wait_for(lambda: not _is_alive(workers[0]))
    assert _left_behind() <= before
    program.stdout.close()


def test_png_and_jpeg_never_pay(tmp_path):
    picture = Image.fromarray(chest_like())
    picture.save(tmp_path / "one.png")
    picture.save(tmp_path / "one.jpg")
    picture.save(tmp_path / "plain.tif")
    script = f"""
        from pathlib import Path
        from app.core.native import pool
        from app.core.image.reader import read_radiograph
        for path in Path({str(tmp_path)!r}).iterdir():
            read_radiograph(path)
        assert pool._pool is None
    """
    subprocess.run((sys.executable, "-c", textwrap.dedent(script)), check=True)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "group4", "packbits"])
def test_compressed_tiff_is_decoded_elsewhere(tmp_path, compression):
    path = tmp_path / "one.tif"
    picture = Image.fromarray(chest_like())
    picture = picture.convert("1") if compression == "group4" else picture
    picture.save(path, compression=compression)
    np.testing.assert_array_equal(read_radiograph(path).pixels, np.asarray(picture.convert("L")))
    assert native_pool.native_pool().processes()


def test_bits_that_a_frame_and_its_header_disagree_about(dicom_factory):
    """464 of 1,296 such combinations end GDCM's process; none may end this one, or hang."""
    for allocated, stored, said in [(8, 7, 8), (8, 7, 12), (32, 12, 12), (16, 2, 16), (8, 8, 9)]:
        path = _lossless(dicom_factory, 8, said, allocated, stored)
        begun = time.monotonic()
        with contextlib.suppress(UnreadableImage):
            read_radiograph(path)
        assert time.monotonic() - begun < 10
    whole = _lossless(dicom_factory, 12)
    np.testing.assert_array_equal(read_radiograph(whole).pixels, chest_like().astype(np.uint16))


def _lossless(dicom_factory, precision, said=None, allocated=16, stored=12):
    values = chest_like() >> 1 if precision < 8 else chest_like()
    return dicom_factory(
        values.astype(np.uint16),
        transfer_syntax=JPEGLosslessSV1,
        frame=lossless_frame(values, precision, said),
        BitsAllocated=allocated,
        BitsStored=stored,
    )


def _left_behind():
    places = (Path("/dev/shm"), Path("/tmp"))
    return {path for place in places if place.is_dir() for path in place.glob("*opacity*")}


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] not in "ZX"
    except OSError:
        return False


def _wait_for(said, seconds=20):
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end
        time.sleep(0.05)
