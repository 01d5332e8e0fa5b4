"""The OpenAPI document, the client, the commands and the stand-in say the same about every call."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Request, Response

from hpcli.api.operation import API, Operation
from hpcli.api.operations import all_operations
from hpcli.errors import ExitCode
from hpcli.masking import mask
from hpcli.sandbox.http.audit import Audit
from hpcli.sandbox.http.envelope import json_response
from tests.contract.lines import (
    NAMES,
    SERVICES,
    command_of,
    declared_calls,
    documented,
    is_change,
    line_of,
    place_of,
    written_lines,
)
from tests.contract.occasions import prepare
from tests.contract.recorder import Arrival, Recorder, Senders
from tests.support.device_bodies import PASSWORD
from tests.support.inside import InsideRunner
from tests.support.platform_server import Platform, start_platform
from tests.support.runner import Result

Marks = tuple[str, str, str, str, str]
SIGN_IN = "tokenGet"
REFUSED = frozenset({"deviceTransparentPost", "deviceTransparentDelete"})
"""By hand; the demo devices know no URI of these methods beyond those of A.4."""


def reviewed_marks() -> list[Marks]:
    """Return method, path and marks of each change as they were reviewed, with a reason, in marks.tsv."""
    with Path(__file__).with_name("marks.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab"))
    assert all(row["why"] for row in rows)
    return [(r["method"], r["path"], r["asks"], r["repeatable"], r["unlimited"]) for r in rows]


def _marks_of(operation: Operation) -> Marks:
    marks = (operation.asks, operation.repeatable, operation.unlimited)
    asks, repeatable, unlimited = ("yes" if mark else "no" for mark in marks)
    return operation.method, operation.path.removeprefix(API), asks, repeatable, unlimited


@dataclass
class Stage:
    """A stand-in that keeps what arrives, and commands run in this process against it."""

    platform: Platform
    recorder: Recorder
    folder: Path

    hpcli: InsideRunner

    def run(self, line: str, *options: str) -> Result:
        """Run a command line."""
        return self.hpcli(*shlex.split(line), *options, environment=self.platform.environment)


@pytest.fixture
def stage(tmp_path: Path, audit: Path) -> Iterator[Stage]:
    recorder = Recorder(audit)
    with start_platform(tmp_path / "platform.db", recorder) as platform:
        platform.configure(poll_seconds=0.2, answer_seconds=0, task_seconds=0.001)
        yield Stage(platform, recorder, tmp_path, InsideRunner())


class TestDeclarations:
    def test_the_client_declares_the_operations_of_the_document_and_no_others(self) -> None:
        declared = {(operation.method, operation.path) for operation in all_operations().values()}
        assert declared == set(documented())

    def test_each_change_has_the_marks_that_were_reviewed(self) -> None:
        declared = [_marks_of(operation) for operation in all_operations().values() if operation.change]
        assert sorted(declared) == sorted(reviewed_marks())

    def test_a_reading_call_never_asks_and_may_be_repeated(self) -> None:
        reading = [operation for operation in all_operations().values() if not operation.change]
        assert [operation for operation in reading if operation.asks] == []
        once = {operation.path for operation in reading if not operation.repeatable}
        assert once == {"/api/hpcgw/v1/device/pincode/query"}  # 100 a day (§3.27)
        unlimited = {operation.path for operation in reading if operation.unlimited}
        assert unlimited == {"/api/hpcgw/v1/token/get", "/api/hpcgw/v1/mq/messages"}

    def test_every_operation_is_made_by_a_command(self) -> None:
        made = set().union(*declared_calls().values())
        missing = [operation["operationId"] for place, operation in documented().items() if place not in made]
        assert missing == []

    def test_commands_declare_no_call_that_the_document_does_not_have(self) -> None:
        # `api` makes any call; its declaration stands for all of them.
        unknown = {
            name: calls - set(documented()) for name, calls in declared_calls().items() if name != "api"
        }
        assert {name: calls for name, calls in unknown.items() if calls} == {}

    def test_there_is_a_command_line_for_every_operation(self) -> None:
        assert set(written_lines()) <= set(NAMES)
        assert [name for name in NAMES if not line_of(name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_command_and_a_method_of_the_client_make_the_call_as_the_document_has_it(
    name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the command, dry first; what arrives is judged by openapi-core."""
    line = prepare(line_of(name), stage.platform, stage.folder)
    command = command_of(line)
    assert place_of(name) in declared_calls()[command]
    senders = Senders()
    senders.watch(monkeypatch)

    planned = _plan(stage, line) if is_change(name) and name not in SERVICES else []
    stage.recorder.arrivals.clear()
    done = stage.run(line, "--yes")

    code = ExitCode.DEVICE if name in REFUSED else ExitCode.DONE
    assert done.exit_code == code, done.stderr
    arrivals = stage.recorder.of(name)
    assert arrivals, f"`{line}` did not make the call"
    assert [fault for arrival in stage.recorder.arrivals for fault in arrival.faults()] == []
    sent = {place_of(arrival.operation_id) for arrival in stage.recorder.arrivals}
    assert sent <= declared_calls()[command] | {place_of(SIGN_IN)}, (
        "the command does not declare all that it sends"
    )
    assert name == SIGN_IN or senders.of[place_of(name)], "no method of the client made the call"
    changes = [arrival for arrival in stage.recorder.arrivals if is_change(arrival.operation_id)]
    if planned:
        assert planned == [_as_plan(arrival, stage.platform.base_url) for arrival in changes]


