"""The storage SCP: takes radiographs from other DICOM programs into the inbox (PS3.4, Annex B)."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from socketserver import BaseServer
from typing import Any, cast

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    XRayRadiofluoroscopicImageStorage,
)
from pynetdicom import AE, _config, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event as NetworkEvent
from pynetdicom.pdu_primitives import A_ASSOCIATE, A_P_ABORT
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AssociationSocket, ThreadedAssociationServer

from app.core.base.errors import ReviewError
from app.core.base.events import Event, ImageReceived, ReceiverReady, SenderRefused
from app.core.base.translation import tr
from app.network.bounds import SenderPace
from app.network.config import Listening
from app.network.inbox_store import InboxStore, NoObject
from app.network.messages import Arrival, BoundedMessages
from app.network.seats import WAITING_A_SEAT, Patience, Seats
from app.network.tls import server_context

STORAGE_CLASSES: tuple[UID, ...] = (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    XRayRadiofluoroscopicImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
"""What a chest X-ray comes as. Others are refused as unknown when the connection is made."""

TRANSFER_SYNTAXES: tuple[UID, ...] = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLosslessSV1,
    JPEGLossless,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    JPEG2000,
    HTJ2K,
)
"""All that Opacity reads, what loses nothing first."""

SUCCESS = 0x0000
NOT_AUTHORISED = 0x0124
OUT_OF_RESOURCES = 0xA700
OTHER_OBJECT = 0xA900
CANNOT_UNDERSTAND = 0xC000
"""Statuses of C-STORE (PS3.4, B.2.3)."""

_LIMIT_EXCEEDED = (0x02, 0x03, 0x02)
"""Rejected for now, by the presentation service: local limit exceeded (PS3.8, 9.3.4)."""

_THREADS_A_SENDER = 4 * WAITING_A_SEAT
"""Connections at most, those included whose end pynetdicom has not noticed, for each sender."""

_CLASSES = frozenset(map(str, STORAGE_CLASSES))

log = logging.getLogger(__name__)


class Receiver:
    """A listening storage SCP; use it as a context.

    Meant for a process of its own: pynetdicom's switch for data sets in files holds for the whole
    process.

    Parameters
    ----------
    listening
        Checked settings.
    store
        An open inbox.
    tell
        Called with events, from several threads.
    patience
        How long senders may take.
    """

    def __init__(
        self,
        listening: Listening,
        store: InboxStore,
        tell: Callable[[Event], None],
        patience: Patience | None = None,
    ) -> None:
        self._listening = listening
        self._store = store
        self._tell = tell
        self._pace = SenderPace(listening.limits.per_minute)
        self._patience = patience or Patience()
        self._seats = Seats(listening.limits.connections, self._patience)
        self._titles = sorted({caller.title for caller in listening.callers})
        self._server: ThreadedAssociationServer | None = None
        self._thread: threading.Thread | None = None
        self._before = False

    def __enter__(self) -> Receiver:
        listening = self._listening
        # A data set goes to a file as it comes: its size is no matter of memory.
        self._before, _config.STORE_RECV_CHUNKED_DATASET = _config.STORE_RECV_CHUNKED_DATASET, True
        entity = AE(listening.title)
        entity.require_called_aet = True
        entity.require_calling_aet = self._titles
        # The seats are counted here; pynetdicom counts whoever is at the door as well.
        entity.maximum_associations = 1 << 16
        entity.acse_timeout = self._patience.hello
        entity.dimse_timeout = entity.network_timeout = self._patience.silence
        entity.add_supported_context(Verification)
        for storage_class in STORAGE_CLASSES:
            entity.add_supported_context(storage_class, list(TRANSFER_SYNTAXES))
        handlers: list[evt.EventHandlerType] = [
            (evt.EVT_CONN_OPEN, self._bound),
            (evt.EVT_REQUESTED, self._seat),
            (evt.EVT_CONN_CLOSE, self._clean),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_C_STORE, self._take),
        ]
        try:
            server = self._server = entity.make_server(
                (listening.address, listening.port),
                evt_handlers=handlers,
                ssl_context=server_context(listening),
                server_class=_door(listening, self._seats, self._patience.hello, self._no_tls),
            )
        except (OSError, ValueError) as error:
            self._restore()
            raise _cannot_listen(listening, error) from error
        self._thread = threading.Thread(target=server.serve_forever, name="receiver")
        self._thread.daemon = True
        self._thread.start()
        self._tell(ReceiverReady(listening.title, listening.address, self.port))
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None and self._thread is not None:
            # What is under way is aborted: no sender was told of a success that is not on disk.
            for association in self._server.active_associations:
                if association.is_established:
                    association.abort()
            BaseServer.shutdown(self._server)
            self._server.server_close()
            self._thread.join(5.0)
        self._restore()

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings said 0 for any."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def _restore(self) -> None:
        _config.STORE_RECV_CHUNKED_DATASET = self._before

    # Called by pynetdicom, in a connection's own threads ----------------------------------------

    def _bound(self, event: NetworkEvent) -> None:
        """Before anything is read of a new connection: no more than so much, no longer than so."""
        association, limits = event.assoc, self._listening.limits
        connection = cast(AssociationSocket, association.dul.socket)
        raw = cast(socket.socket, connection.socket)
        seat = self._seats.of(raw)

        def arrival() -> Arrival:
            return Arrival(
                self._store.incoming,
                limits.object_bytes,
                lambda size: self._store.free_bytes() - size > limits.free_bytes,
            )

        association.dimse = BoundedMessages(association, _CLASSES, arrival, seat.moved)
        raw.settimeout(self._patience.silence)
        connection.recv = seat.receive  # type: ignore[method-assign,assignment]
        shut = connection._shutdown_socket

        def gone() -> None:
            self._seats.leave(raw)
            if association.requestor.primitive is None:
                # pynetdicom's thread would wait for its first words all the same.
                association.dul.to_user_queue.put(A_P_ABORT())
            shut()
            raw.close()  # pynetdicom forgets it where the other side was the first to hang up

        connection._shutdown_socket = gone  # type: ignore[method-assign]

    def _seat(self, event: NetworkEvent) -> None:
        """An association is asked for: is there a place for it?"""
        association = event.assoc
        if not isinstance(association.requestor.primitive, A_ASSOCIATE):
            association.is_aborted = True
            association.kill()
            return
        association.requestor.ae_title = association.requestor.primitive.calling_ae_title
        called = association.requestor.primitive.called_ae_title
        if called != self._listening.title.strip() or (
            self._titles and association.requestor.ae_title not in self._titles
        ):
            return  # pynetdicom rejects it, and nobody has to make room for it
        connection = cast(AssociationSocket, association.dul.socket).socket
        if connection is None or self._seats.sit(connection):
            return
        association.acse.send_reject(*_LIMIT_EXCEEDED)
        evt.trigger(association, evt.EVT_REJECTED, {})
        association.kill()

    def _clean(self, event: NetworkEvent) -> None:
        cast(BoundedMessages, event.assoc.dimse).discard()
        self._store.forget_stale(2 * self._patience.silence)

    def _rejected(self, event: NetworkEvent) -> None:
        self._refuse(event, "association")

    def _take(self, event: NetworkEvent) -> int:
        """C-STORE: success only once the object is on disk."""
        path = event.dataset_path
        if not cast(BoundedMessages, event.assoc.dimse).collect(path):
            return self._refuse(event, "room", OUT_OF_RESOURCES)
        address = event.assoc.requestor.address
        callers = self._listening.callers
        title = event.assoc.requestor.ae_title
        if callers and not any(caller.admits(title, address) for caller in callers):
            return self._refuse(event, "caller", NOT_AUTHORISED)
        if not self._pace.admits(address):
            return self._refuse(event, "pace", OUT_OF_RESOURCES)
        request = cast(C_STORE, event.request)
        try:
            kept = self._store.keep(
                path,
                str(request.AffectedSOPClassUID),
                str(request.AffectedSOPInstanceUID),
            )
        except NoObject as error:
            status = OTHER_OBJECT if error.mismatch else CANNOT_UNDERSTAND
            return self._refuse(event, "object", status)
        except OSError as error:
            log.error("an object could not be written: %s", error.strerror)
            return self._refuse(event, "disk", OUT_OF_RESOURCES)
        self._tell(ImageReceived(str(kept.path), kept.twice, kept.same_uid))
        return SUCCESS

    def _no_tls(self, address: str) -> None:
        self._tell(SenderRefused("tls", address))

    def _refuse(self, event: NetworkEvent, reason: str, status: int = 0) -> int:
        requestor = event.assoc.requestor
        self._tell(SenderRefused(reason, f"{requestor.ae_title} ({requestor.address})"))
        return status


def _door(
    listening: Listening, seats: Seats, hello_s: float, no_tls: Callable[[str], None]
) -> type[ThreadedAssociationServer]:
    """A server that does not even talk to where nobody may call from, nor to too many at once."""

    class Door(ThreadedAssociationServer):
        def get_request(self) -> tuple[Any, Any]:
            request, address = cast(socket.socket, self.socket).accept()
            if self.ssl_context is not None:
                # Shaking hands waits for the other side: not here, where all others wait too.
                request.settimeout(hello_s)
                request = self.ssl_context.wrap_socket(
                    request, server_side=True, do_handshake_on_connect=False
                )
            return request, address

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            if isinstance(request, ssl.SSLSocket):
                try:
                    request.do_handshake()
                except (OSError, ValueError):
                    no_tls(str(client_address[0]))
                    self.shutdown_request(request)
                    return
            super().process_request_thread(request, client_address)

        def verify_request(self, request: Any, client_address: Any) -> bool:
            address = str(client_address[0])
            if len(self.active_associations) >= _THREADS_A_SENDER * listening.limits.connections:
                return False
            callers = listening.callers
            if callers and not any(caller.admits_address(address) for caller in callers):
                return False
            seats.come(request, address)
            return True

        def shutdown_request(self, request: Any) -> None:
            seats.leave(request)
            super().shutdown_request(request)

        def close_request(self, request: Any) -> None:
            seats.leave(request)
            super().close_request(request)

    return Door


def _cannot_listen(listening: Listening, error: Exception) -> ReviewError:
    place = f"{listening.address}:{listening.port}"
    expected = tr("A free port and an address of this computer were expected.")
    if isinstance(error, PermissionError):
        return ReviewError(
            tr("The system does not let Opacity listen on port {port}.", port=listening.port),
            expected,
            tr("Choose a port above 1023, such as 11112."),
        )
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return ReviewError(
            tr("Port {port} is in use by another program.", port=listening.port),
            expected,
            tr("Choose another port, or end that program."),
        )
    said = error.strerror if isinstance(error, OSError) else None
    return ReviewError(
        tr("Opacity cannot listen on {place}: {said}.", place=place, said=said or "no address"),
        expected,
        tr("Correct the address; 127.0.0.1 is this computer alone, 0.0.0.0 every network."),
    )
