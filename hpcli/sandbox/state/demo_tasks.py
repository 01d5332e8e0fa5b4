"""What the demo account did before: two persons, persons copied from a door, an upgrade."""

from __future__ import annotations

from hpcli.sandbox.person_sync import sync_results
from hpcli.sandbox.state import account, door_persons
from hpcli.sandbox.state.demo import stable_id
from hpcli.sandbox.state.store import Store

_DOOR, _UPGRADED = "C94115305", "G20420177"
_LONG_AGO = 0.0
_PERSONS = (("4001", "Weber", "Jan"), ("4002", "Sato", "Mei"))


def add_demo_tasks(store: Store) -> None:
    """Add them; the devices must exist."""
    for number, family, given in _PERSONS:
        person_id = stable_id(f"person {number}")
        person = {"employeeNo": number, "type": 0, "familyName": family, "givenName": given}
        store.put("person", person_id, {**person, "personId": person_id})
    door = account.known_device(store, _DOOR)
    persons = {person["employeeNo"]: person for person in door_persons.persons_of(store, door)}
    task = {"started": _LONG_AGO, "results": sync_results(persons, list(persons), _DOOR)}
    store.put("sync", stable_id(f"sync {_DOOR}"), task, parent=_DOOR)
    store.put("upgrade", _UPGRADED, {"started": _LONG_AGO}, parent=_UPGRADED)
