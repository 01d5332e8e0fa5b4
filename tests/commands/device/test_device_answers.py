"""What counts as the answer of a device: each operation of A.4 against bodies that are none, or in another form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hpcli.backoff import Backoff
from hpcli.client import ptz
from hpcli.client.device import messages
from hpcli.isapi.definitions import uris
from hpcli.sandbox import control
from hpcli.sandbox.http.audit import Audit
from tests.commands.device.answers import CHANGES, DATA, PANEL, READS, SILENT, WRONG, Call, Reply
from tests.support.platform_server import Platform, lift_call_limit
from tests.support.proxy import Proxy, replace, start_proxy
from tests.support.runner import Result, Run, Runner

AREAS = "/SecurityCP/status/subSystems"
ZONES = "/SecurityCP/status/zones"
DISARM = next(call for call in CHANGES if "disarm" in call.uri)
REFUSED = Reply((DATA / "change-nested-status.json").read_bytes())


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Look thrice at once, and call as often as there is something to ask."""
    monkeypatch.setattr(messages, "_LOOKS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(ptz, "_STOP_BACKOFF", Backoff((0.0,)))
    for name, value in lift_call_limit(tmp_path / "config").items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy in front of a stand-in whose state no test of this module changes."""
    with start_proxy(tmp_path_factory.mktemp("shared") / "p.db") as proxy:
        _make_states(proxy.platform)
        yield proxy


@pytest.fixture
def proxy(tmp_path: Path, audit: Path) -> Iterator[Proxy]:
    with start_proxy(tmp_path / "p.db", Audit(audit)) as started:
        _make_states(started.platform)
        started.forget()
        yield started


@pytest.fixture
def through(hpcli: Runner, proxy: Proxy) -> Run:
    """The command, with the proxy between it and the stand-in."""
    return partial(hpcli, environment=proxy.platform.environment)


def _make_states(platform: Platform) -> None:
    """Let an area have an alarm and a zone be bypassed, so that each change makes a difference."""
    platform.client().panel.bypass(PANEL, [3])
    control.set_zone(platform.state, PANEL, 5, is_open=True)


def _run(hpcli: Runner, proxy: Proxy, call: Call, *more: str) -> Result:
    return hpcli(*call.line, *more, stdin=call.stdin, environment=proxy.platform.environment)


def _answer(
    proxy: Proxy, reply: Reply, call: Call | None = None, path: str = "/ISAPI/", *, is_done: bool = False
) -> None:
    """Put an answer in the place of a device's: to a call, or to what has this in its path."""
    spoiler = replace(body=reply.body, status=reply.status, content_type=reply.content_type, is_done=is_done)
    proxy.spoil(spoiler, operation=call.operation if call else None, path="" if call else path)


def _broken_rules(call: Call, reply: Reply, result: Result, exit_codes: set[int]) -> list[str]:
    """Name what is wrong with a run that must fail."""
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    rules = {
        f"exit code {result.exit_code}": result.exit_code in exit_codes,
        f"{len(errors)} error lines": len(errors) == 1,
        "something on stdout": not result.stdout,
        "an empty list is claimed": not re.search(r"^No \w+s\.", result.stderr, re.MULTILINE),
        "an internal error": "hpcli itself failed" not in result.stderr,
        "something else on stderr": not [
            line for line in result.stderr.splitlines() if not line.startswith(("error: ", "hint: "))
        ],
    }
    return [f"{call}: {reply.body[:60]!r}: {name}: {result}" for name, holds in rules.items() if not holds]


def test_the_table_has_the_32_operations_of_the_guide() -> None:
    wanted = sorted((definition.method, definition.path) for definition in uris())
    tabled = sorted(
        (call.method, re.sub(r"/\d+(?=/|$)", "/<ID>", f"/ISAPI{call.uri}")) for call in CHANGES + READS
    )
    assert tabled == wanted


@pytest.mark.parametrize("call", CHANGES, ids=str)
def test_no_wrong_answer_makes_a_change_done(hpcli: Runner, shared: Proxy, call: Call) -> None:
    broken = []
    for reply in WRONG:
        shared.forget()
        _answer(shared, reply, call)
        result = _run(hpcli, shared, call)
        broken += _broken_rules(call, reply, result, {7} if reply.status >= 300 else {8})
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("call", CHANGES, ids=str)
def test_a_change_that_nobody_confirms_and_no_state_shows_is_not_done(
    hpcli: Runner, shared: Proxy, call: Call
) -> None:
    broken = []
    for reply in SILENT:
        shared.forget()
        _answer(shared, reply, call)
        result = _run(hpcli, shared, call)
        broken += _broken_rules(call, reply, result, {8})
        assert "was sent; the device confirmed nothing." in result.stderr
    assert not broken, "\n".join(broken)
    assert _run(hpcli, shared, call, "-o", "json").error["kind"] == "unconfirmed"


@pytest.mark.parametrize("call", CHANGES, ids=str)
def test_a_change_that_nobody_confirms_is_done_where_the_state_shows_it(
    hpcli: Runner, proxy: Proxy, call: Call
) -> None:
    _answer(proxy, SILENT[0], call, is_done=True)
    result = _run(hpcli, proxy, call)
    assert result.exit_code == (0 if call.is_readable else 8), result
    assert ("confirmed nothing, but its state shows that it is done" in result.stderr) is call.is_readable
    assert len(proxy.sent(call.operation)) == 1, "it was sent again"


@pytest.mark.parametrize("call", READS, ids=str)
def test_no_wrong_answer_is_read_as_nothing_there(hpcli: Runner, shared: Proxy, call: Call) -> None:
    broken = []
    for reply in (*WRONG, *SILENT):
        shared.forget()
        _answer(shared, reply, call)
        if call.uri == ZONES:  # they are searched where their list is refused
            _answer(shared, reply, path=ZONES)
        result = _run(hpcli, shared, call)
        broken += _broken_rules(call, reply, result, {7} if reply.status >= 300 else {7, 8})
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "body",
    [
        b'{"statusCode": 1, "statusString": "OK", "subStatusCode": "ok"}',
        b'{"statusCode": "0"}',
        b'{"RESPONSESTATUS": {"STATUSCODE": "1"}}',
        b'{"Answer": {"ResponseStatus": {"statusCode": 1}}}',
        b'{"statusString": "OK"}',
        b'{"errorCode": "0", "data": {"statusCode": 1}}',
        b'{"errorCode": "0", "data": "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>"}',
        b"<responsestatus><statuscode>1</statuscode></responsestatus>",
        b'<n:ResponseStatus xmlns:n="urn:x"><n:statusCode>1</n:statusCode></n:ResponseStatus>',
        b"<n:ResponseStatus><n:statusCode>1</n:statusCode></n:ResponseStatus>",
        b"<Answer><ResponseStatus><statusCode>1</statusCode></ResponseStatus></Answer>",
        b"<ResponseStatus><statusString>ok</statusString></ResponseStatus>",
        b'{"statusCode": 1, "List": [{"id": 1, "statusCode": 1}]}',
        '<?xml version="1.0" encoding="UTF-16"?><ResponseStatus><statusCode>1</statusCode></ResponseStatus>'.encode(
            "utf-16"
        ),
    ],
)
def test_every_accepted_form_of_success_is_one(through: Run, proxy: Proxy, body: bytes) -> None:
    _answer(proxy, Reply(body), DISARM)
    result = through(*DISARM.line)
    assert (result.exit_code, result.stderr) == (0, "Area 2: disarmed.\n")


