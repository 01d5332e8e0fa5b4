"""`hpcli health report`: the health of the devices of sites."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import SEARCH
from hpcli.client.health import findings, is_no_report, is_withdrawn, part_findings, problem_texts
from hpcli.client.rows import needed
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import several
from hpcli.commands.framework.target_choice import read_sites
from hpcli.commands.framework.targets import is_one, many
from hpcli.commands.framework.times import clock_of
from hpcli.commands.framework.verb import calls, metrics
from hpcli.commands.health.coverage import (
    MISSING,
    OFFLINE,
    SITES_ONE_BY_ONE,
    DeviceLists,
    Devices,
    add_device_list,
    disagrees,
    missing_rows,
)
from hpcli.commands.health.details import DETAILS, Detail, detail_view, report_time
from hpcli.errors import HpcliError, ProblemsFoundError, SomeFailedError, UsageError
from hpcli.output import Column, View, show_time
from hpcli.plurals import quantity
from hpcli.reference.codes import code_list
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context
from hpcli.run.parallel import Reply, fan_out
from hpcli.run.settings import choose

_FAIL_ON = ("problem", "offline")
_OWN_FIELDS = ("siteId", "siteName", "problems", "error", "report", "deviceOnlineStatus", "deviceCategory")
_OFFLINE_IN_THE_LIST = "offline in the device list"
_WITHDRAWN = (
    "The platform does not offer health reports to this account: "
    "the rows come from the device list, which only knows online and offline."
)


def _state(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return "no report" if row["error"].get("kind") == "not-found" else "failed"
    state = "unknown" if value is None else code_list("onlineStatus").label(value).lower()
    if not disagrees(row):
        return state
    return (
        f"{state} (device list: {code_list('deviceOnlineStatus').label(row['deviceOnlineStatus']).lower()})"
    )


def _state_tone(value: Any, row: Mapping[str, Any]) -> str | None:
    return "unknown" if row.get("error") else {0: "off", 1: "good"}.get(value)


def _problems(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return str(row["error"]["message"])
    return "; ".join([*(value or ()), *(["report: missing"] * (row.get("report") == MISSING))])


def _problems_color(value: Any, _row: Mapping[str, Any]) -> str | None:
    return "yellow" if value else None


REPORTS = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SITE", "siteName", wide=True, priority=1),
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True, priority=2),
        Column("STATE", "onlineStatus", show=_state, style=_state_tone),
        Column("PROBLEMS", "problems", show=_problems, style=_problems_color, wide=True, width=36),
        Column("OFFLINE SINCE", "lastOfflineTime", show=report_time, priority=3),
        Column("MODEL", "deviceModel", priority=4),
    ),
    fields=lambda: (*answer_fields(REPORT.method, REPORT.path), *_OWN_FIELDS),
)


@dataclass
class Tally:
    """Counts from the rows of a report, for the exit code and the notices."""

    failures: list[HpcliError | None] = field(default_factory=list)
    without_report: int = 0
    problems: int = 0
    offline: int = 0
    unknown: set[str] = field(default_factory=set)
    unknown_count: int = 0
    devices: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    disagreeing: int = 0
    is_withdrawn: bool = False
    zones: dict[object, object] = field(default_factory=dict)
    """Site id to the number of its time zone."""

    list_error: HpcliError | None = None


@calls(REPORT, SEARCH, SEARCH_DEVICES)
@lists
@metrics
@many("sites", selected=True, is_own=True)
def report_health(
    ctx: Context,
    sites: Annotated[list[str] | None, several("Site ids or exact names", "SITE")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sites of the account.")] = False,
    problems: Annotated[bool, typer.Option("--problems", help="Only rows with a problem.")] = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            help="Exit with 10 on any problem, or only on offline devices.",
            metavar="problem|offline",
            autocompletion=lambda: list(_FAIL_ON),
        ),
    ] = None,
    detail: Annotated[
        str | None,
        typer.Option(
            "--detail",
            help=f"Show the parts of devices: {', '.join(DETAILS)}.",
            metavar="PART",
            autocompletion=lambda: list(DETAILS),
        ),
    ] = None,
) -> None:
    """Report the health of the devices of sites.

    A problem is an offline device, or a value that means a fault. A site without a
    report gets a row that says so (exit code 9); the other sites are still reported.

    The platform leaves some devices out of its reports, such as switches and intercoms.
    Their rows come from the device list and say `report: missing`. Where report and device
    list disagree about a device being offline, both are shown.

    -o prometheus prints numbers for Prometheus; install hpcli with [metrics] for it.

    $ hpcli health report "Bäckerei Grünwald"
    $ hpcli health report --all --problems
    $ hpcli health report "Bäckerei Grünwald" --detail zones
    $ hpcli health report --all -o prometheus
    """
    strictness = choose(fail_on, _FAIL_ON, "--fail-on") if fail_on else None
    part = DETAILS[choose(detail, tuple(DETAILS), "--detail")] if detail else None
    is_for_metrics = ctx.wants_metrics
    if is_for_metrics and part is not None:
        raise UsageError("--detail is not for -o prometheus.")
    chosen, lists = _chosen_sites(ctx, sites, everything=everything)
    tally = Tally()
    rows = _rows(ctx, chosen, lists, tally, part)
    kept = (row for row in rows if not problems or row.get("problems") or row.get("error"))
    view = _with_clock(detail_view(part) if part else REPORTS, tally.zones, utc=ctx.run.options.utc)
    if is_for_metrics:
        _show_metrics(ctx, kept, view)
    else:
        ctx.show(kept, view)
    _conclude(ctx, tally, strictness)


def _show_metrics(ctx: Context, rows: Iterator[dict[str, Any]], view: View) -> None:
    from hpcli.commands.health.metrics import health_metrics

    selection = ctx.run.selection
    if selection.count_by:
        raise UsageError("--count-by is not for -o prometheus.")
    chosen, _ = selection.apply(rows, view, ctx.run.now())
    ctx.show_metrics(health_metrics(chosen))


def _with_clock(view: View, zones: Mapping[object, object], *, utc: bool) -> View:
    """Return a view whose times are those of the clock at the site, or in UTC.

    Args:
        view: of the report or of parts of devices.
        zones: site id to the number of its time zone; filled while rows arrive.
        utc: show UTC.
    """

    def clock(row: Mapping[str, Any]) -> tzinfo | None:
        return clock_of(zones.get(row.get("siteId")))

    def show(value: Any, row: Mapping[str, Any]) -> str:
        return show_time(value, clock(row), utc=utc)

    columns = (
        column._replace(show=show) if column.show is report_time else column for column in view.columns
    )
    return view._replace(columns=tuple(columns), zone_of=clock)


def _chosen_sites(
    ctx: Context, sites: list[str] | None, *, everything: bool
) -> tuple[Iterator[Mapping[str, Any]], DeviceLists]:
    """Return the rows of the sites, and the lists of their devices, which begin at once."""
    if bool(sites) == everything:
        raise UsageError("Give sites or --all." if not sites else "Sites and --all cannot be used together.")
    if everything:
        return ctx.client.site.list(), DeviceLists(ctx.client, whole_account=True)
    names = read_sites(ctx, sites or ())
    if len(names) == 1 and is_one(sites or ()):
        found: list[Mapping[str, Any]] = [ctx.lookups.site(names[0])]
    else:
        errors = ctx.lookups.find_sites([name for name in names if not ctx.lookups.knows_site(name)])
        found = [
            {"siteName": name, "unknown": errors[name]} if name in errors else ctx.lookups.site(name)
            for name in names
        ]
    return iter(found), DeviceLists(ctx.client, whole_account=len(found) > SITES_ONE_BY_ONE)


def _rows(
    ctx: Context,
    sites: Iterator[Mapping[str, Any]],
    lists: DeviceLists,
    tally: Tally,
    part: Detail | None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of each site in order; a failed report is one row with its error, before those of the devices."""

    def ask(site: Mapping[str, Any]) -> dict[str, Any]:
        if "unknown" in site:
            raise site["unknown"]
        try:
            return ctx.client.health.report(needed(site, "id"))
        finally:
            lists.prepare(needed(site, "id"))

    for reply in fan_out(sites, ask, at_once=ctx.settings.get("concurrency")):
        place = {"siteId": reply.item.get("id"), "siteName": reply.item.get("siteName")}
        tally.zones[reply.item.get("id")] = reply.item.get("timeZone")
        devices = _listed(ctx, reply.item, lists, tally)
        if reply.error is None:
            tally.failures.append(None)
        elif not _needs_no_row(ctx, reply, tally, devices, part):
            yield {**place, "deviceSerial": None, "error": reply.error.as_dict()}
        reported = [row for row in (reply.result or {}).get("reportDetail") or () if isinstance(row, dict)]
        rows = [add_device_list(row, devices) for row in reported]
        rows += missing_rows(reported, devices)
        for device in rows:
            texts = _count_device(device, tally)
            if part is None:
                yield {**place, **device, "problems": texts}
            else:
                yield from _part_rows(place, device, part)


