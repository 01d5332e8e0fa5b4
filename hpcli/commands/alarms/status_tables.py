"""Tables of `alarms status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.status import STATUS_FIELDS
from hpcli.alarms.standby.record import HOTSPARE_FIELDS
from hpcli.alarms.tail.subscription_check import named
from hpcli.output import Column, View, show_duration, show_size

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS: Final = (
    *("reader", "reader.pid", "reader.since", "lease", "lease.state", "lease.holder"),
    "hotspare",
    *HOTSPARE_FIELDS,
    *STATUS_FIELDS,
    *("subscription", "subscription.state", "subscription.subscribed", "subscription.devices", "subscription.lost"),
    *("subscription.checked", "silent", "diskFree", "journal"),
)  # fmt: skip


def _counts_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['name']} ({one['count']})" for one in value or ())


def _reader_shown(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return ""
    if not value:
        return "none on this computer"
    more = f"{_lease_words(row.get('lease'))}{_hotspare_words(row.get('hotspare'))}"
    return f"pid {value['pid']}, since {value['since']}{more}"


def _lease_words(lease: Mapping[str, Any] | None) -> str:
    if lease is None:
        return ""
    if lease["state"] == "waiting":
        return f", waiting for the lease of {lease['holder'] or 'another machine'}"
    return ", holds the lease" if lease["state"] == "holder" else f", {lease['address']} does not answer"


def _hotspare_words(server: Mapping[str, Any] | None) -> str:
    if server is None:
        return ""
    host, heard = server["host"], server["hostHeard"]
    last = f", last heard {heard}" if heard else ""
    if server["role"] == "host":
        words = {"stopped": "sends no heartbeats, as it does not poll", "unknown": "its heartbeat fails"}
        return f", host {host}: {words.get(server['state'], 'sends heartbeats')}"
    words = {
        "standby": f"stands by for {host}",
        "reading": f"reads in place of {host}",
        "handing-back": f"hands back to {host}",
    }
    return f", {words.get(server['state'], f'cannot ask whether {host} is up')}{last}"


def _seconds_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else show_duration(value)


def _size_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else show_size(value)


def _outputs_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['name']} at {one['position']}"
        + (f", {one['waiting']} waiting since {one['oldest']}" if one["waiting"] else "")
        + (f", {one['dead']} dead" if one["dead"] else "")
        + _output_state(one)
        for one in value or ()
    )


def _output_state(one: Mapping[str, Any]) -> str:
    if one["state"] != "ok":
        return f", {one['state']}: {one['error']}"
    return "" if one["since"] is None else f", not reached since {one['since']}: {one['error']}"


def _subscription_shown(value: Any, _row: Mapping[str, Any]) -> str:
    if not value:
        return ""
    parts = []
    if value["devices"] is not None:
        parts.append(f"{value['subscribed']} of {value['devices']} devices")
    if value["lost"]:
        parts.append(f"lost: {named(value['lost'])}")
    if value["state"] == "unknown":
        parts.append("unknown now" if parts else "unknown")
    if value["error"]:
        parts.append(str(value["error"]).rstrip("."))
    if value["checkedSeconds"] is not None:
        parts.append(f"checked {show_duration(value['checkedSeconds'])} ago")
    if value["setHere"]:
        parts.append(f"set here: {value['setHere']}")
    return "; ".join(parts)


def _subscription_style(value: Any, _row: Mapping[str, Any]) -> str | None:
    return "yellow" if value and value["state"] in ("lost", "incomplete") else None


def _silent_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['device']} ({show_duration(one['seconds'])})" for one in value or ())


def status_view() -> View:
    """Return the view of the state of an account."""
    return View(
        noun="journal",
        id="journal",
        columns=(
            Column("READER", "reader", show=_reader_shown),
            Column("LAST POLL", "lastPoll"),
            Column("AGO", "lastPollSeconds", show=_seconds_shown),
            Column("LAST MESSAGE", "lastMessage"),
            Column("SUBSCRIPTION", "subscription", show=_subscription_shown, style=_subscription_style),
            Column("SILENT DEVICES", "silent", show=_silent_shown),
            Column("EVENTS", "events"),
            Column("OLDEST", "oldest"),
            Column("NEWEST", "newest"),
            Column("OUTPUTS", "outputs", show=_outputs_shown),
            Column("NOT PRINTED", "waiting"),
            Column("FOR", "waitingSeconds", show=_seconds_shown),
            Column("UNCONFIRMED", "unconfirmed"),
            Column("PICTURES PENDING", "picturesPending"),
            Column("PICTURES NOT FETCHED", "picturesNotFetched"),
            Column("PICTURES LOCKED", "picturesLocked"),
            Column("PICTURES FAILED", "picturesFailed"),
            Column("GAPS", "gaps"),
            Column("UNKNOWN", "unknown", show=_counts_shown),
            Column("SIZE", "size", show=_size_shown),
            Column("DISK FREE", "diskFree", show=_size_shown),
            Column("JOURNAL", "journal"),
        ),
        fields=lambda: _FIELDS,
    )


def profiles_view() -> View:
    """Return the view of the state of all profiles, one row each."""
    return View(
        noun="profile",
        id="profile",
        columns=(
            Column("PROFILE", "profile"),
            Column("READER", "reader", show=_reader_word),
            Column("LAST POLL", "lastPollSeconds", show=_ago),
            Column("WAITING", "waiting"),
            Column("SUBSCRIPTION", "subscription", show=_state_shown, style=_subscription_style),
            Column("SILENT", "silent", show=_count_shown, priority=3),
            Column("PICTURES", "pictures", show=_pictures_shown, priority=4),
            Column("EVENTS", "events", priority=1),
            Column("SIZE", "size", show=_size_shown, priority=2),
        ),
        fields=lambda: ("profile", *_FIELDS, "error"),
    )


def _reader_word(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return "failed"
    return f"pid {value['pid']}" if value else "none"


def _ago(value: Any, row: Mapping[str, Any]) -> str:
    if value is None:
        return "" if row.get("error") else "never"
    return f"{show_duration(value)} ago"


def _state_shown(value: Any, _row: Mapping[str, Any]) -> str:
    if not value:
        return ""
    counts = "" if value["devices"] is None else f" {value['subscribed']}/{value['devices']}"
    return f"{value['state']}{counts}"


def _count_shown(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else str(len(value))


def _pictures_shown(_value: Any, row: Mapping[str, Any]) -> str:
    names = (
        ("picturesPending", "pending"),
        ("picturesNotFetched", "not fetched"),
        ("picturesLocked", "locked"),
        ("picturesFailed", "failed"),
    )
    return ", ".join(f"{row[name]} {word}" for name, word in names if row.get(name))
