"""What operating systems, network drives and archives leave in people's folders: never images.

Thumbnails of a photo, a deleted file in a bin or the resource fork of a picture would be scored, or
its folder taken for a class.
"""

from __future__ import annotations

import re

_NAMES = frozenset(
    {
        # macOS, and archives that it packs
        *("__macosx", "icon\r", "network trash folder", "temporary items"),
        *("thefindbyfolder", "thefindbycontentfolder", "thevolumesettingsfolder"),
        # Windows
        *("$recycle.bin", "recycler", "recycled", "system volume information", "desktop.ini"),
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "$extend", "$sysreset", "$winreagent"),
        # network drives: Synology, QNAP, NetApp
        *("@eadir", "@recycle", "@recently-snapshot", "@tmp", "#recycle", "#snapshot"),
        *("@sharebin", "@synoresource", "~snapshot", "$snapshot"),
        # Linux
        *("lost+found", "trash-0", "trash-1000"),
    }
)
"""In lower case."""

_FORMS = re.compile(r"found\.\d{3}|.*@synoeastream|.*@synoresource", re.IGNORECASE)
"""What a check of a disc found; a Synology drive's notes on a file."""


def is_system_name(name: str) -> bool:
    """Whether a file or folder of this name is hidden or the system's own.

    The bare name counts. Hidden are those that begin with a dot, AppleDouble's ``._x.png`` too.
    """
    return name.startswith(".") or name.casefold() in _NAMES or bool(_FORMS.fullmatch(name))
