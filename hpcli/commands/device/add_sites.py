"""The sites of devices that are added: those that are there, and with `--add-sites` those of a file that are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hpcli.client.checks import check_length
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.device.add_entries import Entry
from hpcli.commands.framework.import_plan import PlannedRow
from hpcli.commands.framework.old_new import new_site_words
from hpcli.errors import DryRun, HpcliError, NotFoundError, UsageError
from hpcli.names import folded
from hpcli.reference.timezones import time_zone_of
from hpcli.run.context import Context


@dataclass
class Sites:
    """The sites of the entries; a new one is added when its first device is.

    Args:
        ctx: the command's context.
        ids: those that are there, by their names in the entries.
        new: the entry that describes each of the others, by its folded name.
        wrong: why the rest cannot be used, by their names in the entries.
    """

    ctx: Context
    ids: Mapping[str, str]
    new: Mapping[str, Entry] = field(default_factory=dict)
    wrong: Mapping[str, HpcliError] = field(default_factory=dict)
    _made: dict[str, str | HpcliError] = field(default_factory=dict)
    _planned: set[str] = field(default_factory=set)

    def key(self, name: str) -> str:
        """Return what tells a site from the others: its id, of a new one its name."""
        return self.ids.get(name) or folded(name)

    def known(self, name: str) -> str | None:
        """Return the id of a site; None for one that is yet to be added."""
        made = self._made.get(folded(name))
        return self.ids.get(name) or (made if isinstance(made, str) else None)

    def make(self, name: str) -> str:
        """Return the id of a site, which is added if it is new; with `--dry-run` that is planned.

        Raises:
            HpcliError: it could not be added.
        """
        if name in self.ids:
            return self.ids[name]
        key = folded(name)
        if key not in self._made:
            self._made[key] = self._added(self.new[key])
        made = self._made[key]
        if isinstance(made, HpcliError):
            raise made
        return made

    def _added(self, entry: Entry) -> str | HpcliError:
        try:
            row = self.ctx.client.site.add(entry.site, entry.place.zone or "", address=entry.place.address)
        except DryRun as planned:
            self.ctx.run.plans.append(planned.plan)
            return f"<id of {entry.site}>"
        except HpcliError as error:
            return error
        self.ctx.info(f"Added the site '{entry.site}'.")
        return needed(row, "id")

    def plan(self, entry: Entry) -> Iterator[PlannedRow]:
        """Yield the row of a plan for the site that is added with an entry."""
        key = folded(entry.site)
        if key in self.new and key not in self._planned:
            self._planned.add(key)
            place = self.new[key].place
            words = new_site_words(place.zone or "", place.address)
            yield PlannedRow("+", f"line {entry.line}: site '{entry.site}'", words)


def find_sites(ctx: Context, entries: Sequence[Entry], default: str | None, *, adds: bool) -> Sites:
    """Return the sites of the entries, with at most one listing of the account.

    Args:
        ctx: the command's context.
        entries: the devices to add.
        default: the value of `--site`; an error in it is not that of a line.
        adds: sites that are not there are to be added.

    Raises:
        NotFoundError: there is no site `default`.
    """
    names = list(dict.fromkeys(entry.site for entry in entries))
    if names == [default] and not adds:
        return Sites(ctx, {name: ctx.lookups.site_id(name) for name in names})
    errors = ctx.lookups.find_sites(names)
    if default in errors and not adds:
        raise errors[default]
    wrong: dict[str, HpcliError] = {}
    new: dict[str, Entry] = {}
    for entry in entries:
        if entry.site not in errors or entry.site in wrong:
            continue
        try:
            _check_new(errors[entry.site], entry, new, adds=adds)
        except HpcliError as error:
            wrong[entry.site] = error
    return Sites(ctx, {name: ctx.lookups.site_id(name) for name in names if name not in errors}, new, wrong)


def _check_new(error: HpcliError, entry: Entry, new: dict[str, Entry], *, adds: bool) -> None:
    """Note a site that is to be added, if its first entry says all that it needs.

    Raises:
        HpcliError: the site is not there, and shall not or cannot be added.
    """
    if not isinstance(error, NotFoundError):
        raise error
    if not adds:
        error.hint = "--add-sites --time-zone TZ adds the missing sites."
        raise error
    if folded(entry.site) in new:
        return
    if entry.place.zone is None:
        raise UsageError(
            f"The site '{entry.site}' is new, and its time-zone is empty.",
            hint="Fill it in, or use --time-zone TZ.",
        )
    check_length("site", entry.site, 1, 128)
    for part, text in entry.place.address.items():
        check_length(part, text, 0, 128)
    time_zone_of(entry.place.zone)  # raises
    new[folded(entry.site)] = entry


PLACE_COLUMNS = ("time-zone", *ADDRESS_FIELDS)
"""Columns of a file that are about a new site."""
