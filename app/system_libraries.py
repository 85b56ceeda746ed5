"""The libraries of the system that Qt needs on Linux: which are missing, and getting them.

Standard library only: this runs before anything else is installed. Windows and macOS bring
these libraries along, so nothing here is asked of them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.core.base.errors import ReviewError

# What the parts of PySide6 that we use link against (their ELF NEEDED entries, which a test
# compares), by the platform plugin that needs it, each with its Debian and Ubuntu package. Every
# platform needs those of "offscreen" too.
LIBRARIES = {
    "offscreen": {
        "libGL.so.1": "libgl1",
        "libEGL.so.1": "libegl1",
        "libX11.so.6": "libx11-6",
        "libglib-2.0.so.0": "libglib2.0-0",
        "libgthread-2.0.so.0": "libglib2.0-0",
        "libdbus-1.so.3": "libdbus-1-3",
        "libfontconfig.so.1": "libfontconfig1",
        "libfreetype.so.6": "libfreetype6",
        "libxkbcommon.so.0": "libxkbcommon0",
        "libz.so.1": "zlib1g",
        "libzstd.so.1": "libzstd1",
    },
    "xcb": {
        "libX11-xcb.so.1": "libx11-xcb1",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        "libxcb.so.1": "libxcb1",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-glx.so.0": "libxcb-glx0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-image.so.0": "libxcb-image0",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-randr.so.0": "libxcb-randr0",
        "libxcb-render.so.0": "libxcb-render0",
        "libxcb-render-util.so.0": "libxcb-render-util0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxcb-shm.so.0": "libxcb-shm0",
        "libxcb-sync.so.1": "libxcb-sync1",
        "libxcb-util.so.1": "libxcb-util1",
        "libxcb-xfixes.so.0": "libxcb-xfixes0",
        "libxcb-xkb.so.1": "libxcb-xkb1",
    },
    "wayland": {
        "libdrm.so.2": "libdrm2",
        "libwayland-client.so.0": "libwayland-client0",
        "libwayland-cursor.so.0": "libwayland-cursor0",
        "libwayland-egl.so.1": "libwayland-egl1",
    },
}

# A window of no size: it proves that Qt starts on the platform that the environment names.
QT_PROBE = "from PySide6 import QtSvg, QtWidgets; QtWidgets.QApplication(['opacity'])"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def platforms() -> list[str]:
    """Name the Qt platforms this session may use, of `LIBRARIES`; "offscreen" always.

    The libraries of a display that is not there are nobody's business.
    """
    named = ["offscreen"]
    if sys.platform.startswith("linux"):
        named += ["xcb"] if os.environ.get("DISPLAY") else []
        named += ["wayland"] if os.environ.get("WAYLAND_DISPLAY") else []
    return named


def missing_libraries(names: Iterable[str]) -> list[str]:
    """Name the shared libraries that the system's loader cannot load.

    Parameters
    ----------
    names
        Sonames, such as "libEGL.so.1".

    Returns
    -------
    list of str
        Those of `names` that are missing, in their order.
    """
    missing = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def missing_for_qt() -> tuple[list[str], str]:
    """Name the packages that bring what Qt misses on this machine, and say why.

    Returns
    -------
    tuple
        Package names, sorted, and one sentence; both empty off Linux and where nothing is missing.
    """
    package_of = {name: of for part in platforms() for name, of in LIBRARIES[part].items()}
    missing = missing_libraries(package_of) if sys.platform.startswith("linux") else []
    if not missing:
        return [], ""
    packages = sorted({package_of[name] for name in missing})
    names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
    return packages, f"Qt needs libraries of the system that are missing: {names}."


def check_window() -> None:
    """See, before Qt does, whether a window can open here: Qt would end the process with a signal.

    Installs nothing. Where two kinds of display are named, one that works is enough.

    Raises
    ------
    ReviewError
        Which libraries are missing and the line that installs them, or that the display does not
        answer.
    """
    if not sys.platform.startswith("linux"):
        return
    asked = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    wanted = [asked] if asked else [name for name in platforms() if name != "offscreen"]
    missing = {
        name: missing_libraries([*LIBRARIES["offscreen"], *LIBRARIES.get(name, ())])
        for name in wanted
    }
    if not missing:
        return
    fewest = min(missing.values(), key=len)
    if fewest:
        package_of = {name: of for part in LIBRARIES.values() for name, of in part.items()}
        packages = " ".join(sorted({package_of[name] for name in fewest}))
        raise ReviewError(
            "The window cannot open: Qt needs libraries of the system that are missing: "
            f"{', '.join(fewest)}.",
            "Expected: they are installed.",
            "To fix it on Debian or Ubuntu, run this line and then the same command again:\n"
            f"    sudo apt-get update && sudo apt-get install -y {packages}\n"
            "Elsewhere install them with the system's package manager.",
        )
    if [name for name, lacks in missing.items() if not lacks] == ["xcb"] and not _x_answers():
        raise ReviewError(
            f"The window cannot open: the display {os.environ.get('DISPLAY', '')} does not answer.",
            "Expected: DISPLAY names a running X server that lets this user in.",
            "To fix it: start the program on a desktop, or use `ssh -X`; without a display use a "
            "command, such as `score` (python main.py --help lists them).",
        )


def _x_answers() -> bool:
    """Whether the X server that DISPLAY names takes a connection."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def qt_problem(python: Path, platform: str = "", run: Run = subprocess.run) -> str:
    """Start Qt once in another process and tell what stopped it.

    Parameters
    ----------
    python
        The interpreter that has PySide6.
    platform
        A Qt platform such as "offscreen"; empty for the one Qt would choose by itself.

    Returns
    -------
    str
        The last words of Qt or of the loader; empty where Qt starts.
    """
    environment = dict(os.environ)
    if platform:
        environment["QT_QPA_PLATFORM"] = platform
    try:
        done = run(
            [str(python), "-c", QT_PROBE],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
        )
    except subprocess.TimeoutExpired:
        return "Qt did not start within two minutes"
    if done.returncode == 0:
        return ""
    return (done.stderr or done.stdout).strip()[-600:] or f"exit code {done.returncode}"


