"""What Opacity keeps is closed to other users, also what an older one left open."""

from __future__ import annotations

import os
import stat

import pytest

from app.core.base.home import close_to_others


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder closed by itself")
def test_what_was_left_open_is_closed_and_links_are_not_followed(tmp_path, monkeypatch):
    top, outside = tmp_path / "opacity", tmp_path / "outside.csv"
    (top / "inbox" / "day").mkdir(parents=True)
    outside.write_text("x")
    outside.chmod(0o644)
    (top / "link").symlink_to(outside)
    for path in (top / "verdicts.sqlite", top / "inbox" / "day" / "a.dcm"):
        path.write_text("x")
        path.chmod(0o664)
    top.chmod(0o755)
    monkeypatch.setenv("OPACITY_HOME", str(top))
    close_to_others()
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
