"""`hpcli health report`: the health of the devices of sites."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import SEARCH
from hpcli.client.health import is_no_report, is_withdrawn, part_findings, problem_texts
from hpcli.client.paging import Page
from hpcli.client.rows import needed
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.long_work import watched
from hpcli.commands.framework.options import PickSites, several
from hpcli.commands.framework.target_choice import picked, read_sites
from hpcli.commands.framework.targets import is_one, many
from hpcli.commands.framework.verb import calls, metrics
from hpcli.commands.health.coverage import (
    SITES_ONE_BY_ONE,
    DeviceLists,
    Devices,
    add_device_list,
    missing_rows,
)
from hpcli.commands.health.details import DETAILS, Detail, detail_view
from hpcli.commands.health.estimate import Estimate
from hpcli.commands.health.report_table import REPORTS, with_clock
from hpcli.commands.health.tally import Tally
from hpcli.errors import HpcliError, ProblemsFoundError, SomeFailedError, UsageError
from hpcli.output import Column, Format, View
from hpcli.plurals import quantity
from hpcli.run.context import Context
from hpcli.run.device_counts import DeviceCounts
from hpcli.run.job import Job
from hpcli.run.parallel import Reply, fan_out
from hpcli.run.settings import choose

_FAIL_ON = ("problem", "offline")
_WITHDRAWN = (
    "The platform does not offer health reports to this account: "
    "the rows come from the device list, which only knows online and offline."
)


@calls(REPORT, SEARCH, SEARCH_DEVICES)
@lists
@metrics
@many("sites", selected=True, is_own=True)
def report_health(
    ctx: Context,
    sites: Annotated[list[str] | None, several("Site ids or exact names", "SITE")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sites of the account.")] = False,
    pick: PickSites = None,
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
    tally = Tally()
    chosen, lists = _chosen_sites(ctx, sites, tally, pick or (), everything=everything)
    view = with_clock(
        detail_view(part) if part else REPORTS, tally.zones, ctx.run.now(), utc=ctx.run.options.utc
    )
    has_summary = part is None and _begins_with_summary(ctx)
    tally.is_held = has_summary or ctx.run.selection.needs_all
    one = sites if is_one(sites or ()) else None
    tally.names_targets = one is None
    with ctx.run.job.following_parallel(one, is_change=False) as job:
        rows = _rows(ctx, chosen, lists, tally, part, job)
        kept = (row for row in rows if not problems or row.get("problems") or row.get("error"))
        if is_for_metrics:
            _show_metrics(ctx, kept, view)
        elif has_summary:
            held = list(kept)  # the summary is of all rows, and stands above them
            ctx.show(held, view._replace(above=_summary(ctx, tally)))
        else:
            ctx.show(kept, view)
    _conclude(ctx, tally, strictness, has_summary=has_summary)


def _begins_with_summary(ctx: Context) -> bool:
    """Whether the report begins with a summary: as a table for a person, who did not ask for other columns."""
    options, selection = ctx.run.options, ctx.run.selection
    is_table = options.format is Format.TABLE and options.is_terminal and options.header
    return is_table and not options.fields and options.query is None and not selection.count_by


def _summary(ctx: Context, tally: Tally) -> tuple[str, ...]:
    """Return the lines of the summary, and an empty one."""
    from hpcli.output.tables import record_lines

    found = tally.summary(ctx.run.now())
    columns = tuple(Column(title, title) for title, _ in found)
    return (*(line.rstrip("\n") for line in record_lines(dict(found), columns, ctx.run.options)), "")


def _show_metrics(ctx: Context, rows: Iterator[dict[str, Any]], view: View) -> None:
    from hpcli.commands.health.metrics import health_metrics

    selection = ctx.run.selection
    if selection.count_by:
        raise UsageError("--count-by is not for -o prometheus.")
    chosen, _ = selection.apply(rows, view, ctx.run.now())
    ctx.show_metrics(health_metrics(chosen))


def _chosen_sites(
    ctx: Context, sites: list[str] | None, tally: Tally, pick: Sequence[str], *, everything: bool
) -> tuple[Iterator[Mapping[str, Any]], DeviceLists]:
    """Return the rows of the sites, and the lists of their devices, which begin at once."""
    if bool(sites) + everything + bool(pick) != 1:
        given = any((sites, everything, pick))
        raise UsageError(
            "Use only one of sites, --all and --pick." if given else "Give sites, --all or --pick."
        )

    estimate = Estimate(ctx)
    ctx.run.job.says_beforehand = everything

    def expect(page: Page) -> None:
        if tally.expected is None and page.total:
            tally.expected = page.total
        estimate.expect_sites(page)

    if everything:
        devices = DeviceLists(
            ctx.client, DeviceCounts(ctx.run.session), whole_account=True, on_page=estimate.expect_devices
        )
        return ctx.client.site.list(on_page=expect), devices
    found = _named_sites(ctx, sites, pick)
    tally.expected = estimate.sites = len(found)
    ctx.run.job.says_beforehand = True
    is_whole = len(found) > SITES_ONE_BY_ONE
    if not is_whole:
        estimate.device_pages = len(found)
        estimate.say()
    return iter(found), DeviceLists(
        ctx.client,
        DeviceCounts(ctx.run.session),
        whole_account=is_whole,
        on_page=estimate.expect_devices,
    )


def _named_sites(ctx: Context, sites: list[str] | None, pick: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the rows of the sites that are named or picked; one that is not there has its error as `unknown`."""
    if pick:
        return list(picked(ctx, ctx.client.site.listing().all(), pick, "site"))
    names = read_sites(ctx, sites) if sites else []
    if len(names) == 1 and is_one(sites or ()):
        return [ctx.lookups.site(names[0])]
    errors = ctx.lookups.find_sites([name for name in names if not ctx.lookups.knows_site(name)])
    return [
        {"siteName": name, "unknown": errors[name]} if name in errors else ctx.lookups.site(name)
        for name in names
    ]


