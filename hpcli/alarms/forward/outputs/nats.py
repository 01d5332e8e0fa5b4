"""`nats://HOST/STREAM.subject`: NATS JetStream, acknowledged by the stream."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hpcli.alarms.event.json_codec import decode
from hpcli.alarms.forward.authorities import probe_authorities
from hpcli.alarms.forward.kind import Address, Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, down, each, misconfigured, refused, retry
from hpcli.alarms.forward.template import check_template, fill
from hpcli.alarms.loop_thread import LoopThread
from hpcli.errors import UsageError

if TYPE_CHECKING:
    import ssl

    from nats.aio.client import Client
    from nats.aio.msg import Msg

_PORT: Final = 4222
_UNSAFE: Final = ".*>"
_WRONG_STREAM: Final = frozenset({10059, 10060})
"""JetStream's error codes: no such stream, and another stream takes the subject."""

_TOO_LARGE: Final = 10054
_FULL: Final = frozenset({10047, 10077})
"""No room for the stream on its servers, or in the stream itself."""

_NOT_ALLOWED: Final = ("authorization", "authentication", "permissions violation")


_LONGEST_SUBJECT: Final = 2048
"""A server closes the connection at a line of more than 4 KiB, in which the subject and that of the answer stand."""

_NOBODY: Final = "503"
"""The status of an answer by the server itself: nobody listens to the subject."""

_SERVER_FAULT: Final = 500
_SHARE: Final = 0.9
"""The share of the time limit in which answers are waited for."""

_Answer = TypeVar("_Answer")


def _names(address: Address) -> tuple[str, str]:
    """Return stream and subject of an address."""
    stream, _, subject = address.url.path.removeprefix("/").partition(".")
    return stream, subject


def _check(setup: Setup) -> None:
    for address in setup.to:
        address.check_query()
        address.check_host()
        stream, subject = _names(address)
        if "{" in stream or not stream:
            raise UsageError(
                f"{address.short}: the stream is missing.", hint="Write nats://HOST/ALARMS.{site}.{device}"
            )
        check_template(subject, "subject")
        if {"*", ">", " "} & set(subject) or "" in subject.split("."):
            raise UsageError(f"{address.short}: '{subject}' is not a subject to send to.")
    setup.check_options("tls")
    setup.check_secret_is_encrypted()


