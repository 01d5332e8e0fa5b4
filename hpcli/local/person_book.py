"""The persons added on this computer: employee number to person id.

The platform cannot list persons, so without this file ids would be lost, and a repeated import could not detect
existing persons.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hpcli.errors import LocalError
from hpcli.local.own_folder import OwnFolder, unusable
from hpcli.names import normal

_LOCK_SECONDS = 10.0
_MOVE_AWAY = "Move it away; it only holds the ids of persons."


@dataclass(frozen=True, slots=True)
class PersonBook:
    """The person book of one account.

    Args:
        path: its file, created on first use; its folder is one of ours.
    """

    path: Path

    @property
    def _folder(self) -> OwnFolder:
        return OwnFolder(self.path.parent.parent, (self.path.parent.name,))

    def entries(self) -> dict[str, str]:
        """Return all persons, employee number (in normal form) to id."""
        return {number: entry.partition(" ")[0] for number, entry in self._read().items()}

    def find(self, employee_no: str) -> str | None:
        """Return the id of a person, None if no person with that number was added on this computer."""
        return self.entries().get(normal(employee_no))

    def digest(self, employee_no: str) -> str:
        """Return the digest of the data sent for a person, "" if unknown."""
        return _parts(self._read().get(normal(employee_no), ""))[1]

    def people(self) -> dict[str, tuple[str, str]]:
        """Return employee number and name of each person by id; the name is "" if it is not known."""
        kept = {number: _parts(entry) for number, entry in self._read().items()}
        return {person_id: (number, name) for number, (person_id, _, name) in kept.items()}

    def note(self, employee_no: str, person_id: str, digest: str = "", name: str = "") -> None:
        """Remember a person, a digest of the data sent, and the person's name."""
        words = f"{person_id} {digest or '-'} {name}" if name else f"{person_id} {digest}"
        self._change({normal(employee_no): words.rstrip()}, forget=None)

    def move(self, person_id: str, employee_no: str) -> None:
        """Remember a person under another employee number."""
        self._change({normal(employee_no): person_id}, forget=person_id)

    def forget(self, person_id: str) -> None:
        """Forget a person, if it is in the book."""
        if person_id in self.entries().values():
            self._change({}, forget=person_id)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._folder.read(self.path.name))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise unusable(self.path, error, "read", _MOVE_AWAY) from error
        except ValueError as error:
            raise LocalError(f"{self.path} cannot be read.", hint=_MOVE_AWAY) from error
        if not isinstance(kept, dict):
            raise LocalError(f"{self.path} cannot be read: it is not an object.", hint=_MOVE_AWAY)
        return {normal(str(number)): str(person_id) for number, person_id in kept.items()}

    def _change(self, added: dict[str, str], *, forget: str | None) -> None:
        try:
            with self._folder.lock(f"{self.path.stem}.lock", timeout=_LOCK_SECONDS):
                kept = {
                    number: entry
                    for number, entry in self._read().items()
                    if entry.partition(" ")[0] != forget
                }
                content = json.dumps(kept | added, ensure_ascii=False, indent=1).encode()
                self._folder.replace(self.path.name, content)
        except OSError as error:  # includes the TimeoutError of a lock
            raise unusable(self.path, error, "written") from error


def _parts(entry: str) -> tuple[str, str, str]:
    """Return id, digest and name of an entry; the latter two may be missing."""
    person_id, _, rest = entry.partition(" ")
    digest, _, name = rest.partition(" ")
    return person_id, "" if digest == "-" else digest, name
