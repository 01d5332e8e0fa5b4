"""An account of six sites, read by many tests; files and calls of `fleet`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcli.fleet.document import Origin, make_document
from hpcli.fleet.files import decode, encode, kind_of
from hpcli.fleet.reading import read_lists, read_parts
from hpcli.fleet.state import Parts
from hpcli.run.parallel import fan_out
from hpcli.sandbox import control
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.runner import Run, Runner


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The demo account, for tests that only read it."""
    with start_platform(tmp_path_factory.mktemp("demo") / "platform.db") as started:
        yield started


@pytest.fixture(scope="module")
def first(demo: Platform) -> dict[str, Any]:
    """The document of the demo account."""
    client = demo.client()
    account = read_lists(client)
    work = partial(fan_out, at_once=8)
    list(read_parts(client, account.sites, lambda _: Parts(), work))
    now = datetime.now(UTC)
    return make_document(account, Origin("demo", demo.base_url, None, now, now))


@pytest.fixture
def reads(hpcli: Runner, demo: Platform, home: Path) -> Run:
    """The command on the demo account that tests share."""
    return partial(hpcli, environment={**demo.environment, **lift_call_limit(home / "no-limit")})


@pytest.fixture
def calls() -> Callable[[Platform, Callable[[], Any]], Counter[str]]:
    """Count the calls of a function, by the end of their paths."""

    def count(platform: Platform, work: Callable[[], Any]) -> Counter[str]:
        before = Counter(control.statistics(platform.state)["requests"])
        work()
        after = Counter(control.statistics(platform.state)["requests"])
        counts: Counter[str] = Counter()
        for request, number in (after - before).items():
            counts[request.partition("/hpcgw/v")[2][2:]] += number
        del counts["token/get"]
        return counts

    return count


def load(file: Path) -> dict[str, Any]:
    """Return the document of a file."""
    return decode(file.read_bytes(), kind_of(file), str(file))


def save(file: Path, document: dict[str, Any]) -> Path:
    """Write a document; return the file."""
    file.write_bytes(encode(document, kind_of(file)))
    return file


def site_named(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a site of a document."""
    return next(site for site in document["sites"] if site["name"] == name)