def _listed(ctx: Context, site: Mapping[str, Any], lists: DeviceLists, tally: Tally) -> Devices:
    """Return the devices of a site from the device list; the first failure is reported and counted."""
    if "unknown" in site or tally.list_error is not None:
        return {}
    try:
        return lists.of(needed(site, "id"))
    except HpcliError as error:
        tally.list_error = error
        tally.failures.append(error)
        ctx.warn(f"The device list failed, so devices that the report leaves out are not shown: {error}")
        return {}


def _needs_no_row(
    ctx: Context,
    reply: Reply[Mapping[str, Any], Any],
    tally: Tally,
    devices: Devices,
    part: Detail | None,
) -> bool:
    """Count a site without a report; return whether the rows of its devices replace one of its own."""
    assert reply.error is not None  # the caller looked
    if is_no_report(reply.error):
        tally.without_report += 1
    else:
        tally.failures.append(reply.error)
        ctx.warn(f"{reply.item.get('siteName')}: {reply.error}")
    if not is_withdrawn(reply.error) or not devices or part is not None:
        return False
    if not tally.is_withdrawn:
        tally.is_withdrawn = True
        ctx.warn(_WITHDRAWN)
    return True


def _part_rows(place: Mapping[str, Any], device: Mapping[str, Any], part: Detail) -> Iterator[dict[str, Any]]:
    owner = {name: device.get(name) for name in ("deviceSerial", "deviceName")}
    for name, item in part.items(device):
        texts = problem_texts(part_findings(item, part.group, name))
        yield {**place, **owner, **part.own_fields(name, item), **item, "problems": texts}


