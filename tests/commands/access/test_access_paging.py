"""`access events` and `access users` against devices that page in their own way."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.platform_server import lift_call_limit
from tests.support.proxy import Answer, Exchange, Proxy
from tests.support.runner import Run, Runner

DOOR = "C94115305"
Page = Callable[[dict[str, Any]], bytes]


@pytest.fixture
def run(hpcli: Runner, proxy: Proxy, tmp_path: Path) -> Run:
    return partial(hpcli, environment=proxy.platform.environment | lift_call_limit(tmp_path / "config"))


def _answer(proxy: Proxy, path: str, page: Page, content_type: str = "application/json") -> None:
    def spoiler(exchange: Exchange) -> None:
        ((_, condition),) = json.loads(exchange.arrival.body).items()
        exchange.send_whole(Answer(200, (("Content-Type", content_type),), page(condition)))

    proxy.spoil(spoiler, path=path)


def _pages(
    root: str, name: str, rows: list[dict[str, Any]], *, most: int = 1000, total: int | None = None
) -> Page:
    """Make a device that says OK on every page, and gives nothing where more than `most` rows are asked for."""

    def page(condition: dict[str, Any]) -> bytes:
        start, wanted = condition["searchResultPosition"], condition["maxResults"]
        found = rows[start : start + min(wanted, 30)] if wanted <= most else []
        counts = {"numOfMatches": len(found), "totalMatches": len(rows) if total is None else total}
        return json.dumps({root: {"responseStatusStrg": "OK", **counts, name: found}}).encode()

    return page


@pytest.mark.parametrize("most", [1000, 30])
@pytest.mark.parametrize(
    ("command", "path", "root", "name", "key"),
    [
        ("events", "AcsEvent", "AcsEvent", "InfoList", "serialNo"),
        ("users", "UserInfo/Search", "UserInfoSearch", "UserInfo", "employeeNo"),
    ],
)
def test_every_row_that_the_device_counts_comes(
    run: Run, proxy: Proxy, command: str, path: str, root: str, name: str, key: str, most: int
) -> None:
    rows = [{key: str(number), "name": "A"} for number in range(371)]
    _answer(proxy, path, _pages(root, name, rows, most=most))
    result = run("access", command, DOOR, "-o", "ndjson")
    assert (result.exit_code, len(result.rows), result.stderr) == (0, 371, "")


def test_rows_that_are_missing_are_told_and_no_events_is_not_claimed(run: Run, proxy: Proxy) -> None:
    _answer(proxy, "AcsEvent", _pages("AcsEvent", "InfoList", [{"serialNo": 1}], total=60))
    result = run("access", "events", DOOR)
    assert (result.exit_code, len(result.lines)) == (0, 2)
    assert result.stderr == "The device sent 1 of 60 rows; the list is not complete.\n"
    proxy.forget()
    _answer(proxy, "AcsEvent", _pages("AcsEvent", "InfoList", [], total=60))
    result = run("access", "events", DOOR)
    assert (result.exit_code, "No events" in result.stderr) == (8, False)
    assert "counts 60 rows but sends none" in result.stderr


def test_pictures_are_not_asked_for_and_an_answer_in_parts_is_read_all_the_same(
    run: Run, proxy: Proxy
) -> None:
    whole = _pages("AcsEvent", "InfoList", [{"serialNo": 7, "name": "Berg"}])
    asked: list[object] = []

    def in_parts(condition: dict[str, Any]) -> bytes:
        asked.append(condition.get("picEnable"))
        head = b"--MIME_boundary\r\nContent-Type: application/json\r\n\r\n"
        picture = (
            b"\r\n--MIME_boundary\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n--MIME_boundary--\r\n"
        )
        return head + whole(condition) + picture

    _answer(proxy, "AcsEvent", in_parts, "multipart/form-data; boundary=MIME_boundary")
    assert [row["serialNo"] for row in run("access", "events", DOOR, "-o", "json").json] == [7]
    assert asked == [False]
    by_hand = run(
        *("device", "isapi", "POST", "/ISAPI/AccessControl/AcsEvent", DOOR, "-o", "json", "--data"),
        '{"AcsEventCond": {"searchResultPosition": 0, "maxResults": 5}}',
    )
    assert by_hand.json["AcsEvent"]["numOfMatches"] == 1


def test_every_page_of_users_names_the_terminal(run: Run, proxy: Proxy) -> None:
    assert run("access", "users", DOOR, "--terminal", "3").exit_code == 0
    targets = [arrival.target for arrival in proxy.arrivals if "UserInfo/Search" in arrival.target]
    assert targets
    assert all("terminalNo=3" in target for target in targets)
    assert run("access", "users", DOOR, "--terminal", "0").exit_code == 2
