"""The raw messages of an account in JetStream: one frame a message, put together to batches by every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.event.safe_json import safe_json
from hpcli.client.queue_answer import Batch
from hpcli.errors import NetworkError
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    from hpcli.alarms.lease.broker import Broker

_HEAD_BYTES: Final = 2048
"""Room for the headers within the largest message that the server takes."""

_BODY: Final = "body"
_FETCH: Final = 200
_LATE_SECONDS: Final = 60.0
"""How long the rest of a batch is waited for; it is missing where the publisher died in between."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a machine has read the stream.

    Attributes:
        created: when the stream was made; another one begins anew.
        seq: number of the last message that is done with.
    """

    created: str = ""
    seq: int = 0

    @classmethod
    def read(cls, text: str | None) -> Position:
        """Return the position that a text tells."""
        created, _, seq = (text or "").rpartition(" ")
        return cls(created, int(seq)) if seq.isdecimal() else cls()

    def __str__(self) -> str:
        """Return it as the journal keeps it."""
        return f"{self.created} {self.seq}"


@dataclass(frozen=True, slots=True)
class Shared:
    """A batch that a machine has read and stored, or a batch's confirmation.

    Attributes:
        batch: what it read; without messages where it confirmed the batch.
        received: when, epoch milliseconds.
        is_own: it was this journal's machine.
        is_confirmed: the platform has taken the confirmation.
    """

    batch: Batch
    received: int
    is_own: bool = False
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A message of the stream.

    Attributes:
        headers: what it is.
        data: a message of the platform, or a part of it.
        seq: its number in the stream.
    """

    headers: Mapping[str, str]
    data: bytes
    seq: int = 0


def make_frames(batch: Batch, journal: str, received: int, largest: int) -> list[Frame]:
    """Return the frames of a batch.

    Args:
        batch: one that is whole.
        journal: the UUID of the journal that has it.
        received: when, epoch milliseconds.
        largest: bytes of a message that the server takes.
    """
    contents = [
        (str(place), safe_json({"message": message, "problem": batch.problems.get(place)}).encode())
        for place, message in enumerate(batch.messages)
    ]
    if batch.body is not None:
        contents.append((_BODY, batch.body))
    parts = [
        (place, content[start : start + largest - _HEAD_BYTES])
        for place, content in contents
        for start in range(0, max(1, len(content)), largest - _HEAD_BYTES)
    ]
    whole = hashlib.sha256(b"\0".join(content for _, content in contents)).hexdigest()[:16]
    key = hashlib.sha256(f"{batch.id or received}\n{whole}".encode()).hexdigest()[:32]
    shared = {
        "Hpcli-Key": key,
        "Hpcli-Batch": _header_of(batch.id),
        "Hpcli-Journal": journal,
        "Hpcli-Received": str(received),
        "Hpcli-Parts": str(len(parts)),
    }
    return [
        Frame(
            # A batch id that is used again for other messages must not make the server drop them.
            shared | {"Nats-Msg-Id": f"{key}:{part}", "Hpcli-Part": str(part), "Hpcli-Place": place},
            data,
        )
        for part, (place, data) in enumerate(parts)
    ]


def make_confirmation(batch_id: str, journal: str, received: int) -> Frame:
    """Return the frame that says that the platform has taken the confirmation of a batch."""
    headers = {
        "Hpcli-Confirmed": "true",
        "Hpcli-Batch": _header_of(batch_id),
        "Hpcli-Journal": journal,
        "Hpcli-Received": str(received),
    }
    return Frame(headers, b"")


@dataclass
class _Parts:
    """The frames of a batch that have come.

    Attributes:
        first: number of the first one in the stream.
        since: when it came, by the stopwatch.
    """

    first: int
    since: float
    frames: dict[int, Frame] = field(default_factory=dict)


@dataclass
class Assembly:
    """Puts frames together.

    Args:
        journal: UUID of the machine's own journal.
    """

    journal: str
    _waiting: dict[str, _Parts] = field(default_factory=dict)
    _last: int = 0

    @property
    def done(self) -> int:
        """Number of the last message of the stream after which none is needed again."""
        return min([self._last, *(parts.first - 1 for parts in self._waiting.values())])

    def add(self, frame: Frame, now: float) -> Shared | None:
        """Take a frame; return the batch that is whole with it, or the confirmation that it is."""
        self._last = max(self._last, frame.seq)
        if "Hpcli-Confirmed" in frame.headers:
            return Shared(Batch(_batch_id(frame), []), _received(frame), is_confirmed=True)
        key = frame.headers.get("Hpcli-Key")
        if key is None:
            return None  # not of ours
        parts = self._waiting.setdefault(key, _Parts(frame.seq, now))
        parts.frames[int(frame.headers["Hpcli-Part"])] = frame
        if len(parts.frames) < int(frame.headers["Hpcli-Parts"]):
            return None
        return self._joined(self._waiting.pop(key))

    def overdue(self, now: float) -> Shared | None:
        """Return what there is of a batch whose rest has not come for long; the whole comes again if at all."""
        late = next((key for key, one in self._waiting.items() if now - one.since > _LATE_SECONDS), None)
        return None if late is None else self._joined(self._waiting.pop(late))

    def _joined(self, parts: _Parts) -> Shared:
        contents: dict[str, bytes] = {}
        for _, frame in sorted(parts.frames.items()):
            place = frame.headers["Hpcli-Place"]
            contents[place] = contents.get(place, b"") + frame.data
        body = contents.pop(_BODY, None)
        read = list(_readable(contents.values()))
        problems = {place: one["problem"] for place, one in enumerate(read) if one["problem"]}
        first = next(iter(parts.frames.values()))
        is_whole = len(parts.frames) == int(first.headers["Hpcli-Parts"])
        messages = [one["message"] for one in read]
        batch = Batch(_batch_id(first), messages, problems, body if is_whole else None, is_whole)
        # Who published any part had stored the whole before.
        is_own = any(one.headers.get("Hpcli-Journal") == self.journal for one in parts.frames.values())
        return Shared(batch, min(map(_received, parts.frames.values())), is_own)