@dataclass
class NatsSender:
    """Keeps one connection to the servers; the library asks for a loop of its own, which has its own thread."""

    setup: Setup
    _loop: LoopThread = field(default_factory=lambda: LoopThread("nats"))
    _client: Client | None = None
    _subject: str = ""
    _errors: list[str] = field(default_factory=list)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)
    _inbox: str = ""
    _round: int = 0
    _wanted: int = 0
    _answers: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _subjects: dict[int, str] = field(default_factory=dict)

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Publish events and wait until the stream has each."""
        try:
            outcome = self._run(self._send(batch))
        except TimeoutError:
            outcome = down(f"{self._short}: no answer within {self.setup.seconds:g} s")
        if any(outcome.of(index).kind == "down" for index in range(len(batch))):
            self._disconnect()
        return outcome

    def idle(self) -> float | None:
        """The library's own loop keeps the connection alive."""
        return None

    def close(self) -> None:
        """Close the connection and end the loop."""
        self._disconnect()
        self._loop.close()

    @property
    def _short(self) -> str:
        return self.setup.to[0].short

    def _run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        if not self._loop.is_running:
            self._loop.start()
        return self._loop.run(work, self.setup.seconds)

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None and self._loop.is_running:
            with suppress(TimeoutError):
                self._run(_close(client))

    async def _send(self, batch: Sequence[Message]) -> Outcome:
        from nats.errors import Error

        try:
            if self._client is None or not self._client.is_connected:
                await self._connect()
        except (OSError, Error) as error:
            return self._connection_failure(error)
        self._answers.clear()
        self._answered.clear()
        self._round += 1
        self._wanted = len(batch) + 1  # not known before all are sent
        sent = [await self._publish(index, message) for index, message in enumerate(batch)]
        self._wanted = sent.count(None)
        await self._wait_for_answers()
        return each(*(self._outcome(index) if one is None else one for index, one in enumerate(sent)))

    async def _wait_for_answers(self) -> None:
        """Wait until each event is answered, the connection is lost, or the time is over."""
        waiting = [
            asyncio.ensure_future(one)
            for one in (self._answered.wait(), self._closed.wait())
            if len(self._answers) < self._wanted
        ]
        if waiting:
            await asyncio.wait(
                waiting, timeout=self.setup.seconds * _SHARE, return_when=asyncio.FIRST_COMPLETED
            )
        for one in waiting:
            one.cancel()

    async def _connect(self) -> None:
        """Connect to the first server that answers, and look where the stream takes events.

        Raises:
            OSError, nats.errors.Error: no server takes us, or the stream cannot be found.
        """
        from nats.aio.client import Client

        if self._client is not None:
            await _close(self._client)
        self._errors.clear()
        self._closed = asyncio.Event()
        options = self.setup.options
        more: dict[str, Any] = {}
        if options.get("tls"):
            more["tls"] = _tls(options.get("ca-file"))
        if "credentials" in options:
            more["user_credentials"] = options["credentials"]
        if self.setup.secret:
            more |= (
                {"user": options["user"], "password": self.setup.secret}
                if "user" in options
                else {"token": self.setup.secret}
            )
        self._client = Client()
        await self._client.connect(
            [f"nats://{address.url.hostname}:{address.port or _PORT}" for address in self.setup.to],
            allow_reconnect=False,
            max_reconnect_attempts=1,  # it counts the first connection in
            reconnect_time_wait=0,
            connect_timeout=max(1, int(self.setup.seconds / 2)),
            error_cb=self._note_error,
            disconnected_cb=self._note_end,
            name="hpcli",
            **more,
        )
        stream, subject = _names(self.setup.to[0])
        known = await self._client.jetstream(timeout=self.setup.seconds).stream_info(stream)
        takes = known.config.subjects or []
        # NATS users name a stream like the first part of its subjects: then the whole is the subject.
        self._subject = f"{stream}.{subject}" if _is_taken(f"{stream}.{subject}", takes) else subject
        # One inbox for all answers: a request each, as the library makes them, takes twice as long.
        self._inbox, self._answered = self._client.new_inbox(), asyncio.Event()
        await self._client.subscribe(f"{self._inbox}.*.*", cb=self._note_answer)

    async def _note_error(self, error: Exception) -> None:
        self._errors.append(str(error))

    async def _note_end(self) -> None:
        self._closed.set()

    async def _publish(self, index: int, message: Message) -> Outcome | None:
        """Send an event without waiting for its answer; return what went wrong."""
        from nats.errors import Error, MaxPayloadError

        assert self._client is not None
        stream, _ = _names(self.setup.to[0])
        # The broker drops repeats by this id within its window only, so two equal alarms must not share one.
        unique = message.id if message.is_test else f"{message.journal}:{message.seq}"
        headers = {
            "Nats-Msg-Id": unique,
            "Nats-Expected-Stream": stream,
            "Event-Id": message.mark,
            "Content-Type": "application/json",
        }
        self._subjects[index] = subject = fill(self._subject, message.event, _UNSAFE)
        if len(subject.encode()) > _LONGEST_SUBJECT:
            return refused("its subject is too long", is_known_here=True)
        try:
            await self._client.publish(
                subject,
                message.line.encode(),
                reply=f"{self._inbox}.{self._round}.{index}",
                headers=headers,
            )
        except MaxPayloadError:
            return refused("it is larger than the server allows")
        except (OSError, Error) as error:
            return down(f"{self._short}: {_words(error)}")
        return None

    async def _note_answer(self, answer: Msg) -> None:
        """Keep an answer to an event of this batch."""
        number, _, index = answer.subject.removeprefix(f"{self._inbox}.").partition(".")
        if number != str(self._round):
            return
        is_nobody = (answer.headers or {}).get("Status") == _NOBODY
        self._answers[int(index)] = {} if is_nobody else _read_answer(answer.data)
        if len(self._answers) >= self._wanted:
            self._answered.set()

    def _outcome(self, index: int) -> Outcome:
        """Return what the answer to an event means."""
        if index not in self._answers:
            is_lost = self._closed.is_set()
            return down(
                f"{self._short}: "
                + ("the connection was lost" if is_lost else f"no answer within {self.setup.seconds:g} s")
            )
        answer = self._answers[index]
        if not answer:
            return misconfigured(f"{self._short}: no stream takes the subject {self._subjects[index]}")
        return DONE if "error" not in answer else self._refusal(answer["error"])

    def _refusal(self, error: Mapping[str, Any]) -> Outcome:
        number, code = error.get("err_code"), error.get("code") or 0
        text = f"{self._short} refused the event: {error.get('description')} ({number})"
        if number in _WRONG_STREAM:
            return misconfigured(text)
        if number == _TOO_LARGE:
            return refused(text)
        return down(text) if number in _FULL or code >= _SERVER_FAULT else retry(text)

    def _connection_failure(self, error: Exception) -> Outcome:
        """Return what it means that there is no connection, or no stream."""
        import ssl

        from nats.js.errors import NotFoundError

        if isinstance(error, NotFoundError):
            return misconfigured(f"{self._short}: there is no stream {_names(self.setup.to[0])[0]}")
        text = f"{self._short}: {next(reversed(self._errors), '') or _words(error)}"
        is_wrong = isinstance(error, ssl.SSLCertVerificationError | FileNotFoundError) or any(
            word in line.lower() for word in _NOT_ALLOWED for line in (*self._errors, str(error))
        )
        return misconfigured(text) if is_wrong else down(text)


def _read_answer(data: bytes) -> Mapping[str, Any]:
    """Return the answer of a stream; one that cannot be read is a failure that may pass."""
    try:
        found = decode(data.decode())[0]
    except ValueError:
        found = None
    return found if isinstance(found, dict) and found else {"error": {"description": "no JSON"}}


async def _close(client: Client) -> None:
    from nats.errors import Error

    with suppress(OSError, Error):
        await client.close()


def _tls(authorities: str | None) -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context(cafile=authorities)


def _is_taken(subject: str, patterns: Sequence[str]) -> bool:
    """Return whether one of a stream's patterns covers a subject; a field of a template covers any part."""
    parts = subject.split(".")
    for pattern in patterns:
        wanted = pattern.split(".")
        if wanted[-1] == ">" and len(parts) >= len(wanted):
            wanted, compared = wanted[:-1], parts[: len(wanted) - 1]
        else:
            compared = parts
        if len(wanted) == len(compared) and all(
            one in (part, "*") for one, part in zip(wanted, compared, strict=True)
        ):
            return True
    return False


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


OUTPUT: Final = OutputKind(
    schemes=("nats",),
    acknowledged_by="the stream's answer",
    open=NatsSender,
    check=_check,
    probe=probe_authorities,
    options=frozenset({"user", "credentials", "tls", "ca-file"}),
    extra="nats",
    library="nats",
    most=500,
)
