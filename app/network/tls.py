"""TLS for both directions, by the profile of DICOM that follows BCP 195 (PS3.15, B.9).

TLS 1.3 or 1.2, with forward secrecy and authenticated encryption; nothing older, no renegotiation.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from app.core.base.errors import ReviewError
from app.core.base.translation import tr

if TYPE_CHECKING:
    from app.network.config import Listening, Node

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!PSK"
"""Those of TLS 1.2; the ones of 1.3 are all allowed."""


def server_context(listening: Listening) -> ssl.SSLContext | None:
    """What encrypts the connections of senders; None where TLS is not wanted.

    Raises
    ------
    ReviewError
        When a certificate or key cannot be used.
    """
    if not listening.tls:
        return None
    context = _profile(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    _own(context, listening.certificate, listening.key)
    if listening.senders_ca:
        _trust(context, listening.senders_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(node: Node) -> ssl.SSLContext:
    """What encrypts a connection to a node, whose certificate is always checked.

    Raises
    ------
    ReviewError
        When a certificate or key cannot be used.
    """
    context = _profile(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if node.ca_file:
        try:
            context.load_verify_locations(node.ca_file)
        except (OSError, ValueError) as error:
            raise ReviewError(
                tr("The certificates for {name} cannot be read.", name=node.name),
                tr("A file with certificates in PEM form was expected."),
                tr("Choose another file, or none to trust what this system trusts."),
            ) from error
    else:
        context.load_default_certs()
    if node.certificate or node.key:
        _own(context, node.certificate, node.key)
    return context


def _profile(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def _own(context: ssl.SSLContext, certificate: str, key: str) -> None:
    if not certificate or not key:
        raise ReviewError(
            tr("For TLS a certificate or its key is missing."),
            tr("Both are needed: a file with the certificate, and one with its private key."),
            tr("Give both files, or neither to go without TLS."),
        )
    try:
        # Without a password at hand OpenSSL would ask for one in the terminal, and wait for ever.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        if "MISMATCH" in str(error.reason):
            raise ReviewError(
                tr("The private key does not belong to the certificate."),
                tr("The key with which the certificate was made was expected."),
                tr("Choose the two files that belong together."),
            ) from error
        raise _unreadable(tr("it is no such file, or locked by a password")) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise _unreadable(why or tr("it is no such file, or locked by a password")) from error


def _unreadable(why: str) -> ReviewError:
    return ReviewError(
        tr("The certificate or its key cannot be read: {why}.", why=why),
        tr("Files in PEM form were expected, the key without a password."),
        tr("Choose other files, or make them readable for whoever runs Opacity."),
    )


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ValueError) as error:
        raise ReviewError(
            tr("The certificates that senders must have cannot be read."),
            tr("A file with certificates in PEM form was expected."),
            tr("Choose another file, or none to take senders without a certificate."),
        ) from error
