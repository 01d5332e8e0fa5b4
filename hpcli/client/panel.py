"""Alarm panels: areas, zones, relays (Guide A.4.10 to A.4.18).

Zones and relays count from 1 here and from 0 on the wire; areas count from 1 on both sides (errata 196).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from hpcli.api.operation import Operation
from hpcli.api.operations.panel import (
    AREAS,
    ARM,
    BYPASS,
    CLEAR,
    DISARM,
    RELAYS,
    SEARCH_ZONES,
    SWITCH_RELAYS,
    UNBYPASS,
    ZONES,
)
from hpcli.backoff import Backoff
from hpcli.client.checks import check_count, check_range
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages
from hpcli.client.device.numbers import name_missing, number_in
from hpcli.client.panel_arming import (
    ARMING,
    HINDRANCES,
    ArmingUnseenError,
    already_armed_otherwise,
    are_armed,
    area_key,
    hindered,
    is_armed_or_arming,
    not_armed,
    open_zones,
)
from hpcli.errors import HpcliError, NotFoundError, ProtocolError, UsageError

Result = TypeVar("Result")


ALL_AREAS = 0xFFFFFFFF  # 4294967295 in the URI (errata 192)
MODES = ("away", "stay")
SWITCHES = {"open": "on", "close": "off"}
_UNUSED = "notRelated"
_NO_SHORT_WAY = frozenset({"notSupport", "badParameters", "methodNotAllowed"})
"""Refusals of the list of zones that leave hope for the search of them."""

_GRACE = 6.0  # a panel may need a moment before it shows that it is arming
_BACKOFF = Backoff((2.0,))  # hard polling makes panels unresponsive (field notes)


class PanelCalls(DeviceMessages):
    """Calls about alarm panels."""

    def areas(
        self, serial: str, *, everything: bool = False, user: DeviceUser | None = None
    ) -> list[dict[str, Any]]:
        """Return the areas of a panel. Guide A.4.16.

        Args:
            serial: the panel.
            everything: unused ones too (`enabled` false).
            user: as whom.

        Returns:
            [{id (from 1), name, arming: away|stay|disarm|arming, alarm, preventFaultArm, enabled, delayTime, …}].
        """
        rows = [entry["SubSys"] for entry in self._ask(AREAS, serial, user=user)["SubSysList"]]
        return [row for row in rows if everything or row.get("enabled") is not False]

    def zones(
        self,
        serial: str,
        *,
        search: bool = False,
        everything: bool = False,
        user: DeviceUser | None = None,
    ) -> list[dict[str, Any]]:
        """Return the zones of a panel. Guide A.4.18.

        Args:
            serial: the panel.
            search: ask page by page at once; else only where the panel does not know the short way.
            everything: unused ones too (`notRelated`).
            user: as whom.

        Returns:
            [{zone (from 1), id (from 0), name, status, bypassed, armed, alarm, charge, signal, …}].
        """
        rows = self._search_zones(serial, user) if search else self._read_zones(serial, user)
        return _counted_from_one("zone", rows, everything=everything)

    def arm(
        self, serial: str, area: int, mode: str, *, code: str | None = None, user: DeviceUser | None = None
    ) -> None:
        """Start to arm an area; `await_armed` waits for the outcome. Guide A.4.10.

        Being armed so already is a success; so is an answer that was lost, where the panel shows it arms.

        Args:
            serial: the panel.
            area: from 1, or ALL_AREAS.
            mode: away or stay.
            code: operation code (A.5.7), encrypted as the panel wants it.
            user: as whom.

        Raises:
            DeviceRefusedError: a zone is open (named), the area is armed otherwise, or another refusal.
            HpcliError: the answer was lost or says nothing, and the panel does not show that it arms.
        """
        from hpcli.isapi.errors import DeviceRefusedError

        number = _check_area(area)
        if mode not in MODES:
            raise UsageError(f"The mode '{mode}' does not exist.", hint="Choose away or stay.")
        parameters = {"areaId": str(number)}
        try:
            self._settle(
                lambda: self._name_area(
                    serial,
                    number,
                    user,
                    lambda: self._tell(
                        ARM,
                        serial,
                        _operation(code),
                        user=user,
                        parameters=parameters,
                        query={"ways": mode},
                    ),
                ),
                lambda: are_armed(self._find_areas(serial, number, user), mode),
                f"hpcli panel areas {serial}",
            )
        except DeviceRefusedError as refused:
            self._judge_arming(refused, serial, number, mode, user)

    def await_armed(
        self,
        serial: str,
        area: int,
        *,
        limit: float = 600.0,
        user: DeviceUser | None = None,
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> list[dict[str, Any]]:
        """Ask for the areas until they are armed; return their rows.

        Args:
            serial: the panel.
            area: from 1, or ALL_AREAS.
            limit: seconds to wait at most.
            user: as whom.
            progress: is given {areas: rows} each time.

        Raises:
            DeviceError: an area went back to disarmed; the open zones are named.
            ArmingUnseenError: the panel, which accepted the request, does not list its areas any more.
            TimeLimitError: it takes longer.
        """
        began, seen = self._transport.clock(), set[str]()

        def is_done(state: dict[str, Any]) -> bool:
            seen.update(area_key(row) for row in state["areas"] if row.get("arming") == ARMING)
            is_late = self._transport.clock() - began > _GRACE
            failed = [
                row
                for row in state["areas"]
                if not is_armed_or_arming(row) and (is_late or area_key(row) in seen)
            ]
            if failed:
                raise not_armed(failed, open_zones(self._zones_or_none(serial, user), failed), serial)
            return all(is_armed_or_arming(row) and row.get("arming") != ARMING for row in state["areas"])

        def look() -> dict[str, Any]:
            try:
                rows = self._find_areas(serial, area, user)
                if any("arming" not in row for row in rows):
                    raise ProtocolError(f"{serial} does not say whether its areas are armed.")
            except NotFoundError:  # the panel does say what areas it has
                raise
            except HpcliError as error:
                raise ArmingUnseenError(serial, error) from error
            return {"areas": rows}

        return list(self._wait(look, is_done, limit=limit, backoff=_BACKOFF, progress=progress)["areas"])

    def disarm(
        self, serial: str, area: int, *, code: str | None = None, user: DeviceUser | None = None
    ) -> None:
        """Disarm an area, or all (ALL_AREAS), if need be with an operation code. Guide A.4.14."""
        parameters = {"areaId": str(_check_area(area))}
        self._settle(
            lambda: self._name_area(
                serial,
                area,
                user,
                lambda: self._tell(DISARM, serial, _operation(code), user=user, parameters=parameters),
            ),
            lambda: all(row.get("arming") == "disarm" for row in self._find_areas(serial, area, user)),
            f"hpcli panel areas {serial}",
        )

    def clear(
        self, serial: str, area: int, *, code: str | None = None, user: DeviceUser | None = None
    ) -> None:
        """End the alarms of an area, or of all (ALL_AREAS), if need be with an operation code. Guide A.4.13."""
        parameters = {"areaId": str(_check_area(area))}
        self._settle(
            lambda: self._name_area(
                serial,
                area,
                user,
                lambda: self._tell(CLEAR, serial, _operation(code), user=user, parameters=parameters),
            ),
            lambda: all(row.get("alarm") is False for row in self._find_areas(serial, area, user)),
            f"hpcli panel areas {serial}",
        )

    def bypass(self, serial: str, zones: Sequence[int], *, user: DeviceUser | None = None) -> None:
        """Bypass zones, counted from 1, in one call. Guide A.4.11."""
        self._set_bypass(BYPASS, serial, zones, user, bypassed=True)

    def unbypass(self, serial: str, zones: Sequence[int], *, user: DeviceUser | None = None) -> None:
        """End the bypass of zones, counted from 1, in one call. Guide A.4.12."""
        self._set_bypass(UNBYPASS, serial, zones, user, bypassed=False)

    def relays(
        self,
        serial: str,
        *,
        module: int | None = None,
        module_kind: str | None = None,
        everything: bool = False,
        user: DeviceUser | None = None,
    ) -> list[dict[str, Any]]:
        """Return the relays of a panel. Guide A.4.17.

        Args:
            serial: the panel.
            module: number of the output module they belong to.
            module_kind: localWired, extendWired, localWireless or extendWireless.
            everything: unused ones too (`notRelated`).
            user: as whom.

        Returns:
            [{relay (from 1), id (from 0), name, status: on|off|offline|heartbeatAbnormal, linkage, charge, …}].
        """
        from hpcli.isapi.search import RELAYS as SEARCH

        wanted = {"outputModuleNo": module, "moduleType": module_kind}
        condition = {name: value for name, value in wanted.items() if value is not None}
        found = self._search(RELAYS, SEARCH, serial, condition, user=user)
        return _counted_from_one("relay", found, everything=everything)

    def switch_relays(
        self, serial: str, relays: Sequence[int], switch: str, *, user: DeviceUser | None = None
    ) -> None:
        """Switch relays, counted from 1, in one call: `open` turns them on, `close` off. Guide A.4.15."""
        if switch not in SWITCHES:
            raise UsageError(f"'{switch}' is not a position of a relay.", hint="Choose open or close.")
        ids = _raw_ids("relay", relays)
        message = {"OutputsCtrl": {"switch": switch, "List": [{"id": number} for number in ids]}}
        self._settle(
            lambda: name_missing(
                lambda: self._tell(SWITCH_RELAYS, serial, message, user=user),
                "relay",
                relays,
                lambda: (number_in(row, "relay") for row in self.relays(serial, user=user)),
            ),
            lambda: _all_are(self.relays(serial, user=user), ids, "status", SWITCHES[switch]),
            f"hpcli panel relays {serial}",
        )

    def _read_zones(self, serial: str, user: DeviceUser | None) -> list[dict[str, Any]]:
        from hpcli.isapi.errors import DeviceRefusedError
        from hpcli.isapi.recognise import lack_of

        try:
            plain, _ = self._ask_whole(ZONES, self._request(ZONES, serial, None, user, None, {}))
        except DeviceRefusedError as error:
            if error.name not in _NO_SHORT_WAY:
                raise
            return self._search_zones(serial, user)
        rows = [entry["Zone"] for entry in plain["ZoneList"]]
        return rows if lack_of(plain) is None else self._search_zones(serial, user)

    def _search_zones(self, serial: str, user: DeviceUser | None) -> list[dict[str, Any]]:
        from hpcli.isapi.search import ZONES as SEARCH

        return list(self._search(SEARCH_ZONES, SEARCH, serial, user=user))

    def _zones_or_none(self, serial: str, user: DeviceUser | None) -> list[dict[str, Any]]:
        """Return the zones to explain an error with; none where the panel does not list them now."""
        try:
            return self.zones(serial, user=user)
        except HpcliError:
            return []

    def _find_areas(self, serial: str, area: int, user: DeviceUser | None) -> list[dict[str, Any]]:
        rows = self.areas(serial, user=user)
        found = [row for row in rows if area in (ALL_AREAS, row.get("id"))]
        if not found and any(number_in(row, "id") is None for row in rows):
            raise ProtocolError(
                f"{serial} listed its areas without their numbers, so area {area} is unknown."
            )
        if not found:
            raise NotFoundError(
                f"{serial} has no area {area} in use.", hint=f"`hpcli panel areas {serial}` lists them."
            )
        return found

    def _name_area(
        self, serial: str, area: int, user: DeviceUser | None, send: Callable[[], Result]
    ) -> Result:
        """Send a request about an area; name the area where the panel has none of that number."""
        numbers = [] if area == ALL_AREAS else [area]
        return name_missing(
            send, "area", numbers, lambda: (number_in(row, "id") for row in self.areas(serial, user=user))
        )

    def _judge_arming(
        self, error: HpcliError, serial: str, area: int, mode: str, user: DeviceUser | None
    ) -> None:
        """Return where a failed `arm` turns out to be done; raise what it means otherwise."""
        name = getattr(error, "name", "")
        if name not in (*HINDRANCES, "armedStatus"):
            raise error
        try:
            areas = self._find_areas(serial, area, user)
        except HpcliError:
            raise error from None
        if name == "armedStatus":
            others = [row for row in areas if row.get("arming") != mode]
            if others:
                raise already_armed_otherwise(error, others) from error
        elif not are_armed(areas, mode):
            raise hindered(error, open_zones(self._zones_or_none(serial, user), areas), serial) from error

    def _set_bypass(
        self,
        operation: Operation,
        serial: str,
        zones: Sequence[int],
        user: DeviceUser | None,
        *,
        bypassed: bool,
    ) -> None:
        ids = _raw_ids("zone", zones)
        message = {"List": [{"id": number} for number in ids]}
        self._settle(
            lambda: name_missing(
                lambda: self._tell(operation, serial, message, user=user),
                "zone",
                zones,
                lambda: (number_in(row, "zone") for row in self.zones(serial, user=user)),
            ),
            lambda: _all_are(
                self.zones(serial, user=user, everything=True), ids, "bypassed", wanted=bypassed
            ),
            f"hpcli panel zones {serial}",
        )


def _check_area(area: int) -> int:
    return area if area == ALL_AREAS else check_range("area", area, 1, ALL_AREAS - 1)


def _operation(code: str | None) -> dict[str, Any]:
    return {} if code is None else {"Operate": {"moduleOperateCode": code}}


def _all_are(rows: Iterable[Mapping[str, Any]], ids: Sequence[int], name: str, wanted: object) -> bool:
    """Whether rows of all these ids are there, each with the wanted value."""
    found = {row.get("id"): row.get(name) for row in rows}
    return all(found.get(number) == wanted for number in ids)


def _counted_from_one(name: str, rows: Iterable[dict[str, Any]], *, everything: bool) -> list[dict[str, Any]]:
    """Return the rows with a number from 1 under that name; unused ones only with `everything`."""
    return [
        {name: row["id"] + 1, **row} if isinstance(row.get("id"), int) else row
        for row in rows
        if everything or row.get("status") != _UNUSED
    ]


def _raw_ids(name: str, numbers: Sequence[int]) -> list[int]:
    """Return the numbers as the panel counts them: one less."""
    check_count(name, numbers)
    return [check_range(name, number, 1) - 1 for number in dict.fromkeys(numbers)]
