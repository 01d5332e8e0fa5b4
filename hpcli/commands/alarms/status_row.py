"""What `alarms status` shows of one account: reader, subscription, outputs, pictures, journal, silent devices."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.deliveries import Forwarded, Place
from hpcli.alarms.journal.status import STDOUT, forwarded_fields
from hpcli.errors import HpcliError, UsageError
from hpcli.parse import epoch_milliseconds, utc_text

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.tail.reader_lock import Reader
    from hpcli.alarms.tail.subscription_check import SubscriptionCheck
    from hpcli.run.account import AccountSession

SILENT_FOR: Final = timedelta(hours=25)
"""Panels send a test message a day."""

_ASK_SECONDS: Final = 5.0
"""The state of this computer must not wait long for the platform."""


@dataclass(frozen=True)
class StatusReader:
    """Reads the state of an account.

    Args:
        session: the account.
        journal: another journal than the account's.
        now: the present.
        silent_for: how long a device that has sent alarms must be silent to be listed.
        asks: ask the platform for the subscription where no reader does; else it is what was last known.
    """

    session: AccountSession
    journal: Path | None
    now: datetime
    silent_for: timedelta = SILENT_FOR
    asks: bool = True

    def read(self) -> dict[str, Any]:
        """Return the row of the account.

        Raises:
            LocalError: the journal cannot be read.
            HpcliError: no account is chosen.
        """
        from hpcli.alarms.lease.record import load_lease
        from hpcli.alarms.standby.record import load_server
        from hpcli.alarms.tail.reader_lock import find_reader

        folder = self.session.alarms_folder
        path = self.journal or folder / "journal.db"
        status, heard = self._read_journal(path)
        reader = find_reader(folder)
        check, error = self._subscription(folder, reader)
        return {
            "reader": None if reader is None else _reader_fields(reader, status),
            "lease": None if reader is None else load_lease(folder),
            "hotspare": None if reader is None else load_server(folder),
            **status,
            "subscription": self._subscription_fields(folder, check, error),
            "silent": self._silent(heard, check),
            "diskFree": free_bytes(path),
            "journal": str(path),
        }

    def _read_journal(self, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
        """Return the state of the journal, and when each device was heard; without a journal, that there is nothing."""
        import sqlite3

        from hpcli.alarms.journal.schema import is_journal_there, open_for_reading, translate
        from hpcli.alarms.journal.status import NO_JOURNAL, read_heard, read_status
        from hpcli.alarms.journal.writer import read_once

        if not is_journal_there(path):
            return dict(NO_JOURNAL), {}
        now = epoch_milliseconds(self.now)
        with closing(open_for_reading(path, is_once=True)) as db:
            try:
                status, heard = read_once(db, lambda one: (read_status(one, now), read_heard(one)))
                if self.journal is None:
                    status["outputs"] = read_once(db, lambda one: self._declared(one, status["outputs"], now))
            except sqlite3.Error as error:
                raise translate(error, path) from error
        return {**status, "unknown": self._still_unknown(status["unknown"])}, heard

    def _declared(
        self, db: sqlite3.Connection, outputs: list[dict[str, Any]], now: int
    ) -> list[dict[str, Any]]:
        """Return the outputs of the journal, and what forward.toml says of them and of others."""
        from hpcli.alarms.forward.config import FILE, ForwardFile
        from hpcli.alarms.forward.declaration import find_unsent, read_declaration
        from hpcli.alarms.forward.setup import make_setup

        settings = self.session.settings
        file = ForwardFile(settings.config_dir)
        if not file.path.exists():
            return outputs
        try:
            declared = read_declaration(file, settings.profile_name)
        except HpcliError as error:
            return [*outputs, _wrong_output(FILE, error)]
        known = {one["name"] for one in outputs}
        more = [_wrong_output(name, fault) for name, fault in declared.faults.items() if name not in known]
        for name, config in declared.outputs.items():
            if name in known:
                continue
            try:
                more.append(forwarded_fields(find_unsent(db, config), now))
            except HpcliError as error:
                more.append(_wrong_output(name, error))
        faults = dict(declared.faults)
        for name, config in declared.outputs.items():
            try:
                make_setup(config)
            except HpcliError as error:
                faults[name] = error
        for one in outputs:
            is_left = one["state"] == "ok" and (one["waiting"] or one["dead"])
            if is_left and one["name"] not in (STDOUT, *file.tables()):
                faults[one["name"]] = UsageError(
                    f"it is no longer in {FILE}; `hpcli alarms forward remove {one['name']}` gives up what waits"
                )
        return [
            {**one, "state": "wrong", "error": faults[one["name"]].message} if one["name"] in faults else one
            for one in [*outputs, *more]
        ]

    def _still_unknown(self, unknown: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the unknown codes and types without those that the user's own table has by now."""
        if not unknown:
            return unknown
        from hpcli.alarms.event.own_codes import read_codes

        known = {f"CID {code}" for code in read_codes(self.session.settings.config_dir).own}
        return [one for one in unknown if one["name"] not in known]

    def _subscription(
        self, folder: Path, reader: Reader | None
    ) -> tuple[SubscriptionCheck | None, HpcliError | None]:
        """Return the latest check of the reader; where none runs, ask the platform."""
        from hpcli.alarms.tail.subscription import load_subscription
        from hpcli.alarms.tail.subscription_check import check_subscription, keep_check, load_check

        before = load_check(folder)
        if reader is not None or not self.asks:
            return before, None
        self.session.settings.flags.setdefault("timeout", _ASK_SECONDS)
        try:
            rows = list(self.session.client.device.list())
            check = check_subscription(rows, load_subscription(folder), before, self.now)
        except HpcliError as error:
            return before, error
        keep_check(folder, check)
        return check, None

    def _subscription_fields(
        self, folder: Path, check: SubscriptionCheck | None, error: HpcliError | None
    ) -> dict[str, Any]:
        from hpcli.alarms.tail.subscription import load_subscription

        try:
            kept = load_subscription(folder)
        except HpcliError as damaged:
            kept, error = None, error or damaged
        seconds = None if check is None else max(0, round((self.now - check.at).total_seconds()))
        return {
            "state": "unknown" if check is None or error is not None else check.state,
            "subscribed": None if check is None else len(check.subscribed),
            "devices": None if check is None else len(check.devices),
            "lost": [] if check is None else list(check.lost),
            "checked": None if check is None else utc_text(check.at),
            "checkedSeconds": seconds,
            "setHere": None if kept is None else kept.words,
            "error": None if error is None else error.message,
        }

    def _silent(self, heard: dict[str, int], check: SubscriptionCheck | None) -> list[dict[str, Any]]:
        """Return the account's devices that sent messages before, but none for long; the longest silent first."""
        from hpcli.alarms.clock import moment_of

        present = epoch_milliseconds(self.now)
        longest = self.silent_for.total_seconds() * 1000
        return [
            {
                "device": device,
                "lastMessage": utc_text(moment_of(at)),
                "seconds": (present - at) // 1000,
            }
            for device, at in sorted(heard.items(), key=lambda item: item[1])
            if present - at > longest and (check is None or device in check.devices)
        ]


def _wrong_output(name: str, error: HpcliError) -> dict[str, Any]:
    """Return an output that cannot be used as it is declared, before it ever ran."""
    fields = forwarded_fields(Forwarded(name, Place(0), 0, None, 0), 0)
    return {**fields, "state": "wrong", "error": error.message}


def _reader_fields(reader: Reader, status: dict[str, Any]) -> dict[str, Any]:
    return {
        "running": True,
        "pid": reader.pid,
        "since": reader.since,
        "lastPoll": status["lastPoll"],
        "lastPollSeconds": status["lastPollSeconds"],
    }


def free_bytes(path: Path) -> int | None:
    """Return the free space of the disk that a file is on, or will be; None if that is unknown."""
    import shutil

    whole = path.expanduser().absolute()
    nearest = next((one for one in whole.parents if one.exists()), None)
    try:
        return None if nearest is None else shutil.disk_usage(nearest).free
    except OSError:
        return None
