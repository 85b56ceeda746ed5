"""The command line: reads the arguments and calls what does the work.

Only the standard library is imported here: what a command needs is imported when it runs, so
that the set-up works on a bare machine and `score` never loads Qt.
"""

from __future__ import annotations

from app import bootstrap


def main(argv: list[str]) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        The arguments without the program's name.

    Returns
    -------
    int
        The exit code.
    """
    code = bootstrap.handle(argv)
    if code is not None:
        return code
    from app.gui.application import run

    return run(argv)
