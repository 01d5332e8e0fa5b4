"""Reading an account: what one failure stops, and what an unfinished reading keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.client.known import KnownRows
from hpcli.errors import HpcliError, NetworkError, PermissionDeniedError, SignInError
from hpcli.fleet.document import site_entry
from hpcli.fleet.partial import PartialReading
from hpcli.fleet.reading import read_lists, read_parts
from hpcli.fleet.state import Parts, SiteState
from hpcli.local.own_folder import OwnFolder
from hpcli.run.parallel import fan_out

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MANAGERS = Parts(customers=False, since=False)


DEVICE = {"id": "d1", "deviceSerial": "E1", "siteID": "s1"}


def lists_of(devices: Any, centre: Any) -> Any:
    """A client whose lists give rows, or raise an error."""

    def given(rows: Any) -> Any:
        if isinstance(rows, HpcliError):
            raise rows
        return KnownRows(rows, "device")

    sites = KnownRows([{"id": "s1", "siteName": "Shop"}], "site")
    return SimpleNamespace(
        site=SimpleNamespace(listing=lambda: SimpleNamespace(all=lambda: sites)),
        device=SimpleNamespace(known=lambda: given(devices)),
        arc=SimpleNamespace(list=lambda: given(centre)),
    )


REFUSED = PermissionDeniedError("No.")


@pytest.mark.parametrize(
    ("devices", "centre", "found"),
    [
        ([DEVICE], REFUSED, (1, False)),
        ([], [DEVICE], (1, True)),
        (REFUSED, [DEVICE], (1, True)),
        ([], REFUSED, (0, False)),
    ],
)
def test_a_receiving_centre_has_the_devices_that_report_to_it(
    devices: Any, centre: Any, found: tuple[int, bool]
) -> None:
    account = read_lists(lists_of(devices, centre))
    assert (len(account.sites[0].devices), account.is_of_centre) == found
    entry = site_entry(account.sites[0], None if account.is_of_centre else lambda _serial: {})
    assert all(("arc" in device) != account.is_of_centre for device in entry["devices"])


def test_devices_that_nobody_may_list_are_an_error() -> None:
    with pytest.raises(PermissionDeniedError):
        read_lists(lists_of(REFUSED, REFUSED))


def test_a_device_without_a_serial_or_a_site_is_not_lost() -> None:
    account = read_lists(
        lists_of([DEVICE, {"id": "d2"}, {**DEVICE, "deviceSerial": "E2", "siteID": "x"}], [])
    )
    assert account.gaps == ["The platform lists a device without a valid serial."]
    assert [row["deviceSerial"] for row in account.homeless] == ["E2"]


def client_of(managers: Callable[[str], Any]) -> Any:
    return SimpleNamespace(site=SimpleNamespace(managers=managers))


def one_by_one(
    items: Iterable[SiteState], work: Callable[[SiteState], SiteState]
) -> Iterator[SimpleNamespace]:
    yield from fan_out(items, work, at_once=1)  # type: ignore[misc]  # a reply has what is asked of it


def read(count: int, error: HpcliError | None) -> list[SiteState]:
    """Read sites whose managers fail with an error; return those that were read before the reading ended."""
    asked: list[SiteState] = []

    def managers(site_id: str) -> list[Any]:
        if error is not None:
            raise error
        return [{"installerId": site_id}]

    sites = [SiteState({"id": str(number)}) for number in range(count)]
    with suppress(HpcliError):
        asked.extend(read_parts(client_of(managers), sites, lambda _: MANAGERS, one_by_one))
    return asked


@pytest.mark.parametrize(
    ("error", "count"),
    [(None, 40), (PermissionDeniedError("No."), 40), (NetworkError("Gone."), 8), (SignInError("?"), 0)],
)
def test_only_what_meets_all_sites_ends_the_reading(error: HpcliError | None, count: int) -> None:
    assert len(read(40, error)) == count


@pytest.mark.parametrize(("hours", "known"), [(0, 2), (23, 2), (25, 0), (-1, 0)])
def test_an_unfinished_reading_is_good_for_a_day(tmp_path: Path, hours: int, known: int) -> None:
    folder = OwnFolder(tmp_path, ("fleet",))
    reading = PartialReading(folder, "unfinished.jsonl", NOW)
    reading.begin()
    for name in ("a", "b"):
        reading.keep(SiteState({"id": name}, managers=[{"installerId": "1"}]))
    reading.keep(SiteState({"id": "c"}, errors={"managers": NetworkError("Gone.")}))
    reading.close()
    with (tmp_path / "fleet/unfinished.jsonl").open("a") as file:
        file.write('{"site": "d", "par')  # the process was killed
    later = PartialReading(folder, "unfinished.jsonl", NOW + timedelta(hours=hours))
    later.load()
    assert len(later.sites) == known
    assert later.begun == (NOW if known else NOW + timedelta(hours=hours))
