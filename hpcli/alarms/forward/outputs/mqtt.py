"""`mqtts://HOST/TOPIC`: MQTT 5 with quality of service 1, acknowledged by the broker's PUBACK."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from hpcli.alarms.forward.authorities import probe_authorities
from hpcli.alarms.forward.kind import Address, Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import Outcome, down, each, misconfigured, refused, retry
from hpcli.alarms.forward.paths import Paths
from hpcli.alarms.forward.template import check_template, encode, fill, fill_for_device
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from paho.mqtt.client import Client
    from paho.mqtt.properties import Properties

_SAFE: Final = "mqtts"
_PORTS: Final = {"mqtts": 8883, "mqtt": 1883}
_KEEP_ALIVE: Final = 30
_WORK_SECONDS: Final = 1.0
_UNSAFE: Final = "/+#$"
_LONGEST_TOPIC: Final = 65535
_ACCOUNT_DIGITS: Final = 8
_FAILURE: Final = 0x80
"""MQTT 5, §2.4: reason codes from here on mean that the packet was not taken."""

_WRONG_SETUP: Final = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x9C, 0x9D})
"""Version, client id, password, rights, banned, method, moved: nothing helps but another configuration."""

_WRONG_EVENT: Final = frozenset({0x90, 0x95, 0x99})
"""Topic name, size, format: this event will never be taken."""

_OVERLOADED: Final = frozenset({0x88, 0x89, 0x96, 0x97, 0x9F})


def _topic(address: Address) -> str:
    return address.url.path.removeprefix("/")


def _check(setup: Setup) -> None:
    for address in setup.to:
        address.check_query()
        address.check_loopback("mqtt", _SAFE)
        address.check_host()
        topic = _topic(address)
        check_template(topic, "topic")
        if address.url.fragment or "+" in topic or "#" in address.text or topic.startswith("$"):
            raise UsageError(f"{address.short}: a topic to send to has no + or #, and does not begin with $.")
    if setup.secret and not setup.options.get("user"):
        raise UsageError("The password in the secret file has no user.", hint="Add --set user=NAME.")
    setup.check_options()


class _Reason(NamedTuple):
    """What a broker said of a packet."""

    code: int
    text: str


_TAKEN: Final = _Reason(0, "")


class _Properties:
    """The properties of a published event, as bytes: the library's own take as long as all the rest of sending it."""

    def __init__(self, event_id: bytes) -> None:
        own = _FIXED + _text(b"event-id") + _text(event_id)
        size = len(own)
        head = bytes([size]) if size < _ONE_BYTE else bytes([size % _ONE_BYTE | _ONE_BYTE, size // _ONE_BYTE])
        self._packed = head + own

    def pack(self) -> bytes:
        """Return them as they stand in a packet, with their length (MQTT 5, §2.2.2)."""
        return self._packed


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


_FIXED: Final = b"\x01\x01" + b"\x03" + _text(b"application/json") + b"\x26"
"""It is UTF-8, its content type, and the mark of a user property."""

_ONE_BYTE: Final = 128
"""From here on a length takes two bytes, seven bits in each, the lower ones first."""


@dataclass
class MqttSender:
    """Keeps one connection, and changes to the next broker if it cannot be made."""

    setup: Setup
    _client: Client | None = None
    _paths: Paths = field(init=False)
    _connected: _Reason | None = None
    _lost: str = ""
    _acknowledged: dict[int, _Reason] = field(default_factory=dict)
    _announced: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Prepare what does not change."""
        self._paths = Paths(self.setup.to)

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Publish events and wait for the acknowledgement of each."""
        end = time.monotonic() + self.setup.seconds
        if (failure := self._connect(end)) is not None:
            self.close()
            self._paths.note_failed(self._to, failure.error)
            self._paths.use_next()
            return failure
        parts = self._publish(batch, end)
        if any(part.kind == "down" for part in parts):
            self.close()
        return each(*parts)

    def idle(self) -> float | None:
        """Answer the broker, and tell it that the connection is alive."""
        if self._client is not None:
            self._client.loop(0)
        return None

    def close(self) -> None:
        """Close the connection; what was not acknowledged is not sent again by itself."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()

    @property
    def _to(self) -> Address:
        return self._paths.in_use

    def _connect(self, end: float) -> Outcome | None:
        """Connect if there is no connection; return what went wrong."""
        if self._client is not None and not self._lost:
            return None
        self._forget()
        try:
            client = self._client = self._make_client()
            client.connect_timeout = max(0.1, end - time.monotonic())
            client.connect(self._to.host, self._to.port or _PORTS[self._to.scheme], _KEEP_ALIVE)
        except OSError as error:
            import ssl

            text = f"{self._to.short}: {error}"
            is_wrong = isinstance(error, ssl.SSLCertVerificationError | FileNotFoundError)
            return misconfigured(text) if is_wrong else down(text)
        self._work(lambda: self._connected is not None, end)
        reason = self._connected
        if reason is None:
            return down(f"{self._to.short}: {self._lost or 'no answer to the connection'}")
        if reason.code < _FAILURE:
            return None
        text = f"{self._to.short} refused the connection: {reason.text}"
        return misconfigured(text) if reason.code in _WRONG_SETUP else down(text)

    def _forget(self) -> None:
        """Forget the former connection."""
        self.close()
        self._connected, self._lost = None, ""
        self._announced.clear()

    def _make_client(self) -> Client:
        from paho.mqtt import client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        options = self.setup.options
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=options.get("client-id", ""),
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(OUTPUT.most * 2)
        if "user" in options:
            client.username_pw_set(options["user"], self.setup.secret or None)
        if self._to.scheme == _SAFE:
            client.tls_set(ca_certs=options.get("ca-file"))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_socket_open = _send_at_once
        return client

    def _work(self, is_done: Callable[[], bool], end: float) -> None:
        """Let the library read and write until something is there, the connection is lost, or the time is over.

        It has no thread of its own: that would compete with this one for each event.
        """
        assert self._client is not None
        while not is_done() and not self._lost and (left := end - time.monotonic()) > 0:
            self._client.loop(min(left, _WORK_SECONDS))

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._connected = _Reason(reason.value, str(reason))

    def _on_disconnect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if client is self._client:
            self._lost = f"the connection was lost ({reason})"

    def _on_publish(self, client: Client, _data: Any, number: int, reason: Any, _properties: Any) -> None:
        if client is self._client:
            code = reason.value
            self._acknowledged[number] = _Reason(code, str(reason)) if code >= _FAILURE else _TAKEN

    def _publish(self, batch: Sequence[Message], end: float) -> list[Outcome]:
        self._acknowledged.clear()
        sent = [self._publish_one(message) for message in batch]
        numbers = {number for number in sent if isinstance(number, int)}
        self._work(lambda: numbers <= self._acknowledged.keys(), end)
        lost = self._lost or f"no acknowledgement within {self.setup.seconds:g} s"
        return [
            number
            if isinstance(number, Outcome)
            else self._outcome(self._acknowledged[number])
            if number in self._acknowledged
            else down(f"{self._to.short}: {lost}")
            for number in sent
        ]

    def _publish_one(self, message: Message) -> int | Outcome:
        """Hand an event to the library; return the number of its packet."""
        assert self._client is not None
        topic = fill(_topic(self._to), message.event, _UNSAFE)
        if len(topic.encode()) > _LONGEST_TOPIC:
            return refused("its topic is too long", is_known_here=True)
        properties = cast("Properties", _Properties(message.mark.encode()))
        try:
            self._announce(message)
            number = self._client.publish(topic, message.line.encode(), qos=1, properties=properties).mid
        except ValueError as error:
            return refused(str(error))
        return number

    def _announce(self, message: Message) -> None:
        """Tell Home Assistant of a device, or of the account where an event has none; once a connection."""
        prefix = self.setup.options.get("discovery")
        if prefix is None:
            return
        entity = entity_of(message)
        if entity is None or entity in self._announced:
            return
        assert self._client is not None
        self._announced.add(entity)
        self._client.publish(
            f"{prefix}/event/hpcli/{encode(entity, _UNSAFE)}/config",
            json.dumps(discovery(message, _topic(self._to)), ensure_ascii=False).encode(
                errors="backslashreplace"
            ),
            qos=1,
            retain=True,
        )

    def _outcome(self, reason: _Reason) -> Outcome:
        if reason.code < _FAILURE:
            return self._paths.taken_by(self._to)
        text = f"{self._to.short} refused the event: {reason.text}"
        if reason.code in _WRONG_SETUP:
            return misconfigured(text)
        if reason.code in _OVERLOADED:
            return down(text)
        return refused(text) if reason.code in _WRONG_EVENT else retry(text)


def _send_at_once(_client: Client, _data: Any, connection: Any) -> None:
    """Send the end of a batch without waiting for the acknowledgement of its beginning."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def entity_of(message: Message) -> str | None:
    """Return the name of what Home Assistant shows an event at: its device, or the account; None for neither."""
    if message.device:
        return message.device
    return f"account-{message.journal[:_ACCOUNT_DIGITS]}" if message.journal else None


def discovery(message: Message, topic: str) -> dict[str, Any]:
    """Return how Home Assistant is told of a device: an entity whose events are those of the device.

    Source: Home Assistant, "MQTT event": `event_type` has to be one of `event_types`; an empty payload is ignored.

    Args:
        message: an event of the device; one without a device stands for those of the whole account.
        topic: the template of the topic.
    """
    from hpcli.reference.categories import CATEGORIES

    mark = f"hpcli_{entity_of(message)}"
    values = ", ".join(f'"{name}": value_json.{name}' for name in ("text", "priority", "state", "time", "id"))
    template = f'{{{{ {{"event_type": value_json.category, {values}}} | tojson }}}}'
    return {
        "name": "Alarm",
        "unique_id": mark,
        "state_topic": fill_for_device(topic, message.event, _UNSAFE, "+"),
        "event_types": list(CATEGORIES),
        "value_template": template if "{device}" in topic else _of_device_only(template, message.device),
        "device": {"identifiers": [mark], "manufacturer": "Hikvision", **_device_words(message)},
    }


def _device_words(message: Message) -> dict[str, str]:
    serial = message.device
    if not serial:
        return {"name": "Hik-Partner Pro account"}
    site = (message.event["site"] or {}).get("name")
    return {"name": f"{site} {serial}" if site else serial, "serial_number": serial}


def _of_device_only(template: str, serial: str) -> str:
    """Return a template that gives nothing for events of other devices, which come under the same topic."""
    if serial and not (serial.isascii() and serial.isalnum()):
        return template  # what is not a serial must not become part of a program
    test = f'value_json.device == "{serial}"' if serial else "not value_json.device"
    return f"{{% if {test} %}}{template}{{% endif %}}"


OUTPUT: Final = OutputKind(
    schemes=("mqtts", "mqtt"),
    acknowledged_by="PUBACK with a code below 0x80",
    open=MqttSender,
    check=_check,
    probe=probe_authorities,
    options=frozenset({"user", "client-id", "ca-file", "discovery"}),
    extra="mqtt",
    library="paho",
    most=500,
)