def ensure_qt(python: Path, run: Run = subprocess.run) -> None:
    """See to it that Qt can start on this machine.

    On Linux the missing libraries are installed where that is possible; elsewhere this only
    checks.

    Parameters
    ----------
    python
        The interpreter that has PySide6.

    Raises
    ------
    ReviewError
        With the exact line to run, where this user cannot install them, or with Qt's own words.
    """
    packages, why = missing_for_qt()
    if packages:
        install_packages(packages, why, run=run)
    problem = qt_problem(python, "offscreen", run=run)
    if problem:
        raise ReviewError(
            f"Qt does not start on this machine. It said: {problem}",
            "Expected: the window's library starts, even without a display.",
            "To fix it: install what the message names, then run the same command again.",
        )


def install_packages(packages: Sequence[str], why: str, run: Run = subprocess.run) -> None:
    """Install packages of Debian or Ubuntu where this user may, else say how.

    Parameters
    ----------
    packages
        Names that apt-get knows.
    why
        One sentence: what needs them.

    Raises
    ------
    ReviewError
        Not root, no apt-get, or apt-get failed: with the exact line to run.
    """
    line = f"apt-get update && apt-get install -y {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise ReviewError(
            why,
            "Expected: these are installed; only apt-get is known to this set-up.",
            "To fix it: install them with your system's package manager. "
            f"Their names in Debian and Ubuntu: {' '.join(packages)}. "
            "Then run the same command again.",
        )
    if os.geteuid() != 0:
        # Each half needs sudo: it ends at the &&.
        with_sudo = line.replace("apt-get", "sudo apt-get")
        raise ReviewError(
            why,
            "Expected: they are installed; this user may not install them.",
            f"To fix it, run this line and then the same command again:\n    {with_sudo}",
        )
    print(f"{why}\nInstalling: {' '.join(packages)}", flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = run(command, env=environment)
        if done.returncode != 0:
            raise ReviewError(
                f"{' '.join(command)} failed with exit code {done.returncode}.",
                f"Expected: apt-get installs {' '.join(packages)}.",
                "To fix it: read apt-get's message above (often the network or a lock held by "
                f"another apt-get), then run this line and the same command again:\n    {line}",
            )