def _count_device(device: Mapping[str, Any], tally: Tally) -> list[str]:
    """Count a device and its problems; return the problems."""
    found = findings(device)
    texts = problem_texts(found)
    unknown = [finding for finding in found if not finding.known]
    if disagrees(device):
        tally.disagreeing += 1
        texts += [_OFFLINE_IN_THE_LIST] * (device["deviceOnlineStatus"] == OFFLINE)
    tally.devices += 1
    if device["report"] == MISSING:
        tally.missing[code_list("deviceCategory").label(device.get("deviceCategory"))] += 1
    tally.problems += bool(texts)
    tally.offline += OFFLINE in (device.get("onlineStatus"), device.get("deviceOnlineStatus"))
    tally.unknown_count += len(unknown)
    tally.unknown |= {f"{finding.field} '{finding.value}'" for finding in unknown}
    return texts


def _report_coverage(ctx: Context, tally: Tally) -> None:
    """Name the devices that the platform's report omits, and where the device list differs."""
    if tally.missing:
        kinds = ", ".join(f"{count} {kind}" for kind, count in tally.missing.most_common())
        ctx.info(
            f"The platform's report does not cover {tally.missing.total()} of {quantity(tally.devices, 'device')} "
            f"({kinds}). Their rows come from the device list (report: missing)."
        )
    if tally.disagreeing:
        ctx.info(
            f"Report and device list disagree about {quantity(tally.disagreeing, 'device')}: "
            "STATE shows the report's word first, then the device list's."
        )


def _conclude(ctx: Context, tally: Tally, strictness: str | None) -> None:
    """Name values of unknown meaning, and raise the error that sets the exit code.

    Raises:
        SomeFailedError: a site has no report, or its report could not be read.
        ProblemsFoundError: `--fail-on` applies.
    """
    from hpcli.run.attempts import raise_failures

    _report_coverage(ctx, tally)
    if tally.unknown_count:
        ctx.info(
            f"hpcli does not know {tally.unknown_count} values: {', '.join(sorted(tally.unknown)[:10])}."
        )
    if not tally.without_report:
        raise_failures(tally.failures)
    else:
        failed = sum(error is not None for error in tally.failures)
        more = f", {failed} failed" if failed else ""
        raise SomeFailedError(
            f"{tally.without_report} of {len(tally.failures) + tally.without_report} sites have no report{more}."
        )
    if strictness == "offline" and tally.offline:
        raise ProblemsFoundError(f"Offline devices: {tally.offline}.")
    if strictness == "problem" and tally.problems:
        raise ProblemsFoundError(f"Devices with problems: {tally.problems}.")
