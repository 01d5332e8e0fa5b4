"""Alarm receiving centres (Guide §3.37–3.42)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from hpcli.api.operations.arc import DISABLE, ENABLE, SEARCH, SET_ACCOUNT, SET_EVENTS, SITE
from hpcli.client.calls import Calls
from hpcli.client.checks import check_length, check_serials
from hpcli.errors import NotFoundError, PlatformError, UsageError
from hpcli.parse import parse_serial

if TYPE_CHECKING:
    from hpcli.api.rows.arc import ArcDeviceRow, ArcPermission, ArcSite, EventPermission

MOST_SERIALS = 200
NO_EVENTS = 0  # of a camera or recorder: takes back everything set before, stands alone (§3.40)
_PARAMETER_ERROR = "LAP000001"
# What the examples of §3.40 show in place of the names of its tables (errata 2, 3).
_PLURALS = {"ax2PermissionList": "ax2PermissionLists", "CCTVEventList": "eventFilterLists"}

EVENT_LISTS = {
    "ax2PermissionList": "arcAx2PermissionList",
    "ax2PermissionLists": "arcAx2PermissionList",
    "CCTVEventList": "CCTVEventList",
    "eventFilterLists": "CCTVEventList",
}
"""The names that a list of events is sent under, with their code lists."""


def check_account_number(text: str) -> str:
    """Return an account number: 3 to 16 hexadecimal digits, as the protocols of receiving centres have them.

    Raises:
        UsageError: it is not one.
    """
    number = check_length("account number", text, 1).strip()
    if not re.fullmatch("[0-9A-Fa-f]{3,16}", number):
        raise UsageError(
            f"'{text}' is not an account number.",
            hint="It has 3 to 16 digits or letters from A to F, such as 4711.",
        )
    return number


class ArcCalls(Calls):
    """Calls about the ARC service of devices."""

    def list(
        self, *, site_id: str | None = None, serials: Sequence[str] = (), limit: int | None = None
    ) -> Iterator[ArcDeviceRow]:
        """Yield the devices whose ARC service is on. Guide §3.37; for ARC users.

        Args:
            site_id: only those of this site.
            serials: only these devices, 200 a call.
            limit: rows at most.

        Yields:
            {id, deviceName, deviceOnlineStatus, deviceSerial, deviceVersion, deviceType, deviceCategory,
            deviceSubCategory, isSubscribed, deviceAddTime, timeZone, extInfo, siteID, siteName}.
        """
        if not serials:
            return self._list(SEARCH, {"siteId": site_id, "deviceSerialList": None}, limit=limit)
        wanted = check_serials(serials, len(serials))
        batches = (wanted[start : start + MOST_SERIALS] for start in range(0, len(wanted), MOST_SERIALS))
        rows = chain.from_iterable(
            self._list(SEARCH, {"siteId": site_id, "deviceSerialList": batch}) for batch in batches
        )
        return islice(rows, limit)

    def site(self, site_id: str) -> ArcSite:
        """Return the site of devices whose ARC service is on. Guide §3.42; for ARC users.

        Returns:
            The row of §3.6 with installerEmail, installerPhone, siteOwnerName, siteOwnerEmail, siteOwnerPhone.

        Raises:
            NotFoundError: there is none.
        """
        row = self._read(SITE, parameters={"id": site_id})
        if not row:
            raise NotFoundError(f"There is no site '{site_id}'.", hint="`hpcli arc list` shows the sites.")
        return row

    def enable(self, serial: str, arc_id: str) -> ArcPermission:
        """Switch the ARC service of a device on; every kind of event is reported then. Guide §3.38.

        Returns:
            {permission}: 1 it is on, 0 it waits for the end user's approval; {} where the platform does not say.

        Raises:
            PlatformError: the change failed (`permission` null).
        """
        body = {"deviceSerial": parse_serial(serial), "arcId": check_length("ARC id", arc_id, 1)}
        answer = self._change(ENABLE, body)
        if _has_failed(answer):
            raise PlatformError(
                "The platform could not switch the ARC service on.",
                hint="Is the device online? See `hpcli device show SERIAL`.",
            )
        return answer

    def disable(self, serial: str) -> None:
        """Switch the ARC service of a device off. Guide §3.39."""
        self._change(DISABLE, {"deviceSerial": parse_serial(serial)})

    def set_account(self, serial: str, number: str) -> None:
        """Set the account number under which a device reports. Guide §3.41; the answer may be empty."""
        body = {
            "deviceSerial": parse_serial(serial),
            "accountNumber": check_account_number(number),
        }
        self._change(SET_ACCOUNT, body)

    def set_panel_events(self, serial: str, events: Sequence[int]) -> EventPermission:
        """Set which events of a panel go to the ARC, in place of the former list. Guide §3.40.

        Args:
            serial: a security panel.
            events: codes, see `panel_events`.

        Returns:
            {permission}: 1 it is in force, 0 the request is on its way; {} where the platform does not say.

        Raises:
            PlatformError: the change failed (`permission` null).
        """
        return self._set_events(serial, "ax2PermissionList", events)

    def set_camera_events(self, serial: str, events: Sequence[int]) -> EventPermission:
        """Set which events of a camera or recorder go to the ARC, in place of the former list. Guide §3.40.

        Args:
            serial: an encoding device.
            events: codes, see `camera_events`; [0] takes back everything.

        Returns:
            As `set_panel_events`.

        Raises:
            PlatformError: the change failed (`permission` null).
        """
        return self._set_events(serial, "CCTVEventList", events)

    def _set_events(self, serial: str, name: str, events: Sequence[int]) -> EventPermission:
        """Send the list under the name of the table; where it has no effect, under that of the example."""
        body = {"deviceSerial": parse_serial(serial)}
        for spelling in (name, _PLURALS[name]):
            try:
                answer = self._change(SET_EVENTS, {**body, spelling: list(events)})
            except PlatformError as error:
                if error.code != _PARAMETER_ERROR or spelling != name:
                    raise
                continue
            if not _has_failed(answer):
                return answer
        raise PlatformError(
            "The platform did not set the events.", hint="Is the device online, and its ARC service on?"
        )


def panel_events(words: Sequence[str]) -> list[int]:
    """Return the codes that name events of a panel, with the second level that has to go along (§3.40).

    Args:
        words: names or numbers. `alarms`, `faults`, `operations`, `system-events` (39 to 42) stand for all
            events below them, unless some of these are named too. The numbers 5 to 8 are those of AX Home.

    Raises:
        UsageError: a word that is not an event, or numbers of AX Home beside others.
    """
    from hpcli.reference.codes import code_list

    codes, home = code_list("arcAx2PermissionList"), code_list("arcAx2PermissionListAxHome")
    of_home = [word for word in words if word.strip().isdecimal() and home.find(word)]
    if of_home:
        if len(of_home) < len(words):
            raise UsageError("5 to 8 are events of AX Home panels and cannot stand beside others.")
        return sorted({int(word) for word in of_home})
    chosen = {int(codes.value_of(word)) for word in words}
    parents = {int(code.value): code.parent for code in codes.codes if code.parent and code.value}
    for parent in set(parents.values()) & chosen:
        below = {value for value, above in parents.items() if above == parent}
        chosen |= set() if below & chosen else below
    chosen |= {parent for value, parent in parents.items() if value in chosen}
    return sorted(chosen)


def camera_events(words: Sequence[str]) -> list[int]:
    """Return the codes that name events of a camera or recorder (§3.40).

    Raises:
        UsageError: a word that is not an event, or `none` beside others.
    """
    from hpcli.reference.codes import code_list

    chosen = sorted({int(code_list("CCTVEventList").value_of(word)) for word in words})
    if NO_EVENTS in chosen and len(chosen) > 1:
        raise UsageError("'none' takes back every event and stands alone.")
    return chosen


def _has_failed(answer: ArcPermission | EventPermission) -> bool:
    """Return whether the answer says so: `permission` is there and null (§3.38, §3.40)."""
    return "permission" in answer and answer["permission"] is None
