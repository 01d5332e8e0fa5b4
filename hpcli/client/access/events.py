"""Events of doors, and the people a door device knows (Guide A.4.1, A.4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.access.events import SEARCH_EVENTS, SEARCH_USERS
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.client.answers import Answer
    from hpcli.isapi.multipart import Part


class AccessEventCalls(DeviceMessages):
    """Calls about events and people of door devices."""

    def events(
        self,
        serial: str,
        where: Mapping[str, str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        zone: tzinfo | None = None,
        newest_first: bool = False,
        page_size: int | None = None,
        user: DeviceUser | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the events of a door device, page after page. Guide A.4.1.

        Args:
            serial: the device.
            where: further conditions by name, as people type them (`isapi.json`, JSON_AcsEventCond).
            since: from, with a zone.
            until: to, with a zone.
            zone: of the device's site; times are sent in it, since some devices look at the clock time only.
            newest_first: the other way round.
            page_size: rows to ask for at a time; a device may give fewer.
            user: as whom.

        Yields:
            {major, minor, time, doorNo, cardReaderNo, cardNo, name, employeeNoString, serialNo, …}.

        Raises:
            UsageError: a condition that does not exist, or times in the wrong order.
        """
        from hpcli.isapi.search import ACCESS_EVENTS

        condition = _event_condition(where or {}, since, until, zone, newest_first=newest_first)
        condition.setdefault("picEnable", False)  # pictures that were not asked for make the answers large
        return self._search(SEARCH_EVENTS, ACCESS_EVENTS, serial, condition, page_size=page_size, user=user)

    def events_with_pictures(
        self,
        serial: str,
        where: Mapping[str, str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        zone: tzinfo | None = None,
        newest_first: bool = False,
        page_size: int | None = None,
        user: DeviceUser | None = None,
    ) -> Iterator[tuple[dict[str, Any], list[Part]]]:
        """Yield the events as `events` does, each with its pictures. Guide A.4.1."""
        from hpcli.isapi.search import ACCESS_EVENTS, search_pages

        condition = _event_condition(where or {}, since, until, zone, newest_first=newest_first)
        pictures: dict[str, Part] = {}

        def send(message: dict[str, Any]) -> dict[str, Any]:
            request = self._request(SEARCH_EVENTS, serial, message, user, None, {})
            plain, answer = self._ask_whole(SEARCH_EVENTS, request)
            pictures.clear()
            pictures.update({part.filename: part for part in _parts(answer) if part.filename})
            return plain

        condition["picEnable"] = True
        pages = search_pages(
            ACCESS_EVENTS,
            condition,
            send,
            page_size=page_size,
            doubts_no_match=True,
            info=self._transport.info,
        )
        for row in pages:
            found = pictures.get(str(row.get("filename") or ""))
            yield row, [found] if found is not None and found.content else []

    def users(
        self,
        serial: str,
        where: Mapping[str, str] | None = None,
        *,
        search: str | None = None,
        page_size: int | None = None,
        user: DeviceUser | None = None,
        terminal: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the people a door device knows. Guide A.4.2.

        Args:
            serial: the device.
            where: further conditions by name (JSON_UserInfoSearchCond).
            search: part of a name or number.
            page_size: rows to ask for at a time.
            user: as whom.
            terminal: number of a terminal, which information release systems need.

        Yields:
            {employeeNo, name, userType, Valid: {enable, beginTime, endTime}, numOfCard, numOfFace, numOfFP, …}.
        """
        from hpcli.isapi.search import ACCESS_USERS, make_condition

        condition = make_condition(ACCESS_USERS, where or {})
        if search is not None:
            condition["fuzzySearch"] = search
        query = {} if terminal is None else {"terminalNo": str(terminal)}
        return self._search(
            SEARCH_USERS, ACCESS_USERS, serial, condition, page_size=page_size, user=user, query=query
        )


def _event_condition(
    where: Mapping[str, str],
    since: datetime | None,
    until: datetime | None,
    zone: tzinfo | None,
    *,
    newest_first: bool,
) -> dict[str, Any]:
    from hpcli.isapi.search import ACCESS_EVENTS, make_condition

    if since is not None and until is not None and since > until:
        raise UsageError(
            "The time range ends before it begins.",
            hint="--since is the earlier time; a time without an offset is this computer's.",
        )
    condition = make_condition(ACCESS_EVENTS, where)
    for name, moment in (("startTime", since), ("endTime", until)):
        if moment is not None:
            condition.setdefault(name, moment.astimezone(zone).isoformat(timespec="seconds"))
    if newest_first:
        condition["timeReverseOrder"] = True
    return condition


def _parts(answer: Answer) -> list[Part]:
    """Return the parts of an answer: the page and its pictures."""
    from hpcli.isapi.multipart import split_multipart

    return split_multipart(answer.body, answer.headers.get("Content-Type", ""))
