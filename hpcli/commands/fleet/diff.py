"""`hpcli fleet diff`: what differs between two states of an account."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.arc import SEARCH as SEARCH_ARC
from hpcli.api.operations.customer import DETAIL, LIST
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import MANAGERS, SEARCH
from hpcli.commands.fleet.account import raise_incomplete
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.verb import calls
from hpcli.errors import ProblemsFoundError
from hpcli.fleet.difference import Comparison
from hpcli.fleet.document import Document
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context
from hpcli.run.settings import choose

_FIELDS = ("change", "kind", "site", "siteId", "target", "name", "field", "before", "after")
_TONES = {"added": "good", "removed": "bad"}
_FAIL_ON = ("change",)


def value_words(value: Any, _row: Mapping[str, Any]) -> str:
    """Return a value of a document as a table shows it."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name} {value_words(item, {})}" for name, item in value.items() if item is not None
        )
    if isinstance(value, list):
        return ", ".join(value_words(item, {}) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value in (None, "") else str(value)


DIFFERENCES = View(
    noun="difference",
    id="target",
    columns=(
        Column("CHANGE", "change", style=lambda value, _row: _TONES.get(value)),
        Column("KIND", "kind"),
        Column("SITE", "site", wide=True),
        Column("TARGET", "target", show=lambda value, row: "" if row.get("kind") == "site" else str(value)),
        Column("NAME", "name", wide=True, priority=1),
        Column("FIELD", "field"),
        Column("BEFORE", "before", show=value_words, wide=True, wraps=True),
        Column("AFTER", "after", show=value_words, wide=True, wraps=True),
    ),
    fields=lambda: _FIELDS,
)


@calls(SEARCH, SEARCH_DEVICES, SEARCH_ARC, MANAGERS, LIST, DETAIL, REPORT)
@lists
def compare(
    ctx: Context,
    before: Annotated[
        str, typer.Argument(help="A file, now, @TIME or @last (a snapshot), or profile:NAME.", metavar="A")
    ],
    after: Annotated[str, typer.Argument(help="The same for what it is compared with.", metavar="B")],
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            help="Exit with 10 if anything differs.",
            metavar="change",
            autocompletion=lambda: list(_FAIL_ON),
        ),
    ] = None,
) -> None:
    """Show what differs between two states of an account.

    Each is a file of `fleet export`, `now`, a snapshot (`@2026-11-01` or `@7d`: the newest
    until then; `@last`), or another account (`profile:NAME`), whose sites are compared by
    name. Rows are sites, devices, managers and end users that were added, removed or
    changed. A device's state differs if it is offline for more than a day on one side
    only.

    $ hpcli fleet diff fleet.json now
    $ hpcli fleet diff @last now --where 'kind = device' --fail-on change
    """
    from hpcli.commands.fleet.sources import read_source

    if fail_on is not None:
        choose(fail_on, _FAIL_ON, "--fail-on")
    documents = [read_source(ctx, word) for word in (before, after)]
    _warn_of_gaps(ctx, documents)
    comparison = Comparison(*documents)
    found = [difference.as_dict() for difference in comparison.differences()]
    ctx.show(found, DIFFERENCES, empty="Nothing differs.")
    for part, count in comparison.gaps.items():
        ctx.info(f"Not compared, as it is not known on both sides: {part} ({count}).")
    for word, document in zip((before, after), documents, strict=True):
        if word.strip().lower().startswith(("now", "profile:")):
            raise_incomplete(document)
    if fail_on is not None and found:
        raise ProblemsFoundError(f"{quantity(len(found), 'difference')}.")


def _warn_of_gaps(ctx: Context, documents: list[Document]) -> None:
    """Name documents that are not whole: what is missing there is not compared."""
    for word, document in zip(("first", "second"), documents, strict=True):
        unread = len(document.get("unread", ()))
        if unread:
            ctx.warn(f"The {word} state is not complete: {quantity(unread, 'part')} could not be read then.")
