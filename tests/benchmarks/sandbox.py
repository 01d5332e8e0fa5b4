"""How long the stand-in takes to answer, over HTTP on loopback, for an account of 100,000 devices.

    python -m tests.benchmarks.sandbox [DEVICES] [SITES]

Each figure is the median of thirty answers, from the first byte sent to the last one read by a plain `http.client`
connection that stays open. The stand-in is a process of its own, as `hpcli sandbox serve --rate 0` is. The beginning
of the account, its middle and its end should cost the same.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hpcli.sandbox import APP_KEY, SECRET_KEY, control
from tests.soak.stage import Stage

TIMES = 30
GOAL = 10.0
Call = Callable[..., bytes]


def main(devices: int, sites: int) -> None:
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as name, Stage(Path(name)) as stage:
        control.configure(stage.state, rate=0)
        rows += [timed_reset(stage.state, 300, 4000), timed_reset(stage.state, sites, devices)]
        control.trigger(stage.state, "motion", count=10_000)
        call = signed_in(stage.base_url.removeprefix("http://"))
        rows += [measured(*case) for case in cases(call, devices, sites)]
    width = max(len(label) for label, _, _ in rows)
    for label, goal, figure in [("", "goal", "figure"), *rows]:
        sys.stdout.write(f"{label:{width}}  {goal:>8}  {figure:>10}\n")


def timed_reset(state: Path, sites: int, devices: int) -> tuple[str, str, str]:
    """Make a large account; return the row about it."""
    started = time.perf_counter()
    control.reset(state, sites=sites, devices=devices)
    taken = time.perf_counter() - started
    return f"reset to {sites:,} sites, {devices:,} devices", "", f"{taken:.2f} s"


def signed_in(address: str) -> Call:
    """Return a function that makes a call and returns the body of its answer."""
    connection = http.client.HTTPConnection(address)
    headers = {"Content-Type": "application/json"}

    def answer_to(path: str, **body: Any) -> bytes:
        connection.request("POST", f"/api/hpcgw/{path}", json.dumps(body), headers)
        return connection.getresponse().read()

    token = json.loads(answer_to("v1/token/get", appKey=APP_KEY, secretKey=SECRET_KEY))
    headers["Authorization"] = "Bearer " + token["data"]["accessToken"]
    return answer_to


def data_of(answer: bytes) -> Any:
    """Return the data of an answer that is a success."""
    envelope = json.loads(answer)
    assert envelope["errorCode"] == "0", envelope
    return envelope.get("data")


def cases(call: Call, devices: int, sites: int) -> list[tuple[str, Callable[[], bytes]]]:
    """Return what is measured."""
    last_page, last_site = devices // 100, sites // 100
    ids = [
        data_of(call("v1/site/search", page=number, pageSize=1))["rows"][0]["id"]
        for number in (1, sites // 2, sites)
    ]

    def read_and_confirm() -> bytes:
        batch = data_of(call("v1/mq/messages"))
        return call("v1/mq/offset", batchId=batch["batchId"])

    pages = [
        (f"device list, page {number:,}", lambda n=number: call("v1/device/list", page=n, pageSize=100))
        for number in (1, last_page // 2, last_page)
    ]
    reports = [
        (f"health report, site {place}", lambda i=site: call("v1/site/health/report", siteId=i))
        for place, site in zip(("first", "middle", "last"), ids, strict=True)
    ]
    return [
        *pages,
        *reports,
        ("device list of the last site", lambda: call("v1/device/list", siteId=ids[-1], pageSize=100)),
        ("one device by serial", lambda: call("v1/device/list", deviceSerial=f"X{devices:08d}")),
        ("site search, last page", lambda: call("v1/site/search", page=last_site, pageSize=100)),
        ("site search by name", lambda: call("v1/site/search", search=f"Site {sites:05d}")),
        ("ARC devices, one page", lambda: call("v1/arcservice/device/list", pageSize=100)),
        ("100 messages, read and confirmed", read_and_confirm),
    ]


def measured(label: str, ask: Callable[[], bytes]) -> tuple[str, str, str]:
    """Return a row with the median time of an answer."""
    taken = []
    data_of(ask())
    for _ in range(TIMES):
        started = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - started)
    return label, f"{GOAL:.0f} ms", f"{1000 * statistics.median(taken):.1f} ms"


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers or [100_000, 1000]))
