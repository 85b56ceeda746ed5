"""The storage SCP: takes radiographs from other DICOM programs into the inbox (PS3.4, Annex B)."""

from __future__ import annotations

import errno
import logging
import socket
import tempfile
import threading
from collections.abc import Callable
from socketserver import BaseServer
from typing import cast

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
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AssociationSocket, ThreadedAssociationServer

from app.core.errors import ReviewError
from app.core.events import Event, ImageReceived, ReceiverReady, SenderRefused
from app.core.translation import tr
from app.network.bounds import LARGEST_PDU, BoundedMessages, Pace
from app.network.config import Listening
from app.network.inbox_store import InboxStore, NoObject

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

_SILENCE_S = 60.0
"""How long a connected sender may say nothing."""

_HELLO_S = 10.0
"""How long a new connection may take to say what it wants."""

_STALE_S = 2 * _SILENCE_S
_SILENT_A_SENDER = 4
"""Connections that have not said what they want yet, for each one that may send."""

log = logging.getLogger(__name__)


class Receiver:
    """A listening storage SCP; use it as a context.

    Meant for a process of its own: pynetdicom's switch for data sets in files and Python's folder
    for temporary files hold for the whole process.

    Parameters
    ----------
    listening
        Checked settings.
    store
        An open inbox.
    tell
        Called with events, from several threads.
    """

    def __init__(
        self, listening: Listening, store: InboxStore, tell: Callable[[Event], None]
    ) -> None:
        self._listening = listening
        self._store = store
        self._tell = tell
        self._pace = Pace(listening.limits.per_minute)
        self._titles = sorted({caller.title for caller in listening.callers})
        self._server: ThreadedAssociationServer | None = None
        self._thread: threading.Thread | None = None
        self._before: tuple[bool, str | None] = (False, None)

    def __enter__(self) -> Receiver:
        listening = self._listening
        self._before = _config.STORE_RECV_CHUNKED_DATASET, tempfile.tempdir
        # A data set goes to a file as it comes: its size is no matter of memory, and the file
        # lies in our own folder, not among everybody's temporary files.
        _config.STORE_RECV_CHUNKED_DATASET = True
        tempfile.tempdir = str(self._store.incoming)
        entity = AE(listening.title)
        entity.require_called_aet = True
        entity.require_calling_aet = self._titles
        entity.maximum_associations = listening.limits.connections
        entity.acse_timeout = _HELLO_S
        entity.dimse_timeout = entity.network_timeout = _SILENCE_S
        entity.add_supported_context(Verification)
        for storage_class in STORAGE_CLASSES:
            entity.add_supported_context(storage_class, list(TRANSFER_SYNTAXES))
        handlers: list[evt.EventHandlerType] = [
            (evt.EVT_CONN_OPEN, self._bound),
            (evt.EVT_CONN_CLOSE, self._clean),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_C_STORE, self._take),
        ]
        try:
            server = self._server = entity.make_server(
                (listening.address, listening.port),
                evt_handlers=handlers,
                server_class=_door(listening),
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
        _config.STORE_RECV_CHUNKED_DATASET, tempfile.tempdir = self._before

    # Called by pynetdicom, in a connection's own threads ----------------------------------------

    def _bound(self, event: NetworkEvent) -> None:
        """Before anything is read of a new connection: no more than so much, no longer than so."""
        association, limits = event.assoc, self._listening.limits
        association.dimse = BoundedMessages(
            association,
            limits.object_bytes,
            lambda size: self._store.free_bytes() - size > limits.free_bytes,
        )
        connection = cast(AssociationSocket, association.dul.socket)
        cast(socket.socket, connection.socket).settimeout(_SILENCE_S)
        receive = connection.recv

        def bounded(size: int) -> bytearray:
            if size > LARGEST_PDU:
                raise OSError("the PDU is longer than any that we asked for")
            return bytearray(receive(size))

        connection.recv = bounded  # type: ignore[method-assign,assignment]

    def _clean(self, event: NetworkEvent) -> None:
        cast(BoundedMessages, event.assoc.dimse).discard()
        self._store.forget_stale(_STALE_S)

    def _rejected(self, event: NetworkEvent) -> None:
        self._refuse(event, "association")

    def _take(self, event: NetworkEvent) -> int:
        """C-STORE: success only once the object is on disk."""
        if not cast(BoundedMessages, event.assoc.dimse).whole():
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
                event.dataset_path,
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

    def _refuse(self, event: NetworkEvent, reason: str, status: int = 0) -> int:
        requestor = event.assoc.requestor
        self._tell(SenderRefused(reason, f"{requestor.ae_title} ({requestor.address})"))
        return status


def _door(listening: Listening) -> type[ThreadedAssociationServer]:
    """A server that does not even talk to where nobody may call from, nor to too many at once."""

    class Door(ThreadedAssociationServer):
        def verify_request(
            self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
        ) -> bool:
            if len(self.active_associations) >= _SILENT_A_SENDER * listening.limits.connections:
                return False
            address = str(client_address[0]) if isinstance(client_address, tuple) else ""
            callers = listening.callers
            return not callers or any(caller.admits_address(address) for caller in callers)

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
