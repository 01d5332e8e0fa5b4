"""`hpcli device isapi`: send any ISAPI request to one or more devices."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.client.answers import Answer
from hpcli.client.device.isapi import ANY_ISAPI, check_uri, isapi_operation
from hpcli.commands.framework.device_user import device_users
from hpcli.commands.framework.options import SERIALS, SiteOption, complete_codes
from hpcli.commands.framework.verb import calls
from hpcli.errors import DryRun, HpcliError, UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_assignment, parse_json, parse_serial
from hpcli.plurals import counted, quantity
from hpcli.run.context import Context

ANSWERS = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column("ERROR", "error.message", wide=True),
        Column("BODY", "body", wide=True),
    ),
    as_it_came=True,
)


def _result(value: Any, row: Mapping[str, Any]) -> str:
    """Show an answer on one line: the error, else the values of the body."""
    error = row.get("error")
    return str(error["message"]) if error else ", ".join(_leaves(value))


def _leaves(value: Any, name: str = "") -> Iterator[str]:
    """Yield `name value` for each value in a body, without XML attributes."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not str(key).startswith("@"):
                yield from _leaves(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, name)
    elif value is not None:
        yield f"{name} {value}".strip()


SUMMARY = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column(
            "RESULT",
            "body",
            show=_result,
            style=lambda _value, row: "bad" if row.get("error") else None,
            wide=True,
        ),
    ),
    as_it_came=True,
)


SAVED = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column("FILE", "file", wide=True),
        Column("ERROR", "error.message", wide=True),
    ),
)


@calls(*ANY_ISAPI.values())
def send_isapi(
    ctx: Context,
    method: Annotated[str, typer.Argument(help="GET, PUT, POST or DELETE.", metavar="METHOD")],
    uri: Annotated[str, typer.Argument(help="URI, such as /ISAPI/System/deviceInfo.", metavar="URI")],
    serials: Annotated[list[str] | None, SERIALS] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", help="Query parameter; may be repeated.", metavar="NAME=VALUE"),
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Body; - for stdin, @FILE for a file.", metavar="BODY")
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(
            "--save",
            help="Write the body to this file; for several devices '{serial}.xml'.",
            metavar="FILE",
        ),
    ] = None,
    site: SiteOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All devices of the account.")] = False,
    category: Annotated[
        str | None,
        typer.Option(
            help="All devices of a category, such as panel.",
            metavar="CATEGORY",
            autocompletion=complete_codes("deviceCategory"),
        ),
    ] = None,
) -> None:
    """Send an ISAPI request to devices.

    A GET without a serial goes to the default device: HPCLI_DEVICE, else that of
    the profile, else the account's only device. Without -o the body is printed
    unchanged; for several devices a terminal shows a table, other outputs get one
    JSON object a line. Passwords in bodies are not hidden, so that you can edit a
    body and send it back.

    $ hpcli device isapi GET /ISAPI/System/deviceInfo
    $ hpcli device isapi GET ISAPI/System/time Q10254783 -o json
    $ hpcli device isapi GET /ISAPI/System/deviceInfo --category panel
    $ hpcli device isapi GET /ISAPI/System/time --all --save '{serial}.xml'
    """
    from hpcli.isapi.errors import device_remark

    verb = method.upper()
    path = check_uri(uri)
    operation = isapi_operation(verb, path)
    wanted = _targets(
        ctx, serials, site, everything=everything, category=category, is_reading=not operation.change
    )
    query = dict(parse_assignment(text, "--param") for text in param or [])
    content = ctx.inputs.read_bytes(data, "body") if data is not None else None
    is_many = len(wanted) > 1 or _is_many(serials, everything=everything, category=category, site=site)
    if save is not None:
        _check_save(save, wanted, is_many=is_many)
    user_of = device_users(ctx, wanted)
    if operation.asks:
        ctx.confirm(f"Send {verb} /{path} to {counted(wanted, 'device')}?")

    def ask(serial: str) -> Answer:
        answer = ctx.client.device.isapi(
            verb, path, serial, query=query, content=content, user=user_of[serial]
        )
        remark = device_remark(answer.headers, answer.body) if operation.change else None
        if remark:
            ctx.info(f"{serial}: {remark}")
        return answer

    if is_many:
        _show_many(ctx, wanted, ask, verb, path, save)
    else:
        _show_one(ctx, ask(wanted[0]), verb, path, save, wanted[0])


