"""What the person set about the DICOM network: one JSON file under the person's Opacity folder.

No Qt, since the headless receiver reads it too.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from app.core.errors import ReviewError
from app.core.home import home
from app.core.translation import tr

DEFAULT_PORT = 11112
"""The registered port of DICOM that needs no administrator (104 does)."""

LOOPBACK = "127.0.0.1"
_AE_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")
_MIB = 2**20


@dataclass(frozen=True)
class Caller:
    """Who may send: an AE title, perhaps only from one address or network."""

    title: str
    network: str = ""

    def admits(self, title: str, address: str) -> bool:
        """Whether a sender of that title at that address is meant."""
        return title.strip() == self.title and self.admits_address(address)

    def admits_address(self, address: str) -> bool:
        """Whether a sender of some title at that address can be meant."""
        if not self.network:
            return True
        try:
            here = ipaddress.ip_address(address.split("%")[0])
        except ValueError:
            return False
        mapped = getattr(here, "ipv4_mapped", None)
        return (mapped or here) in ipaddress.ip_network(self.network, strict=False)

    def __str__(self) -> str:
        return f"{self.title}@{self.network}" if self.network else self.title


@dataclass(frozen=True)
class Limits:
    """What one sender can use up.

    Parameters
    ----------
    object_mib
        Largest object, in MiB.
    per_minute
        Objects that one address may send in a minute.
    free_mib
        Disk space that always stays free, in MiB.
    connections
        Senders at the same time.
    """

    object_mib: int = 512
    per_minute: int = 1200
    free_mib: int = 1024
    connections: int = 8

    @property
    def object_bytes(self) -> int:
        """The largest object in bytes."""
        return self.object_mib * _MIB

    @property
    def free_bytes(self) -> int:
        """The space that stays free, in bytes."""
        return self.free_mib * _MIB


@dataclass(frozen=True)
class Listening:
    """How to receive. Off, and this computer only, until somebody decides otherwise."""

    on: bool = False
    title: str = "OPACITY"
    address: str = LOOPBACK
    port: int = DEFAULT_PORT
    callers: tuple[Caller, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def is_local(self) -> bool:
        """Whether only programs on this computer can connect."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.address).is_loopback
        return self.address == "localhost"

    def check(self) -> None:
        """Refuse what cannot work or is not safe.

        Raises
        ------
        ReviewError
            With what to change.
        """
        check_title(self.title)
        check_port(self.port)
        if not self.is_local and not self.callers:
            raise ReviewError(
                tr("Nobody is named who may send to this computer."),
                tr("Listening beyond this computer needs at least one allowed caller."),
                tr("Add the sender's AE title, best with its address: MODALITY@192.168.1.20."),
            )


@dataclass(frozen=True)
class Node:
    """Another DICOM program, to which objects can be sent.

    Parameters
    ----------
    name
        What the person calls it.
    host, port
        Where it listens.
    called, calling
        AE titles: its own, and the one that Opacity gives.
    tls
        Whether the connection is encrypted; the node's certificate is always checked.
    ca_file
        Certificates to trust, in a PEM file; empty for those of the system.
    """

    name: str
    host: str
    port: int = 104
    called: str = "ANY-SCP"
    calling: str = "OPACITY"
    tls: bool = False
    ca_file: str = ""

    def check(self) -> None:
        """Refuse what cannot work.

        Raises
        ------
        ReviewError
            With what to change.
        """
        if not self.host.strip():
            raise ReviewError(
                tr("The node {name} has no address.", name=self.name),
                tr("A host name or an IP address was expected."),
                tr("Give it in the settings, DICOM network."),
            )
        check_title(self.called)
        check_title(self.calling)
        check_port(self.port)


@dataclass(frozen=True)
class NetworkConfig:
    """All of it."""

    listening: Listening = field(default_factory=Listening)
    nodes: tuple[Node, ...] = ()


def check_title(title: str) -> None:
    """Refuse what is no AE title (DICOM PS3.5, 6.2: at most 16 characters, no backslash).

    Raises
    ------
    ReviewError
        With what is allowed.
    """
    if not _AE_TITLE.fullmatch(title) or not title.strip():
        raise ReviewError(
            tr("“{title}” is no AE title.", title=title),
            tr("An AE title has 1 to 16 letters, digits or signs, without a backslash."),
            tr("Ask whoever runs the other system for the right one."),
        )


def check_port(port: int) -> None:
    """Refuse what is no port.

    Raises
    ------
    ReviewError
        With what is allowed.
    """
    if not 0 < port < 65536:
        raise ReviewError(
            tr("{port} is no port.", port=port),
            tr("A whole number from 1 to 65535 was expected."),
            tr("11112 is usual for DICOM."),
        )


def parse_callers(text: str) -> tuple[Caller, ...]:
    """Read ``TITLE`` or ``TITLE@ADDRESS``, separated by commas or line ends.

    Raises
    ------
    ReviewError
        For what is no AE title, or no address or network.
    """
    callers = []
    for part in re.split(r"[,\n]", text):
        if not part.strip():
            continue
        title, _, network = (piece.strip() for piece in part.partition("@"))
        check_title(title)
        if network:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError as error:
                raise ReviewError(
                    tr("“{network}” is no address.", network=network),
                    tr("An IP address or a network was expected, such as 192.168.1.0/24."),
                    tr("Correct it, or leave the @ and what follows away."),
                ) from error
        callers.append(Caller(title, network))
    return tuple(callers)


# On disk ------------------------------------------------------------------------------------


def config_path() -> Path:
    """The file; it may not exist yet."""
    return home() / "network.json"


def load(path: Path | None = None) -> NetworkConfig:
    """Read the settings; what is missing or unreadable has its default, hence does not listen."""
    try:
        raw = json.loads((path or config_path()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return NetworkConfig()
    return from_dict(raw) if isinstance(raw, dict) else NetworkConfig()


def save(config: NetworkConfig, path: Path | None = None) -> None:
    """Write the settings, whole or not at all.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    path = path or config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")
    part.replace(path)


_Kind = TypeVar("_Kind")


def from_dict(raw: dict[str, Any]) -> NetworkConfig:
    """The settings from what JSON gave; a value of the wrong kind has its default."""
    said = _dict(raw.get("listening"))
    callers = tuple(_made(Caller(""), each) for each in _list(said.get("callers")))
    listening = replace(
        _made(Listening(), said),
        callers=tuple(caller for caller in callers if caller.title),
        limits=_made(Limits(), _dict(said.get("limits"))),
    )
    nodes = (_made(Node("", ""), each) for each in _list(raw.get("nodes")))
    return NetworkConfig(listening, tuple(node for node in nodes if node.name))


def _made(default: _Kind, raw: dict[str, Any]) -> _Kind:
    """A dataclass with those of its plain values that are of the right type."""
    plain = {
        each.name: raw[each.name]
        for each in fields(default)  # type: ignore[arg-type]
        if each.name in raw
        and type(raw[each.name]) is type(getattr(default, each.name))
        and isinstance(raw[each.name], str | int)
    }
    return replace(default, **plain)  # type: ignore[type-var]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    return [_dict(each) for each in value] if isinstance(value, list) else []
