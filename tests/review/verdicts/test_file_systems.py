import sys
from pathlib import Path

import pytest

from app.review.verdicts.file_systems import (
    is_local,
    is_local_by_mount,
    is_local_by_mountinfo,
    is_unc,
)

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:26 / /mnt/share rw shared:2 - cifs //server/share rw,vers=3.1.1
32 22 0:27 / /mnt/my\\040share rw - nfs4 server:/export rw
33 31 8:2 / /mnt/share/usb rw - vfat /dev/sdb1 rw
34 22 0:30 / /mnt/ssh rw - fuse.sshfs me@there:/ rw
35 22 0:31 / /mnt/odd rw - thenewfs none rw
"""
MOUNT = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//me@server/X%20rays on /Volumes/X rays (smbfs, nodev, nosuid, mounted by me)
/dev/disk4s1 on /Volumes/Stick (1) (exfat, local, nodev)
"""


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/home/ada/verdicts.sqlite", True),
        ("/mnt/share/verdicts.sqlite", False),
        ("/mnt/shared/verdicts.sqlite", True),
        ("/mnt/my share/a/b.sqlite", False),
        ("/mnt/share/usb/b.sqlite", True),
        ("/mnt/ssh/b.sqlite", False),
        ("/mnt/odd/b.sqlite", False),
    ],
)
def test_linux_looks_at_the_deepest_mount(path, local):
    assert is_local_by_mountinfo(Path(path), MOUNTINFO) is local


@pytest.mark.parametrize(
    ("path", "local"),
    [("/Users/ada/v", True), ("/Volumes/X rays/v", False), ("/Volumes/Stick (1)/v", True)],
)
def test_macos_looks_at_the_flag_local(path, local):
    assert is_local_by_mount(Path(path), MOUNT) is local


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"\\server\share\v.sqlite", True),
        (r"\\?\UNC\server\share\v.sqlite", True),
        (r"\\?\C:\v.sqlite", False),
        (r"C:\v.sqlite", False),
    ],
)
def test_windows_knows_a_share_by_its_path(path, share):
    assert is_unc(path) is share


@pytest.mark.skipif(sys.platform != "linux", reason="looks at this computer's own mounts")
def test_this_computers_own_folders_are_told_apart(tmp_path):
    assert isinstance(is_local(tmp_path / "not" / "yet" / "there.sqlite"), bool)
    assert is_local(Path("/dev/shm/x.sqlite"))
    assert not is_local(Path("/proc/x.sqlite"))
