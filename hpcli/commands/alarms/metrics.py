"""`alarms status -o prometheus`: the numbers of a status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hpcli.output.prometheus import Metric

if TYPE_CHECKING:
    from hpcli.run.account import AccountSession
    from hpcli.run.context import Context

Rows = Sequence[Mapping[str, Any]]
_PREFIX: Final = "hpcli_alarms_"


def status_metrics(rows: Rows) -> list[Metric]:
    """Return the metrics of accounts; each row has the name of its `profile`, empty without one."""
    whole = [row for row in rows if not row.get("error")]
    numbers = [
        Metric(f"{_PREFIX}{name}", text, ("profile",), [((row["profile"],), read(row)) for row in whole])
        for name, text, read in _NUMBERS
    ]
    readable = [((row["profile"],), 0.0 if row.get("error") else 1.0) for row in rows]
    return [
        Metric(f"{_PREFIX}status_readable", "1 if the state of the account could be read.", ("profile",), readable),
        *numbers,
        *_output_metrics(whole),
        Metric(
            f"{_PREFIX}pictures",
            "Pictures that wait, are locked for want of a key, or failed.",
            ("profile", "state"),
            [
                ((row["profile"], state), row[name])
                for row in whole
                for name, state in (
                    ("picturesPending", "pending"), ("picturesLocked", "locked"), ("picturesFailed", "failed"))
            ],
        ),
        Metric(
            f"{_PREFIX}unknown_events",
            "Events of a type or code that hpcli does not know.",
            ("profile", "name"),
            [((row["profile"], one["name"]), one["count"]) for row in whole for one in row["unknown"]],
        ),
        Metric(
            f"{_PREFIX}silent_device_seconds",
            "Time since the last message of a device that is silent for long.",
            ("profile", "serial"),
            [((row["profile"], one["device"]), one["seconds"]) for row in whole for one in row["silent"]],
        ),
    ]  # fmt: skip


def read_alarm_metrics(ctx: Context) -> list[Metric]:
    """Return the metrics of the account, as this computer knows it; the platform is not asked.

    Raises:
        LocalError: the journal cannot be read.
    """
    return status_metrics([_row(ctx, ctx.run.session, ctx.settings.profile_name)])


def read_metrics_of_profiles(ctx: Context) -> list[Metric]:
    """Return the metrics of the accounts of all profiles; one that cannot be read says so by `status_readable`."""
    from contextlib import closing

    from hpcli.errors import HpcliError

    rows: list[Mapping[str, Any]] = []
    for name in ctx.settings.profiles.names():
        try:
            with closing(ctx.run.session_of(name)) as session:
                rows.append(_row(ctx, session, name))
        except HpcliError as error:
            rows.append({"profile": name, "error": error.as_dict()})
    return status_metrics(rows)


def _row(ctx: Context, session: AccountSession, profile: str | None) -> Mapping[str, Any]:
    from hpcli.commands.alarms.status_row import StatusReader

    return {"profile": profile, **StatusReader(session, None, ctx.run.now(), asks=False).read()}


def _output_metrics(rows: Rows) -> Iterable[Metric]:
    for name, text, field in (
        ("output_position", "Number of the last entry that an output has passed.", "position"),
        ("output_waiting_events", "Events that wait for an output.", "waiting"),
        ("output_waiting_seconds", "How long the oldest of them has waited.", "waitingSeconds"),
        ("output_dead_letters", "Events that an output refused.", "dead"),
    ):
        samples = [((row["profile"], one["name"]), one[field]) for row in rows for one in row["outputs"]]
        yield Metric(f"{_PREFIX}{name}", text, ("profile", "output"), samples)
    yield Metric(
        f"{_PREFIX}output_failing",
        "1 if an output or its first address cannot be reached, or it is suspended or declared wrongly.",
        ("profile", "output"),
        [
            ((row["profile"], one["name"]), float(one["state"] != "ok" or one["since"] is not None))
            for row in rows
            for one in row["outputs"]
        ],
    )


def _of(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: row[name]


def _moment(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: _seconds(row[name])


def _seconds(time: str | None) -> float | None:
    return None if time is None else datetime.fromisoformat(time).timestamp()


def _is_subscribed(row: Mapping[str, Any]) -> float | None:
    state = row["subscription"]["state"]
    return None if state == "unknown" else float(state == "complete")


def _is_active(row: Mapping[str, Any]) -> float:
    if row["reader"] is None:
        return 0.0
    lease, server = row.get("lease"), row.get("hotspare")
    if lease is not None:
        return float(lease["state"] == "holder")
    return float(server is None or server["role"] == "host" or server["state"] in ("reading", "handing-back"))


_NUMBERS: Final[tuple[tuple[str, str, Callable[[Mapping[str, Any]], float | None]], ...]] = (
    ("reader_running", "1 if a reader runs on this computer.", lambda row: float(row["reader"] is not None)),
    ("reader_active", "1 if that reader reads the queue; 0 if it waits for a lease or stands by.", _is_active),
    ("last_poll_timestamp_seconds", "When the platform last answered a poll.", _moment("lastPoll")),
    ("last_message_timestamp_seconds", "When the last message came.", _moment("lastMessage")),
    ("subscription_complete", "1 if all devices are subscribed that should be.", _is_subscribed),
    ("devices", "Devices of the account.", lambda row: row["subscription"]["devices"]),
    ("subscribed_devices", "Devices that are subscribed.", lambda row: row["subscription"]["subscribed"]),
    ("lost_devices", "Devices that are no longer subscribed.", lambda row: len(row["subscription"]["lost"])),
    ("subscription_check_timestamp_seconds", "When the subscription was last compared with the device list.",
     lambda row: _seconds(row["subscription"]["checked"])),
    ("silent_devices", "Devices that are silent for long.", lambda row: len(row["silent"])),
    ("journal_events", "Events in the journal.", _of("events")),
    ("journal_bytes", "Size of the journal.", _of("size")),
    ("journal_oldest_timestamp_seconds", "When the oldest event of the journal came.", _moment("oldest")),
    ("disk_free_bytes", "Free space of the disk with the journal.", _of("diskFree")),
    ("unconfirmed_batches", "Batches that are not confirmed to the platform.", _of("unconfirmed")),
    ("gaps", "Times without reading that were longer than the platform keeps alarms.", _of("gaps")),
)  # fmt: skip
