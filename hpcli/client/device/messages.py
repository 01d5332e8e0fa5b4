"""Messages of appendix A.5 to and from devices, each by its own URI of appendix A.4 (Guide §3.23)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hpcli.api.operation import API, Operation
from hpcli.client.device.isapi import (
    DeviceUser,
    IsapiCalls,
    SilentAnswerError,
    device_request,
    known_refusal,
    outcome_of,
    pass_through,
)
from hpcli.errors import HpcliError, NetworkError, ProtocolError, UnconfirmedError

if TYPE_CHECKING:
    from hpcli.client.answers import Answer
    from hpcli.client.request import Request
    from hpcli.isapi.search import Search

_GATEWAY = "v1/device/transparent"
_LOST_ANSWERS = frozenset({"EVZ20006", "EVZ20008"})
"""The platform lost the device, or waited in vain for it: what was asked may have been done."""

_SERVER_FAILED = 500
_LOOKS = (0.0, 1.5, 2.5)
_LOOK_SECONDS = 5.0


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
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Ask a device for a message; return it as the guide prints it, whatever known form it came in.

        Where a list says that it is not whole, the person who waits is told.

        Raises:
            ProtocolError: something else came.
        """
        from hpcli.isapi.recognise import lack_of

        request = self._request(operation, serial, message, user, parameters, query or {})
        plain = self._ask_whole(operation, request, parameters)[0]
        if self._transport.info and (lack := lack_of(plain)):
            self._transport.info(lack)
        return plain

    def _ask_whole(
        self, operation: Operation, request: Request, parameters: Mapping[str, str] | None = None
    ) -> tuple[dict[str, Any], Answer]:
        """Send a request of `_request`; return the message as `_ask` does, and the answer for what else is in it."""
        from hpcli.isapi.definitions import find_uri
        from hpcli.isapi.recognise import recognise

        definition = find_uri(operation.method, uri_of(operation, parameters))
        assert definition is not None  # every known call is one of appendix A.4
        assert definition.response is not None  # a reading call answers with a message
        wanted, found = definition.response, list[dict[str, Any]]()

        def refused(answer: Answer) -> HpcliError | None:
            error = known_refusal(answer)
            if error is not None:
                return error
            try:
                found[:] = [recognise(answer.body, wanted, answer.headers.get("Content-Type", ""))]
            except ProtocolError as unknown:
                return unknown
            return None

        answer = pass_through(self._transport, request, refused)
        return found[0], answer

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
        """Send a change to a device in the form that appendix A.4 gives its URI.

        Args:
            operation: what is done.
            serial: the device.
            message: plain data; None for no body.
            user: as whom.
            parameters: values of the URI's placeholders.
            query: further query parameters; `format=json` is added where the URI wants it.
            timeout: seconds, those of the transport without it.
        """
        from hpcli.isapi.errors import ARMING_STARTED

        request = self._request(operation, serial, message, user, parameters, query or {})
        answer = pass_through(self._transport, request, known_refusal, timeout)
        remark = outcome_of(operation.method, request.path, answer).remark
        # Whoever waits for arming says that it takes its time.
        if self._transport.info and remark and remark != ARMING_STARTED:
            self._transport.info(remark)
        return answer

    def _request(
        self,
        operation: Operation,
        serial: str,
        message: Mapping[str, Any] | None,
        user: DeviceUser | None,
        parameters: Mapping[str, str] | None,
        query: Mapping[str, str],
    ) -> Request:
        from hpcli.isapi.definitions import find_uri
        from hpcli.isapi.messages import to_body

        uri = uri_of(operation, parameters)
        definition = find_uri(operation.method, uri)
        is_json = definition is not None and definition.format == "json"
        content = None
        if message is not None:
            content = to_body(message, definition.request if definition else None) if message else b"{}"
        return device_request(
            operation, uri, serial, {**query, **({"format": "json"} if is_json else {})}, content, user
        )

    def _search(
        self,
        operation: Operation,
        search: Search,
        serial: str,
        condition: Mapping[str, Any] | None = None,
        *,
        page_size: int | None = None,
        user: DeviceUser | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield every row that a search of a device finds, page after page under one searchID."""
        from hpcli.isapi.search import search_pages

        return search_pages(
            search,
            condition or {},
            lambda message: self._ask(operation, serial, message, user=user, query=query),
            page_size=page_size,
            doubts_no_match=True,
            info=self._transport.info,
        )

    def _settle(self, send: Callable[[], Any], is_done: Callable[[], bool], look: str) -> None:
        """Send a change once; where its answer is lost or says nothing, read the state instead of sending it again.

        Args:
            send: sends the change.
            is_done: reads the state and returns whether the change took effect.
            look: the command that shows the state, for the hint.

        Raises:
            HpcliError: the device refused, or the state is as before or unknown.
        """
        try:
            send()
        except SilentAnswerError as silent:
            self._confirm(is_done, silent, look)
        except HpcliError as error:
            if not is_lost(error):
                if may_be_done(error):
                    error.hint = (
                        f"Whether it was done is not known: `{look}` shows it. It was not sent again."
                    )
                raise
            if not self._has_taken_effect(is_done, error, look):
                raise
            self._tell_confirmed("The answer was lost, but the device shows that it is done.")

    def _confirm(self, is_done: Callable[[], bool], silent: SilentAnswerError, look: str) -> None:
        """Read the state up to three times within five seconds until it shows the change.

        Raises:
            SilentAnswerError: it does not show it, or cannot be read.
        """
        clock, began, hint = self._transport.clock, self._transport.clock(), ""
        for pause in _LOOKS:
            if clock() + pause - began > _LOOK_SECONDS:
                break
            if pause:
                self._transport.sleep(pause)
            try:
                if is_done():
                    self._tell_confirmed("The device confirmed nothing, but its state shows that it is done.")
                    return
                hint = _as_before(look)
            except HpcliError:
                hint = hint or _not_known(look)
        silent.hint = hint or silent.hint
        raise silent

    def _tell_confirmed(self, sentence: str) -> None:
        if self._transport.info:
            self._transport.info(sentence)

    def _has_taken_effect(self, is_done: Callable[[], bool], lost: HpcliError, look: str) -> bool:
        try:
            if is_done():
                return True
        except HpcliError:
            lost.hint = _not_known(look)
            return False
        lost.hint = _as_before(look)
        return False


def uri_of(operation: Operation, parameters: Mapping[str, str] | None = None) -> str:
    """Return the ISAPI URI of an operation, with its slash in front."""
    return operation.fill(parameters or {}).removeprefix(API + _GATEWAY)


def is_lost(error: HpcliError) -> bool:
    """Whether the answer to a request was lost on the way, so that the state may show what became of it.

    A whole answer of another server is not a lost one: what it means has to be looked into.
    """
    if isinstance(error, ProtocolError):
        return error.http_status is not None and error.http_status >= _SERVER_FAILED
    return isinstance(error, NetworkError) or error.code in _LOST_ANSWERS


def may_be_done(error: HpcliError) -> bool:
    """Whether a change may have been done although it failed."""
    return is_lost(error) or isinstance(error, ProtocolError | UnconfirmedError)


def check_readable(plain: Any) -> None:
    """Refuse a message that is to go back, changed, where a character in it could not be read.

    Raises:
        ProtocolError: it would be set to the character that stands for unreadable ones.
    """
    if "\ufffd" in json.dumps(plain, ensure_ascii=False, default=str):
        raise ProtocolError(
            "The device's answer has characters that cannot be read, and would be sent back wrong; "
            "nothing was changed.",
            hint="Change it at the device, or send the whole message with `hpcli device isapi`.",
        )


def content_of(plain: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Return what a message holds below its root, without XML attributes; `{}` for another message."""
    content = plain.get(root)
    return without_attributes(content) if isinstance(content, Mapping) else {}


def without_attributes(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an XML element holds without its attributes."""
    return {name: value for name, value in element.items() if not name.startswith("@")}


def _as_before(look: str) -> str:
    return f"The state is as before. `{look}` shows it; look before you try again."


def _not_known(look: str) -> str:
    return f"Whether it was done is not known: `{look}` shows it. It was not sent again."
