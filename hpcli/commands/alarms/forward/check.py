"""`hpcli alarms forward check`: whether forward.toml can work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcli.commands.alarms.forward.configuration import NamesArgument, forward_file, tell_advice
from hpcli.commands.framework.lists import lists
from hpcli.errors import HpcliError, ProblemsFoundError
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.forward.config import OutputConfig

CHECKED = View(
    noun="output",
    id="name",
    columns=(
        Column("NAME", "name"),
        Column("OK", "ok", show=lambda value, _row: "yes" if value else "no"),
        Column("ACKNOWLEDGED BY", "acknowledgedBy"),
        Column("PROBLEM", "problem", wide=True, wraps=True),
    ),
    fields=lambda: ("name", "ok", "acknowledgedBy", "problem"),
)


@lists
def check_outputs(ctx: Context, names: NamesArgument = None) -> None:
    """Check the outputs without sending anything.

    It reads the files with secrets and maps, and looks for libraries, programs,
    certificates and folders that can be written. Exits with 10 if an output cannot work
    as it is. It makes no connection: `hpcli alarms forward test` does.

    $ hpcli alarms forward check
    """
    from hpcli.alarms.forward.config import no_such_output

    file = forward_file(ctx)
    tables = file.tables()
    wanted = ctx.inputs.read_list(names, "output") if names else list(tables)
    for name in wanted:
        if name not in tables:
            raise no_such_output(name, tables)
    rows = [_checked(ctx, name, tables[name]) for name in wanted]
    if not names:
        rows += _checked_rules(ctx, file.read())
    ctx.show(rows, CHECKED)
    wrong = [row["name"] for row in rows if not row["ok"]]
    outputs = [name for name in wrong if name in tables]
    parts = [f"{quantity(len(outputs), 'output')} cannot work: {', '.join(outputs)}."] if outputs else []
    parts += ["The rules cannot be used."] if len(outputs) < len(wrong) else []
    if parts:
        raise ProblemsFoundError(" ".join(parts))


def _checked(ctx: Context, name: str, table: Any) -> dict[str, Any]:
    from hpcli.alarms.forward.config import read_output
    from hpcli.alarms.forward.probe import probe_output

    try:
        config = read_output(name, table)
        probe_output(config, ctx.run.environment)
        tell_advice(ctx, config)
        _tell_of_profiles(ctx, config)
    except HpcliError as error:
        hint = f" {error.hint}" if error.hint else ""
        return {"name": name, "ok": False, "acknowledgedBy": None, "problem": f"{error.message}{hint}"}
    return {"name": name, "ok": True, "acknowledgedBy": config.kind.acknowledged_by, "problem": None}


def _tell_of_profiles(ctx: Context, config: OutputConfig) -> None:
    """Say that an output takes the alarms of several accounts, which may be meant."""
    profiles = ctx.settings.profiles.names()
    if len(profiles) > 1 and not config.profiles:
        ctx.info(
            f'{config.name}: it takes the alarms of all profiles ({", ".join(profiles)}); write profile = ["NAME"]'
            " to restrict it."
        )


def _checked_rules(ctx: Context, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for all rules, where there are some."""
    from hpcli.alarms.forward.rule_config import READER, read_rules

    if "rule" not in content:
        return []
    try:
        rules = read_rules(content)
    except HpcliError as error:
        hint = f" {error.hint}" if error.hint else ""
        return [{"name": "rules", "ok": False, "acknowledgedBy": None, "problem": f"{error.message}{hint}"}]
    if any(rule.kind == READER for rule in rules):
        ctx.info(
            f"rules: {READER} notices the end of a reader only from a process of its own: `hpcli alarms forward run`"
            " beside a tail without --forward."
        )
    return [{"name": "rules", "ok": True, "acknowledgedBy": None, "problem": None}]
