"""The steps that make devices and what they report to a receiving centre, as a file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hpcli.api.operations.device.devices import UPDATE
from hpcli.client.arc import camera_events, panel_events
from hpcli.client.device.devices import DEVICES_A_CALL, PANEL, NewDevice, add_refusal
from hpcli.client.rows import needed
from hpcli.errors import HpcliError, PlatformError, UsageError
from hpcli.fleet.document import ArcSettings, device_entry
from hpcli.fleet.plan_sites import Match
from hpcli.fleet.state import AccountState, Row, SiteState
from hpcli.fleet.steps import ADD, CHANGE, REMOVE, Notes, Options, PlanRow, Step, Work
from hpcli.names import normal

Entry = Mapping[str, Any]
_OF_ITSELF = ("model", "category", "subCategory", "firmware")
_FIELDS = {"name": "deviceName", "info": "extInfo"}


@dataclass(frozen=True)
class Devices:
    """What the planning of devices needs beside the sites.

    Args:
        account: what is there.
        options: of the plan.
        notes: takes what is not made.
        arc: what this computer set last of the ARC service of a device.
    """

    account: AccountState
    options: Options
    notes: Notes
    arc: ArcSettings

    def steps(self, match: Match) -> Iterator[Step]:
        """Yield the steps that add and name the devices of a site."""
        new: list[Entry] = []
        for entry in match.entry.get("devices", ()):
            serial = str(entry["serial"])
            place = self._places.get(serial.upper())
            if place is None:
                if serial.upper() in self.options.codes:
                    new.append(entry)
                else:
                    self.notes.leave("these devices are not in the account, and --codes has no code", serial)
            elif match.site is None or place[0] is not match.site:
                where = f"'{place[0].name}'" if place[0] is not None else "another site"
                self.notes.refuse(f"a device of {where} is not moved: delete it there first", serial)
            else:
                self._note_what_stays(entry, place[1])
                yield from self._change(match, entry, place[1])
        for start in range(0, len(new), DEVICES_A_CALL):
            yield self._addition(match, new[start : start + DEVICES_A_CALL], start)

    @cached_property
    def _places(self) -> dict[str, tuple[SiteState | None, Row]]:
        """Serial in capitals to the site and the row of a device."""
        return {str(row.get("deviceSerial")).upper(): (site, row) for site, row in self.account.devices}

    def _note_what_stays(self, entry: Entry, row: Row) -> None:
        """Note what the file says of a device that it is, and that nobody can make it."""
        present = device_entry(row, None, None)
        differing = [name for name in _OF_ITSELF if entry.get(name, present.get(name)) != present.get(name)]
        if differing:
            names = " and ".join(differing)
            self.notes.leave(f"never applied, but different in the file: {names}", str(entry["serial"]))

    def _change(self, match: Match, entry: Entry, row: Row) -> Iterator[Step]:
        wanted = _differing(entry, row)
        if not wanted:
            return
        serial = str(row["deviceSerial"])
        rows = [
            PlanRow(CHANGE, "device", match.label, serial, name, row.get(_FIELDS[name]), value)
            for name, value in wanted.items()
        ]

        def make(work: Work) -> None:
            _update(work, row, wanted)

        yield Step(f"device {serial}", rows, make)

    def _addition(self, match: Match, entries: Sequence[Entry], start: int) -> Step:
        """Return the step that adds some devices to a site with one call, and names them."""
        rows = [
            PlanRow(ADD, "device", match.label, str(entry["serial"]), "name", None, entry.get("name"))
            for entry in entries
        ]

        def make(work: Work) -> dict[str, Any]:
            serials = [str(entry["serial"]).upper() for entry in entries]
            devices = [
                NewDevice(str(entry["serial"]), work.codes[serial], entry.get("info") or None)
                for serial, entry in zip(serials, entries, strict=True)
            ]
            try:
                answer = work.client.device.add(match.id(work), devices)
            except HpcliError:
                work.missing |= set(serials)
                raise
            done = {str(row.get("deviceSerial")).upper() for row in answer["addSuccessList"]}
            work.missing |= set(serials) - done
            refused = {
                str(row.get("deviceSerial")).upper(): add_refusal(row) for row in answer["addFailedList"]
            }
            for entry, serial in zip(entries, serials, strict=True):
                if serial in done and entry.get("name"):
                    _name_new(work, entry)
            _raise_refused(serials, done, refused)
            return {"added": sorted(done)}

        part = f" from {start + 1}" if start else ""
        return Step(f"add devices to {match.name}{part}", rows, make, match.needs)

    def removal_steps(self, match: Match, kept: frozenset[str]) -> Iterator[Step]:
        """Yield the steps that delete the devices of a site which the file has on no site."""
        if match.site is None or "devices" not in match.entry:
            return
        for row in match.site.devices:
            serial = str(row["deviceSerial"])
            if serial.upper() not in kept:
                yield _removal(match, row)

    def arc_steps(self, match: Match) -> Iterator[Step]:
        """Yield the steps that make what devices report to a receiving centre."""
        for entry in match.entry.get("devices", ()):
            serial = str(entry["serial"])
            site, row = self._places.get(serial.upper(), (None, None))
            is_added = row is None and serial.upper() in self.options.codes
            if "arc" not in entry or not (is_added or (row is not None and site is match.site)):
                continue
            if self.account.is_of_centre:
                self.notes.leave(
                    "a receiving centre's own account does not say which centre devices report to", serial
                )
                continue
            yield from self._arc_of(match, serial, entry["arc"], row)

    def _arc_of(self, match: Match, serial: str, wanted: Entry | None, row: Row | None) -> Iterator[Step]:
        present = (row or {}).get("arcId") or None
        if wanted is None:
            if present is not None and self.options.prune:
                yield _switching_off(match, serial, present)
            elif present is not None:
                self.notes.leave(
                    "these devices report to a receiving centre; --prune switches that off", serial
                )
            return
        last = self.arc(serial) if present == wanted["id"] else {}
        if present != wanted["id"]:
            action = ADD if present is None else CHANGE
            yield _switching_on(
                match, serial, PlanRow(action, "arc", match.label, serial, "id", present, wanted["id"])
            )
        if "account" in wanted and last.get("account") != wanted["account"]:
            yield _numbering(match, serial, last.get("account"), wanted["account"])
        if "events" in wanted:
            try:
                yield from _events(match, serial, row, last.get("events"), wanted["events"])
            except UsageError as error:
                self.notes.refuse(f"the events of the file are wrong: {error.message}", serial)


def serials_of(entries: Sequence[Entry]) -> frozenset[str]:
    """Return the serials of all devices in a file, in capitals."""
    return frozenset(str(one["serial"]).upper() for site in entries for one in site.get("devices", ()))


def _differing(entry: Entry, row: Row) -> dict[str, str]:
    """Return name and extra text of the file that a device does not have; no text takes an extra text away."""
    return {
        name: str(entry[name])
        for name, key in _FIELDS.items()
        if entry.get(name) and normal(str(entry[name])) != normal(str(row.get(key) or ""))
    }


def _update(work: Work, row: Row, wanted: Mapping[str, str]) -> None:
    device_id, name = needed(row, "id"), str(row.get("deviceName") or "")
    work.name(device_id, str(row.get("deviceSerial")))
    work.note_before(UPDATE, device_id, {"deviceName": name, "extendInfo": row.get("extInfo") or ""})
    work.client.device.update(device_id, wanted.get("name", name), info=wanted.get("info"))


def _name_new(work: Work, entry: Entry) -> None:
    row = work.client.device.find(str(entry["serial"]))
    wanted = _differing({"name": entry["name"]}, row)
    if wanted:
        _update(work, row, wanted)


def _raise_refused(serials: Sequence[str], done: set[str], refused: Mapping[str, HpcliError]) -> None:
    """Raise the error of devices that were not added: their own, or one that names each."""
    missing = [serial for serial in serials if serial not in done]
    if not missing:
        return
    unknown = PlatformError("The platform did not say whether the device was added.")
    errors = {serial: refused.get(serial, unknown) for serial in missing}
    if len(missing) == 1:
        errors[missing[0]].target = missing[0]
        raise errors[missing[0]]
    named = "; ".join(f"{serial}: {error}" for serial, error in errors.items())
    raise PlatformError(f"{len(missing)} of {len(serials)} devices were not added: {named}")


def _removal(match: Match, row: Row) -> Step:
    serial = str(row["deviceSerial"])

    def make(work: Work) -> None:
        work.name(needed(row, "id"), serial)
        work.client.device.delete(needed(row, "id"))

    rows = [PlanRow(REMOVE, "device", match.label, serial, "name", row.get("deviceName"))]
    return Step(f"delete device {serial}", rows, make)


def _switching_on(match: Match, serial: str, row: PlanRow) -> Step:
    def make(work: Work) -> Any:
        work.check_device(serial)
        return work.client.arc.enable(serial, str(row.after))

    return Step(f"receiving centre of {serial}", [row], make, match.needs)


def _switching_off(match: Match, serial: str, present: str) -> Step:
    def make(work: Work) -> None:
        work.client.arc.disable(serial)

    rows = [PlanRow(REMOVE, "arc", match.label, serial, "id", present)]
    return Step(f"receiving centre of {serial}", rows, make)


def _numbering(match: Match, serial: str, before: Any, number: str) -> Step:
    def make(work: Work) -> None:
        work.check_device(serial)
        work.client.arc.set_account(serial, number)
        work.keep_number(serial, number)

    rows = [PlanRow(CHANGE, "arc", match.label, serial, "account", before, number)]
    return Step(f"account number of {serial}", rows, make, match.needs)


def _events(match: Match, serial: str, row: Row | None, last: Any, wanted: Sequence[Any]) -> Iterator[Step]:
    """Yield the step that sets events, unless they are those that this computer set last.

    Raises:
        UsageError: they are not events of such a device.
    """

    def codes_of(words: Sequence[Any], device: Row) -> list[int]:
        read = panel_events if device.get("deviceCategory") == PANEL else camera_events
        return read([str(word) for word in words])

    if row is not None:
        codes = codes_of(wanted, row)
        if last is not None and codes_of(last, row) == codes:
            return

    def make(work: Work) -> Any:
        work.check_device(serial)
        device = row if row is not None else work.client.device.find(serial)
        send: Callable[[str, Sequence[int]], Any] = (
            work.client.arc.set_panel_events
            if device.get("deviceCategory") == PANEL
            else work.client.arc.set_camera_events
        )
        return send(serial, codes_of(wanted, device))

    shown = None if last is None else ", ".join(map(str, last))
    rows = [PlanRow(CHANGE, "arc", match.label, serial, "events", shown, ", ".join(map(str, wanted)))]
    yield Step(f"events of {serial}", rows, make, match.needs)
