"""`hpcli device isapi`: send any ISAPI request to one or more devices."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from hpcli.client.answers import Answer
from hpcli.client.device.isapi import ANY_ISAPI, check_uri, isapi_operation, outcome_of
from hpcli.client.rows import needed
from hpcli.commands.device.isapi_answer import check_save, indented_body, plain_body, save_body
from hpcli.commands.device.isapi_many import show_many
from hpcli.commands.framework.device_user import device_users
from hpcli.commands.framework.options import SERIALS, PickDevices, SiteOption, complete_categories
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import LocalError, UsageError
from hpcli.output.fields import check_present
from hpcli.parse import parse_assignment, parse_serial
from hpcli.plurals import counted, quantity
from hpcli.run.context import Context


@calls(*ANY_ISAPI.values())
@many("serials", selected=True, is_own=True)
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
            help="All devices of a category, such as nvr (with DVRs), dvr, panel.",
            metavar="CATEGORY",
            autocompletion=complete_categories,
        ),
    ] = None,
    pick: PickDevices = None,
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
    $ hpcli device isapi GET /ISAPI/System/deviceInfo --pick 'state = online' -o ndjson
    $ hpcli device isapi GET /ISAPI/System/time --all --save '{serial}.xml'
    """
    verb = method.upper()
    path = check_uri(uri)
    operation = isapi_operation(verb, path)
    if pick and (serials or site or everything or category):
        raise UsageError("--pick cannot be used together with serials, --site, --all or --category.")
    wanted = _targets(
        ctx, serials, site, pick, everything=everything, category=category, is_reading=not operation.change
    )
    query = dict(parse_assignment(text, "--param") for text in param or [])
    content = ctx.inputs.read_bytes(data, "body") if data is not None else None
    is_many = (
        len(wanted) > 1
        or bool(pick)
        or _is_many(serials, everything=everything, category=category, site=site)
    )
    if save is not None:
        check_save(save, wanted, is_many=is_many)
    user_of = device_users(ctx, wanted)
    if operation.asks:
        ctx.confirm(f"Send {verb} /{path} to {counted(wanted, 'device')}?")

    def ask(serial: str) -> Answer:
        answer = ctx.client.device.isapi(
            verb, path, serial, query=query, content=content, user=user_of[serial]
        )
        remark = outcome_of(verb, path, answer).remark if operation.change else None
        if remark:
            ctx.info(f"{serial}: {remark}")
        return answer

    if is_many:
        show_many(ctx, wanted, ask, verb, path, save)
    else:
        _show_one(ctx, ask(wanted[0]), verb, path, save, wanted[0])


def default_device(ctx: Context) -> str:
    """Return the default device and name it on stderr.

    Raises:
        ProtocolError: the platform does not say which devices the account has.
        UsageError: no default is set and the account has several devices.
    """
    serial, where = ctx.settings.locate("device")
    if serial is None and ctx.settings.is_sandbox:
        from hpcli.sandbox import DEFAULT_DEVICE

        serial, where = DEFAULT_DEVICE, "the sandbox's default"
    if serial is None:
        from hpcli.client.known import SERIAL

        rows = ctx.client.device.known(limit=20)
        rows.check_absence("only one device", SERIAL)
        serials = [needed(row, "deviceSerial") for row in rows]
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
    pick: list[str] | None,
    *,
    everything: bool,
    category: str | None,
    is_reading: bool,
) -> list[str]:
    if serials:
        if site or everything or category:
            raise UsageError("Serials cannot be used together with --site, --all or --category.")
        return [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    if site or everything or category or pick:
        return _matching_serials(ctx, site, category, pick or ())
    if not is_reading:
        raise UsageError("A change needs the serial of a device.", hint="`hpcli device list` shows serials.")
    return [default_device(ctx)]


def _matching_serials(ctx: Context, site: str | None, category: str | None, pick: Sequence[str]) -> list[str]:
    """Return the serials of the devices of a site or a category, of those that are picked, or of all.

    Raises:
        ProtocolError: the platform does not say which devices there are.
        UsageError: there is no such device.
    """
    from hpcli.client.known import SERIAL, is_code, is_device_serial
    from hpcli.commands.device.selection import matching
    from hpcli.commands.framework.target_choice import picked

    site_id = ctx.lookups.site_id(site) if site else None
    rows = ctx.client.device.known(site_id=site_id)
    listed: list[Any] = list(matching(iter(rows), offline=False, category=category, search=None))
    listed = list(picked(ctx, listed, pick, "device"))
    found = [row["deviceSerial"] for row in listed if is_device_serial(row.get("deviceSerial"))]
    if not found:
        judges = {**SERIAL, "deviceCategory": is_code} if category else SERIAL
        rows.check_absence("a device that matches", judges)
        raise UsageError("No device matches.", hint="`hpcli device list` shows the devices.")
    if len(found) < len(listed):
        nameless = quantity(len(listed) - len(found), "device")
        ctx.warn(f"The platform lists {nameless} without a valid serial, which cannot be asked.")
    return found


def _is_many(serials: list[str] | None, *, everything: bool, category: str | None, site: str | None) -> bool:
    from_elsewhere = bool(serials) and any(text == "-" or text.startswith("@") for text in serials or [])
    return bool(everything or category or site) or from_elsewhere


def _show_one(ctx: Context, answer: Answer, method: str, uri: str, save: str | None, serial: str) -> None:
    fields = ctx.run.options.fields
    if save is not None:
        try:
            save_body(ctx, answer, save, serial, is_told=True)
        except LocalError:
            if isapi_operation(method, uri).change:  # its answer comes only once
                ctx.info(f"{serial}: the device answered HTTP {answer.status} to the {method}:")
                ctx.run.printer.body(answer.body)
            raise
    elif ctx.settings.locate("output")[1] == "default" and not ctx.settings.get("query") and not fields:
        ctx.run.printer.body(indented_body(answer) if ctx.run.options.is_terminal else answer.body)
    else:
        value = plain_body(answer, method, uri)
        if not isapi_operation(method, uri).change:
            check_present(fields, value)
        ctx.run.printer.value(value, as_it_came=True)
