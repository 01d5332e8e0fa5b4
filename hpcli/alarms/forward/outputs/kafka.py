"""`kafka://HOST/TOPIC`: Apache Kafka by an idempotent producer, acknowledged by all replicas."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.forward.authorities import probe_authorities
from hpcli.alarms.forward.kind import Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, down, each, misconfigured, refused, retry
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer

_PORT: Final = 9092
_LONGEST_TOPIC: Final = 249
_TOPIC: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_WRONG_SETUP: Final = frozenset({
    "_AUTHENTICATION", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION", "_SSL", "_INVALID_ARG", "UNKNOWN_TOPIC_OR_PART",
    "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "SASL_AUTHENTICATION_FAILED",
    "TOPIC_EXCEPTION", "POLICY_VIOLATION", "UNSUPPORTED_SASL_MECHANISM", "INVALID_REQUIRED_ACKS",
})  # fmt: skip
_WRONG_EVENT: Final = frozenset({"MSG_SIZE_TOO_LARGE", "INVALID_MSG", "INVALID_RECORD"})
_AWAY: Final = frozenset({
    "_TRANSPORT", "_ALL_BROKERS_DOWN", "_MSG_TIMED_OUT", "_TIMED_OUT", "_RESOLVE", "_QUEUE_FULL", "_FATAL",
    "_PURGE_QUEUE", "_PURGE_INFLIGHT", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "REQUEST_TIMED_OUT", "LEADER_NOT_AVAILABLE", "BROKER_NOT_AVAILABLE", "KAFKA_STORAGE_ERROR",
})  # fmt: skip


def _topic(setup: Setup) -> str:
    return setup.to[0].url.path.removeprefix("/")


def _check(setup: Setup) -> None:
    for address in setup.to:
        address.check_query()
        address.check_host()
        if address.url.path != setup.to[0].url.path:
            raise UsageError(
                "All brokers of an output have the same topic.", hint="Make an output for each topic."
            )
    topic = _topic(setup)
    if not topic or len(topic) > _LONGEST_TOPIC or set(topic) - _TOPIC or topic in (".", ".."):
        raise UsageError(
            f"{setup.to[0].short}: '{topic}' cannot be a topic.",
            hint="Write kafka://HOST/TOPIC, of letters, digits, . _ -",
        )
    options = setup.options
    setup.check_options("tls")
    if options.get("mechanism", _MECHANISMS[0]) not in _MECHANISMS:
        raise UsageError(
            f"There is no mechanism '{options['mechanism']}'.", hint=f"One of: {', '.join(_MECHANISMS)}."
        )
    if bool(setup.secret) != ("user" in options):
        raise UsageError(
            "A user and a password belong together.", hint="Give --set user=NAME and --secret-file FILE."
        )
    setup.check_secret_is_encrypted()


@dataclass
class KafkaSender:
    """Keeps one producer; its events have the device as key, so that a device's events stay in one partition."""

    setup: Setup
    _producer: Producer | None = None
    _last_error: str = ""
    _is_wrong: bool = False

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Produce events and wait for the report of each."""
        from confluent_kafka import KafkaException

        try:
            if self._producer is None:
                self._producer = self._make_producer()
        except KafkaException as error:
            return misconfigured(f"{self._short}: {_words(error.args[0])}")
        reports: dict[int, KafkaError | None] = {}
        for index, message in enumerate(batch):
            self._produce(index, message, reports)
        self._wait(len(batch), reports)
        parts = [
            self._outcome(reports[index]) if index in reports else self._no_report()
            for index in range(len(batch))
        ]
        if any(part.kind in ("down", "misconfigured") for part in parts):
            # What waits in it must not be sent behind our back, nor after a later event.
            self.close()
        return each(*parts)

    def idle(self) -> float | None:
        """The library's own threads keep the connections."""
        return None

    def close(self) -> None:
        """Forget what was not sent, and close the connections."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.flush(1.0)

    @property
    def _short(self) -> str:
        return self.setup.to[0].short

    def _make_producer(self) -> Producer:
        from confluent_kafka import Producer

        options = self.setup.options
        self._last_error, self._is_wrong = "", False
        settings: dict[str, Any] = {
            "bootstrap.servers": ",".join(f"{to.url.hostname}:{to.port or _PORT}" for to in self.setup.to),
            "client.id": "hpcli",
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 0,
            "delivery.timeout.ms": max(1000, int(self.setup.seconds * 900)),
            "security.protocol": _protocol(bool(self.setup.secret), bool(options.get("tls"))),
            "error_cb": self._note_error,
            "log_level": 0,
        }
        if "ca-file" in options:
            settings["ssl.ca.location"] = options["ca-file"]
        if self.setup.secret:
            settings |= {
                "sasl.mechanism": options.get("mechanism", "SCRAM-SHA-512"),
                "sasl.username": options["user"],
                "sasl.password": self.setup.secret,
            }
        return Producer(settings)

    def _note_error(self, error: KafkaError) -> None:
        """Keep what the library said of a connection: it knows better than the report of a late event."""
        if error.name() != "_ALL_BROKERS_DOWN" or not self._last_error:
            self._last_error = _words(error)
            self._is_wrong = error.name() in _WRONG_SETUP

    def _produce(self, index: int, message: Message, reports: dict[int, KafkaError | None]) -> None:
        from confluent_kafka import KafkaException

        assert self._producer is not None

        def report(error: KafkaError | None, _message: Any) -> None:
            reports[index] = error

        try:
            self._producer.produce(
                _topic(self.setup),
                message.line.encode(),
                key=message.device.encode(errors="backslashreplace") or None,
                headers=[("event-id", message.mark.encode()), ("content-type", b"application/json")],
                on_delivery=report,
            )
        except KafkaException as error:
            reports[index] = error.args[0]
        except BufferError:
            self._producer.poll(0)

    def _wait(self, count: int, reports: dict[int, KafkaError | None]) -> None:
        """Wait until each event has its report, the time is over, or the configuration is known to be wrong."""
        assert self._producer is not None
        end = time.monotonic() + self.setup.seconds
        while len(reports) < count and time.monotonic() < end and not self._is_wrong:
            self._producer.poll(min(0.1, max(0.0, end - time.monotonic())))

    def _no_report(self) -> Outcome:
        text = f"{self._short}: {self._last_error or 'no answer'}"
        return misconfigured(text) if self._is_wrong else down(text)

    def _outcome(self, error: KafkaError | None) -> Outcome:
        if error is None:
            return DONE
        name = error.name()
        if name in _WRONG_EVENT:
            return refused(_words(error))
        text = f"{self._short}: {_words(error)}"
        if name in _WRONG_SETUP:
            return misconfigured(text)
        if name in _AWAY or error.fatal():
            return down(f"{self._short}: {self._last_error or _words(error)}")
        return retry(text)


def _protocol(has_password: bool, has_tls: bool) -> str:  # noqa: FBT001 - two facts that make a name
    return ("SASL_" if has_password else "") + ("SSL" if has_tls else "PLAINTEXT")


def _words(error: KafkaError) -> str:
    return f"{error.str()} ({error.name().removeprefix('_')})"


OUTPUT: Final = OutputKind(
    schemes=("kafka",),
    acknowledged_by="all replicas (acks=all)",
    open=KafkaSender,
    check=_check,
    probe=probe_authorities,
    options=frozenset({"user", "mechanism", "tls", "ca-file"}),
    extra="kafka",
    library="confluent_kafka",
    most=1000,
)