def _plan(stage: Stage, line: str) -> list[dict[str, Any]]:
    """Return what `--dry-run` prints; nothing may be changed by it."""
    stage.recorder.arrivals.clear()
    planned = stage.run(line, "--dry-run", "-o", "json")
    assert planned.exit_code == 0, planned.stderr
    assert [a.operation_id for a in stage.recorder.arrivals if is_change(a.operation_id)] == []
    plans: list[dict[str, Any]] = planned.json
    assert plans, "nothing was planned"
    return [{**plan, "headers": {k.lower(): v for k, v in plan["headers"].items()}} for plan in plans]


def _as_plan(arrival: Arrival, base_url: str) -> dict[str, Any]:
    """Return a request that arrived in the form of `--dry-run`."""
    request, body = arrival.request, arrival.body
    headers = {name.lower(): value for name, value in request.headers.items() if name.startswith("X-")}
    return {
        "method": request.method,
        "url": base_url + request.full_path.rstrip("?"),
        "headers": mask({"authorization": "***", **headers}),
        "body": body.replace(PASSWORD, "***") if isinstance(body, str) else mask(body),
    }


def test_the_second_validator_takes_and_refuses() -> None:
    def faults(name: str, **values: Any) -> list[str]:
        method, path = place_of(name)
        at = path.replace("{uri}", "ISAPI/System/time").translate(_AS_ONE)
        values["headers"] = {"Authorization": "Bearer x", **values.get("headers", {})}
        request = Request.from_values(at, method=method, **values)
        return Arrival(name, path, request, Response()).faults()

    assert faults("siteSearch", json={"page": 1}) == []
    assert faults("siteSearch", json={"page": "one"})
    assert faults("siteSearch", json={"pages": 1})
    assert faults("siteSearch", json={"page": 1}, headers={"Authorization": "Basic x"})
    assert faults("siteShare", json={"siteId": "x"})
    assert faults("deviceTransparentGet", headers={"X-Devserial": "Q1"}) == []
    assert faults("deviceTransparentGet")
    assert faults("isapiGetPreset", headers={"X-Devserial": "Q1-2"})
    assert faults("isapiGetZones", headers={"X-Devserial": "Q1"}, query_string={"format": "xml"})


PAGED = [operation["operationId"] for operation in documented().values() if "x-paging" in operation]


@pytest.mark.parametrize("name", PAGED)
def test_pages_are_asked_for_and_rows_are_found_where_the_document_says(name: str, stage: Stage) -> None:
    paging = documented()[place_of(name)]["x-paging"]
    listed = stage.run(prepare(line_of(name), stage.platform, stage.folder), "-o", "json")
    assert listed.exit_code == 0, listed.stderr
    first = stage.recorder.of(name)[0]
    sent = first.body if paging["in"] == "body" else first.request.args
    assert int(sent[paging["page"]]) == 1
    assert 0 < int(sent[paging["pageSize"]]) <= paging.get("maxPageSize", 500)
    answer = json.loads(first.answer.get_data())
    assert len(listed.json) == int(_at(answer, paging["total"])) > 0
    assert len(_at(answer, paging["rows"])) == len(listed.json)
    assert int(_at(answer, paging["totalPages"])) == 1


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[name]
    return value


class TestStandIn:
    @pytest.mark.parametrize("token", [None, "Bearer hpc.no-such-token"])
    def test_no_call_is_answered_without_a_valid_token(self, stage: Stage, token: str | None) -> None:
        headers = {"Authorization": token} if token else {}
        refused = {}
        with requests.Session() as session:
            session.trust_env = False
            for (method, path), operation in documented().items():
                url = stage.platform.base_url + path.replace("{uri}", "ISAPI/x").translate(_AS_ONE)
                answer = session.request(method, url, headers=headers, timeout=10)
                refused[operation["operationId"]] = answer.json().get("errorCode")
        assert refused.pop(SIGN_IN) == "LAP000001"
        assert set(refused.values()) <= {"LAP500002", "LAP500003", "LAP500004"}

    def test_an_answer_that_the_document_does_not_have_fails_loudly(self, tmp_path: Path) -> None:
        audit = Audit(tmp_path / "faults.txt")
        search = "/api/hpcgw/v1/site/search"
        right = {"errorCode": "0", "data": {"page": 1, "rows": [{"id": "x", "timeZone": "182"}]}}
        wrong = {
            "$.data.rows[0].id: 7": {"errorCode": "0", "data": {"rows": [{"id": 7}]}},
            "$.data.rows[].colour is not documented": {
                "errorCode": "0",
                "data": {"rows": [{"colour": "red"}]},
            },
            "'errorCode' is a required property": {"data": {"rows": []}},
            "errorCode LAP999999 is not documented": {"errorCode": "LAP999999"},
        }
        assert audit.check(_request(search), json_response(right)).status_code == 200
        assert not audit.file.exists()
        for fault, answer in wrong.items():
            assert audit.check(_request(search), json_response(answer)).status_code == 500
            assert fault in audit.file.read_text(encoding="utf-8").splitlines()[-1]
        assert audit.check(_request(search), json_response(right, status=302)).status_code == 500
        page = Response("<html></html>", content_type="text/html")
        assert audit.check(_request(search), page).status_code == 500

    def test_a_form_has_the_documented_parts_only(self, stage: Stage) -> None:
        token = stage.platform.client().transport.sign_in.token().access_token
        url = f"{stage.platform.base_url}/api/hpcgw/v1/hotspare/file/upload"
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            good = session.post(url, files={"file": ("a.zip", b"a")}, timeout=10)
            more = session.post(url, files={"file": ("a.zip", b"a")}, data={"note": "x"}, timeout=10)
            none = session.post(url, files={"other": ("a.zip", b"a")}, timeout=10)
        codes = [answer.json()["errorCode"] for answer in (good, more, none)]
        assert codes == ["0", "LAP000001", "LAP000001"]


_AS_ONE = str.maketrans({"{": "1", "}": None})


def _request(path: str) -> Request:
    return Request.from_values(path, method="POST")
