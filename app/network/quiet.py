"""Keeps what libraries quote of headers, which name patients, out of every log."""

from __future__ import annotations

import logging
import warnings

_NEVER = logging.CRITICAL + 1


def hush() -> None:
    """For a process that does nothing but receive: no warnings, no logs of the libraries."""
    warnings.simplefilter("ignore")
    for name in ("pydicom", "pynetdicom"):
        logging.getLogger(name).setLevel(_NEVER)
