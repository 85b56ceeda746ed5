"""Tell a person whose Python is too old or too new, before anything else is imported.

main.py imports this module first, so it must parse and run on Python 3.6: no newer syntax.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def problem(version_info=None):
    """Say what is wrong with this Python.

    Parameters
    ----------
    version_info : sequence of int, optional
        What to judge; `sys.version_info` where none is given.

    Returns
    -------
    str
        What happened, what was expected and how to fix it; empty where all is well.
    """
    found = tuple((version_info or sys.version_info)[:2])
    if OLDEST <= found <= NEWEST:
        return ""
    return (
        "Opacity cannot run on this Python: it is version {}.{}.\n"
        "Expected: Python 3.11, 3.12 or 3.13 (TensorFlow has no packages for the others).\n"
        "To fix it: install one of these (https://www.python.org/downloads/, or your system's\n"
        "package manager), then run the same command with it, for example: python3.12 main.py"
    ).format(*found)


def find_other():
    """Look for a Python on PATH that suits, newest first.

    Returns
    -------
    str
        Its full path; empty where there is none.
    """
    suffix = ".exe" if os.name == "nt" else ""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, "python3.{}{}".format(minor, suffix))  # noqa: PTH118, UP032
            if os.path.isfile(path) and _runs(path):  # noqa: PTH113
                return path
    return ""


def _runs(python):
    """Tell whether this file is a Python that suits: a version manager's shim need not start."""
    judge = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        try:
            return subprocess.call([python, "-c", judge], stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


def require(argv, version_info=None, stream=None):
    """Leave with a message and exit code 1 unless this Python suits.

    Parameters
    ----------
    argv : list of str
        The command as it was given, main.py first: repeated in the advice.
    version_info : sequence of int, optional
        See `problem`.
    stream : text file, optional
        Where the message goes; `sys.stderr` where none is given.
    """
    message = problem(version_info)
    if not message:
        return
    other = find_other()
    if other:
        message += "\nThis one is on your PATH: {} {}".format(other, " ".join(argv))
    (stream or sys.stderr).write(message + "\n")
    sys.exit(1)