def default_device(ctx: Context) -> str:
    """Return the default device and name it on stderr.

    Raises:
        UsageError: no default is set and the account has several devices.
    """
    serial, where = ctx.settings.locate("device")
    if serial is None and ctx.settings.is_sandbox:
        from hpcli.sandbox import DEFAULT_DEVICE

        serial, where = DEFAULT_DEVICE, "the sandbox's default"
    if serial is None:
        serials = [str(row["deviceSerial"]) for row in ctx.client.device.list(limit=20)]
        if len(serials) != 1:
            hint = f"Name one: {', '.join(serials)}." if serials else "The account has no devices."
            raise UsageError("No device is given, and there is no default device.", hint=hint)
        serial, where = serials[0], "the account's only device"
    ctx.info(f"Asking {serial} ({where}).")
    return parse_serial(serial)


def _targets(
    ctx: Context,
    serials: list[str] | None,
    site: str | None,
    *,
    everything: bool,
    category: str | None,
    is_reading: bool,
) -> list[str]:
    if serials:
        if site or everything or category:
            raise UsageError("Serials cannot be used together with --site, --all or --category.")
        return [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    if site or everything or category:
        from hpcli.commands.device.selection import matching

        site_id = ctx.client.site.find(site)["id"] if site else None
        rows = matching(
            ctx.client.device.list(site_id=site_id), offline=False, category=category, search=None
        )
        found = [str(row["deviceSerial"]) for row in rows]
        if not found:
            raise UsageError("No device matches.", hint="`hpcli device list` shows the devices.")
        return found
    if not is_reading:
        raise UsageError("A change needs the serial of a device.", hint="`hpcli device list` shows serials.")
    return [default_device(ctx)]


def _is_many(serials: list[str] | None, *, everything: bool, category: str | None, site: str | None) -> bool:
    from_elsewhere = bool(serials) and any(text == "-" or text.startswith("@") for text in serials or [])
    return bool(everything or category or site) or from_elsewhere


def _show_one(ctx: Context, answer: Answer, method: str, uri: str, save: str | None, serial: str) -> None:
    if save is not None:
        _save(ctx, answer, save, serial, is_told=True)
    elif ctx.settings.locate("output")[1] == "default" and not ctx.settings.get("query"):
        ctx.run.printer.body(_indented(answer) if ctx.run.options.is_terminal else answer.body)
    else:
        ctx.run.printer.value(_plain(answer, method, uri), as_it_came=True)


def _show_many(ctx: Context, serials: list[str], ask: Any, method: str, uri: str, save: str | None) -> None:
    """Print one row for each device, in input order; failures are rows too and decide the exit code."""
    from hpcli.run.attempts import raise_failures
    from hpcli.run.parallel import fan_out

    errors: list[HpcliError | None] = []
    is_planned = ctx.settings.get("dry-run") and isapi_operation(method, uri).change
    shown = Shown.NOT if is_planned else _shown_as(ctx, save)

    def send(serial: str) -> Answer | DryRun:
        try:
            return ask(serial)  # type: ignore[no-any-return] # the closure above returns an Answer
        except DryRun as planned:
            return planned

    def row_of(serial: str, answer: Answer) -> dict[str, Any]:
        head = {"deviceSerial": serial, "status": answer.status}
        if save is None:
            return head | {"body": _plain(answer, method, uri)}
        return head | {"file": _save(ctx, answer, save, serial, is_told=shown is Shown.NOT)}

    def rows() -> Iterator[dict[str, Any]]:
        for reply in fan_out(serials, send, at_once=ctx.settings.get("concurrency")):
            if isinstance(reply.result, DryRun):
                ctx.run.plans.append(reply.result.plan)
                continue
            if reply.result is not None:
                yield row_of(reply.item, reply.result)
            elif reply.error is not None:
                yield _failed(ctx, reply.item, reply.error, shown)
            errors.append(reply.error)

    _print_rows(ctx, rows(), shown, SAVED if save is not None else ANSWERS)
    _count(ctx, errors, shown)
    raise_failures(errors)


def _check_save(save: str, serials: Sequence[str], *, is_many: bool) -> None:
    """Refuse files that cannot be written before anything is sent."""
    from hpcli.local.files import check_place

    if is_many and "{serial}" not in save:
        raise UsageError("For several devices the file name of --save needs {serial}.")
    for serial in serials:
        check_place(_file_of(save, serial))


def _file_of(save: str, serial: str) -> Path:
    return Path(save.replace("{serial}", serial))


def _save(ctx: Context, answer: Answer, save: str, serial: str, *, is_told: bool) -> str:
    """Write the body to the device's file; return its name."""
    from hpcli.local.files import write_whole

    file = _file_of(save, serial)
    write_whole(file, answer.body)
    if is_told:
        ctx.info(f"Saved {file}.")
    return str(file)


class Shown(Enum):
    """How the answers of several devices are printed."""

    SUMMARY = "a table for people"
    LINES = "ndjson"
    ROWS = "as -o, --fields or --query ask"
    NOT = "not at all: they are in files, in messages on stderr, or nothing was sent"


def _shown_as(ctx: Context, save: str | None) -> Shown:
    is_asked = ctx.settings.locate("output")[1] != "default" or ctx.settings.get("query")
    if is_asked or ctx.run.options.fields:
        return Shown.ROWS
    if save is not None:
        return Shown.NOT
    return Shown.SUMMARY if ctx.run.options.is_terminal else Shown.LINES


def _failed(ctx: Context, serial: str, error: HpcliError, shown: Shown) -> dict[str, Any]:
    if shown is not Shown.SUMMARY:  # the table shows the error itself
        ctx.warn(f"{serial}: {error}")
    return {"deviceSerial": serial, "status": error.http_status, "error": error.as_dict()}


def _print_rows(ctx: Context, rows: Iterator[dict[str, Any]], shown: Shown, view: View) -> None:
    match shown:
        case Shown.ROWS:
            ctx.run.printer.rows(rows, view)
        case Shown.SUMMARY:
            ctx.run.printer.rows(rows, SUMMARY)
        case Shown.LINES:
            from hpcli.output import json_line

            for row in rows:
                ctx.show_text(json_line(row))
        case Shown.NOT:
            for _ in rows:
                pass


def _count(ctx: Context, errors: Sequence[HpcliError | None], shown: Shown) -> None:
    """Print how many devices answered."""
    if not errors or shown not in (Shown.SUMMARY, Shown.NOT):
        return
    failed = sum(error is not None for error in errors)
    done = len(errors) - failed
    told = f"{done} answered" if shown is Shown.SUMMARY else f"Saved {quantity(done, 'file')}"
    ctx.info(f"{told}, {failed} failed.")


def _plain(answer: Answer, method: str, uri: str) -> Any:
    """Return a body as data; of a body that is not a device message, type and size."""
    from hpcli.errors import DeviceError
    from hpcli.isapi.definitions import find_uri
    from hpcli.isapi.messages import to_plain

    known = find_uri(method, "/" + uri)
    try:
        return to_plain(answer.body, known.response if known else None)
    except DeviceError:
        content_type = answer.headers.get("Content-Type", "")
        return {"contentType": content_type, "size": len(answer.body)}


def _indented(answer: Answer) -> bytes:
    """Return XML or JSON indented for reading; other bodies stay unchanged."""
    import json

    from hpcli.isapi.xml import XmlError, parse_xml, to_text

    try:
        if answer.body.lstrip()[:1] == b"<":
            return to_text(parse_xml(answer.body)).encode()
        return json.dumps(parse_json(answer.body), indent=2, ensure_ascii=False).encode()
    except (XmlError, ValueError):
        return answer.body
