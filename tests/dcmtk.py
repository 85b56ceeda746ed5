"""DCMTK's programs, the other side of the network; pynetdicom has scripts of the same names."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

_FOLDERS = "/usr/bin:/usr/local/bin:/opt/homebrew/bin"


def program(name: str) -> str:
    """Where one of DCMTK's programs is; the test skips where it is not installed."""
    found = shutil.which(name, path=_FOLDERS)
    if found is None or "DCMTK" not in _version(found):
        pytest.skip("DCMTK is not installed (Debian: dcmtk)")
    return found


def run(name: str, *arguments: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run one to its end."""
    command = [program(name), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, errors="replace"
    )


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _version(path: str | Path) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).upper()
