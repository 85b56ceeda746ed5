"""Sends DICOM files to another DICOM program by C-STORE (PS3.4, Annex B), and tests it by C-ECHO.

Nothing is sent but what the caller names, and a file goes as it is where the node takes its
transfer syntax. Otherwise it is decompressed for the way, if that loses nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.network.config import Node
from app.network.outgoing import CannotSend, Outgoing, outgoing
from app.network.tls import client_context
from app.network.words import SendResult, rejection_words, status_words

__all__ = ["SendResult", "echo", "send"]

# A file goes from the disk to the wire piece by piece, never through a decoded data set.
_config.STORE_SEND_CHUNKED_DATASET = True

CONNECT_S = 10.0
"""How long a connection, and an answer to the request for an association, may take."""

ANSWER_S = 60.0
"""How long the node may take to answer for one object."""

_CONTEXTS = 128
"""Presentation contexts of one association at most (PS3.8, 9.3.2.2)."""

_PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_LOSSES = 2


def send(
    files: Sequence[Path],
    node: Node,
    *,
    told: Callable[[SendResult], None] = lambda _sent: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[SendResult]:
    """Send files.

    Parameters
    ----------
    files
        DICOM files; what is none gets a result that says so.
    node
        Where to.
    told
        Called with each file's result as it comes.
    cancelled
        Asked before each file; the rest is not sent then.

    Returns
    -------
    list of Sent
        One for each file, in the order of ``files``.

    Raises
    ------
    ReviewError
        When no connection can be made at all, with the reason; nothing was sent then.
    """
    node.check()
    results: dict[Path, SendResult] = {}

    def result(sent: SendResult) -> None:
        results[sent.path] = sent
        told(sent)

    ready: list[Outgoing] = []
    for path in dict.fromkeys(files):
        if cancelled():
            break
        try:
            ready.append(outgoing(path))
        except CannotSend as error:
            result(SendResult(path, False, str(error)))
    losses, connected = 0, False
    while ready and not cancelled() and losses < _LOSSES:
        group, contexts = _one_association(ready)
        try:
            association = _associate(node, contexts)
        except ReviewError as error:
            if not connected:
                raise
            for each in ready:
                result(SendResult(each.path, False, str(error)))
            return [results[path] for path in files]
        connected, lost, done = True, False, 0
        for each in group:
            lost = lost or not association.is_established
            if cancelled() or lost:
                break
            try:
                sent = _store(association, each)
            except ConnectionAbortedError:
                lost = True
                sent = SendResult(
                    each.path, False, tr("Connection lost: the node may not have it.")
                )
            losses = 0 if sent.status is not None else losses
            result(sent)
            done += 1
        if lost:
            # What is left is tried once more, but not with a node that hangs up each time.
            losses += 1
            association.abort()
        else:
            association.release()
        ready = ready[done:]
    for path in files:
        if path not in results:
            words = tr("Not sent: cancelled.") if cancelled() else tr("Not sent: connection lost.")
            result(SendResult(path, False, words))
    return [results[path] for path in files]


def echo(node: Node) -> None:
    """Ask a node whether it is there (C-ECHO).

    Raises
    ------
    ReviewError
        With the reason why it does not answer as a DICOM node.
    """
    node.check()
    association = _associate(node, [(Verification, [ImplicitVRLittleEndian])])
    try:
        status = association.send_c_echo()
    finally:
        association.release()
    if status.get("Status") != 0x0000:
        raise ReviewError(
            tr("{name} answered the test with a failure.", name=node.name),
            tr("A node answers a C-ECHO with success."),
            tr("Ask whoever runs it."),
        )


_Context = tuple[UID, list[UID]]


def _one_association(ready: Sequence[Outgoing]) -> tuple[list[Outgoing], list[_Context]]:
    """As many files, in their order, as one association can carry, and what to propose for it."""
    group: list[Outgoing] = []
    contexts: dict[tuple[UID, ...], _Context] = {}
    for each in ready:
        own = (each.sop_class, each.syntax)
        wanted: dict[tuple[UID, ...], _Context] = {own: (each.sop_class, [each.syntax])}
        # One context takes one syntax only, so what to fall back to needs one of its own.
        wanted[(each.sop_class,)] = (each.sop_class, list(_PLAIN))
        if len(contexts | wanted) > _CONTEXTS:
            break
        contexts |= wanted
        group.append(each)
    return group, list(contexts.values())


def _associate(node: Node, contexts: Iterable[_Context]) -> Association:
    entity = AE(node.calling)
    entity.connection_timeout = entity.acse_timeout = CONNECT_S
    entity.dimse_timeout = entity.network_timeout = ANSWER_S
    for sop_class, syntaxes in islice(contexts, _CONTEXTS):
        entity.add_requested_context(sop_class, syntaxes)
    try:
        address = _address(node)
        tls = (client_context(node), node.host) if node.tls else None
        association = entity.associate(address, node.port, ae_title=node.called, tls_args=tls)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unreachable(node, error) from error
    if association.is_established:
        return association
    answer = association.acceptor.primitive
    if association.is_rejected and answer is not None:
        raise ReviewError(
            tr("{name} refuses the connection.", name=node.name),
            rejection_words(answer.result_source or 0, answer.diagnostic or 0),
            tr("Correct the AE titles, here or there; {title} is ours.", title=node.calling),
        )
    if answer is not None and not association.accepted_contexts:
        raise ReviewError(
            tr("{name} takes none of these images.", name=node.name),
            tr("A node must take their kind: {kinds}.", kinds=_kinds(contexts)),
            tr("Choose another node, or have it set up for them."),
        )
    raise _unreachable(node, _why_unreachable(node))


def _address(node: Node) -> str:
    """The numeric address that pynetdicom wants; of several the first of IPv4."""
    found = socket.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM)
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    return str(found[0][4][0])


def _store(association: Association, each: Outgoing) -> SendResult:
    """Send one; ``ConnectionAbortedError`` where no answer came."""
    accepted = {
        context.transfer_syntax[0]
        for context in association.accepted_contexts
        if context.abstract_syntax == each.sop_class
    }
    try:
        what = each.for_syntaxes(accepted)
        answer: Dataset = association.send_c_store(what)
    except CannotSend as error:
        return SendResult(each.path, False, str(error))
    except Exception as error:  # whatever a library finds in a data set: this file's loss alone
        words = tr("Not sent: it cannot be encoded ({reason}).", reason=type(error).__name__)
        return SendResult(each.path, False, words)
    status = answer.get("Status")
    if status is None:
        raise ConnectionAbortedError
    ok, words = status_words(int(status))
    return SendResult(each.path, ok, words, int(status))


def _why_unreachable(node: Node) -> Exception:
    """pynetdicom keeps the reason to itself: try once more, by hand."""
    try:
        with socket.create_connection((node.host, node.port), CONNECT_S) as connection:
            if node.tls:
                with client_context(node).wrap_socket(connection, server_hostname=node.host):
                    pass
    except OSError as error:
        return error
    return ConnectionAbortedError()


def _unreachable(node: Node, error: Exception) -> ReviewError:
    place = f"{node.host}:{node.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        why = tr("its certificate is not trusted ({reason})", reason=error.verify_message)
    elif isinstance(error, ssl.SSLError) and "CERTIFICATE_REQUIRED" in str(error.reason):
        why = tr("it wants a certificate of ours")
    elif isinstance(error, ssl.SSLError):
        why = tr("it does not speak TLS as expected")
    elif isinstance(error, ConnectionRefusedError):
        why = tr("nobody listens there")
    elif isinstance(error, socket.gaierror):
        why = tr("the name is unknown")
    elif isinstance(error, TimeoutError):
        why = tr("no answer came in time")
    elif isinstance(error, ConnectionAbortedError):
        why = tr("it ended the connection without an answer")
    else:
        why = getattr(error, "strerror", None) or type(error).__name__
    return ReviewError(
        tr("{name} ({place}) cannot be reached: {why}.", name=node.name, place=place, why=why),
        tr("A DICOM node was expected at that address and port."),
        tr("Check address, port and TLS in the settings, and that the node is running."),
    )


def _kinds(contexts: Iterable[_Context]) -> str:
    return ", ".join(_distinct(sop_class.name for sop_class, _ in contexts))


def _distinct(names: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(names)
