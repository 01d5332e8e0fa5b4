"""Messages of appendix A.5 to and from devices, each by its own URI of appendix A.4 (Guide §3.23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hpcli.api.operation import API, Operation
from hpcli.client.device.isapi import DeviceUser, IsapiCalls
from hpcli.errors import HpcliError, NetworkError

if TYPE_CHECKING:
    from hpcli.client.answers import Answer
    from hpcli.isapi.search import Search

_GATEWAY = "v1/device/transparent"
_LOST_ANSWERS = frozenset({"EVZ20006", "EVZ20008"})
"""The platform lost the device, or waited in vain for it: what was asked may have been done."""


class DeviceMessages(IsapiCalls):
    """Base of the families that speak to devices."""

    def _ask(
        self,
        operation: Operation,
        serial: str,
        message: Mapping[str, Any] | None = None,
        *,
        user: DeviceUser | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Ask a device for a message; return it as `isapi.messages.to_plain` does."""
        from hpcli.isapi.definitions import find_uri
        from hpcli.isapi.messages import to_plain

        answer = self._tell(operation, serial, message, user=user, parameters=parameters)
        definition = find_uri(operation.method, uri_of(operation, parameters))
        return to_plain(answer.body, definition.response if definition else None)

    def _tell(
        self,
        operation: Operation,
        serial: str,
        message: Mapping[str, Any] | None = None,
        *,
        user: DeviceUser | None = None,
        parameters: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Send a message to a device in the form that appendix A.4 gives its URI.

        Args:
            operation: what is done.
            serial: the device.
            message: plain data; None for no body.
            user: as whom.
            parameters: values of the URI's placeholders.
            query: further query parameters; `format=json` is added where the URI wants it.
            timeout: seconds, those of the transport without it.
        """
        from hpcli.isapi.definitions import find_uri
        from hpcli.isapi.messages import to_body

        uri = uri_of(operation, parameters)
        definition = find_uri(operation.method, uri)
        is_json = definition is not None and definition.format == "json"
        content = None
        if message is not None:
            content = to_body(message, definition.request if definition else None) if message else b"{}"
        answer = self.isapi(
            operation.method,
            uri,
            serial,
            query={**(query or {}), **({"format": "json"} if is_json else {})},
            content=content,
            user=user,
            operation=operation,
            timeout=timeout,
        )
        if operation.change:
            self._tell_remark(answer)
        return answer

    def _tell_remark(self, answer: Answer) -> None:
        """Tell what a success means beyond done; that arming takes its time is told by who waits for it."""
        from hpcli.isapi.errors import device_remark, read_status

        said = read_status(answer.headers, answer.body)
        remark = device_remark(answer.headers, answer.body)
        if self._transport.info and remark and said is not None and said.name != "armProcess":
            self._transport.info(remark)

    def _search(
        self,
        operation: Operation,
        search: Search,
        serial: str,
        condition: Mapping[str, Any] | None = None,
        *,
        page_size: int | None = None,
        user: DeviceUser | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield every row that a search of a device finds, page after page under one searchID."""
        from hpcli.isapi.search import search_pages

        return search_pages(
            search,
            condition or {},
            lambda message: self._ask(operation, serial, message, user=user),
            page_size=page_size,
        )

    def _settle(self, send: Callable[[], Any], is_done: Callable[[], bool], look: str) -> Any:
        """Send a change once; where its answer is lost, read the state instead of sending it again.

        Args:
            send: sends the change.
            is_done: reads the state and tells whether the change took effect.
            look: the command that shows the state, for the hint.

        Raises:
            HpcliError: the device refused, or the answer was lost and the state is as before or unknown.
        """
        try:
            return send()
        except HpcliError as error:
            if not is_lost(error):
                raise
            if not self._has_taken_effect(is_done, error, look):
                raise
        if self._transport.info:
            self._transport.info("The answer was lost, but the device shows that it is done.")
        return None

    def _has_taken_effect(self, is_done: Callable[[], bool], lost: HpcliError, look: str) -> bool:
        try:
            if is_done():
                return True
        except HpcliError:
            lost.hint = f"Whether it was done is not known: `{look}` tells. It was not sent again."
            return False
        lost.hint = f"The state is as before. `{look}` shows it; look before you try again."
        return False


def uri_of(operation: Operation, parameters: Mapping[str, str] | None = None) -> str:
    """Return the ISAPI URI of an operation, with its slash in front."""
    return operation.fill(parameters or {}).removeprefix(API + _GATEWAY)


def is_lost(error: HpcliError) -> bool:
    """Tell whether a change may have been done although it failed: its answer was lost on the way."""
    return isinstance(error, NetworkError) or error.code in _LOST_ANSWERS


def content_of(plain: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Return what a message holds below its root, without XML attributes; `{}` for another message."""
    content = plain.get(root)
    return without_attributes(content) if isinstance(content, Mapping) else {}


def without_attributes(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an XML element holds without its attributes."""
    return {name: value for name, value in element.items() if not name.startswith("@")}
