"""`python main.py listen`: receives images without a window, into the same inbox."""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from dataclasses import replace

from app.cli import new_parser
from app.core.base.errors import OutputError
from app.core.base.events import Event, ImageReceived, ReceiverReady, SenderRefused


def parser() -> argparse.ArgumentParser:
    """Arguments of the command; what is not given is as set in the window."""
    parser = new_parser("listen", "Receive chest X-rays by DICOM (C-STORE) until Ctrl+C.")
    parser.add_argument("--port", type=int, help="port to listen on")
    parser.add_argument("--title", help="own AE title")
    parser.add_argument(
        "--address", help="own address: 127.0.0.1 for this computer alone, 0.0.0.0 for all networks"
    )
    parser.add_argument(
        "--allow",
        metavar="CALLERS",
        help="who may send: AE titles, separated by commas, each with @ADDRESS where wanted",
    )
    parser.add_argument(
        "--tls-certificate", metavar="FILE", help="encrypt by TLS: own certificate (PEM)"
    )
    parser.add_argument("--tls-key", metavar="FILE", help="the certificate's private key (PEM)")
    parser.add_argument(
        "--tls-senders",
        metavar="FILE",
        help="take only senders with a certificate that one in this file vouches for (PEM)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Receive until interrupted."""
    from app.cli.files import say
    from app.network.config import load, parse_callers
    from app.network.inbox_store import InboxStore
    from app.network.quiet import hush
    from app.network.receiver import Receiver

    given = {
        "port": arguments.port,
        "title": arguments.title,
        "address": arguments.address,
        "certificate": arguments.tls_certificate,
        "key": arguments.tls_key,
        "senders_ca": arguments.tls_senders,
        "callers": None if arguments.allow is None else parse_callers(arguments.allow),
    }
    config = load()
    for problem in config.problems:
        say(problem)
    listening = config.listening
    listening = replace(listening, **{key: v for key, v in given.items() if v is not None})
    listening.check()
    hush()
    # A shell that starts a command in the background has it ignore Ctrl+C; a service manager ends
    # one with SIGTERM.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    counts: Counter[str] = Counter()

    def tell(event: Event) -> None:
        if isinstance(event, ReceiverReady):
            print(f"Listening on {event.address}, port {event.port}, as {event.title}.", flush=True)
        elif isinstance(event, ImageReceived):
            counts["there already" if event.twice else "received"] += 1
        elif isinstance(event, SenderRefused):
            counts["refused"] += 1
            print(f"Refused ({event.reason}): {event.sender}", flush=True)

    try:
        with InboxStore() as store, Receiver(listening, store, tell):
            print(f"Inbox: {store.folder}. Ctrl+C ends.", flush=True)
            while True:
                time.sleep(1.0)
    except OSError as error:
        raise OutputError(
            f"The inbox cannot be used: {error.strerror}.",
            "A folder that can be written is needed in Opacity's own folder.",
            "Check the disk and the permissions.",
        ) from error
    except KeyboardInterrupt:
        said = ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing came"
        print(f"Stopped: {said}.")
        return 0