def test_a_success_that_needs_a_restart_says_so(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b"<Answer><ResponseStatus><statusCode>7</statusCode></ResponseStatus></Answer>"))
    result = through("device", "isapi", "PUT", "/ISAPI/System/x", PANEL, "--data", "<x/>", "--yes")
    assert result.exit_code == 0
    assert "must restart" in result.stderr


def test_a_new_id_confirms_a_post_and_nothing_else(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b'{"id": 4}'))
    line = ("device", "isapi", "/ISAPI/Custom/thing", PANEL, "--data", "{}", "--yes")
    assert through(*line[:2], "POST", *line[2:]).exit_code == 0
    assert through(*line[:2], "PUT", *line[2:]).exit_code == 8


@pytest.mark.parametrize(
    "line",
    [
        ("device", "isapi", "PUT", "/ISAPI/System/time", PANEL, "--data", "<Time/>", "--yes"),
        ("api", "PUT", "v1/device/transparent/ISAPI/System/time", "-H", f"X-Devserial:{PANEL}", "--yes"),
    ],
    ids=["isapi", "api"],
)
def test_changes_by_hand_are_judged_alike(hpcli: Runner, shared: Proxy, line: tuple[str, ...]) -> None:
    broken, call = [], Call("PUT", "/System/time", line)
    for reply in (*SILENT, *WRONG):
        shared.forget()
        _answer(shared, reply, path=call.uri)
        result = _run(hpcli, shared, call)
        broken += _broken_rules(call, reply, result, {7} if reply.status >= 300 else {8})
    assert not broken, "\n".join(broken)


