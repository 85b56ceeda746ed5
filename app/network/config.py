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

from app.core.base.errors import ReviewError
from app.core.base.home import home
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.network.tls import client_context, server_context

DEFAULT_PORT = 11112
"""The registered port of DICOM that needs no administrator (104 does)."""

LOOPBACK = "127.0.0.1"
_AE_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")
_MIB = 2**20
_OF_TLS = ("certificate", "key", "senders_ca")
_LARGEST = 2**31
"""No port, size or number of anything here comes near it."""


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
    """How to receive. Off, and this computer only, until somebody decides otherwise.

    ``certificate`` and ``key``, files in PEM form, encrypt the connections; with ``senders_ca``
    only senders are taken who have a certificate that these certificates vouch for.
    """

    on: bool = False
    title: str = "OPACITY"
    address: str = LOOPBACK
    port: int = DEFAULT_PORT
    callers: tuple[Caller, ...] = ()
    limits: Limits = field(default_factory=Limits)
    certificate: str = ""
    key: str = ""
    senders_ca: str = ""

    @property
    def tls(self) -> bool:
        """Whether anything was set about TLS: half a setting must not mean none."""
        return bool(self.certificate or self.key or self.senders_ca)

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
        server_context(self)


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
    certificate, key
        What Opacity shows to a node that asks for a certificate, in PEM files.
    """

    name: str
    host: str
    port: int = 104
    called: str = "ANY-SCP"
    calling: str = "OPACITY"
    tls: bool = False
    ca_file: str = ""
    certificate: str = ""
    key: str = ""

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
        if self.tls:
            client_context(self)


@dataclass(frozen=True)
class NetworkConfig:
    """All of it.

    ``problems`` says what of the file was left aside, in words for the person.
    """

    listening: Listening = field(default_factory=Listening)
    nodes: tuple[Node, ...] = ()
    problems: tuple[str, ...] = field(default=(), compare=False)


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


def check_network(network: str) -> None:
    """Refuse what is neither an address nor a network.

    Raises
    ------
    ReviewError
        With what is allowed.
    """
    try:
        ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise ReviewError(
            tr("“{network}” is no address.", network=network),
            tr("An IP address or a network was expected, such as 192.168.1.0/24."),
            tr("Correct it, or leave the @ and what follows away."),
        ) from error


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
            check_network(network)
        callers.append(Caller(title, network))
    return tuple(callers)


# On disk ------------------------------------------------------------------------------------


def config_path() -> Path:
    """The file; it may not exist yet."""
    return home() / "network.json"


def load(path: Path | None = None) -> NetworkConfig:
    """Read the settings; what is missing or unreadable has its default, hence does not listen."""
    path = path or config_path()
    try:
        raw = parse_json(path.read_text(encoding="utf-8"))
        if isinstance(raw, dict):
            return from_dict(raw)
    except FileNotFoundError:
        return NetworkConfig()
    except (OSError, ValueError):
        pass
    return NetworkConfig(
        problems=(
            tr(
                "The settings of the DICOM network ({file}) cannot be read: none of them counts. "
                "Give them again.",
                file=path.name,
            ),
        )
    )


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
    kept = {name: value for name, value in asdict(config).items() if name != "problems"}
    part.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


_Kind = TypeVar("_Kind")


def from_dict(raw: dict[str, Any]) -> NetworkConfig:
    """The settings from what JSON gave.

    A value of the wrong kind has its default; a caller or node that makes no sense is left aside,
    since a caller who is only half understood might admit more than was meant.
    """
    said = _dict(raw.get("listening"))
    problems: list[str] = []
    callers = (_caller(each, problems) for each in _list(said.get("callers")))
    # What cannot be meant stays, to be refused: left aside it would mean no TLS.
    tls = {name: repr(said[name]) for name in _OF_TLS if not _fits(said.get(name, ""), "")}
    listening = replace(
        _made(Listening(), {**said, **tls}, problems),
        callers=tuple(caller for caller in callers if caller is not None),
        limits=_made(Limits(), _dict(said.get("limits")), problems),
    )
    nodes = (_node(each, problems) for each in _list(raw.get("nodes")))
    return NetworkConfig(
        listening, tuple(node for node in nodes if node is not None), tuple(problems)
    )


def _caller(raw: dict[str, Any], problems: list[str]) -> Caller | None:
    title, network = raw.get("title"), raw.get("network", "")
    try:
        check_title(title if isinstance(title, str) else "")
        if network != "":
            check_network(network if isinstance(network, str) else repr(network))
    except ReviewError as error:
        problems.append(
            tr("A caller in the settings of the DICOM network is left out: {why}", why=error.what)
        )
        return None
    return Caller(str(title), str(network))


def _node(raw: dict[str, Any], problems: list[str]) -> Node | None:
    wrong: list[str] = []
    node = _made(Node("", ""), raw, wrong)
    if wrong:
        # Not with a default in its place: that of TLS is none.
        problems.append(
            tr("A node in the settings of the DICOM network is left out. {why}", why=wrong[0])
        )
        return None
    return node if node.name else None


def _made(default: _Kind, raw: dict[str, Any], problems: list[str]) -> _Kind:
    """A dataclass with those of its plain values that are of the right type and make sense."""
    plain = {
        each.name: raw[each.name]
        for each in fields(default)  # type: ignore[arg-type]
        if each.name in raw and isinstance(getattr(default, each.name), str | int)
    }
    for name, value in list(plain.items()):
        if not _fits(value, getattr(default, name)):
            del plain[name]
            problems.append(
                tr(
                    "The setting {name} of the DICOM network is left out: it is {value!r}.",
                    name=name,
                    value=value,
                )
            )
    return replace(default, **plain)  # type: ignore[type-var]


def _fits(value: object, default: object) -> bool:
    if type(value) is not type(default):
        return False
    if isinstance(value, str):
        return value.isprintable()
    return not isinstance(value, int) or isinstance(value, bool) or 0 < value < _LARGEST


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    return [_dict(each) for each in value] if isinstance(value, list) else []
