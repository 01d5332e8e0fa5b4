"""Reading an account: what one failure stops, and what an unfinished reading keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.errors import HpcliError, NetworkError, PermissionDeniedError, SignInError
from hpcli.fleet.partial import PartialReading
from hpcli.fleet.reading import read_parts
from hpcli.fleet.state import Parts, SiteState
from hpcli.local.own_folder import OwnFolder
from hpcli.run.parallel import fan_out

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MANAGERS = Parts(customers=False, since=False)


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
