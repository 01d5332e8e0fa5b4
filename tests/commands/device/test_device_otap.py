"""Object models: what the eleven calls send and understand."""

from __future__ import annotations

import base64
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.client.answers import Answer
from hpcli.client.device.otap import OtapUser, Resource, otap_refusal
from hpcli.client.device.otap_batches import batch_refusal
from hpcli.errors import DeviceError, DeviceOfflineError, HpcliError, NotFoundError, PlatformError, UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

PANEL, RECORDER, SILENT = "Q10254783", "Q10254801", "Q04814335"
OTAP = "/api/hpcgw/v2/device/transparent/otap"
ZONE = {
    "resourceCategory": "Zone",
    "localIndex": "1",
    "domainId": "ZoneMgr",
    "propId": "SingleZoneBasicInfo",
}


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "device", "otap")


def planned(run: Run, *arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--dry-run", "-o", "json")
    assert result.exit_code == 0, result.stderr
    plan: dict[str, Any] = result.json[0]
    plan["path"] = "/api/" + plan.pop("url").split("/api/")[1]
    return plan


class TestWhatIsSent:
    def test_set_sends_the_bare_value_and_the_names_in_headers(self, run: Run) -> None:
        plan = planned(run, "set", PANEL, "TimeMgr", "LocalDateTime", "--data", '{"localDateTime": "x"}')
        assert plan == {
            "method": "PUT",
            "path": f"{OTAP}/prop",
            "headers": {
                "Authorization": "***",
                "X-Devserial": PANEL,
                "X-LocalIndex": "0",
                "X-ResourceCategory": "global",
                "X-DomainIdentifier": "TimeMgr",
                "X-PropIdentifier": "LocalDateTime",
            },
            "body": {"localDateTime": "x"},
        }

    def test_set_direct_names_the_user_only_when_asked(self, run: Run) -> None:
        arguments = ("set-direct", PANEL, "InfoMgr", "DeviceDescription", "--data", '{"deviceName": "x"}')
        plan = planned(run, *arguments, "--as", "anna", "--user-type", "administrator")
        assert (plan["method"], plan["path"]) == ("PUT", f"{OTAP}/direct")
        assert {"X-Username": "anna", "X-UserType": "administrator"}.items() <= plan["headers"].items()
        assert "X-Password" not in plan["headers"]

    def test_action_sends_its_input_bare(self, run: Run) -> None:
        plan = planned(
            run,
            "action",
            PANEL,
            "ZoneMgr",
            "SearchZoneStatus",
            "--data",
            "{}",
            "--index",
            "2",
            "--resource",
            "Zone",
        )
        assert (plan["path"], plan["body"]) == (f"{OTAP}/action", {})
        assert {
            "X-ActionIdentifier": "SearchZoneStatus",
            "X-LocalIndex": "2",
            "X-ResourceCategory": "Zone",
        }.items() <= plan["headers"].items()

    def test_batches_are_bare_arrays(self, run: Run) -> None:
        device = [{"deviceSerial": PANEL, "propReqs": [{**ZONE, "value": {"zoneName": "x"}}]}]
        plan = planned(run, "batch-set", "--data", json.dumps(device))
        assert (plan["method"], plan["path"], plan["body"]) == (
            "PUT",
            f"{OTAP}/multi/prop/put/by/shadow",
            device,
        )
        direct = [{**ZONE, "value": {"zoneName": "x"}}]
        plan = planned(
            run, "batch-set-direct", PANEL, "--data", json.dumps(direct), "--as", "anna@example.org"
        )
        assert (plan["method"], plan["path"], plan["body"]) == ("PUT", f"{OTAP}/multi/prop/put", direct)
        assert plan["headers"]["X-Username"] == "anna@example.org"
        assert "X-UserType" not in plan["headers"]

    def test_changes_ask_and_reads_do_not(self, run: Run, platform: Platform) -> None:
        assert run("set", PANEL, "TimeMgr", "LocalDateTime", "--data", "{}").exit_code == 2
        assert run("action", PANEL, "ZoneMgr", "SearchZoneStatus").exit_code == 2
        assert not any("PUT" in request for request in control.statistics(platform.state)["requests"])
        assert run("get", PANEL, "InfoMgr", "DeviceVersion").exit_code == 0


class TestProperties:
    def test_a_value_is_printed_as_json(self, run: Run) -> None:
        assert run("get", PANEL, "InfoMgr", "DeviceVersion").json == {
            "firmwareVersion": "V1.2.9",
            "firmwareReleasedDate": "build 230412",
        }

    def test_what_is_set_is_read_again_both_ways(self, client: Client) -> None:
        otap, front = client.device.otap, Resource("Zone", "1")
        otap.set(PANEL, "ZoneMgr", "SingleZoneBasicInfo", {"zoneName": "Tür"}, front)
        assert otap.get_direct(PANEL, "ZoneMgr", "SingleZoneBasicInfo", front)["zoneName"] == "Tür"
        otap.set_direct(PANEL, "InfoMgr", "DeviceDescription", {"deviceName": "Laden"})
        assert otap.get(PANEL, "InfoMgr", "DeviceDescription")["deviceName"] == "Laden"

    def test_an_operator_may_not_change_the_device(self, client: Client) -> None:
        with pytest.raises(DeviceError) as caught:
            client.device.otap.set_direct(
                PANEL, "InfoMgr", "DeviceDescription", {"deviceName": "x"}, user=OtapUser(type="operator")
            )
        assert (caught.value.code, caught.value.exit_code) == ("0x40000002", 5)

    def test_an_action_changes_and_answers(self, client: Client) -> None:
        otap = client.device.otap
        otap.action(PANEL, "AlarmSubSystemMgr", "ArmSubSystem", {"subSystemID": 1, "armType": "stay"})
        areas = otap.action(PANEL, "AlarmSubSystemMgr", "SearchSubSystemStatus")
        assert areas[0] == {
            "subSystemID": 1,
            "name": "Ground floor",
            "armStatus": "armed",
            "exitDelayTime": 0,
        }

    def test_errors_of_device_and_platform_are_told_apart(self, run: Run, client: Client) -> None:
        result = run("get", PANEL, "InfoMgr", "Nothing")
        assert (result.exit_code, "0x40000001" in result.stderr) == (8, True)
        with pytest.raises(DeviceError, match="EVZ20015"):
            client.device.otap.get(RECORDER, "InfoMgr", "DeviceVersion")
        with pytest.raises(NotFoundError, match="LAP006009"):
            client.device.otap.get("Z1", "InfoMgr", "DeviceVersion")

    def test_the_copy_answers_for_a_device_that_is_offline(self, platform: Platform, client: Client) -> None:
        control.trigger(platform.state, "device-offline", device=SILENT)
        assert client.device.otap.get(SILENT, "InfoMgr", "DeviceVersion")
        with pytest.raises(DeviceOfflineError):
            client.device.otap.get_direct(SILENT, "InfoMgr", "DeviceVersion")

    @pytest.mark.parametrize("bad", ["", "Füllstand", "a\r\nX-Evil: 1"])
    def test_what_is_no_header_is_refused(self, platform: Platform, client: Client, bad: str) -> None:
        with pytest.raises(UsageError):
            client.device.otap.get(PANEL, "InfoMgr", bad)
        with pytest.raises(UsageError):
            client.device.otap.get_direct(PANEL, "InfoMgr", "x", user=OtapUser("a", "boss"))
        assert control.statistics(platform.state)["requests"] == {}


class TestTables:
    def test_all_pages_are_read_and_records_unpacked(self, platform: Platform, client: Client) -> None:
        records = list(
            client.device.otap.table(
                PANEL, "UserMgr", "UserInfoCfgList", "UserInfoCfgChangeSync", page_size=10
            )
        )
        assert [record["userNo"] for record in records] == list(range(1, 24))
        counted = control.statistics(platform.state)["requests"]
        assert sum(n for name, n in counted.items() if "table/list" in name) == 3

    def test_a_limit_ends_it(self, run: Run) -> None:
        rows = run("table", PANEL, "UserMgr", "UserInfoCfgList", "UserInfoCfgChangeSync", "--limit", "2").json
        assert [row["userType"] for row in rows] == ["installer", "administrator"]

    def test_a_page_holds_at_most_150(self, client: Client) -> None:
        with pytest.raises(UsageError, match="from 1 to 150"):
            next(client.device.otap.table(PANEL, "a", "b", "c", page_size=151))

    def test_blanks_in_keys_do_not_hide_the_end(self) -> None:
        pages = [{" pageIndex": 1, " records ": ['{"a": 1}', "plain"], " totalPages": 1, " totalElements": 2}]
        with scripted({("GET", "table/list"): pages}) as (client, seen):
            assert list(client.device.otap.table(PANEL, "a", "b", "c")) == [{"a": 1}, "plain"]
        assert seen[0].endswith("table/list?pageIndex=1&pageSize=150")


class TestBatches:
    def test_properties_of_several_devices_are_rows(self, run: Run) -> None:
        data = json.dumps([{"deviceSerial": PANEL, **ZONE}, {"deviceSerial": SILENT, **ZONE}])
        rows = run("batch-get", "--data", "-", "-o", "json", stdin=data).json
        assert [(row["deviceSerial"], row["value"]["zoneName"]) for row in rows] == [
            (PANEL, "Front door"),
            (SILENT, "Front door"),
        ]

    def test_without_a_property_the_whole_domain_is_read(self, run: Run) -> None:
        domain = {name: value for name, value in ZONE.items() if name != "propId"}
        rows = run("batch-get", "--data", json.dumps([{"deviceSerial": PANEL, **domain}]), "-o", "json").json
        assert ZONE["propId"] in [row["propId"] for row in rows]

    def test_each_device_tells_how_setting_went(self, run: Run, platform: Platform) -> None:
        control.trigger(platform.state, "device-offline", device=SILENT)
        wanted = [{**ZONE, "value": {"zoneName": "x"}}]
        data = json.dumps([{"deviceSerial": serial, "propReqs": wanted} for serial in (PANEL, SILENT)])
        result = run("batch-set", "--data", data, "--yes")
        assert result.exit_code == 9
        assert f"Set properties of {PANEL}." in result.stderr
        assert f"{SILENT}: The device is offline. (EVZ20007)" in result.stderr

    def test_direct_batches_know_their_device(self, client: Client) -> None:
        otap = client.device.otap
        otap.batch_set_direct(PANEL, [{**ZONE, "value": {"zoneName": "Neu"}}])
        rows = otap.batch_get_direct(PANEL, [ZONE], username="anna@example.org")
        assert (rows[0]["deviceSerial"], rows[0]["value"]["zoneName"]) == (PANEL, "Neu")

    def test_a_batch_for_several_devices_serves_one_of_them(self, client: Client) -> None:
        otap = client.device.otap
        assert otap.batch_get_direct(PANEL, [{"deviceSerial": PANEL, **ZONE}])
        with pytest.raises(UsageError, match=SILENT):
            otap.batch_get_direct(PANEL, [{"deviceSerial": SILENT, **ZONE}])

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ('{"propRequests": []}', "not a list"),
            ("[]", "No request"),
            ('[{"deviceSerial": "A1"}]', "Item 1 of the batch has no resourceCategory"),
            ("[1]", "Item 1"),
            ("[", "not valid JSON"),
        ],
    )
    def test_a_wrong_batch_is_told(self, run: Run, data: str, said: str) -> None:
        result = run("batch-get", "--data", data)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"code": "200"}, None),
            ({"errorCode": 0}, None),
            ({}, None),
            ({"errorCode": "EVZ20007"}, "EVZ20007"),
        ],
    )
    def test_both_forms_of_a_result_are_read(self, row: dict[str, Any], code: str | None) -> None:
        error = batch_refusal(row)
        assert (error.code if error else None) == code


