"""The persons added on this computer: employee number to person id.

The platform cannot list persons, so without this file ids would be lost, and a repeated import could not detect
existing persons.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file
from hpcli.local.locks import lock_file
from hpcli.local.private_files import make_private_folder
from hpcli.names import normal

_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PersonBook:
    """The person book of one account.

    Args:
        path: its file, created on first use.
    """

    path: Path

    def entries(self) -> dict[str, str]:
        """Return all persons, employee number (in normal form) to id."""
        return {number: entry.partition(" ")[0] for number, entry in self._read().items()}

    def find(self, employee_no: str) -> str | None:
        """Return the id of a person, None if no person with that number was added on this computer."""
        return self.entries().get(normal(employee_no))

    def digest(self, employee_no: str) -> str:
        """Return the digest of the data sent for a person, "" if unknown."""
        return self._read().get(normal(employee_no), "").partition(" ")[2]

    def note(self, employee_no: str, person_id: str, digest: str = "") -> None:
        """Remember a person and a digest of the data sent, which is stored after the id."""
        self._change({normal(employee_no): f"{person_id} {digest}".rstrip()}, forget=None)

    def move(self, person_id: str, employee_no: str) -> None:
        """Remember a person under another employee number."""
        self._change({normal(employee_no): person_id}, forget=person_id)

    def forget(self, person_id: str) -> None:
        """Forget a person, if it is in the book."""
        if person_id in self.entries().values():
            self._change({}, forget=person_id)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise LocalError(
                f"{self.path} cannot be read.", hint="Move it away; it only holds the ids of persons."
            ) from error
        return {normal(str(number)): str(person_id) for number, person_id in kept.items()}

    def _change(self, added: dict[str, str], *, forget: str | None) -> None:
        try:
            make_private_folder(self.path.parent, is_ours=True)
            with lock_file(self.path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                kept = {
                    number: entry
                    for number, entry in self._read().items()
                    if entry.partition(" ")[0] != forget
                }
                replace_file(self.path, json.dumps(kept | added, ensure_ascii=False, indent=1).encode())
        except OSError as error:  # includes the TimeoutError of a lock
            raise LocalError(f"{self.path} cannot be written: {error.strerror or error}.") from error
