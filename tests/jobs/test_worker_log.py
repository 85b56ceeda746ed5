"""The worker's log: small, in pieces, and with nothing of a patient in it."""

import pytest

from app.jobs.worker_log import WorkerLog


@pytest.fixture
def log(tmp_path):
    return WorkerLog(tmp_path / "worker.log", "/data/Chest X-rays")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("cannot read /data/Chest X-rays/NORMAL/Mary Doe 1.png: bad", "cannot read "),
        ("cannot identify 'Mary Doe 1.jpeg' here", "cannot identify '<image>' here"),
        ("skipping MaryDoe.DCM now", "skipping <image> now"),
        ("INFO epoch 1 of 6", "INFO epoch 1 of 6"),
    ],
)
def test_image_names_are_taken_out(log, line, kept):
    cleaned = log.clean(line)
    assert cleaned.startswith(kept)
    assert "Mary" not in cleaned


def test_a_link_to_the_folder_is_known_by_its_target_too(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / "link"
    link.symlink_to(target)
    log = WorkerLog(tmp_path / "worker.log", str(link))
    assert "Mary" not in log.clean(f"bad {target}/Mary Doe")


def test_lines_in_pieces_and_a_last_line_without_end(log, tmp_path):
    for piece in (b"one li", b"ne\ntwo ", b"\xc3", b"\xa4\nthe e", b"nd"):
        log.write(piece)
    assert (tmp_path / "worker.log").read_text(encoding="utf-8") == "one line\ntwo ä\n"
    assert log.tail() == "one line\ntwo ä\nthe end"
    assert (tmp_path / "worker.log").read_text(encoding="utf-8").endswith("the end\n")


def test_a_progress_bar_counts_as_what_it_showed_last(log):
    assert log.clean("1/9\r2/9\r9/9\r") == "9/9"


@pytest.mark.slow
def test_a_log_without_end_stays_small_and_keeps_its_last_lines(log, tmp_path):
    for number in range(20_000):
        log.write(f"{number} {'x' * 100}\n".encode())
    assert (tmp_path / "worker.log").stat().st_size < 400_000
    assert (tmp_path / "worker.log").read_text().splitlines()[-1].startswith("19999 ")


def test_a_log_that_cannot_be_written_still_has_a_tail(tmp_path):
    log = WorkerLog(tmp_path / "no such folder" / "worker.log", "/data")
    log.write(b"what happened\n")
    assert log.tail() == "what happened"
