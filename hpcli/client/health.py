"""Health reports of sites (Guide §3.17), and what in them is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Self

from hpcli.api.operations.health import REPORT
from hpcli.client.calls import Calls
from hpcli.client.coercion import coerce
from hpcli.errors import NotFoundError

NO_PACKAGE = "LAP008128"

PERIPHERALS = {
    "keyPadList": "keypad",
    "cardReaderList": "card reader",
    "outPutList": "output module",
    "repeaterList": "repeater",
    "sirenList": "sounder",
    "transmitterList": "transmitter",
    "relayList": "relay",
    "remoteList": "keyfob",
}
_PARTS = {
    **PERIPHERALS,
    "zones": "zone",
    "IPCStatusList": "camera",
    "channels": "channel",
    "hdds": "disk",
    "hddAttributeDtoList": "disk",
}
_ASPECTS = {
    "onlineStatus": "",
    "operRes": "self-check",
    "diagnosticsResult": "self-check",
    "cloudStatus": "cloud",
    "cellConnectStatus": "mobile network",
    "networkCable": "network cable",
    "networkStatus": "",
    "batteryStatus": "battery",
    "arcConnectStatus": "ARC",
    "signalStrength": "signal",
    "diskStatus": "",
    "videoSingle": "",
    "status": "",
    "selfevaluatingstatus": "self-evaluation",
    "allevaluatingstatus": "",
}


class Finding(NamedTuple):
    """One value of a report that is a fault, or that hpcli does not know.

    Attributes:
        field: path below `reportDetail[]`, as in health.json.
        value: as the report has it.
        where: the part of the device, such as `zone Front door`; empty for the device itself.
        what: such as `battery low`.
        known: False for a value that the table lacks.
        is_critical: the device or its part does not do its work because of it.
        part: the kind of part, such as `zone`; empty for the device itself.
    """

    field: str
    value: str
    where: str
    what: str
    known: bool = True
    is_critical: bool = False
    part: str = ""


class Problem(str):
    """The faults of a device or of one of its parts as a text, with how bad the worst of them is."""

    __slots__ = ("is_critical",)

    is_critical: bool

    def __new__(cls, text: str, *, is_critical: bool) -> Self:
        """Return the text with what is known of it."""
        problem = super().__new__(cls, text)
        problem.is_critical = is_critical
        return problem


class HealthCalls(Calls):
    """Calls about health."""

    _is_gone = False

    def report(self, site_id: str) -> dict[str, Any]:
        """Return the health report of a site. Guide §3.17.

        Returns:
            {siteId, reportDetail: [{deviceSerial, deviceName, category, onlineStatus, lastOfflineTime,
            enCodingDeviceStatus: {…}, alarmDeviceStatus: {…}, …}]}.

        Raises:
            NotFoundError: the site has no report (LAP008128), or the platform no longer offers this call
                to the account (HTTP 404); the latter is remembered and not asked for again.
        """
        if self._is_gone:
            raise _gone()
        try:
            data = coerce(REPORT, self._transport.call(REPORT, {"siteId": site_id}))
        except NotFoundError as error:
            if error.code is None and error.http_status == 404:
                self._is_gone = True
                raise _gone() from error
            raise
        return dict(data or {})


def is_no_report(error: Exception) -> bool:
    """Return whether an error means that a site has no report (field note): not a failure of the whole."""
    return isinstance(error, NotFoundError) and (error.code == NO_PACKAGE or error.http_status == 404)


def is_withdrawn(error: Exception) -> bool:
    """Return whether an error means that the platform offers no reports at all (any more)."""
    return is_no_report(error) and getattr(error, "code", None) != NO_PACKAGE


def as_list(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one object that stands in its place (errata 87)."""
    rows = value if isinstance(value, list) else [value]
    return [row for row in rows if isinstance(row, dict)]


def findings(device: Mapping[str, Any]) -> list[Finding]:
    """Return what in one `reportDetail` is a fault or unknown, judged by reference/health.json."""
    found = _judge(device, "")
    for group in ("alarmDeviceStatus", "enCodingDeviceStatus"):
        for status in as_list(device.get(group)):
            found += _judge(status, f"{group}.")
            for name, kind in _PARTS.items():
                if parts := status.get(name):
                    prefix = f"{group}.{name}[]."
                    for part in as_list(parts):
                        found += _judge(part, prefix, kind)
    return found


def part_findings(part: Mapping[str, Any], group: str, name: str) -> list[Finding]:
    """Return the findings of one item of the list `name` of a status object, or of the object itself ("")."""
    return _judge(part, f"{group}.{name}[]." if name else f"{group}.")


def problem_texts(found: Iterable[Finding]) -> list[str]:
    """Return the known faults for people, one `Problem` a part: `zone Front door: battery low, signal weak`."""
    by_part: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.known:
            by_part.setdefault(finding.where, []).append(finding)
    own: list[str] = [Problem(one.what, is_critical=one.is_critical) for one in by_part.pop("", [])]
    return own + [
        Problem(
            f"{where}: {', '.join(one.what for one in some)}",
            is_critical=any(one.is_critical for one in some),
        )
        for where, some in by_part.items()
    ]


def part_name(part: Mapping[str, Any]) -> str:
    """Return the name of a part, else its number; of a disk's attribute the disk and the attribute."""
    if "attributed" in part:
        from hpcli.reference.codes import code_list

        attribute = code_list("smartAttributeId").label(part["attributed"]).lower()
        return f"{part.get('hddNo')}, {attribute}"
    for key in ("name", "channelNo", "hddNo", "id"):
        if part.get(key) not in (None, ""):
            return str(part[key])
    return str(part["zoneId"] + 1) if isinstance(part.get("zoneId"), int) else ""


@lru_cache(maxsize=1024)
def _judged(prefix: str, keys: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return which keys of an object have a meaning, with the values that are no fault; parts have the same keys."""
    from hpcli.reference.health import judged_fields

    fields = judged_fields(prefix)
    return tuple((key, fields[key]) for key in keys if key in fields)


def _judge(values: Mapping[str, Any], prefix: str, part: str = "") -> list[Finding]:
    """Return the findings of an object; of a kind of part they say which one it is."""
    found: list[Finding] = []
    for key, fine in _judged(prefix, tuple(values)):
        value = values[key]
        if not (isinstance(value, dict | list) or str(value) in fine):
            found += _findings_of(
                key, value, prefix, f"{part} {part_name(values)}".strip() if part else "", part
            )
    return found


def _findings_of(key: str, value: Any, prefix: str, where: str, part: str) -> Iterator[Finding]:
    from hpcli.reference.health import judge_health

    for judged in judge_health(prefix + key, value):
        if judged.fault or not judged.known:
            aspect, label = _ASPECTS.get(key, key), judged.label.lower()
            what = label if not aspect or aspect in label else f"{aspect} {label}"
            yield Finding(judged.field, judged.value, where, what, judged.known, judged.is_critical, part)


def _gone() -> NotFoundError:
    return NotFoundError(
        "The platform does not offer health reports to this account (any more).",
        http_status=404,
        hint="`hpcli device list --offline` still shows which devices are offline.",
    )
