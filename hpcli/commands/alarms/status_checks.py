"""The checks of `alarms status --fail-on`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from hpcli.alarms.journal.status import STDOUT
from hpcli.errors import UsageError
from hpcli.output import show_duration, show_size
from hpcli.parse import naming, parse_duration, parse_size
from hpcli.plurals import counted, quantity

_STALE_SECONDS: Final = 3600
"""How old the reader's check of the subscription may be; it makes one every 15 minutes."""


_WAITING_SECONDS: Final = 600
"""How long an event may wait for an output of `alarms forward`."""


class _Check(NamedTuple):
    """A check by its name.

    Attributes:
        default: its limit as text; empty for one that has no limit.
        parse: reads a limit.
        find: row and limit to what is wrong, None if all is well.
    """

    default: str
    parse: Callable[[str], Any]
    find: Callable[[Mapping[str, Any], Any], str | None]


class Wanted(NamedTuple):
    """A check with its limit."""

    name: str
    limit: Any

    def problem(self, row: Mapping[str, Any]) -> str | None:
        """Return what is wrong with an account as a sentence, None if all is well."""
        return _CHECKS[self.name].find(row, self.limit)


def parse_checks(texts: Sequence[str]) -> list[Wanted]:
    """Return the checks of `reader,poll=3m,…`.

    Raises:
        UsageError: there is no such check, or a limit cannot be read.
    """
    return [_parse(text) for text in texts]


def _parse(text: str) -> Wanted:
    from hpcli.run.settings import choose

    word, equals, limit = text.partition("=")
    name = choose(word.strip(), tuple(_CHECKS), "--fail-on")
    check = _CHECKS[name]
    if equals and not check.default:
        raise UsageError(f"--fail-on {name} has no limit.", hint=f"Write --fail-on {name}.")
    with naming(f"--fail-on {name}"):
        return Wanted(name, check.parse(limit.strip() if equals else check.default))


_MOST_DIGITS: Final = 15


def _parse_number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise UsageError(f"'{text}' is not a whole number.")
    return int(text)


def _parse_space(text: str) -> int:
    return parse_size(text)


def _reader(row: Mapping[str, Any], _limit: Any) -> str | None:
    return None if row["reader"] else "No reader runs on this computer."


def _poll(row: Mapping[str, Any], limit: timedelta) -> str | None:
    seconds = row["lastPollSeconds"]
    if seconds is None:
        return "The platform has never been asked for alarms here."
    if seconds <= limit.total_seconds():
        return None
    lease = row.get("lease")
    if lease is not None and lease["state"] == "unreachable":
        return (
            f"No alarms have been read for {show_duration(seconds)} (since {row['lastPoll']}): the servers of the"
            f" lease, {lease['address']}, do not answer."
        )
    return f"The platform last answered {show_duration(seconds)} ago ({row['lastPoll']})."


def _waiting(row: Mapping[str, Any], limit: int) -> str | None:
    late = [output for output in row["outputs"] if output["waiting"] > limit]
    parts = [
        reason
        for output in row["outputs"]
        if output not in late and (reason := _standstill(output)) is not None
    ]
    parts += [
        f"{quantity(output['waiting'], 'event')} for {output['name']}, the oldest for"
        f" {show_duration(output['waitingSeconds'])}"
        + (f": {reason}" if (reason := _standstill(output)) else "")
        for output in late
    ]
    return f"Events wait: {'; '.join(parts)}." if parts else None


def _standstill(output: Mapping[str, Any]) -> str | None:
    """Return why an output of `alarms forward` takes nothing now, None if nothing is known to be wrong with it."""
    name, error = output["name"], str(output["error"]).rstrip(".")
    match output["state"]:
        case "suspended":
            return f"{name} is suspended ({error})"
        case "wrong":
            return f"{name} cannot run as it is declared ({error})"
    return (
        None if output["since"] is None else f"{name} has not been reached since {output['since']} ({error})"
    )


def _forward(row: Mapping[str, Any], _limit: Any) -> str | None:
    outputs = [output for output in row["outputs"] if output["name"] != STDOUT]
    parts = [reason for output in outputs if (reason := _standstill(output)) is not None]
    parts += [
        f"an event has waited for {output['name']} for {show_duration(output['waitingSeconds'])}"
        for output in outputs
        if output["waitingSeconds"] > _WAITING_SECONDS and _standstill(output) is None
    ]
    parts += [
        f"{quantity(output['dead'], 'dead letter')} of {output['name']}"
        " (`hpcli alarms forward explain` lists them)"
        for output in row["outputs"]
        if output["dead"]
    ]
    return f"Outputs: {'; '.join(parts)}." if parts else None


def _subscription(row: Mapping[str, Any], _limit: Any) -> str | None:
    found = row["subscription"]
    if found["error"]:
        return f"The subscription is not known: {found['error']}"
    match found["state"]:
        case "unknown":
            return "The subscription is not known: the reader has not seen the device list yet."
        case "none":
            return "No device is subscribed."
        case "lost" | "incomplete":
            return f"No longer subscribed: {counted(found['lost'], 'device')}."
    if found["checkedSeconds"] > _STALE_SECONDS:
        return f"The subscription was last checked {show_duration(found['checkedSeconds'])} ago."
    return None


def _silent(row: Mapping[str, Any], limit: timedelta) -> str | None:
    devices = [one["device"] for one in row["silent"] if one["seconds"] > limit.total_seconds()]
    if not devices:
        return None
    return f"No message for over {show_duration(limit.total_seconds())}: {counted(devices, 'device')}."


def _pictures(row: Mapping[str, Any], limit: int) -> str | None:
    parts = [
        f"{row[name]} {words}"
        for name, words in (
            ("picturesLocked", "locked"),
            ("picturesFailedToday", "failed in the last 24 hours"),
        )
        if row[name]
    ]
    if row["picturesLocked"] + row["picturesFailedToday"] <= limit:
        return None
    return f"Pictures: {', '.join(parts)}."


def _disk(row: Mapping[str, Any], limit: int) -> str | None:
    free = row["diskFree"]
    if free is None or free >= limit:
        return None
    return f"Only {show_size(free)} are free for the journal."


_CHECKS: Final[Mapping[str, _Check]] = {
    "reader": _Check("", str, _reader),
    "poll": _Check("3m", parse_duration, _poll),
    "waiting": _Check("100", _parse_number, _waiting),
    "forward": _Check("", str, _forward),
    "subscription": _Check("", str, _subscription),
    "silent": _Check("25h", parse_duration, _silent),
    "pictures": _Check("0", _parse_number, _pictures),
    "disk": _Check("100M", _parse_space, _disk),
}

CHECK_NAMES: Final = tuple(_CHECKS)
