"""Who may open which door: bringing persons to access control devices (Guide §3.46–3.48)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hpcli.api.operations.access.permissions import GRANT, REVOKE, STATUS
from hpcli.client.calls import Calls
from hpcli.client.checks import check_serials
from hpcli.client.person.person import check_person_ids

APPLYING, APPLIED, FAILED = 0, 1, 2
WAIT_SECONDS = 600.0


class AccessCalls(Calls):
    """Calls about permissions."""

    def grant(self, serials: Sequence[str], person_ids: Sequence[str]) -> None:
        """Bring persons to devices, where they may enter all day; `status` shows the progress. Guide §3.46."""
        self._change(GRANT, _authorities(serials, person_ids))

    def revoke(self, serials: Sequence[str], person_ids: Sequence[str]) -> None:
        """Take persons off devices; they stay on the platform. Guide §3.48."""
        self._change(REVOKE, _authorities(serials, person_ids))

    def status(self, person_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the state of the persons on their devices, a row for each pair. Guide §3.47.

        Returns:
            [{personId, deviceSerial, status: 0 applying, 1 applied, 2 failed, subStatus, error}]; `subStatus` is
            a bit field (`privilegeSubStatusBits`). A person on no device has no row.
        """
        persons = self._read(STATUS, {"personIdList": check_person_ids(person_ids)})
        return [
            {"personId": person.get("personId"), **device}
            for person in persons
            for device in person.get("deviceLists") or ()
        ]

    def wait(
        self,
        serials: Sequence[str],
        person_ids: Sequence[str],
        *,
        limit: float = WAIT_SECONDS,
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> list[dict[str, Any]]:
        """Wait until no pair of these devices and persons is on its way any more; return their rows.

        Args:
            serials: the devices.
            person_ids: the persons.
            limit: seconds.
            progress: is given {done, total} after each question.

        Raises:
            TimeLimitError: it was not done in time; it goes on.
        """
        wanted = {(serial, person) for serial in check_serials(serials) for person in person_ids}

        def ask() -> dict[str, Any]:
            rows = [
                row
                for row in self.status(person_ids)
                if (row.get("deviceSerial"), row.get("personId")) in wanted
            ]
            done = [row for row in rows if row.get("status") != APPLYING]
            return {"rows": rows, "done": len(done), "total": len(wanted)}

        end = self._wait(ask, lambda state: state["done"] >= state["total"], limit=limit, progress=progress)
        return list(end["rows"])


def _authorities(serials: Sequence[str], person_ids: Sequence[str]) -> dict[str, Any]:
    persons = check_person_ids(person_ids)
    return {
        "deviceAuthorities": [
            {"deviceSerial": serial, "personIdList": persons} for serial in check_serials(serials)
        ]
    }
