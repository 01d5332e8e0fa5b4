"""The sites of devices that are added: those that are there, and with `--add-sites` those of a file that are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.device.add_entries import Entry
from hpcli.commands.framework.import_item import Lines
from hpcli.commands.framework.import_plan import PlannedRow
from hpcli.commands.framework.import_rows import refuse_wrong
from hpcli.commands.framework.old_new import new_site_words
from hpcli.errors import DryRun, HpcliError, NotFoundError, UsageError
from hpcli.names import folded
from hpcli.run.context import Context

_HINT = "--add-sites --time-zone TZ adds the missing sites."


class NewSite(NamedTuple):
    """A site to add."""

    name: str
    time_zone: str
    address: Mapping[str, str]


@dataclass
class Sites:
    """The sites of the entries; a new one is added when its first device is.

    Args:
        ctx: the command's context.
        ids: those that are there, by their names in the entries.
        new: the others, by their folded names.
        wrong: why the rest cannot be used, by their names in the entries.
        incomplete: those that are new, but of which the file does not say enough.
    """

    ctx: Context
    ids: Mapping[str, str]
    new: Mapping[str, NewSite] = field(default_factory=dict)
    wrong: Mapping[str, HpcliError] = field(default_factory=dict)
    incomplete: Mapping[str, HpcliError] = field(default_factory=dict)
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

    def _added(self, site: NewSite) -> str | HpcliError:
        try:
            row = self.ctx.client.site.add(site.name, site.time_zone, address=site.address)
        except DryRun as planned:
            self.ctx.run.plans.append(planned.plan)
            return f"<id of {site.name}>"
        except HpcliError as error:
            return error
        self.ctx.info(f"Added the site '{site.name}'.")
        return needed(row, "id")

    def plan(self, entry: Entry) -> Iterator[PlannedRow]:
        """Yield the row of a plan for the site that is added with an entry."""
        key = folded(entry.site)
        if key in self.new and key not in self._planned:
            self._planned.add(key)
            site = self.new[key]
            words = new_site_words(site.time_zone, site.address)
            yield PlannedRow("+", f"line {entry.line}: site '{entry.site}'", words)


def find_sites(
    ctx: Context, entries: Sequence[Entry], default: str | None, *, adds: bool, zone: str | None = None
) -> Sites:
    """Return the sites of the entries, with at most one listing of the account.

    Args:
        ctx: the command's context.
        entries: the devices to add.
        default: the value of `--site`; an error in it is not that of a line.
        adds: sites that are not there are to be added.
        zone: time zone of new sites without one.

    Raises:
        NotFoundError: there is no site `default`.
    """
    names = list(dict.fromkeys(entry.site for entry in entries))
    if names == [default] and not adds:
        return Sites(ctx, {name: ctx.lookups.site_id(name) for name in names})
    errors = ctx.lookups.find_sites(names)
    if default in errors and not adds:
        raise errors[default]
    ids = {name: ctx.lookups.site_id(name) for name in names if name not in errors}
    wrong: dict[str, HpcliError] = {}
    incomplete: dict[str, HpcliError] = {}
    new: dict[str, NewSite] = {}
    for name, error in errors.items():
        if not adds or not isinstance(error, NotFoundError):
            error.hint = _HINT if isinstance(error, NotFoundError) else error.hint
            wrong[name] = error
        elif folded(name) not in new:
            site = _new_site(name, [one.place for one in entries if folded(one.site) == folded(name)], zone)
            new[folded(name)] = site
            if not site.time_zone:
                incomplete[folded(name)] = UsageError(
                    f"The site '{name}' is new, and its time-zone is empty.",
                    hint="Fill it in, or use --time-zone TZ.",
                )
    return Sites(ctx, ids, new, wrong, incomplete)


def _new_site(name: str, places: Sequence[Mapping[str, str]], zone: str | None) -> NewSite:
    """Return a site of which each line says a part, the first one what several say."""
    said = {column: text for place in reversed(places) for column, text in place.items()}
    address = {part: said[part] for part in ADDRESS_FIELDS if part in said}
    return NewSite(name, said.get("time-zone") or zone or "", address)


def refuse_incomplete(ctx: Context, lines: Lines[Entry], sites: Sites, report: str | None) -> Lines[Entry]:
    """Return the lines without those whose new site cannot be added: what it needs is missing in the file.

    Raises:
        UsageError: there are such lines, each named by a warning, unless this is a dry run.
    """
    if not sites.incomplete:
        return lines
    from hpcli.run.tables import LineFaults

    faults, right = LineFaults(), list[Entry]()
    for entry in lines.items:
        error = sites.incomplete.get(folded(entry.site))
        if error is None:
            right.append(entry)
        else:
            faults.add(entry.line or 0, [error], entry.serial)
    others = {entry.serial: entry.line or 0 for entry in right}
    wrong = [*lines.wrong, *refuse_wrong(ctx, faults, others, report)]
    return Lines(right, sorted(wrong, key=lambda item: item.line))
