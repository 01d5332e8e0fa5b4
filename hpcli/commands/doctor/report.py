"""`hpcli doctor`: check the set-up and suggest fixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.auth import GET_TOKEN
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.commands.framework.family import Single
from hpcli.commands.framework.verb import calls
from hpcli.errors import ProblemsFoundError
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.commands.doctor.finding import Finding

_TONES = {"ok": "good", "problem": "bad", "note": "warn", "skipped": "unknown"}


def _tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return _TONES.get(value)


FINDINGS = View(
    noun="check",
    id="check",
    columns=(
        Column("STATE", "state", style=_tone, width=9),
        Column("CHECK", "check", width=15),
        Column("RESULT", "result", wide=True, wraps=True),
    ),
    fields=lambda: ("check", "state", "result", "hint"),
)


@calls(GET_TOKEN, SEARCH_SITES, SEARCH_DEVICES)
def examine(ctx: Context) -> None:
    """Check config, network, sign-in and alarms; suggest fixes.

    The command changes nothing. The exit code is 10 if there are problems.

    $ hpcli doctor
    $ hpcli doctor --profile sandbox -o json
    """
    from hpcli.commands.doctor.checks import Examination

    findings: list[Finding] = []

    def rows() -> Iterator[dict[str, Any]]:
        for finding in Examination(ctx.run.session, ctx.run.now).findings():
            findings.append(finding)
            yield finding.as_dict()

    ctx.run.printer.rows(rows(), FINDINGS, live=True)
    for finding in findings:
        if finding.hint and finding.state in ("problem", "note"):
            ctx.warn(f"{finding.check}: {finding.hint}")
    problems = [finding.check for finding in findings if finding.state == "problem"]
    if problems:
        raise ProblemsFoundError(f"{quantity(len(problems), 'problem')} found: {', '.join(problems)}.")


app = Single("report:examine")