def test_a_failure_in_a_list_beside_a_success_is_the_error(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b'{"statusCode": 1, "L": [{"S": {"statusCode": 4, "subStatusCode": "zoneFault"}}]}'))
    error = through(*DISARM.line, "-o", "json").error
    assert (error["kind"], error["code"]) == ("device", "0x4000800E")


def test_a_locked_user_is_told_with_the_time_that_is_left(through: Run, proxy: Proxy) -> None:
    body = (DATA / "change-user-check-locked.xml").read_bytes()
    for reply in (Reply(body), Reply(body, 401)):
        proxy.forget()
        _answer(proxy, reply)
        for call in (DISARM, READS[0]):
            error = through(*call.line, "-o", "json").error
            assert error["message"] == (
                "The device has locked the user for another 30 min, after too many wrong passwords."
            )
            assert (error["exitCode"], error["platformMessage"]) == (8, "Unauthorized")


def test_the_devices_own_words_stand_beside_ours(through: Run, proxy: Proxy) -> None:
    fields = {
        "statusCode": 4,
        "subStatusCode": "lowPrivilege",
        "errorMsg": "Nope\x1b[0m",
        "MErrCode": "0x00200006",
    }
    _answer(proxy, Reply(json.dumps(fields).encode()))
    error = through(*DISARM.line, "-o", "json").error
    assert error["platformMessage"] == r"Nope\x1b[0m; lowPrivilege; 0x00200006"


# What came in another form, and what follows from that


@pytest.mark.parametrize(
    ("file", "uri", "line", "shown"),
    [
        ("read-areas-flat.json", AREAS, ("panel", "areas", PANEL), ["1", "House", "armed away", "no"]),
        ("read-areas.xml", AREAS, ("panel", "areas", PANEL), ["1", "House", "armed away", "no"]),
        ("read-zones-without-id.json", ZONES, ("panel", "zones", PANEL), ["", "Door", "online", ""]),
        (
            "name-with-gbk-byte.json",
            AREAS,
            ("panel", "areas", PANEL),
            ["1", "Hof \ufffd 2", "disarmed", "no"],
        ),
    ],
)
def test_a_message_in_a_neighbouring_form_is_read(
    through: Run, proxy: Proxy, file: str, uri: str, line: tuple[str, ...], shown: list[str]
) -> None:
    _answer(proxy, Reply((DATA / file).read_bytes()), path=uri)
    result = through(*line)
    assert result.exit_code == 0, result
    assert result.lines[1].split("\t")[:4] == shown


def test_a_page_that_is_not_the_last_one_is_searched_on(through: Run, proxy: Proxy) -> None:
    page = {"responseStatusStrg": "MORE", "totalMatches": 8, "ZoneList": [{"Zone": {"id": 0, "name": "A"}}]}
    _answer(proxy, Reply(json.dumps({"ZoneSearch": page}).encode()), READS[1])
    assert len(through("panel", "zones", PANEL, "-o", "ndjson").rows) == 7


@pytest.mark.parametrize(
    "areas",
    [
        b'{"SubSysList":[{"SubSys":{"name":"House","arming":"away","enabled":true}}]}',
        b'{"SubSysList":[{"id":"IO-1","name":"House","arming":"away"}]}',
        b"<html>",
        b"",
        b"[[[]]]",
    ],
)
def test_a_refusal_is_not_lost_where_the_state_cannot_be_read(
    through: Run, proxy: Proxy, areas: bytes
) -> None:
    _answer(proxy, Reply(areas), path=AREAS)
    for call in CHANGES[:3]:
        _answer(proxy, REFUSED, call)
        error = through(*call.line, "-o", "json").error
        assert (error["code"], error["exitCode"]) == ("0x40000006", 8), error


@pytest.mark.parametrize("rows", [b'{"id": "IO-1"}', b'{"name": "Siren"}'])
def test_a_refused_output_stays_refused_where_outputs_have_no_numbers(
    through: Run, proxy: Proxy, rows: bytes
) -> None:
    _answer(proxy, REFUSED, path="/trigger")
    _answer(
        proxy, Reply(b'{"IOOutputPortList": {"IOOutputPort": [' + rows + b"]}}"), path="/System/IO/outputs"
    )
    assert "(0x40000006)" in through("device", "output", "set", PANEL, "1", "high", "--yes").stderr
    assert through("device", "output", "list", PANEL).exit_code == 0