class TestProfile:
    def test_it_can_come_compressed(self, run: Run) -> None:
        plain = run("profile", PANEL, "--identifier", "ZoneMgr", "-o", "json").json
        packed = run("profile", PANEL, "--identifier", "ZoneMgr", "--gzip", "-o", "json").json
        assert (plain["gzipProfile"], bool(packed["gzipProfile"])) == (None, True)
        assert packed["profile"] == plain["profile"]

    def test_an_equal_digest_brings_no_model(self, run: Run) -> None:
        model = run("profile", PANEL, "-o", "json").json
        again = run("profile", PANEL, "--md5", model["md5"]).json
        assert (model["changed"], again["changed"], again["profile"]) == (True, False, None)

    def test_a_part_with_its_schema(self, client: Client) -> None:
        model = client.device.otap.profile(PANEL, schema=True, identifier="SingleZoneBasicInfo")
        (resource,) = model["profile"]["resources"]
        assert resource["domains"][0]["props"][0]["schema"]["type"] == "object"

    @pytest.mark.parametrize("as_numbers", [False, True])
    def test_a_packed_model_is_unpacked(self, *, as_numbers: bool) -> None:
        packed = gzip.compress(b'{"version": "V1"}')
        data = (
            [byte - 256 if byte > 127 else byte for byte in packed]
            if as_numbers
            else base64.b64encode(packed).decode()
        )
        with scripted({("POST", "profile"): [{"gzipProfile": data, "profile": None}]}) as (client, _):
            assert client.device.otap.profile(PANEL)["profile"] == {"version": "V1"}

    def test_a_broken_packed_model_is_an_error(self) -> None:
        with (
            scripted({("POST", "profile"): [{"gzipProfile": "AAAA"}]}) as (client, _),
            pytest.raises(PlatformError),
        ):
            client.device.otap.profile(PANEL)


