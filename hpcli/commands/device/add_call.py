"""The call that adds the devices of one site, made at the first of them; the others read its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from hpcli.client.device.devices import DEVICES_A_CALL, add_refusal
from hpcli.commands.device.add_entries import Entry
from hpcli.commands.device.add_sites import Sites
from hpcli.errors import HpcliError, PlatformError
from hpcli.run.batches import attempt_batches
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import AddedDevices, DeviceRow


@dataclass(eq=False)
class AddCall:
    """Devices that are added to a site together.

    Args:
        ctx: the command's context.
        site: returns the id of the site, which is added if it is new.
        entries: at most as many as one call takes.
        lists_site: the site is new, so that its list of devices is short.

    Attributes:
        is_made: the call was sent.
    """

    ctx: Context
    site: Callable[[], str]
    entries: Sequence[Entry]
    lists_site: bool = False
    is_made: bool = False
    _answers: list[AddedDevices] = field(default_factory=list)
    _errors: dict[str, HpcliError] = field(default_factory=dict)
    _rows: dict[str, DeviceRow] | None = None

    @property
    def lookups(self) -> int:
        """How many calls look up the devices that get a name, once they are added."""
        named = sum(entry.name is not None for entry in self.entries)
        return min(named, 1) if self.lists_site else named

    def make(self) -> None:
        """Send the call once, or plan it with `--dry-run`; halves show for which device it is refused."""
        if self.is_made:
            return
        self.is_made = True
        by_serial = {entry.serial: entry.device for entry in self.entries}
        try:
            site_id = self.site()
        except HpcliError as error:
            self._errors = dict.fromkeys(by_serial, error)
            return

        def send(serials: Sequence[str]) -> None:
            devices = [by_serial[serial] for serial in serials]
            self._answers.append(self.ctx.client.device.add(site_id, devices))

        attempts = attempt_batches(by_serial, send, self.ctx.run.plans, size=DEVICES_A_CALL)
        self._errors = {outcome.target: error for outcome, error in attempts if error is not None}

    def added(self, serial: str) -> Mapping[str, Any] | HpcliError:
        """Return what the platform says of a device that it added, or why it did not."""
        self.make()
        if serial in self._errors:
            return self._errors[serial]
        for answer in self._answers:
            for failed in answer["addFailedList"]:
                if str(failed.get("deviceSerial")).upper() == serial.upper():
                    return add_refusal(failed)
            for row in answer["addSuccessList"]:
                if str(row.get("deviceSerial")).upper() == serial.upper():
                    return row
        nameless = [
            failed
            for answer in self._answers
            for failed in answer["addFailedList"]
            if not failed.get("deviceSerial")
        ]
        if nameless and len(self.entries) == 1:
            return add_refusal(nameless[0])
        return PlatformError("The platform did not say whether the device was added.")

    def row(self, serial: str) -> DeviceRow:
        """Return the row of a device that was added; those of a new site are listed together.

        Raises:
            NotFoundError: the platform does not list it.
        """
        if self._rows is None:
            listed = self.ctx.client.device.list(site_id=self.site()) if self.lists_site else ()
            self._rows = {str(row.get("deviceSerial")).upper(): row for row in listed}
        return self._rows.get(serial.upper()) or self.ctx.client.device.find(serial)


def calls_for(ctx: Context, entries: Sequence[Entry], sites: Sites) -> dict[str, AddCall]:
    """Return the call of each device, by its serial: one for each site and as many devices as a call takes."""
    by_site: dict[str, list[Entry]] = {}
    for entry in entries:
        by_site.setdefault(sites.key(entry.site), []).append(entry)
    calls: dict[str, AddCall] = {}
    for there in by_site.values():
        for start in range(0, len(there), DEVICES_A_CALL):
            some = there[start : start + DEVICES_A_CALL]
            is_new = sites.known(some[0].site) is None
            call = AddCall(ctx, partial(sites.make, some[0].site), some, lists_site=is_new)
            calls |= dict.fromkeys((entry.serial for entry in some), call)
    return calls
