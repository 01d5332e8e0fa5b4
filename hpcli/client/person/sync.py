"""Copying persons from a device to the platform (Guide §3.49–3.51)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hpcli.api.operations.person.sync import DETAILS, PROGRESS, START
from hpcli.client.calls import Calls, made_id
from hpcli.client.checks import check_length
from hpcli.client.person.person import check_employee_no
from hpcli.parse import parse_serial

if TYPE_CHECKING:
    from hpcli.api.rows.person.sync import SyncedPersonRow, SyncProgress

FAILED, SUCCEEDED, IN_PROGRESS = 0, 1, 2
WAIT_SECONDS = 600.0
_OUTCOMES = {"failed": 0, "succeeded": 1}


class SyncCalls(Calls):
    """Calls about copying persons."""

    def start(self, serial: str, employee_nos: Sequence[str] | None = None) -> str:
        """Start a task and return its id. Guide §3.49.

        Args:
            serial: the device.
            employee_nos: only these persons; None for all of the device.

        Raises:
            ConflictError: a task of this device is running (LAP030069).
        """
        numbers = None if employee_nos is None else [check_employee_no(number) for number in employee_nos]
        data = self._change(START, {"deviceSerial": parse_serial(serial), "employeeNoList": numbers})
        return made_id(data, "syncTaskID", "id of the task")

    def progress(self, task: str) -> SyncProgress:
        """Return {totalNum, taskStates: 0 failed, 1 succeeded, 2 in progress, syncSucceedNum, syncFailedNum}.

        Guide §3.50.
        """
        return self._read(PROGRESS, {"syncTaskID": _task(task)})

    def wait(
        self,
        task: str,
        *,
        limit: float = WAIT_SECONDS,
        progress: Callable[[SyncProgress], None] | None = None,
    ) -> SyncProgress:
        """Wait for the end of a task and return its last progress, whether failed or succeeded.

        Args:
            task: its id.
            limit: seconds.
            progress: is given each answer of `progress`.

        Raises:
            TimeLimitError: it was not done in time; it goes on.
        """
        return self._wait(
            lambda: self.progress(task),
            lambda state: state.get("taskStates") in (FAILED, SUCCEEDED),
            limit=limit,
            progress=progress,
        )

    def details(self, task: str, outcome: str, *, limit: int | None = None) -> Iterator[SyncedPersonRow]:
        """Yield the persons of a task with this outcome. Guide §3.51.

        Args:
            task: its id.
            outcome: `failed` or `succeeded`.
            limit: rows at most.

        Yields:
            {employeeNo, subStatus, errorCode} of failed persons; {employeeNo, personId, type, familyName,
            givenName, email, phone, facePicture, cardNo, fingerprint} of copied ones. `subStatus` is a bit field
            (`syncSubStatusBits`), `facePicture` an address valid for ten minutes.
        """
        return self._list(DETAILS, {"syncTaskID": _task(task), "queryType": _OUTCOMES[outcome]}, limit=limit)


def _task(task: str) -> str:
    return check_length("task", task, 1, 64)
