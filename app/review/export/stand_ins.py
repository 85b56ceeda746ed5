"""What stands in the place of identity: UIDs, patients, file names and dates, from one secret salt.

The same salt gives the same stand-ins, so that images of one patient and one study stay together
within an export and across exports; without the salt nobody can lead them back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.base.outputs import cannot_write, write_whole

if TYPE_CHECKING:
    from pydicom.uid import UID

_SALT_FILE = "deidentify.salt"
_SALT_BYTES = 32
_SHIFT_DAYS = (365, 3650)


@dataclass(frozen=True)
class Deidentification:
    """How identity is taken out.

    Parameters
    ----------
    salt
        Secret bytes; ``own_salt`` gives this computer's.
    shift_dates
        Move the dates of the examination by one secret number of days for each patient (PS3.15
        E.3.6, code 113107), so that intervals remain; else they are removed.
    """

    salt: bytes
    shift_dates: bool = False

    def digest(self, kind: str, value: str) -> bytes:
        """32 bytes that stand for a value."""
        return hmac.new(self.salt, f"{kind}\0{value}".encode(), hashlib.sha256).digest()

    def uid(self, uid: str) -> UID:
        """The UID in the place of another (2.25 and 122 bits, PS3.5 B.2)."""
        number = int.from_bytes(self.digest("uid", uid)[:16], "big") >> 6
        from pydicom.uid import UID

        return UID(f"2.25.{number}")

    def pseudonym(self, patient: str) -> str:
        """The ID in the place of a patient's."""
        return f"ANON-{self.digest('patient', patient).hex()[:12].upper()}"

    def file_stem(self, what: str) -> str:
        """A file name in the place of one that may be a patient's."""
        return f"image-{self.digest('file', what).hex()[:12]}"

    def days(self, patient: str) -> int:
        """By how many days a patient's dates move, always into the past."""
        low, high = _SHIFT_DAYS
        number = int.from_bytes(self.digest("days", patient)[:8], "big")
        return -(low + number % (high - low))


def own_salt(home: Path) -> bytes:
    """The salt of this computer's user, made when it is first asked for.

    Raises
    ------
    OutputError
        When the home cannot be written.
    """
    path = home / _SALT_FILE
    try:
        salt = path.read_bytes()
        if len(salt) >= _SALT_BYTES:
            return salt
    except OSError:
        pass
    try:
        home.mkdir(parents=True, exist_ok=True)
        write_whole(path, secrets.token_bytes(_SALT_BYTES))
        path.chmod(0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path.read_bytes()