@pytest.mark.parametrize("file", ["read-areas-flat.json", "read-areas.xml"])
def test_arming_that_was_accepted_is_followed_in_a_neighbouring_form(
    through: Run, proxy: Proxy, file: str
) -> None:
    _answer(proxy, Reply((DATA / file).read_bytes()), path=AREAS)
    result = through("panel", "arm", PANEL, "all", "--mode", "away")
    assert (result.exit_code, result.stderr) == (0, "All areas: House is armed away.\n")


def test_arming_that_was_accepted_is_not_told_as_refused(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b"<html>"), path=AREAS)
    result = through("panel", "arm", PANEL, "all", "--mode", "away", "-o", "json")
    assert (result.exit_code, result.json[0]["ok"]) == (0, True)
    assert f"{PANEL} accepted the request, but the state of its areas could not be read" in result.stderr
    assert "armed away" not in result.stderr


def test_areas_without_numbers_are_not_told_as_missing(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b'{"SubSysList":[{"SubSys":{"name":"House","arming":"away"}}]}'), path=AREAS)
    alone = through("panel", "arm", PANEL, "1", "--mode", "away")
    assert (alone.exit_code, "area 1 is unknown" in alone.stderr) == (0, True)
    assert "There is no area" not in alone.stderr
    assert through("panel", "arm", PANEL, "all", "--mode", "away").exit_code == 0


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"[1, 2]", "application/json", [1, 2]),
        (b'"text"', "application/json", "text"),
        (b"null", "application/json", None),
        (b"plain words", "text/plain", {"text": "plain words"}),
        ("Hof Mühle".encode("latin-1"), "text/plain; charset=ISO-8859-1", {"text": "Hof Mühle"}),
        ('{"a": "门"}'.encode("gbk"), "application/json; charset=GBK", {"a": "门"}),
        (b'{"a": "x\ty \xff"}', "application/json", {"a": "x\ty \ufffd"}),
        ("<a><b>é & è</b></a>".encode("utf-16"), "application/xml", {"a": {"b": "é & è"}}),
        (b"\xff\xd8\xff\xe0" * 9, "image/jpeg", {"contentType": "image/jpeg", "size": 36}),
    ],
)
def test_every_body_read_by_hand_is_data(
    through: Run, proxy: Proxy, body: bytes, content_type: str, expected: object
) -> None:
    _answer(proxy, Reply(body, content_type=content_type))
    result = through("device", "isapi", "GET", "/ISAPI/Custom/thing", PANEL, "-o", "json")
    assert (result.exit_code, result.json) == (0, expected)


def test_a_name_that_cannot_be_read_is_not_sent_back(through: Run, proxy: Proxy) -> None:
    body = b"<DeviceInfo><deviceName>Hof \xff</deviceName><model>x</model></DeviceInfo>"
    _answer(proxy, Reply(body), path="/System/deviceInfo")
    result = through("device", "info", PANEL, "--set", "deviceLocation=Yard", "--yes")
    assert result.exit_code == 7
    assert [arrival.method for arrival in proxy.arrivals if "deviceInfo" in arrival.path] == ["GET"]


def test_what_stands_between_is_quoted_without_the_password(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply(b"you said hunter2secret to me"))
    result = through(
        *("panel", "areas", PANEL, "--as", "admin", "--as-password-stdin"), stdin="hunter2secret\n"
    )
    assert result.exit_code == 7
    assert "you said *** to me" in result.stderr


def test_a_locked_user_is_not_tried_again(through: Run, proxy: Proxy) -> None:
    _answer(proxy, Reply((DATA / "change-user-check-locked.xml").read_bytes()), path="/continuous")
    result = through("ptz", "stop", "G20419934", "1")
    assert (result.exit_code, sum("/continuous" in arrival.path for arrival in proxy.arrivals)) == (8, 1)


def test_a_move_that_nobody_confirms_is_stopped(through: Run, proxy: Proxy) -> None:
    proxy.spoil(replace(body=b""), path="/continuous", calls={1})
    result = through("ptz", "move", "G20419934", "1", "--pan", "20", "--for", "1s")
    assert result.exit_code == 8
    assert b"<pan>0</pan>" in proxy.arrivals[-1].body
