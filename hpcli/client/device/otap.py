"""Object models of devices: properties, operations, lists (Guide §3.24).

A property has a domain and a name; a resource category and number say of what it is: `global` and `0` for
the device itself, `Zone` and `1` for a zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hpcli.api.operation import API, Operation
from hpcli.api.operations.device.otap import (
    ACTION,
    BATCH_GET,
    BATCH_GET_DIRECT,
    BATCH_SET,
    BATCH_SET_DIRECT,
    GET,
    GET_DIRECT,
    PROFILE,
    SET,
    SET_DIRECT,
    TABLE,
)
from hpcli.client.answers import Answer, envelope_refusal, read_envelope, trim_keys
from hpcli.client.calls import Calls
from hpcli.client.checks import check_length, check_range
from hpcli.client.coercion import coerce, read_answer
from hpcli.client.device.otap_batches import (
    NAME,
    as_list,
    check_batch_set,
    check_requests,
    check_set,
    own_requests,
    property_rows,
)
from hpcli.client.device.otap_values import parse_record, unpack_model
from hpcli.client.paging import Page, count_of, read_rows
from hpcli.client.request import Request
from hpcli.errors import HpcliError, NotFoundError, ProtocolError, UnconfirmedError, UsageError
from hpcli.parse import parse_serial

_OTHER_DIRECT = API + "v2/device/transparent/otap/prop/direct"  # so says the list of §3.24 (errata 1)

USER_TYPES = ("installer", "administrator", "operator")
_LARGEST_PAGE = 150


@dataclass(frozen=True, slots=True)
class OtapUser:
    """Which user a direct call acts as (§3.24.3 to 3.24.5).

    Attributes:
        name: a user of the device.
        type: one of `USER_TYPES`; the platform's default is installer.
    """

    name: str | None = None
    type: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers; only what was asked for is sent (errata 44).

        Raises:
            UsageError: an unknown type.
        """
        if self.type is not None and self.type not in USER_TYPES:
            raise UsageError(
                f"'{self.type}' is not a user type.", hint=f"Choose from: {', '.join(USER_TYPES)}."
            )
        given = {"X-Username": self.name, "X-UserType": self.type}
        return {header: value for header, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Resource:
    """Of what a property is: category and number."""

    category: str = "global"
    index: str = "0"


_DEVICE_ITSELF = Resource()


class OtapCalls(Calls):
    """Calls about object models.

    Attributes:
        direct_path: path of the direct calls once the documented one was not found, None before.
    """

    direct_path: str | None = None

    def get(self, serial: str, domain: str, prop: str, resource: Resource = _DEVICE_ITSELF) -> Any:
        """Return a property as the platform knows it; its shape depends on the device. Guide §3.24.1."""
        return self._send(GET, _property(serial, domain, prop, resource))

    def set(
        self, serial: str, domain: str, prop: str, value: Any, resource: Resource = _DEVICE_ITSELF
    ) -> None:
        """Set a property to a JSON value, which is sent bare. Guide §3.24.2."""
        self._send(SET, _property(serial, domain, prop, resource), value)

    def get_direct(
        self,
        serial: str,
        domain: str,
        prop: str,
        resource: Resource = _DEVICE_ITSELF,
        *,
        user: OtapUser | None = None,
    ) -> Any:
        """Return a property as the device itself reports it. Guide §3.24.3.

        Raises:
            DeviceOfflineError: it is not connected (EVZ20007).
        """
        headers = _property(serial, domain, prop, resource) | (user or OtapUser()).headers()
        return self._send_direct(GET_DIRECT, headers)

    def set_direct(
        self,
        serial: str,
        domain: str,
        prop: str,
        value: Any,
        resource: Resource = _DEVICE_ITSELF,
        *,
        user: OtapUser | None = None,
    ) -> None:
        """Set a property of the device itself to a JSON value, which is sent bare. Guide §3.24.4."""
        headers = _property(serial, domain, prop, resource) | (user or OtapUser()).headers()
        self._send_direct(SET_DIRECT, headers, value)

    def action(
        self,
        serial: str,
        domain: str,
        action: str,
        value: Any = None,
        resource: Resource = _DEVICE_ITSELF,
        *,
        user: OtapUser | None = None,
    ) -> Any:
        """Run an operation of the device with a bare JSON input and return its output. Guide §3.24.5."""
        headers = {**_domain(serial, domain, resource), "X-ActionIdentifier": _word("action", action)}
        return self._send(ACTION, headers | (user or OtapUser()).headers(), value)

    def table(
        self,
        serial: str,
        domain: str,
        prop: str,
        table: str,
        resource: Resource = _DEVICE_ITSELF,
        *,
        page_size: int = _LARGEST_PAGE,
        limit: int | None = None,
    ) -> Iterator[Any]:
        """Yield the records of a list, read from their JSON texts. Guide §3.24.11.

        A page beyond the last one repeats the last one, so pages end at `totalPages`.

        Args:
            serial: the device.
            domain: as in `UserMgr`.
            prop: as in `UserInfoCfgList`.
            table: name of the list, as in `UserInfoCfgChangeSync`.
            resource: of what.
            page_size: 1 to 150.
            limit: records at most.
        """
        headers = {**_property(serial, domain, prop, resource), "X-ListIdentifier": _word("list", table)}
        check_range("page size", page_size, 1, _LARGEST_PAGE)

        def fetch(number: int) -> Page:
            query = {"pageIndex": str(number), "pageSize": str(page_size)}
            data = coerce(TABLE, self._send(TABLE, headers, query=query))
            if "records" not in data:
                raise ProtocolError("The platform's answer has no records, not even an empty list of them.")
            total = max(0, count_of(data.get("totalElements")))
            # A page after the last one is the last one again, so there always is a last one.
            pages = max(0, count_of(data.get("totalPages"))) or -(-total // page_size) or number
            return Page(data.get("records") or (), pages, total)

        # Records may be alike: only the number of pages ends a list.
        rows = read_rows(fetch, identity=None, info=self._transport.info)
        return map(parse_record, islice(rows, limit))

    def profile(
        self,
        serial: str,
        *,
        schema: bool = False,
        md5: str | None = None,
        identifier: str | None = None,
        compressed: bool = False,
    ) -> dict[str, Any]:
        """Return the object model of a device. Guide §3.24.6.

        Args:
            serial: the device.
            schema: with the schemas of properties and operations.
            md5: digest of the copy you have; an equal one answers `changed: false` without the model.
            identifier: only this part.
            compressed: let the platform send it compressed.

        Returns:
            {productId, version, md5, changed, profile: {version, capacities, resources}}; a compressed model
            is unpacked.
        """
        body = {
            "needSchema": True if schema else None,
            "checkMD5": True if md5 is not None else None,
            "md5": md5,
            "identifier": identifier,
            "needGzip": True if compressed else None,
        }
        given = {name: value for name, value in body.items() if value is not None}
        data = dict(coerce(PROFILE, self._send(PROFILE, _device(serial), given)))
        if not data:
            raise ProtocolError("The platform answered without an object model.")
        if data.get("profile") is None and data.get("gzipProfile"):
            data["profile"] = unpack_model(data["gzipProfile"])
        return data

    def batch_get(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return properties of several devices as the platform knows them, a row each. Guide §3.24.7.

        Args:
            requests: {deviceSerial, resourceCategory, localIndex, domainId, propId} each; without propId the
                platform may answer the whole domain (errata 40).

        Returns:
            [{deviceSerial, resourceCategory, localIndex, domainId, propId, timestamp, value}], in any order.
        """
        data = self._send(BATCH_GET, {}, check_requests(requests, ("deviceSerial", *NAME[:-1])))
        return property_rows(coerce(BATCH_GET, data))

    def batch_set(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Set properties of several devices. Guide §3.24.8.

        Args:
            requests: {deviceSerial, propReqs: [{resourceCategory, localIndex, domainId, propId, value}]} each.

        Returns:
            [{deviceSerial, errorCode, message}]; `batch_refusal` reads a row.
        """
        data = self._send(BATCH_SET, {}, check_batch_set(requests))
        return self._made(lambda: [dict(row) for row in as_list(read_answer(BATCH_SET, data))])

    def batch_get_direct(
        self, serial: str, requests: Sequence[Mapping[str, Any]], *, username: str | None = None
    ) -> list[dict[str, Any]]:
        """Return properties as the device itself reports them, a row each. Guide §3.24.9.

        Args:
            serial: the device.
            requests: {resourceCategory, localIndex, domainId, propId} each.
            username: e-mail address of the user to act as.
        """
        headers = {**_device(serial), **OtapUser(username).headers()}
        data = self._send(BATCH_GET_DIRECT, headers, own_requests(serial, requests, NAME))
        return property_rows(coerce(BATCH_GET_DIRECT, data), serial)

    def batch_set_direct(
        self, serial: str, requests: Sequence[Mapping[str, Any]], *, username: str | None = None
    ) -> list[dict[str, Any]]:
        """Set properties of the device itself; the values answered need not be the new ones. Guide §3.24.10.

        Args:
            serial: the device.
            requests: {resourceCategory, localIndex, domainId, propId, value} each.
            username: e-mail address of the user to act as.

        Raises:
            UnconfirmedError: the answer does not name every property.
        """
        headers = {**_device(serial), **OtapUser(username).headers()}
        given = own_requests(serial, requests, (*NAME, "value"))
        data = self._send(BATCH_SET_DIRECT, headers, given)
        rows = self._made(lambda: property_rows(read_answer(BATCH_SET_DIRECT, data), serial))
        check_set(rows, given)
        return rows

    def _send_direct(self, operation: Operation, headers: Mapping[str, str], value: Any = None) -> Any:
        """Send a direct call; where its path is unknown, try the other one once and keep to it (errata 1)."""
        if self.direct_path is not None:
            return self._send(operation, headers, value, path=self.direct_path)
        try:
            return self._send(operation, headers, value)
        except NotFoundError as error:
            if error.http_status != 404 or error.code is not None:
                raise
            try:
                answer = self._send(operation, headers, value, path=_OTHER_DIRECT)
            except NotFoundError as second:
                if second.http_status == 404 and second.code is None:
                    raise error from second
                self.direct_path = _OTHER_DIRECT
                raise
        self.direct_path = _OTHER_DIRECT
        return answer

    def _send(
        self,
        operation: Operation,
        headers: Mapping[str, str],
        value: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        path: str | None = None,
    ) -> Any:
        request = Request(operation, path or operation.path, query or {}, headers, json=value)

        def refused(answer: Answer) -> HpcliError | None:
            if operation.change and answer.status < 300 and not answer.body:
                return _unconfirmed(answer)
            return otap_refusal(answer) or otap_misfit(operation, answer)

        return trim_keys(read_envelope(self._transport.exchange(request, refused)).get("data"))


def otap_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer to an OTAP call, whose code may be the device's (errata 123)."""
    from hpcli.isapi.errors import device_error

    error = envelope_refusal(answer)
    if error is None or error.code is None or not error.code[:1].isdigit():
        return error
    return device_error(answer.status, answer.headers, answer.body) or error


def otap_misfit(operation: Operation, answer: Answer) -> HpcliError | None:
    """Return the error of a success that does not say what it should: data to a read; failures inside a change.

    A code `"0"` is the documented answer to `set`; a failure in what is around it is one all the same. The rows of
    `batch_set` are read one by one.
    """
    from hpcli.isapi.outcome import failure_in, failure_told

    envelope = read_envelope(answer)
    if not operation.change:
        if envelope.get("data") is not None:
            return None
        return ProtocolError("The platform answered nothing where data was asked for.")
    if operation is BATCH_SET:
        return None
    # The values of a batch may hold any words.
    told = failure_in if operation is BATCH_SET_DIRECT else failure_told
    return told(envelope.get("data"), answer.status)


def _unconfirmed(answer: Answer) -> UnconfirmedError:
    return UnconfirmedError(
        "The change was sent; the device confirmed nothing.",
        hint=UnconfirmedError.advice,
        http_status=answer.status,
    )


def _device(serial: str) -> dict[str, str]:
    return {"X-Devserial": parse_serial(serial)}


def _domain(serial: str, domain: str, resource: Resource) -> dict[str, str]:
    return {
        **_device(serial),
        "X-LocalIndex": _word("index", resource.index),
        "X-ResourceCategory": _word("resource", resource.category),
        "X-DomainIdentifier": _word("domain", domain),
    }


def _property(serial: str, domain: str, prop: str, resource: Resource) -> dict[str, str]:
    return {**_domain(serial, domain, resource), "X-PropIdentifier": _word("property", prop)}


def _word(name: str, text: str) -> str:
    """Return what may stand in a header."""
    check_length(name, text, 1)
    if not (text.isascii() and text.isprintable()):
        raise UsageError(f"The {name} '{text[:60]}' cannot be a name in an object model.")
    return text.strip()
