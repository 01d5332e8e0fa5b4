"""`hpcli health report`: the health of the devices of sites."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import SEARCH
from hpcli.client.health import findings, is_no_report, part_findings, problem_texts
from hpcli.commands.framework.options import several
from hpcli.commands.framework.verb import calls
from hpcli.commands.health.details import DETAILS, Detail, detail_view, report_time
from hpcli.errors import HpcliError, NotFoundError, ProblemsFoundError, SomeFailedError, UsageError
from hpcli.output import Column, View
from hpcli.reference.codes import code_list
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context
from hpcli.run.parallel import Reply, fan_out
from hpcli.run.settings import choose

_OFFLINE = 0


_FAIL_ON = ("problem", "offline")


_OWN_FIELDS = ("siteId", "siteName", "problems", "error")


def _state(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return "no report" if row["error"].get("kind") == "not-found" else "failed"
    return code_list("onlineStatus").label(value).lower()


def _state_tone(value: Any, row: Mapping[str, Any]) -> str | None:
    return "unknown" if row.get("error") else {0: "off", 1: "good"}.get(value)


def _problems(value: Any, row: Mapping[str, Any]) -> str:
    return str(row["error"]["message"]) if row.get("error") else "; ".join(value or ())


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


@calls(REPORT, SEARCH)
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

    $ hpcli health report "Bäckerei Grünwald"
    $ hpcli health report --all --problems
    $ hpcli health report "Bäckerei Grünwald" --detail zones
    """
    strictness = choose(fail_on, _FAIL_ON, "--fail-on") if fail_on else None
    part = DETAILS[choose(detail, tuple(DETAILS), "--detail")] if detail else None
    chosen = _chosen_sites(ctx, sites, everything=everything)
    tally = Tally()
    rows = _rows(ctx, chosen, tally, part)
    kept = (row for row in rows if not problems or row.get("problems") or row.get("error"))
    ctx.show(kept, detail_view(part) if part else REPORTS)
    _conclude(ctx, tally, strictness)


def _chosen_sites(ctx: Context, sites: list[str] | None, *, everything: bool) -> Iterator[Mapping[str, Any]]:
    if bool(sites) == everything:
        raise UsageError("Give sites or --all." if not sites else "Sites and --all cannot be used together.")
    if everything:
        return ctx.client.site.list()
    names = ctx.inputs.read_list(sites or (), "site", commas=False)
    if len(names) == 1:
        return iter([ctx.client.site.find(names[0])])
    return iter([_find_site(ctx, name) for name in names])


def _find_site(ctx: Context, name: str) -> Mapping[str, Any]:
    """Return the row of a site; for an unknown site its name and the error."""
    try:
        return ctx.client.site.find(name)
    except (NotFoundError, UsageError) as error:
        return {"siteName": name, "unknown": error}


def _rows(
    ctx: Context, sites: Iterator[Mapping[str, Any]], tally: Tally, part: Detail | None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of each site in order; a failed report is one row with its error."""

    def ask(site: Mapping[str, Any]) -> dict[str, Any]:
        if "unknown" in site:
            raise site["unknown"]
        return ctx.client.health.report(str(site["id"]))

    for reply in fan_out(sites, ask, at_once=ctx.settings.get("concurrency")):
        place = {"siteId": reply.item.get("id"), "siteName": reply.item.get("siteName")}
        if reply.error is not None:
            _count_failure(ctx, reply, tally)
            yield {**place, "deviceSerial": None, "error": reply.error.as_dict()}
            continue
        tally.failures.append(None)
        for device in (reply.result or {}).get("reportDetail") or ():
            texts = _count_findings(device, tally)
            if part is None:
                yield {**place, **device, "problems": texts}
            else:
                yield from _part_rows(place, device, part)


def _part_rows(place: Mapping[str, Any], device: Mapping[str, Any], part: Detail) -> Iterator[dict[str, Any]]:
    owner = {name: device.get(name) for name in ("deviceSerial", "deviceName")}
    for name, item in part.items(device):
        texts = problem_texts(part_findings(item, part.group, name))
        yield {**place, **owner, **part.own_fields(name, item), **item, "problems": texts}


def _count_failure(ctx: Context, reply: Reply[Mapping[str, Any], Any], tally: Tally) -> None:
    assert reply.error is not None  # the caller looked
    if is_no_report(reply.error):
        tally.without_report += 1
        return
    tally.failures.append(reply.error)
    ctx.warn(f"{reply.item.get('siteName')}: {reply.error}")


def _count_findings(device: Mapping[str, Any], tally: Tally) -> list[str]:
    found = findings(device)
    texts = problem_texts(found)
    unknown = [finding for finding in found if not finding.known]
    tally.problems += bool(texts)
    tally.offline += device.get("onlineStatus") == _OFFLINE
    tally.unknown_count += len(unknown)
    tally.unknown |= {f"{finding.field} '{finding.value}'" for finding in unknown}
    return texts


def _conclude(ctx: Context, tally: Tally, strictness: str | None) -> None:
    """Name values of unknown meaning, and raise the error that sets the exit code.

    Raises:
        SomeFailedError: a site has no report, or its report could not be read.
        ProblemsFoundError: `--fail-on` applies.
    """
    from hpcli.run.attempts import raise_failures

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
