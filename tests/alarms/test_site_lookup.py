"""Where devices are: the account's own list, and that of a receiving centre for what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.event.sites import Site
from hpcli.alarms.tail.site_lookup import SiteLookup
from hpcli.errors import CallLimitError, HpcliError, NetworkError, PermissionDeniedError
from tests.soak.stage import wait_until

Rows = list[Mapping[str, Any]]

OWN: Mapping[str, Any] = {
    "deviceSerial": "C1",
    "siteID": "s1",
    "siteName": "Home",
    "deviceCategory": "1",
    "isSubscribed": True,
}
ARC: Mapping[str, Any] = {
    "deviceSerial": "P1",
    "siteID": "s2",
    "siteName": "School",
    "deviceCategory": 3,
    "timeZone": "133",
    "isSubscribed": True,
}


class Centre:
    """Answers with its devices, or refuses."""

    def __init__(self, *answers: Rows | HpcliError) -> None:
        self._answers, self.asked = list(answers), 0

    def list(self) -> Iterable[Mapping[str, Any]]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, HpcliError):
            raise answer
        return answer


@pytest.fixture
def lookup_of(tmp_path: Path) -> Callable[..., SiteLookup]:
    def make(own: Rows, centre: Centre, **more: Any) -> SiteLookup:
        return SiteLookup(tmp_path / "account" / "places.json", lambda: own, centre.list, **more)

    return make


LookupOf = Callable[..., SiteLookup]


def run(lookup: SiteLookup, until: Callable[[], bool]) -> None:
    lookup.start()
    try:
        wait_until(until, "the list was read")
    finally:
        lookup.stop()


def test_an_empty_list_gives_way_to_that_of_the_centre(lookup_of: LookupOf) -> None:
    taken: Rows = []

    def take(rows: Any) -> bool:
        taken.extend(rows)
        return False

    lookup = lookup_of([], Centre([ARC]), take_list=take)
    run(lookup, lambda: bool(taken))

    assert taken == [ARC]
    assert lookup.site_of("P1") == Site("s2", "School", "133", is_panel=True)
    again = SiteLookup(lookup.file, list)
    wait_until(again.load, "the list is cached")
    assert again.site_of("P1") == Site("s2", "School", "133", is_panel=True)


def test_a_device_that_the_account_does_not_know_is_asked_for_once(lookup_of: LookupOf) -> None:
    centre = Centre([])
    lookup = lookup_of([OWN], centre)
    run(lookup, lambda: lookup.site_of("C1") is not None)
    assert centre.asked == 0

    lookup = lookup_of([OWN], centre)
    assert lookup.site_of("X9") is None
    run(lookup, lambda: lookup.wait(0) and centre.asked == 1)
    for _ in range(3):
        lookup.site_of("X9")
        lookup._refresh_safely()
    assert centre.asked == 1


def test_a_device_of_the_centre_has_its_site_soon_after_its_first_alarm(lookup_of: LookupOf) -> None:
    lookup = lookup_of([OWN], Centre([ARC]))
    lookup.start()
    assert lookup.wait(5)
    assert lookup.site_of("P1") is None
    wait_until(lambda: lookup.site_of("P1") is not None, "the centre was asked")
    lookup.stop()
    assert lookup.site_of("C1") == Site("s1", "Home")


def test_a_refusal_is_final_and_a_fault_is_not(lookup_of: LookupOf) -> None:
    taken: list[Rows] = []
    unsubscribed = dict(OWN, isSubscribed=False)

    def take(rows: Any) -> bool:
        taken.append(list(rows))
        return False

    centre = Centre(NetworkError("away"), CallLimitError("slow"), PermissionDeniedError("no"))
    lookup = lookup_of([unsubscribed], centre, take_list=take)
    for _ in range(5):
        lookup._refresh_safely()

    assert centre.asked == 3
    assert taken == [[unsubscribed]] * 3, "before the centre has answered, nobody knows what is subscribed"
    assert lookup.site_of("C1") == Site("s1", "Home")


def test_what_the_end_of_the_tail_cuts_off_is_no_fault(tmp_path: Path) -> None:
    told: list[str] = []

    def cut_off() -> Rows:
        lookup.stop()
        raise RuntimeError("the session is closed")

    lookup = SiteLookup(tmp_path / "places.json", cut_off, warn=told.append)
    run(lookup, lookup._is_stopping.is_set)
    lookup.wait(60)
    assert told == []


def test_a_fault_of_every_kind_is_said_once_and_ends_nothing(tmp_path: Path) -> None:
    faults: list[Exception] = [KeyError("x"), KeyError("y"), RecursionError()]
    said: list[str] = []

    def devices() -> Rows:
        if faults:
            lookup.take_next_list(lambda _rows: False)
            raise faults.pop(0)
        return [OWN]

    lookup = SiteLookup(tmp_path / "account" / "places.json", devices, warn=said.append)
    run(lookup, lambda: lookup.site_of("C1") is not None)
    assert [line.partition("(")[2][:9] for line in said] == ["KeyError)", "Recursion"]