class TestTwoPathsOfTheDirectCalls:
    def test_the_other_path_is_tried_once_and_remembered(self) -> None:
        with scripted({("GET", "prop/direct"): [{"a": 1}], ("PUT", "prop/direct"): [None]}) as (client, seen):
            assert client.device.otap.get_direct(PANEL, "InfoMgr", "x") == {"a": 1}
            client.device.otap.set_direct(PANEL, "InfoMgr", "x", {"b": 2})
        assert [path.removeprefix(OTAP) for path in seen] == ["/direct", "/prop/direct", "/prop/direct"]

    def test_neither_path_known_is_the_first_answer(self) -> None:
        with scripted({}) as (client, seen), pytest.raises(NotFoundError):
            client.device.otap.get_direct(PANEL, "InfoMgr", "x")
        assert len(seen) == 2

    def test_a_device_that_is_not_found_does_not_change_the_path(
        self, platform: Platform, client: Client
    ) -> None:
        with pytest.raises(NotFoundError):
            client.device.otap.get_direct("Z1", "InfoMgr", "x")
        assert client.device.otap.direct_path is None
        assert f"GET {OTAP}/prop/direct" not in control.statistics(platform.state)["requests"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"errorCode": "1073741825"}', "0x40000001"),
        (b'{"errorCode": "LAP500001"}', "LAP500001"),
        (b'{"errorCode": 0}', None),
    ],
)
def test_the_codes_of_an_envelope_may_be_the_devices(body: bytes, code: str | None) -> None:
    error = otap_refusal(Answer(200, {}, body, ""))
    assert (error.code if isinstance(error, HpcliError) else None) == code


@contextmanager
def scripted(answers: dict[tuple[str, str], list[Any]]) -> Iterator[tuple[Client, list[str]]]:
    """Serve data by method and end of the path, 404 for all else; keep the paths that were asked."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.endswith("token/get"):
                self.reply(200, {"accessToken": "hpc.t", "expireTime": 9_999_999_999_999, "areaDomain": host})
                return
            seen.append(self.path)
            path = self.path.partition("?")[0]
            for (method, end), data in answers.items():
                if method == self.command and path.endswith(end):
                    self.reply(200, data[0])
                    return
            self.reply(404, None)

        def reply(self, status: int, data: Any) -> None:
            content = json.dumps(
                {"data": data, "errorCode": "0"} if status == 200 else {"status": 404}
            ).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names of the base class

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        with Client("key", "secret", host, timeout=5) as client:
            yield client, seen
    finally:
        server.shutdown()
        server.server_close()