def _rows(
    ctx: Context,
    sites: Iterator[Mapping[str, Any]],
    lists: DeviceLists,
    tally: Tally,
    part: Detail | None,
    job: Job | None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of each site in order; a failed report is one row with its error, before those of the devices."""

    def ask(site: Mapping[str, Any]) -> dict[str, Any]:
        if "unknown" in site:
            raise site["unknown"]
        try:
            return ctx.client.health.report(needed(site, "id"))
        finally:
            lists.prepare(needed(site, "id"))

    at_once = ctx.settings.get("concurrency")
    replies = fan_out(sites, ask, at_once=at_once, job=job, named=_name_of)
    fills_terminal = ctx.run.options.is_terminal and not tally.is_held
    followed = watched(ctx, replies, "site", lambda: tally.expected, fills_terminal=fills_terminal)
    for reply in lists.once_ready(followed):
        named = {"target": _name_of(reply.item)} if tally.names_targets else {}
        place = {**named, "siteId": reply.item.get("id"), "siteName": reply.item.get("siteName")}
        tally.zones[reply.item.get("id")] = reply.item.get("timeZone")
        tally.sites += 1
        devices = _listed(ctx, reply.item, lists, tally)
        if reply.error is None:
            tally.failures.append(None)
        elif not _needs_no_row(ctx, reply, tally, devices, part):
            yield {**place, "deviceSerial": None, "error": reply.error.as_dict()}
        reported = [row for row in (reply.result or {}).get("reportDetail") or () if isinstance(row, dict)]
        rows = [add_device_list(row, devices) for row in reported]
        rows += missing_rows(reported, devices)
        for device in rows:
            counted = tally.count(device, reply.item.get("id"))
            if part is None:
                yield {**place, **counted}
            else:
                yield from _part_rows(place, device, part)


def _name_of(site: Mapping[str, Any]) -> str:
    """Return what names a site in the file of what is left."""
    return str(site.get("id") or site.get("siteName"))


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


def _report_coverage(ctx: Context, tally: Tally, *, has_summary: bool) -> None:
    """Name the devices that the platform's report omits, and where the device list differs."""
    if tally.missing and not has_summary:
        ctx.info(
            f"The platform's report does not cover {tally.missing_text()}. "
            "Their rows come from the device list (report: missing)."
        )
    if tally.disagreeing:
        ctx.info(
            f"Report and device list disagree about {quantity(tally.disagreeing, 'device')}: "
            "STATE shows the report's word first, then the device list's."
        )


def _conclude(ctx: Context, tally: Tally, strictness: str | None, *, has_summary: bool) -> None:
    """Name values of unknown meaning, and raise the error that sets the exit code.

    Raises:
        SomeFailedError: a site has no report, or its report could not be read.
        ProblemsFoundError: `--fail-on` applies.
    """
    from hpcli.run.attempts import raise_failures

    _report_coverage(ctx, tally, has_summary=has_summary)
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
    if strictness == "offline" and tally.offline_since:
        raise ProblemsFoundError(f"Offline devices: {len(tally.offline_since)}.")
    if strictness == "problem" and tally.problems:
        raise ProblemsFoundError(f"Devices with problems: {tally.problems}.")
