"""No file takes more than 1 GB of memory, by whatever way it comes in: measured in a child."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from bombs import BOMBS

WAYS = {
    "reader": "from app.core.image.reader import read_radiograph as way",
    "tags": "from app.core.dicom.tags import read_elements as way",
    "prior": "from app.core.worklist.priors import read_header as way",
    "uid": "from app.core.worklist.identity import uid_of_file as way",
    "audit": "from app.review.audit.columns import facts_of as way",
    "export": """
        import functools
        from app.review.export.source import read_source
        way = functools.partial(read_source, pixels=True)
    """,
    "export header": "from app.review.export.source import read_source as way",
    "sender": """
        from app.network.outgoing import outgoing
        from pydicom.uid import ImplicitVRLittleEndian
        def way(path):
            outgoing(path).for_syntaxes([ImplicitVRLittleEndian])
    """,
    "inbox": """
        import tempfile
        from app.network.inbox_store import InboxStore, NoObject
        store = InboxStore(Path(tempfile.mkdtemp(), "inbox"))
        def way(path):
            try:
                store._check(path, "1.2", "1.2")
            except NoObject:
                pass
    """,
}
LIMIT_KB = 1 << 20
SECONDS = 60

MEASURE = """
import resource, sys, time, threading
from pathlib import Path
from app.core.base.errors import ReviewError
{way}
way_failed = ""

def peak():
    # Of this process alone; getrusage knows also what its parent took before.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)

begun = peak()
now = time.monotonic()
try:
    way(Path(sys.argv[1]))
except Exception as error:
    way_failed = f"{{type(error).__name__}} {{error}}"
from app.core.native import pool
if pool._pool is not None:
    pool._pool.close()
own = peak() - begun
workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(own, workers, time.monotonic() - now, way_failed)
"""


def measured(path: Path, way: str) -> tuple[int, int, float, str]:
    """Kilobytes that a way into a file takes here and in a worker, its seconds and its error."""
    script = MEASURE.format(way=textwrap.dedent(WAYS[way]))
    done = subprocess.run(
        (sys.executable, "-c", script, str(path)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    own, workers, seconds, *words = done.stdout.split(" ", 3)
    return int(own), int(workers), float(seconds), " ".join(words).strip()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no getrusage")
@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_no_way_into_a_file_takes_more_than_a_gigabyte(tmp_path, make):
    suffix = next((kind for kind in ("png", "tiff", "jpeg") if make.__name__.startswith(kind)), "")
    path = make(tmp_path / "bomb")
    pictures = ("reader", "tags", "audit")
    for way in pictures if suffix else WAYS:
        own, workers, seconds, words = measured(path, way)
        assert own + workers < LIMIT_KB, (way, own, workers, words)
        assert seconds < SECONDS, (way, seconds)
        if way == "reader":
            # Only one whose text alone is large has a picture that can be shown.
            assert words.startswith("UnreadableImage") or make.__name__ == "png_text", words


@pytest.mark.slow
def test_the_limit_is_told_in_words(tmp_path):
    from bombs import fractional_slope, jpeg_of_colours, pixels_deflated, png_of_colours

    from app.core.base.errors import UnreadableImage
    from app.core.image.reader import read_radiograph

    for make in (pixels_deflated, png_of_colours, jpeg_of_colours, fractional_slope):
        with pytest.raises(UnreadableImage, match="1 GB"):
            read_radiograph(make(tmp_path / make.__name__))
