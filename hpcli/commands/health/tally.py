"""Counts from the rows of a health report: for the summary, the notices and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from hpcli.client.health import Finding, Problem, findings, problem_texts
from hpcli.commands.framework.times import clock_of
from hpcli.commands.health.coverage import MISSING, OFFLINE, ONLINE, disagrees
from hpcli.errors import HpcliError
from hpcli.plurals import quantity
from hpcli.reference.codes import category_label

_OFFLINE_IN_THE_LIST = Problem("offline in the device list", is_critical=True)
_AGES: Final = (
    (timedelta(hours=1), "under 1 h"),
    (timedelta(days=1), "1 to 24 h"),
    (timedelta(days=7), "1 to 7 days"),
    (timedelta.max, "over 7 days"),
)
_UNKNOWN: Final = "unknown since when"
_COMMONEST: Final = 5


class Tally:
    """Counts from the rows of a report, for the exit code and the notices.

    Attributes:
        expected: the number of sites that will be asked, None while that is unknown.
        offline_since: of each offline device; None where nobody says.
        faults: how many devices have each kind of fault.
        zones: site id to the number of its time zone.
        is_held: no row is printed before all are there.
        names_targets: rows have the name of their site as `target`: several sites were asked for.
    """

    def __init__(self) -> None:
        self.failures: list[HpcliError | None] = []
        self.without_report = 0
        self.expected: int | None = None
        self.sites = 0
        self.problems = 0
        self.online = 0
        self.offline_since: list[str | None] = []
        self.faults: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.unknown_count = 0
        self.devices = 0
        self.missing: Counter[str] = Counter()
        self.disagreeing = 0
        self.is_withdrawn = False
        self.zones: dict[object, object] = {}
        self.list_error: HpcliError | None = None
        self.is_held = False
        self.names_targets = False

    def count(self, device: Mapping[str, Any], site_id: object) -> dict[str, Any]:
        """Count a device and its problems; return the device with its problems, and since when it is offline."""
        found = findings(device)
        texts = problem_texts(found)
        unknown = [finding for finding in found if not finding.known]
        if disagrees(device):
            self.disagreeing += 1
            texts += [_OFFLINE_IN_THE_LIST] * (device["deviceOnlineStatus"] == OFFLINE)
        self.devices += 1
        if device["report"] == MISSING:
            self.missing[category_label(device)] += 1
        self.problems += bool(texts)
        self.faults.update(sorted({_kind(finding) for finding in found if finding.known} - {"offline"}))
        self.unknown_count += len(unknown)
        self.unknown |= {f"{finding.field} '{finding.value}'" for finding in unknown}
        since = self._count_state(device, site_id)
        return {**device, "offlineSince": since, "problems": texts}

    def _count_state(self, device: Mapping[str, Any], site_id: object) -> str | None:
        """Count a device as online or offline; return since when it is offline."""
        states = (device.get("onlineStatus"), device.get("deviceOnlineStatus"))
        if OFFLINE not in states:
            self.online += ONLINE in states
            return None
        since = _moment(device.get("lastOfflineTime"), self.zones.get(site_id))
        self.offline_since.append(since)
        return since

    def missing_text(self) -> str:
        """Return how many devices of which kinds the platform's report leaves out."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.missing.most_common())
        return f"{self.missing.total()} of {quantity(self.devices, 'device')} ({kinds})"

    def summary(self, now: datetime) -> list[tuple[str, str]]:
        """Return the headings and texts of the summary."""
        without = f", {self.without_report} without a report" if self.without_report else ""
        unknown = self.devices - self.online - len(self.offline_since)
        states = [f"{self.online} online", f"{len(self.offline_since)} offline"]
        states += [f"{unknown} unknown"] * bool(unknown)
        found = [
            ("Sites", f"{self.sites}{without}"),
            ("Devices", f"{self.devices}: {', '.join(states)}, {self.problems} with problems"),
        ]
        if self.offline_since:
            found.append(("Offline", ", ".join(_by_age(self.offline_since, now))))
        if self.faults:
            common = (f"{what} ({count})" for what, count in self.faults.most_common(_COMMONEST))
            found.append(("Faults", ", ".join(common)))
        if self.missing:
            found.append(("Not covered", f"{self.missing_text()}: these rows say report: missing"))
        return found


def _kind(finding: Finding) -> str:
    """Return a fault without the name of the part that has it, such as `zone: battery low`."""
    part = finding.part
    return f"{part}: {finding.what}" if part else finding.what


def _moment(value: Any, zone: object) -> str | None:
    """Return a time of the clock at a site, with its offset where the zone is known."""
    from hpcli.output.human_units import read_iso_or_report_time

    try:
        local = read_iso_or_report_time(str(value))
    except ValueError:
        return None
    clock = clock_of(zone)
    return (local if clock is None or local.tzinfo else local.replace(tzinfo=clock)).isoformat()


def _by_age(times: list[str | None], now: datetime) -> list[str]:
    """Return how many devices are offline for how long."""
    from hpcli.output.compare import time_of

    counts: Counter[str] = Counter()
    for text in times:
        since = time_of(text)
        label = _UNKNOWN
        if since is not None:
            label = next(label for limit, label in _AGES if now - since < limit)
        counts[label] += 1
    labels = (*(label for _, label in _AGES), _UNKNOWN)
    return [f"{label}: {counts[label]}" for label in labels if counts[label]]
