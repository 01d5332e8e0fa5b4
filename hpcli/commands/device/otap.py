"""`hpcli device otap`: the object models of devices: properties, operations, lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from hpcli.api.operations.device import otap
from hpcli.client.device.otap import OtapUser, Resource
from hpcli.client.device.otap_batches import batch_refusal, check_batch_set
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.output.outcome_table import Outcome
from hpcli.parse import parse_serial
from hpcli.plurals import counted
from hpcli.run.attempts import Attempt
from hpcli.run.context import Context

Domain = Annotated[str, typer.Argument(help="Domain, such as InfoMgr.", metavar="DOMAIN")]


Property = Annotated[str, typer.Argument(help="Property, such as DeviceVersion.", metavar="PROPERTY")]


Index = Annotated[str, typer.Option("--index", help="Number of the resource.", metavar="N")]


Category = Annotated[
    str, typer.Option("--resource", help="Category of the resource, such as Zone.", metavar="CATEGORY")
]


Data = Annotated[str, typer.Option("--data", help="JSON value; - for stdin, @FILE.", metavar="JSON")]


Batch = Annotated[str, typer.Option("--data", help="JSON array; - for stdin, @FILE.", metavar="JSON")]


Name = Annotated[str | None, typer.Option("--as", help="Act as this user of the device.", metavar="USER")]


Email = Annotated[
    str | None, typer.Option("--as", help="Act as the user with this e-mail address.", metavar="USER")
]


Kind = Annotated[
    str | None,
    typer.Option(
        "--user-type", help="Kind of that user: installer, administrator or operator.", metavar="KIND"
    ),
]


VALUES = View(
    noun="property value",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("RESOURCE", "resourceCategory"),
        Column("INDEX", "localIndex"),
        Column("DOMAIN", "domainId", priority=1),
        Column("PROPERTY", "propId"),
        Column("VALUE", "value", wide=True),
    ),
    fields=lambda: (
        "deviceSerial", "resourceCategory", "localIndex", "domainId", "propId", "timestamp", "value"
    ),
)  # fmt: skip


ANSWERS = View(
    noun="answer",
    id="target",
    columns=(Column("VALUE", "value", wide=True, wraps=True),),
    fields=lambda: ("value", "value.*"),
)


@calls(otap.GET)
@many("serial", selected=True)
def get_property(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    prop: Property,
    index: Index = "0",
    resource: Category = "global",
) -> None:
    """Read a property from the platform's copy.

    $ hpcli device otap get Q10254783 InfoMgr DeviceVersion
    $ hpcli device otap get Q10254783 ZoneMgr SingleZoneBasicInfo --resource Zone --index 1
    """
    _show(ctx, ctx.client.device.otap.get(serial, domain, prop, Resource(resource, index)))


@calls(otap.SET)
@many("serial", question="Set {domain}/{prop} of {targets}?")
def set_property(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    prop: Property,
    data: Data,
    index: Index = "0",
    resource: Category = "global",
) -> None:
    """Set a property.

    $ hpcli device otap set Q10254783 InfoMgr DeviceDescription --data '{"deviceName": "Shop"}' --yes
    """
    value = ctx.inputs.read_json(data, "value")
    ctx.confirm(f"Set {domain}/{prop} of {serial}?")
    ctx.change(
        parse_serial(serial),
        lambda: ctx.client.device.otap.set(serial, domain, prop, value, Resource(resource, index)),
        f"Set {domain}/{prop} of {serial}.",
    )


@calls(otap.GET_DIRECT)
@many("serial", selected=True)
def get_property_direct(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    prop: Property,
    index: Index = "0",
    resource: Category = "global",
    as_user: Name = None,
    user_type: Kind = None,
) -> None:
    """Read a property from the device itself.

    $ hpcli device otap get-direct Q10254783 InfoMgr DeviceDescription
    """
    user = OtapUser(as_user, user_type)
    _show(ctx, ctx.client.device.otap.get_direct(serial, domain, prop, Resource(resource, index), user=user))


@calls(otap.SET_DIRECT)
@many("serial", question="Set {domain}/{prop} of {targets}?")
def set_property_direct(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    prop: Property,
    data: Data,
    index: Index = "0",
    resource: Category = "global",
    as_user: Name = None,
    user_type: Kind = None,
) -> None:
    """Set a property on the device itself.

    $ hpcli device otap set-direct Q10254783 InfoMgr DeviceDescription --data '{"deviceName": "Shop"}' --yes
    """
    value = ctx.inputs.read_json(data, "value")
    user, of = OtapUser(as_user, user_type), Resource(resource, index)
    ctx.confirm(f"Set {domain}/{prop} of {serial}?")
    ctx.change(
        parse_serial(serial),
        lambda: ctx.client.device.otap.set_direct(serial, domain, prop, value, of, user=user),
        f"Set {domain}/{prop} of {serial}.",
    )


@calls(otap.ACTION)
@many("serial", question="Run {domain}/{action} on {targets}?")
def run_action(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    action: Annotated[str, typer.Argument(help="Operation, such as SearchZoneStatus.", metavar="ACTION")],
    data: Annotated[
        str | None, typer.Option("--data", help="JSON input; - for stdin, @FILE.", metavar="JSON")
    ] = None,
    index: Index = "0",
    resource: Category = "global",
    as_user: Name = None,
    user_type: Kind = None,
) -> None:
    """Run an operation on a device and print its output.

    $ hpcli device otap action Q10254783 ZoneMgr SearchZoneStatus --data '{"maxResults": 4}' --yes
    """
    value = None if data is None else ctx.inputs.read_json(data, "input")
    user, of = OtapUser(as_user, user_type), Resource(resource, index)
    ctx.confirm(f"Run {domain}/{action} on {serial}?")
    if ctx.is_one_of_many:
        ctx.change(
            parse_serial(serial),
            lambda: ctx.client.device.otap.action(serial, domain, action, value, of, user=user),
            f"Ran {domain}/{action} on {serial}.",
        )
        return
    output = ctx.client.device.otap.action(serial, domain, action, value, of, user=user)
    ctx.info(f"Ran {domain}/{action} on {serial}.")
    if output is not None:
        _show(ctx, output)


@calls(otap.TABLE)
@many("serial", selected=True)
def show_table(
    ctx: Context,
    serial: SerialArgument,
    domain: Domain,
    prop: Property,
    table: Annotated[str, typer.Argument(help="List, such as UserInfoCfgChangeSync.", metavar="LIST")],
    index: Index = "0",
    resource: Category = "global",
    limit: Limit = None,
) -> None:
    """Print the records of a device list.

    $ hpcli device otap table Q10254783 UserMgr UserInfoCfgList UserInfoCfgChangeSync --limit 3
    """
    of = Resource(resource, index)
    _show(ctx, list(ctx.client.device.otap.table(serial, domain, prop, table, of, limit=limit)))


@calls(otap.BATCH_GET)
@lists
def get_many(ctx: Context, data: Batch) -> None:
    """Read properties from the platform's copy.

    Each item of the array is {deviceSerial, resourceCategory, localIndex, domainId, propId}.
    Without propId the platform may answer all properties of the domain.

    $ hpcli device otap batch-get --data @properties.json
    """
    ctx.show(ctx.client.device.otap.batch_get(ctx.inputs.read_json(data, "batch")), VALUES)


@calls(otap.BATCH_SET)
def set_many(ctx: Context, data: Batch) -> None:
    """Set properties of several devices.

    Each item of the array is {deviceSerial, propReqs: [{resourceCategory, localIndex, domainId, propId, value}]}.

    $ hpcli device otap batch-set --data @changes.json --yes
    """
    requests = ctx.inputs.read_json(data, "batch")
    check_batch_set(requests)
    serials = list(dict.fromkeys(str(request["deviceSerial"]) for request in requests))
    ctx.confirm(f"Set properties of {counted(serials, 'device')}?")
    ctx.report(
        _set_many(ctx, requests, serials),
        lambda serial, _row: f"Set properties of {serial}.",
        is_one=len(serials) == 1,
    )


def _set_many(
    ctx: Context, requests: Sequence[Mapping[str, Any]], serials: Sequence[str]
) -> Iterator[Attempt]:
    """Set the properties in one call and yield the outcome of each device."""
    answer = ctx.send(lambda: ctx.client.device.otap.batch_set(requests))
    if answer is None:
        return
    rows = {str(row.get("deviceSerial")): row for row in answer}
    for serial in serials:
        row = rows.get(serial, {})
        error = batch_refusal(row)
        yield Outcome(serial, ok=error is None, data=row, error=error.as_dict() if error else None), error


@calls(otap.BATCH_GET_DIRECT)
@lists
@many("serial", selected=True)
def get_many_direct(ctx: Context, serial: SerialArgument, data: Batch, as_user: Email = None) -> None:
    """Read properties from the device itself.

    Each item of the array is {resourceCategory, localIndex, domainId, propId}.

    $ hpcli device otap batch-get-direct Q10254783 --data @properties.json
    """
    requests = ctx.inputs.read_json(data, "batch")
    ctx.show(ctx.client.device.otap.batch_get_direct(serial, requests, username=as_user), VALUES)


@calls(otap.BATCH_SET_DIRECT)
@many("serial", question="Set properties of {targets}?")
def set_many_direct(ctx: Context, serial: SerialArgument, data: Batch, as_user: Email = None) -> None:
    """Set properties on the device itself.

    Each item of the array is {resourceCategory, localIndex, domainId, propId, value}.

    $ hpcli device otap batch-set-direct Q10254783 --data @values.json --yes
    """
    requests = ctx.inputs.read_json(data, "batch")
    ctx.confirm(f"Set properties of {parse_serial(serial)}?")
    ctx.change(
        parse_serial(serial),
        lambda: ctx.client.device.otap.batch_set_direct(serial, requests, username=as_user),
        f"Set properties of {serial}.",
    )


def _show(ctx: Context, value: Any) -> None:
    """Print an answer whose shape only the device's model defines; of one among many as `value`."""
    if ctx.is_one_of_many:
        ctx.show_one({"value": value}, ANSWERS)
        return
    if isinstance(value, Mapping):
        value = dict(value)
    ctx.run.printer.value(value)
