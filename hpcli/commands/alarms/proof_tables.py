"""Tables of audits, counts and copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.alarms.proof.audit import AUDIT_FIELDS
from hpcli.output import Column, View, show_duration, show_size


def _chain_shown(value: Any, _row: Mapping[str, Any]) -> str:
    state = f"whole, {value['entries']} entries" if value["whole"] else f"BREAKS at entry {value['brokenAt']}"
    older = f"; {value['uncovered']} older ones are not covered" if value["uncovered"] else ""
    gone = f"; {value['removed']} removed on record" if value["removed"] else ""
    return state + gone + older


def _outputs_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['name']}: {one['passed']}, {one['waiting']} waiting"
        + (f" for {show_duration(one['waitingSeconds'])}" if one["waiting"] else "")
        + (f", {one['dead']} dead" if one["dead"] else "")
        + (f", {one['withoutCode']} high or critical without a code not sent" if one["withoutCode"] else "")
        + (", suspended" if one["state"] == "suspended" else "")
        for one in value
    )


def _removed_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(f"{one['first']} to {one['last']}: {one['count']}, {one['reason']}" for one in value)


def _removed_pictures_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['at']}: {one['files']} files ({show_size(one['bytes'])}), {one['reason']}" for one in value
    )


def _outages_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['began']} to {one['ended']} ({show_duration(one['seconds'])}, {one['reason']})"
        for one in value
    )


def _held_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['id']}: {one['reason']}" + (f", until {one['until']}" if one["until"] else "") for one in value
    )


def _anchor_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return f"entry {value['seq']}: {value['outcome']}" if value else ""


def audit_view() -> View:
    """Return the view of an audit."""
    return View(
        noun="audit",
        id="since",
        columns=(
            Column("SINCE", "since"),
            Column("UNTIL", "until"),
            Column("RECEIVED", "received"),
            Column("CONFIRMED", "confirmed"),
            Column("UNCONFIRMED", "unconfirmed"),
            Column("OUTPUTS", "outputs", show=_outputs_shown),
            Column("REMOVED", "removed", show=_removed_shown),
            Column("REMOVED PICTURES", "removedPictures", show=_removed_pictures_shown),
            Column("HELD", "held", show=_held_shown),
            Column("ERASED", "erased"),
            Column("OUTAGES", "outages", show=_outages_shown),
            Column("GAPS", "gaps", show=lambda value, _row: ", ".join(value)),
            Column("CHAIN", "chain", show=_chain_shown),
            Column("HEAD", "head", show=lambda value, _row: f"{value['seq']} {value['link']}"),
            Column("ANCHOR", "anchor", show=_anchor_shown),
            Column("PROBLEMS", "problems", show=lambda value, _row: " ".join(value)),
        ),
        fields=lambda: AUDIT_FIELDS,
    )


def counts_view(groups: Sequence[str]) -> View:
    """Return the view of counts."""
    return View(
        noun="event",
        id="count",
        columns=(
            *(Column(name.upper(), name, wide=name == "site") for name in groups),
            Column("COUNT", "count"),
        ),
        fields=lambda: (*groups, "count"),
        ranks=_group_ranks,
    )


def _group_ranks() -> Mapping[str, Sequence[str]]:
    from hpcli.alarms.proof.counts import DAYS
    from hpcli.commands.alarms.tables import ranks

    return {**ranks(), "weekday": DAYS}


COPY = View(
    noun="copy",
    id="file",
    columns=(
        Column("FILE", "file", wide=True, wraps=True),
        Column("EVENTS", "events"),
        Column("SIZE", "size", show=lambda value, _row: show_size(value)),
    ),
    fields=lambda: ("file", "events", "size"),
)