def _readable(contents: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the messages; one whose last part is missing is left out."""
    for content in contents:
        try:
            yield parse_json(content)
        except ValueError:
            continue


def _header_of(batch_id: str | None) -> str:
    """Return a batch id as a header has it; one without measure is left out, as no server would take the message."""
    text = json.dumps(batch_id)
    return text if len(text) <= _HEAD_BYTES // 2 else json.dumps(None)


def _batch_id(frame: Frame) -> str | None:
    found = json.loads(frame.headers.get("Hpcli-Batch", "null"))
    return None if found is None else str(found)


def _received(frame: Frame) -> int:
    return int(frame.headers["Hpcli-Received"])


@dataclass
class RawStream:
    """The stream of an account, written by the holder of the lease and read by all.

    Args:
        broker: the connection.
        journal: UUID of this machine's journal.
    """

    broker: Broker
    journal: str
    _reading: JetStreamContext.PullSubscription | None = None
    _read_from: JetStreamContext | None = None
    _delivered: int = 0

    def publish(self, batch: Batch, received: int) -> None:
        """Write a batch and wait until the stream has all of it.

        Raises:
            NetworkError: it has not, as far as is known.
        """
        self.broker.run(self._publish(batch, received), 4 * self.broker.seconds)

    def confirm(self, batch_id: str, received: int) -> None:
        """Write that a batch is confirmed, without waiting: it spares other machines a question, and no more."""
        self.broker.submit(self._confirm(batch_id, received))

    def read(self, after: Position) -> tuple[Position, Sequence[Frame]]:
        """Wait a moment for messages after a position; return them, and the position where reading began.

        Raises:
            NetworkError: the servers do not answer.
        """
        return self.broker.run(self._read(after), 4 * self.broker.seconds)

    async def _publish(self, batch: Batch, received: int) -> None:
        import asyncio

        stream, largest = self._stream(), self.broker.largest
        frames = make_frames(batch, self.journal, received, largest)
        await asyncio.gather(*(self._write(stream, frame) for frame in frames))

    async def _write(self, stream: JetStreamContext, frame: Frame) -> None:
        await stream.publish(
            self.broker.subject, frame.data, stream=self.broker.stream_name, headers=dict(frame.headers)
        )

    async def _confirm(self, batch_id: str, received: int) -> None:
        await self._write(self._stream(), make_confirmation(batch_id, self.journal, received))

    def _stream(self) -> JetStreamContext:
        if self.broker.stream is None:
            raise NetworkError(f"{self.broker.address.short} does not answer.")
        return self.broker.stream

    async def _read(self, after: Position) -> tuple[Position, Sequence[Frame]]:
        stream = self._stream()
        if self._reading is None or self._read_from is not stream:
            after = await self._open(stream, after)
        assert self._reading is not None  # opened
        try:
            found = await self._reading.fetch(_FETCH, timeout=self.broker.seconds / 2)
        except TimeoutError:
            return after, ()
        except BaseException:
            self._reading = None  # where it stands is not known
            raise
        return after, list(self._in_order(found))

    def _in_order(self, found: Sequence[Msg]) -> Iterator[Frame]:
        """Yield messages as long as none is missing between them; else reading begins again there."""
        for one in found:
            numbers = one.metadata.sequence
            if numbers.consumer != self._delivered + 1:
                self._reading = None
                return
            self._delivered = numbers.consumer
            yield Frame(one.headers or {}, one.data, numbers.stream)

    async def _open(self, stream: JetStreamContext, after: Position) -> Position:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        info = await stream.stream_info(self.broker.stream_name)
        created = str(info.created or "")
        if created != after.created or info.state.last_seq < after.seq:
            after = Position(created)
        self._reading = await stream.pull_subscribe(
            self.broker.subject,
            stream=self.broker.stream_name,
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=after.seq + 1,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=60.0,
            ),
        )
        self._read_from, self._delivered = stream, 0
        return after
