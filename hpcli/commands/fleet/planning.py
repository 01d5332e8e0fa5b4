"""Make the plan of a file, for `fleet plan` and `fleet apply`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import typer

from hpcli.api.operations.arc import SEARCH as SEARCH_ARC
from hpcli.api.operations.customer import DETAIL, LIST
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.installer import SEARCH as SEARCH_INSTALLERS
from hpcli.api.operations.site import MANAGERS, SEARCH
from hpcli.commands.fleet.account import arc_settings, read_some, warn_of_failures
from hpcli.commands.fleet.diff import value_words
from hpcli.commands.fleet.sources import read_document_file
from hpcli.commands.framework.device_codes import check_source, read_codes
from hpcli.errors import SomeFailedError, UsageError
from hpcli.fleet.difference import account_of
from hpcli.fleet.document import Document
from hpcli.fleet.plan import Plan, Planner, is_partial
from hpcli.fleet.reading import read_lists
from hpcli.fleet.steps import MARKS, Options
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context

READS: Final = (SEARCH, SEARCH_DEVICES, SEARCH_ARC, SEARCH_INSTALLERS, MANAGERS, LIST, DETAIL)
"""The calls that a plan is made from."""

_NAMED: Final = 5
_FIELDS: Final = ("action", "kind", "site", "target", "field", "before", "after", "device")
_COLORS: Final = {"add": "green", "remove": "red"}

FleetFile = Annotated[
    str,
    typer.Argument(help="A .yaml, .json or .zip as `fleet export` writes, or - for stdin.", metavar="FILE"),
]
CodesOption = Annotated[
    str | None,
    typer.Option(
        "--codes",
        help="Verification codes of new devices, one SERIAL:CODE a line; - for stdin, @FILE.",
        metavar="-|@FILE",
    ),
]
OtherAccountOption = Annotated[
    bool,
    typer.Option(
        "--to-other-account", help="The file is of another account: match sites by their exact names."
    ),
]
PruneOption = Annotated[
    bool,
    typer.Option("--prune", help="Remove what the sites of the file have and the file has not."),
]
PruneSitesOption = Annotated[
    bool, typer.Option("--prune-sites", help="Delete whole sites that the file has not; needs --prune.")
]
ROWS = View(
    noun="step",
    id="target",
    columns=(
        Column(
            "ACTION",
            "action",
            show=lambda value, _row: f"{MARKS.get(value, '')} {value}",
            style=lambda value, _row: _COLORS.get(value),
        ),
        Column("KIND", "kind"),
        Column("SITE", "site", wide=True),
        Column(
            "TARGET",
            "target",
            show=lambda value, row: "" if row.get("kind") == "site" else str(value),
            wide=True,
        ),
        Column("DEVICE", "device"),
        Column("FIELD", "field"),
        Column("BEFORE", "before", show=value_words, wide=True, wraps=True),
        Column("AFTER", "after", show=value_words, wide=True, wraps=True),
    ),
    fields=lambda: _FIELDS,
)


def make_plan(
    ctx: Context,
    file: str,
    codes: str | None,
    *,
    to_other_account: bool,
    prune: bool,
    prune_sites: bool,
) -> tuple[Plan, Options]:
    """Read a file and as much of the account as its plan needs; return the plan.

    Raises:
        UsageError: the file is not a document, or of another account, or pruning by it would be wrong.
    """
    if prune_sites and not prune:
        raise UsageError("--prune-sites needs --prune.")
    if codes is not None:
        check_source(codes, "Use --codes - or --codes @FILE.")
    document = read_document_file(ctx, file)
    given = read_codes(ctx, codes) if codes is not None else {}
    session = ctx.run.session
    is_same = account_of(document) == session.account_id
    _check_account(document, is_same=is_same or to_other_account)
    options = Options(is_same, {serial.upper(): code for serial, code in given.items()}, prune, prune_sites)
    account = read_lists(session.client)
    if prune:
        _check_whole(document, account.gaps)
    planner = Planner(document, account, options)
    read_some(ctx, account, planner.parts())
    warn_of_failures(ctx, account)

    @cache
    def employees() -> Sequence[Any]:
        return session.client.installer.known()

    return planner.plan(employees, arc_settings(ctx, session, account), ctx.run.now()), options


def _check_account(document: Document, *, is_same: bool) -> None:
    if is_same:
        return
    account = document.get("account") or {}
    if not account.get("id"):
        raise UsageError(
            "The file does not say which account it is of.",
            hint="--to-other-account applies it to the account in use, by the names of sites.",
        )
    name = f" (profile '{account['name']}')" if account.get("name") else ""
    raise UsageError(
        f"The file is of another account{name}.",
        hint="Choose its profile with --profile; --to-other-account applies it to this one, by the names of sites.",
    )


def _check_whole(document: Document, gaps: Sequence[str]) -> None:
    """Refuse to remove things by lists that are not whole.

    Raises:
        UsageError: those of the file, or those of the account, are not.
    """
    in_file = is_partial(document)
    if in_file or gaps:
        whose = "The file" if in_file else "The platform's list of sites or devices"
        raise UsageError(f"{whose} is not complete, so --prune could remove what is only missing there.")


def nothing_words(plan: Plan) -> str:
    """Return what to say of an account in which the plan changes nothing."""
    if plan.notes.problems or plan.notes.left:
        return "Nothing is to be changed, apart from what is named below."
    return f"The account {'has all that' if plan.kept else 'is as'} the file says."


def tell_notes(ctx: Context, plan: Plan) -> None:
    """Say what of the file is not made, and why; and what the account has that the file has not."""
    for reasons in (plan.notes.problems, plan.notes.left):
        for reason, names in reasons.items():
            unique = list(dict.fromkeys(names))
            more = f" … ({len(unique)})" if len(unique) > _NAMED else ""
            ctx.info(f"! {', '.join(unique[:_NAMED])}{more}: {reason}.")
    if plan.kept:
        counts = Counter(row.kind for row in plan.kept)
        kinds = " and ".join(quantity(count, kind) for kind, count in counts.items())
        option = "--prune --prune-sites removes" if "site" in counts else "--prune removes"
        ctx.info(f"Not in the file, and kept: {kinds} ({option} them).")


def raise_problems(plan: Plan) -> None:
    """Fail where the file says something that cannot be made.

    Raises:
        SomeFailedError: it does.
    """
    count = sum(len(set(names)) for names in plan.notes.problems.values())
    if count:
        raise SomeFailedError(f"{quantity(count, 'thing')} of the file cannot be made.")
