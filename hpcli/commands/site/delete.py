"""`hpcli site delete`: delete a site with all its devices."""

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import DELETE, SEARCH
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context

_LISTED = 20


@calls(DELETE, SEARCH, SEARCH_DEVICES)
@one("its name is typed, and all its devices go with it")
def delete_site(ctx: Context, site: SiteArgument) -> None:
    """Delete a site with all its devices.

    The command lists the devices and asks you to type the site's name. This cannot
    be undone.

    $ hpcli site delete "Neubau Kiefernweg 7"
    $ hpcli site delete "Neubau Kiefernweg 7" --yes
    """
    row = ctx.lookups.site(site)
    name, site_id = site_label(row), needed(row, "id")
    devices = ctx.client.device.known(site_id=site_id)
    for device in devices[:_LISTED]:
        ctx.info(f"  {device.get('deviceSerial')}  {device.get('deviceName')}")
    if len(devices) > _LISTED:
        ctx.info(f"  … and {len(devices) - _LISTED} more")
    count = f"its {len(devices)} devices" if len(devices) != 1 else "its one device"
    with_them = f"with {count}" if devices else "(it has no devices)"
    ctx.confirm(f"Delete the site '{name}' {with_them}?", typed=name)
    ctx.change(site_id, lambda: ctx.client.site.delete(site_id), f"Deleted the site '{name}' {with_them}.")
