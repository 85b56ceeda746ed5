"""Takes messages in, piece by piece; the data set of an image goes to a file as it comes.

pynetdicom's own way joins pieces whose order it does not check, and knows of no limit. Here a
message is its command, whole, then its data set, whole, in one presentation context; everything
else ends the connection. What came of a data set and what was written of it stay with that message
alone, so that success is never told for another one's bytes.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import _MESSAGE_TYPES, DIMSEMessage
from pynetdicom.dimse_primitives import C_CANCEL, C_ECHO, C_STORE
from pynetdicom.dsutils import create_file_meta, decode
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

_LOOK_EVERY = 16 * 2**20
_LARGEST_COMMAND = 1 << 16
_NO_DATA_SET = 0x0101
_COMMAND, _LAST = 1, 2
"""Bits of a piece's first byte (PS3.8, E.2)."""

NO_SUCH_CLASS = 0x0122
UNKNOWN_OPERATION = 0x0211
"""Statuses of any operation (PS3.7, C)."""


class Garbled(Exception):
    """Pieces that make no message."""


class Arrival:
    """One data set on its way to the disk.

    Parameters
    ----------
    folder
        Where its file goes.
    largest
        Bytes of a data set.
    room
        Asked now and then with a number of bytes: may so much be written?
    """

    def __init__(self, folder: Path, largest: int, room: Callable[[int], bool]) -> None:
        self.path = folder / f"{uuid.uuid4().hex}.dcm"
        self.file: IO[bytes] | None = None
        self._largest = largest
        self._room = room
        self._came = 0
        self._written = 0
        self._header = 0
        self._looked_at = 0

    def begin(self, sop_class: UID, sop_instance: UID, syntax: UID) -> None:
        """Make the file, with the file meta information before the data set."""
        meta = create_file_meta(
            sop_class_uid=sop_class, sop_instance_uid=sop_instance, transfer_syntax=syntax
        )
        try:
            self.file = self.path.open("xb", buffering=0)
            self.path.chmod(0o600)
            header = BytesIO()
            header.write(b"\0" * 128 + b"DICM")
            write_file_meta_info(cast(Any, header), meta)
            self._header = len(header.getvalue())
            self._write(header.getvalue())
        except OSError:
            self.drop()

    def add(self, data: bytes) -> None:
        """Write a piece, or only count it once there is no room: the sender shall get an answer."""
        if self.file is not None:
            if self._came >= self._looked_at:
                self._looked_at = self._came + _LOOK_EVERY
                if not self._room(_LOOK_EVERY):
                    self.drop()
            if self._came + len(data) > self._largest:
                self.drop()
        self._came += len(data)
        try:
            self._write(data)
            self._written += len(data) if self.file is not None else 0
        except OSError:
            self.drop()

    def end(self) -> None:
        """Nothing more comes."""
        try:
            if self.file is not None:
                self.file.close()
        except OSError:
            self.drop()

    @property
    def whole(self) -> bool:
        """Whether all that came is in the file, and nothing else."""
        if self.file is None or self._written != self._came:
            return False
        with contextlib.suppress(OSError):
            return self.path.stat().st_size == self._header + self._came
        return False

    def drop(self) -> None:
        """Let go of the file: of an object in part nothing stays."""
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.close()
        self.file = None
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while self.file is not None and rest:
            rest = rest[self.file.write(rest) :]


