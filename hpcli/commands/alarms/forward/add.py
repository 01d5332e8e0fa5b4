"""`hpcli alarms forward add`: declare an output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file, tell_advice
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.forward.config import OutputConfig


def add_output(
    ctx: Context,
    name: NameArgument,
    to: Annotated[
        list[str],
        typer.Option("--to", help="Where to send; a second one is the back-up.", metavar="URL"),
    ],
    start: Annotated[
        str,
        typer.Option("--from", help="First event: now, beginning, or the one after an ID.", metavar="START"),
    ] = "now",
    account_map: Annotated[
        Path | None,
        typer.Option(help="File with `SERIAL ACCOUNT` a line.", metavar="FILE"),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File with the encryption key.", metavar="FILE")
    ] = None,
    secret_file: Annotated[Path | None, typer.Option(help="File with the secret.", metavar="FILE")] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(help="File with headers, `Name: value` a line.", metavar="@FILE"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only such events; may be repeated.", metavar="KEY=VALUE,..."),
    ] = None,
    excluded: Annotated[
        list[str] | None,
        typer.Option("--not", help="No such events; may be repeated.", metavar="KEY=VALUE,..."),
    ] = None,
    collapse: Annotated[
        str | None,
        typer.Option(help="Merge equal events within this time.", metavar="DURATION"),
    ] = None,
    time_limit: Annotated[
        str | None, typer.Option("--time-limit", help="Time limit of one sending.", metavar="DURATION")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another key of this kind of output.", metavar="KEY=VALUE"),
    ] = None,
) -> None:
    """Declare an output to which alarms are forwarded.

    The output is written to forward.toml in the config directory. `hpcli alarms
    forward run`, or `hpcli alarms tail --forward`, sends to it: each event until it
    is acknowledged, the events of a device in order.

    --only and --not choose events by category, priority, type, site, device, cid
    (a CID code) and hours. Values of one key are alternatives; an event is taken if
    it meets all keys of --only and none of --not.

    An address holds no user, password or other secret: secrets are in files that only
    you can read. --to may be exec:COMMAND (the event on stdin, exit code 0
    acknowledges) or file:/PATH/{date}.ndjson, and what `docs/forwarding.md` lists.

    $ hpcli alarms forward add log --to "file:$PWD/{date}.ndjson" --from beginning
    $ hpcli alarms forward add pager --to "exec:/usr/local/bin/page --urgent" --only priority=critical
    $ hpcli alarms forward add night --to exec:cat --only hours=22:00-06:00 --not category=test,open-close
    """
    from hpcli.alarms.forward.config import read_output
    from hpcli.alarms.forward.setup import make_setup
    from hpcli.alarms.forward.start import origin_of

    files = {"account-map": account_map, "key-file": key_file, "secret-file": secret_file}
    table: dict[str, Any] = {
        "to": list(to),
        "from": origin_of(start, ctx.run.now()),
        "only": only,
        "not": excluded,
        **{key: None if path is None else str(path.expanduser().absolute()) for key, path in files.items()},
        "header": [str(Path(text.removeprefix("@")).expanduser().absolute()) for text in header or ()],
        "collapse": collapse,
        "timeout": time_limit,
        "profile": _profile(ctx),
        **_options(options or []),
    }
    table = {key: value for key, value in table.items() if value not in (None, [])}
    config = read_output(name, table)
    make_setup(config)
    _check_start(ctx, config)
    tell_advice(ctx, config)
    file = forward_file(ctx)
    if ctx.plans_only(f"Would add the output '{name}' to {file.path}."):
        return
    file.add(name, table)
    _warn_of_what_is_missing(ctx, config)
    ctx.info(f"Added the output '{name}'. Try it: `hpcli alarms forward test {name}`")
    ctx.info("A running `alarms tail --forward` or `alarms forward run` sends to it within 10 s.")


def _warn_of_what_is_missing(ctx: Context, config: OutputConfig) -> None:
    """Say what `check` finds; it may come later, so the output is added all the same."""
    from hpcli.alarms.forward.probe import probe_output
    from hpcli.errors import HpcliError

    try:
        probe_output(config, ctx.run.environment)
    except HpcliError as error:
        ctx.warn(f"{config.name}: {error}")


def _profile(ctx: Context) -> list[str]:
    """Return the chosen profile where there are several: an output takes the alarms of one account."""
    name = ctx.settings.profile_name
    names = ctx.settings.profiles.names()
    return [name] if name is not None and len({*names, name}) > 1 else []


def _options(texts: list[str]) -> dict[str, Any]:
    """Return keys and values as TOML has them: `true`, numbers, else text."""
    from hpcli.parse import parse_assignment

    found: dict[str, Any] = {}
    for text in texts:
        key, value = parse_assignment(text, "--set")
        plain: Any = {"true": True, "false": False}.get(value, value)
        found[key] = int(value) if value.isascii() and value.isdecimal() else plain
    return found


def _check_start(ctx: Context, config: OutputConfig) -> None:
    """Refuse a start after an event that the journal does not have.

    Raises:
        UsageError: it does not have it.
    """
    from hpcli.alarms.forward.start import BEGINNING, is_moment, start_after
    from hpcli.commands.alarms.journal import reading

    if config.origin == BEGINNING or is_moment(config.origin):
        return
    with reading(ctx, None) as read:
        read(lambda db: start_after(db, config.origin))
