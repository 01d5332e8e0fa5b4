"""`hpcli commands`: the whole command tree as data."""

from collections.abc import Iterator, Mapping
from typing import Any

from typer.core import TyperGroup, TyperOption

from hpcli.commands.framework.family import Single
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.verb import Verb
from hpcli.output import Column, View
from hpcli.run.context import Context


def _sections(value: Any, _row: Mapping[str, Any]) -> str:
    """Show the guide's sections of the calls; several calls may share one."""
    return ", ".join(dict.fromkeys(call["section"] for call in value))


COMMANDS = View(
    noun="command",
    id="command",
    columns=(
        Column("COMMAND", "command"),
        Column("SUMMARY", "summary", wide=True, wraps=True),
        Column("ASKS", "asks", show=lambda value, _row: "asks" if value else "", priority=1),
        Column("CALLS", "calls", show=_sections, priority=2),
    ),
    fields=lambda: (
        "command",
        "summary",
        "help",
        "examples",
        "arguments",
        "options",
        "calls",
        "asks",
        "lists",
        "targets",
        "oneTarget",
    ),
)


@lists
def list_commands(ctx: Context) -> None:
    """List every command with its options, calls and marks.

    $ hpcli commands
    $ hpcli commands --query "[?asks].command"
    """
    root = ctx.find_root().command
    assert isinstance(root, TyperGroup)
    ctx.show(walk(root), COMMANDS)


def walk(root: TyperGroup) -> Iterator[dict[str, Any]]:
    """Yield every command: {command, summary, help, examples, arguments, options, calls, asks, lists, targets, …}."""
    ctx = root.context_class(root, info_name="hpcli")
    yield from _walk_group(root, ctx, ())


def _walk_group(group: TyperGroup, ctx: Any, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, TyperGroup):
            yield from _walk_group(command, ctx, (*names, name))
        elif isinstance(command, Verb) and not command.hidden:
            yield describe(command, " ".join((*names, name)))


def describe(command: Verb, name: str) -> dict[str, Any]:
    """Return one command as data."""
    text = (command.help or "").strip()
    return {
        "command": name,
        "summary": text.partition("\n")[0],
        "help": text,
        "examples": [line.strip()[2:] for line in text.splitlines() if line.strip().startswith("$ ")],
        "arguments": [_argument(p) for p in command.params if p.param_type_name == "argument"],
        "options": [_option(p) for p in command.params if isinstance(p, TyperOption) and not p.hidden],
        "calls": [
            {
                "method": call.method,
                "path": call.path,
                "section": call.section,
                "asks": call.asks,
                "change": call.change,
            }
            for call in command.calls
        ],
        "asks": command.asks,
        "lists": command.lists,
        "targets": _targets(command),
        "oneTarget": command.reason_for_one,
    }


def _targets(command: Verb) -> dict[str, Any] | None:
    """Return how a verb takes several targets: of which kind, and the options that select them."""
    targets = command.targets
    if targets is None:
        return None
    flags = {flag for parameter in command.params for flag in parameter.opts}
    return {"kind": targets.kind, "selectors": [flag for flag in targets.selectors if flag in flags]}


def _argument(parameter: Any) -> dict[str, Any]:
    return {
        "name": parameter.metavar or str(parameter.name).upper(),
        "required": parameter.required,
        "several": parameter.nargs == -1,
        "help": parameter.help or "",
    }


def _option(parameter: TyperOption) -> dict[str, Any]:
    return {
        "flags": [*parameter.opts, *parameter.secondary_opts],
        "value": None if parameter.is_flag else (parameter.metavar or parameter.type.name.upper()),
        "required": parameter.required,
        "several": parameter.multiple,
        "help": parameter.help or "",
    }


app = Single("commands:list_commands")
