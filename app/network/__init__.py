"""DICOM over the network: receiving images, sending what was made. No Qt.

pynetdicom and pydicom log what they find in headers; whoever imports this package has them say
nothing, since a log must not hold a patient's name. What matters is told through our own events.
"""

from __future__ import annotations

import logging

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