class BoundedMessages(DIMSEServiceProvider):
    """The messages of one connection.

    Parameters
    ----------
    association
        Whose messages.
    classes
        SOP classes whose objects are taken.
    arrival
        Makes the place for a data set.
    moved
        Told with True when a message begins, with False when one is whole.
    """

    def __init__(
        self,
        association: Association,
        classes: frozenset[str],
        arrival: Callable[[], Arrival],
        moved: Callable[[bool], None] = lambda _begun: None,
    ) -> None:
        super().__init__(association)
        self._classes = classes
        self._arrival = arrival
        self._moved = moved
        self._command = bytearray()
        self._context = 0
        self._current: Arrival | None = None
        self._waiting: dict[Path, Arrival] = {}
        self._lock = threading.Lock()
        self._broken = False

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take some pieces (called by pynetdicom, in its network thread)."""
        try:
            for context, data in primitive.presentation_data_value_list:
                if self._broken:
                    return
                self._take(context, bytes(data))
        except Exception:  # whatever a library finds in them: no message
            self._broken = True
            self._abandon()
            # As pynetdicom does for a message that it cannot understand. The sender was told of no
            # success and keeps the object.
            self.dul.event_queue.put("Evt19")

    def collect(self, path: Path | None) -> bool:
        """Whether the data set in that file is one that came whole; asked once for each."""
        with self._lock:
            arrival = self._waiting.pop(path, None) if path is not None else None
        return arrival is not None and arrival.whole

    def discard(self) -> None:
        """Remove what came of messages that nobody will answer: their connection is closed."""
        self._abandon()
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for arrival in waiting.values():
            arrival.drop()

    def _take(self, context: int, data: bytes) -> None:
        if not data:
            raise Garbled
        control, piece = data[0], data[1:]
        begun = self.message is not None or bool(self._command)
        if begun and context != self._context:
            raise Garbled
        if control & _COMMAND:
            if self.message is not None or len(self._command) + len(piece) > _LARGEST_COMMAND:
                raise Garbled
            if not begun:
                self._context = context
                self._moved(True)
            self._command += piece
            if control & _LAST:
                self._understand()
            return
        if self.message is None:
            raise Garbled
        if self._current is not None:
            self._current.add(piece)
        if control & _LAST:
            self._finish()

    def _understand(self) -> None:
        """The command is whole."""
        command = decode(BytesIO(bytes(self._command)), True, True)
        self._command.clear()
        message = DIMSEMessage()
        message.__class__ = _MESSAGE_TYPES[int(command.CommandField)][1]
        message.command_set = command
        message.context_id = self._context
        # Of what is no image nothing is kept, whatever its length.
        message.data_set = BytesIO()
        self.message = message
        if command.CommandDataSetType == _NO_DATA_SET:
            self._finish()
        elif message.__class__.__name__ == "C_STORE_RQ":
            accepted = self.assoc._accepted_cx[self._context]
            self._current = self._arrival()
            self._current.begin(
                UID(str(command.AffectedSOPClassUID)),
                UID(str(command.AffectedSOPInstanceUID)),
                accepted.transfer_syntax[0],
            )

    def _finish(self) -> None:
        message, arrival = cast(DIMSEMessage, self.message), self._current
        self.message = self._current = None
        self._moved(False)
        if arrival is not None:
            arrival.end()
            message._data_set_path = arrival.path
            message._data_set_file = cast(Any, arrival.file)
            # Known before the message can be served, which another thread may do at once.
            with self._lock:
                self._waiting[arrival.path] = arrival
        evt.trigger(self.assoc, evt.EVT_DIMSE_RECV, {"message": message})
        request: Any = message.message_to_primitive()
        if not request.is_valid_request or isinstance(request, C_CANCEL):
            # An answer to nothing, or the end of a search that nobody began: neither has an answer.
            self._let_go(arrival)
            return
        wrong = self._refusal(request)
        if wrong:
            self._let_go(arrival)
            answer = type(request)()
            answer.MessageIDBeingRespondedTo = answer.MessageID = request.MessageID
            answer.Status = wrong
            self.send_msg(answer, self._context)
            return
        self.msg_queue.put((self._context, request))

    def _refusal(self, request: Any) -> int:
        """What is not answered by taking it: pynetdicom takes an event report for an image."""
        said = str(getattr(request, "AffectedSOPClassUID", None) or "")
        if isinstance(request, C_ECHO):
            return 0 if said == Verification else NO_SUCH_CLASS
        if isinstance(request, C_STORE):
            return 0 if said in self._classes else NO_SUCH_CLASS
        return UNKNOWN_OPERATION

    def _let_go(self, arrival: Arrival | None) -> None:
        if arrival is not None:
            with self._lock:
                self._waiting.pop(arrival.path, None)
            arrival.drop()

    def _abandon(self) -> None:
        arrival, self._current, self.message = self._current, None, None
        if arrival is not None:
            arrival.drop()
