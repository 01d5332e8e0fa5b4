"""`--device SERIAL:PERMISSIONS[:CHANNELS]` and `--permissions @FILE`: permissions of end users on devices."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from hpcli.client.handover_permissions import (
    check_shared_device,
    device_of,
    parse_permission_request,
    shared_device,
)
from hpcli.errors import UsageError
from hpcli.run.context import Context
from hpcli.run.text_input import read_lines

DevicePermissions = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        help="Device and its permissions; may be repeated.",
        metavar="SERIAL:PERMISSIONS[:CHANNELS]",
    ),
]
PermissionsFile = Annotated[
    str | None,
    typer.Option(
        "--permissions",
        help="Devices, one a line, or JSON as `customer show -o json` prints; - for stdin.",
        metavar="@FILE",
    ),
]


def read_shared_devices(
    ctx: Context,
    site_id: str,
    requests: Sequence[str] | None,
    permissions: str | None,
    present: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return the items of `userSharePermission` (§3.11), checked against the devices of the site.

    Args:
        ctx: the command's context.
        site_id: the site.
        requests: what `--device` says.
        permissions: what `--permissions` says.
        present: items that the end user already has; equal items are kept, with permissions unknown to hpcli.

    Raises:
        UsageError: an item is malformed, named twice, not on the site, or cannot have a permission.
    """
    texts, items = list(requests or ()), []
    if permissions is not None:
        content = ctx.inputs.read_table_text(permissions, "permissions")
        if content.lstrip().startswith("["):
            items = ctx.inputs.read_json(content, "permissions")
        else:
            texts += [
                line for _, line in read_lines(content, "permissions") if line and not line.startswith("#")
            ]
    if not texts and not items:
        return []
    parsed = [parse_permission_request(text) for text in texts]
    devices = ctx.client.device.known(site_id=site_id)
    shared = [shared_device(request, device_of(request, devices)) for request in parsed]
    shared += [
        item if item in present else check_shared_device(item, device_of(item, devices)) for item in items
    ]
    serials = [item["deviceSerial"] for item in shared]
    for serial in serials:
        if serials.count(serial) > 1:
            raise UsageError(
                f"The device {serial} is named twice.",
                hint="Give all its permissions at once, separated by commas.",
            )
    return shared
