"""The connection to JetStream: the library's loop in a thread of its own, and the bucket and stream of an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hpcli.alarms.loop_thread import LoopThread
from hpcli.errors import LocalError, NetworkError

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext
    from nats.js.api import StreamInfo
    from nats.js.kv import KeyValue

    from hpcli.alarms.lease.address import LeaseAddress

_REPLICAS: Final = (3, 1)
_NO_REPLICAS: Final = frozenset({10005, 10074})
"""JetStream's error codes: no suitable servers for so many copies, and not in a cluster at all."""

_SUBJECTS_OVERLAP: Final = 10065

_HINT: Final = (
    "Its address may have ca-file=FILE, the authorities of the servers, and credentials=FILE or"
    " user=NAME&secret-file=FILE."
)

_KEPT_SECONDS: Final = 2 * 86_400.0
_REPEATS_SECONDS: Final = 600.0
_NOT_ALLOWED: Final = (
    "authorization",
    "authentication",
    "permissions violation",
    "certificate verify failed",
)

_Answer = TypeVar("_Answer")


@dataclass
class Broker:
    """One connection to the servers of a lease. Its `async` methods run in its own thread.

    Args:
        address: where the servers are.
        account: hash of the account, which names its key, stream and subject.
        ttl: seconds after which the bucket forgets a key.
        seconds: time limit of a request.

    Attributes:
        lacks_copies: the servers are a cluster, but do not keep three copies; as when one was missing at the start.
    """

    address: LeaseAddress
    account: str
    ttl: float
    seconds: float
    stream: JetStreamContext | None = None
    keys: KeyValue | None = None
    lacks_copies: bool = False
    _client: Client | None = None
    _errors: list[str] = field(default_factory=list)
    _loop: LoopThread = field(default_factory=lambda: LoopThread("lease"))

    @property
    def stream_name(self) -> str:
        """The stream with the account's raw messages."""
        return f"HPCLI_RAW_{self.account}"

    @property
    def subject(self) -> str:
        """The subject of the account's raw messages."""
        return f"hpcli.raw.{self.account}"

    def start(self) -> None:
        """Start the thread."""
        self._loop.start()

    def submit(self, work: Coroutine[Any, Any, object]) -> None:
        """Begin something in the thread, and wait for nothing; after the end nothing is begun."""
        self._loop.submit(work)

    def run(self, work: Coroutine[Any, Any, _Answer], seconds: float) -> _Answer:
        """Do something in the thread and wait for it.

        Raises:
            NetworkError: the servers do not answer, or refuse it.
        """
        if not self._loop.is_running:
            work.close()
            raise NetworkError(f"The connection to {self.address.short} is closed.")
        try:
            return self._loop.run(self.guarded(work), seconds)
        except TimeoutError:
            raise NetworkError(f"{self.address.short} did not answer within {seconds:g} s.") from None

    async def guarded(self, work: Awaitable[_Answer]) -> _Answer:
        """Wait for something, with the errors of the library made ours.

        Raises:
            NetworkError: see above.
        """
        from nats.errors import Error

        try:
            return await work
        except (OSError, Error, TimeoutError) as error:
            words = next(reversed(self._errors), "") or str(error) or type(error).__name__
            raise NetworkError(f"{self.address.short}: {words}") from error

    def close(self) -> None:
        """End the connection and the thread."""
        if self._loop.is_running:
            with suppress(NetworkError):
                self.run(self.disconnect(), self.seconds)
            self._loop.close()

    @property
    def largest(self) -> int:
        """Bytes of a message that the server takes."""
        return 1 << 20 if self._client is None else int(self._client.max_payload)

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as is known, and bucket and stream were found."""
        return self._client is not None and self._client.is_connected and self.stream is not None

    async def connect(self) -> None:
        """Connect, and find or make the bucket and the stream.

        Raises:
            LocalError: the servers refuse this user, the bucket is not one for leases, or another stream has the
                subject.
            NetworkError: no server answers.
        """
        await self.disconnect()
        self._errors.clear()
        try:
            await self.guarded(self._connect())
        except NetworkError as error:
            lines = (*self._errors, error.message)
            if any(word in line.lower() for word in _NOT_ALLOWED for line in lines):
                raise LocalError(f"The lease cannot be used: {error.message}", hint=_HINT) from error
            raise
        keys = self.keys
        assert keys is not None  # connected a moment ago
        ttl = (await self.guarded(keys.status())).ttl or 0.0
        if ttl != self.ttl:
            await self.disconnect()
            raise LocalError(
                f"The bucket {self.address.bucket} keeps a key for {ttl:g} s; a lease needs {self.ttl:g} s.",
                hint="Name a bucket that does not exist yet: it is made as it has to be.",
            )

    async def disconnect(self) -> None:
        """Close the connection, if there is one."""
        from nats.errors import Error

        client, self._client, self.keys, self.stream = self._client, None, None, None
        if client is not None:
            with suppress(OSError, Error):
                await client.close()

    async def _connect(self) -> None:
        from nats.aio.client import Client

        client = self._client = Client()
        await client.connect(
            list(self.address.servers),
            allow_reconnect=False,  # a renewal that waits in a buffer would come too late
            max_reconnect_attempts=1,  # it counts the first connection in
            reconnect_time_wait=0,
            connect_timeout=max(1, round(self.seconds)),
            error_cb=self._note_error,
            name="hpcli lease",
            **self.address.connection(),
        )
        stream = client.jetstream(timeout=self.seconds)
        self.keys = await self._find_keys(stream)
        found = await self._find_stream(stream)
        bucket = await stream.stream_info(f"KV_{self.address.bucket}")
        self.lacks_copies = any(
            one.cluster is not None and (one.config.num_replicas or 1) < _REPLICAS[0]
            for one in (found, bucket)
        )
        self.stream = stream

    async def _note_error(self, error: Exception) -> None:
        self._errors.append(str(error))

    async def _find_keys(self, stream: JetStreamContext) -> KeyValue:
        from nats.js.errors import BucketNotFoundError

        try:
            return await stream.key_value(self.address.bucket)
        except BucketNotFoundError:
            return await _with_copies(
                lambda copies: stream.create_key_value(
                    bucket=self.address.bucket, ttl=self.ttl, history=1, replicas=copies
                )
            )

    async def _find_stream(self, stream: JetStreamContext) -> StreamInfo:
        from nats.js.api import StreamConfig
        from nats.js.errors import APIError, NotFoundError

        try:
            return await stream.stream_info(self.stream_name)
        except NotFoundError:
            wanted = StreamConfig(
                name=self.stream_name,
                description="Raw alarms of an account, for all machines with its lease",
                subjects=[self.subject],
                max_age=_KEPT_SECONDS,
                duplicate_window=_REPEATS_SECONDS,
            )
            try:
                return await _with_copies(
                    lambda copies: stream.add_stream(wanted.evolve(num_replicas=copies))
                )
            except APIError as error:
                if error.err_code != _SUBJECTS_OVERLAP:
                    raise
                other = await stream.find_stream_name_by_subject(self.subject)
                raise LocalError(
                    f"The lease cannot be used: the stream {other} has its subject {self.subject}.",
                    hint=f"Give {other} narrower subjects, none that takes in hpcli.raw.>: `nats stream edit {other}"
                    " --subjects …`.",
                ) from error


async def _with_copies(make: Callable[[int], Awaitable[_Answer]]) -> _Answer:
    """Make something with as many copies as the servers allow."""
    from nats.js.errors import APIError

    for copies in _REPLICAS[:-1]:
        try:
            return await make(copies)
        except APIError as error:
            if error.err_code not in _NO_REPLICAS:
                raise
    return await make(_REPLICAS[-1])
