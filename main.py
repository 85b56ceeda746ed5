"""Start Opacity: the window, or the command line. No logic lives here."""

import sys

from app import python_version

if __name__ == "__main__":
    python_version.require(sys.argv)
    from app import cli

    sys.exit(cli.main(sys.argv[1:]))
