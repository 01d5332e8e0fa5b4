"""The OpenAPI document: what it holds, that it is valid and up to date."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from hpcli import reference
from hpcli.commands.registry import FAMILIES
from hpcli.reference.codes import code_list, code_list_names
from hpcli.reference.document import document, find_operation, properties_of
from hpcli.reference.health import health_values
from hpcli.reference.platform_errors import platform_error

VERBS = ("get", "put", "post", "delete")
V1, V2 = "/api/hpcgw/v1", "/api/hpcgw/v2"
DEVICE_CALLS = f"{V1}/device/transparent"
# Appendix A.4 of the guide, written down a second time on purpose.
A4 = """
A.4.1   POST    /ISAPI/AccessControl/AcsEvent?format=json
A.4.2   POST    /ISAPI/AccessControl/UserInfo/Search?format=json
A.4.3   GET     /ISAPI/ContentMgmt/InputProxy/channels
A.4.3   PUT     /ISAPI/ContentMgmt/InputProxy/channels
A.4.3   POST    /ISAPI/ContentMgmt/InputProxy/channels
A.4.4   GET     /ISAPI/ContentMgmt/InputProxy/channels/status
A.4.5   PUT     /ISAPI/ContentMgmt/record/control/manualRefresh/channels/1
A.4.6   PUT     /ISAPI/PTZCtrl/channels/1/continuous
A.4.7   GET     /ISAPI/PTZCtrl/channels/1/presets
A.4.7   POST    /ISAPI/PTZCtrl/channels/1/presets
A.4.7   DELETE  /ISAPI/PTZCtrl/channels/1/presets
A.4.8   GET     /ISAPI/PTZCtrl/channels/1/presets/2
A.4.8   PUT     /ISAPI/PTZCtrl/channels/1/presets/2
A.4.8   DELETE  /ISAPI/PTZCtrl/channels/1/presets/2
A.4.9   PUT     /ISAPI/PTZCtrl/channels/1/presets/2/goto
A.4.10  PUT     /ISAPI/SecurityCP/control/arm/1?ways=away&format=json
A.4.11  PUT     /ISAPI/SecurityCP/control/bypass?format=json
A.4.12  PUT     /ISAPI/SecurityCP/control/bypassRecover?format=json
A.4.13  PUT     /ISAPI/SecurityCP/control/clearAlarm/1?format=json
A.4.14  PUT     /ISAPI/SecurityCP/control/disarm/1?format=json
A.4.15  POST    /ISAPI/SecurityCP/control/outputs?format=json
A.4.16  GET     /ISAPI/SecurityCP/status/subSystems?format=json
A.4.17  POST    /ISAPI/SecurityCP/status/outputStatus?format=json
A.4.18  GET     /ISAPI/SecurityCP/status/zones?format=json
A.4.18  POST    /ISAPI/SecurityCP/status/zones?format=json
A.4.19  GET     /ISAPI/System/deviceInfo
A.4.19  PUT     /ISAPI/System/deviceInfo
A.4.20  GET     /ISAPI/System/IO/outputs
A.4.21  GET     /ISAPI/System/IO/outputs/1/status
A.4.22  PUT     /ISAPI/System/IO/outputs/1/trigger
A.4.23  GET     /ISAPI/System/time
A.4.23  PUT     /ISAPI/System/time
"""
A4_CALLS = [tuple(line.split()) for line in A4.strip().splitlines()]


@cache
def _all_cases() -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C takes a tenth of the time
    return yaml.load(Path(__file__).with_name("openapi_cases.yaml").read_text(encoding="utf-8"), loader)


def _cases(kind: str) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in _all_cases()[kind].items() for value in values]


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield verb, path, item[verb]


def _by_id(name: str) -> dict[str, Any]:
    return next(operation for _, _, operation in _operations() if operation["operationId"] == name)


def _target(ref: str) -> dict[str, Any]:
    node: Any = document()
    for part in ref.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def _schemas(node: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield every schema below `node`, following references once."""
    if isinstance(node, list):
        for item in node:
            yield from _schemas(item, seen)
    elif isinstance(node, dict):
        yield node
        ref = node.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            yield from _schemas(_target(ref), seen | {ref})
        for value in node.values():
            yield from _schemas(value, seen)


def _body_schema(operation: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _faults(schema: Mapping[str, Any], value: Any) -> list[str]:
    validator = Draft202012Validator({**schema, "components": document()["components"]})
    return [fault.message for fault in validator.iter_errors(value)]


def _request_faults(name: str, body: Any) -> list[str]:
    return _faults(_body_schema(_by_id(name)), body)


def _answer_faults(name: str, answer: Any) -> list[str]:
    return _faults(_answer_schema(name), answer)


def _answer_schema(name: str) -> dict[str, Any]:
    return dict(_by_id(name)["responses"]["200"]["content"]["application/json"]["schema"])


class TestDocument:
    def test_it_is_valid_openapi(self) -> None:
        from openapi_spec_validator import OpenAPIV31SpecValidator  # slow to import

        assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []

    def test_every_call_of_chapter_3_is_there_once(self) -> None:
        chapter = {f"§3.{n}" for n in range(1, 62) if n != 24} | {f"§3.24.{n}" for n in range(1, 12)}
        assert len(chapter) == 71
        found = Counter(op["x-section"] for _, _, op in _operations() if op["x-section"].startswith("§3"))
        assert set(found) == chapter
        assert {section: count for section, count in found.items() if count > 1} == {"§3.23": 4}

    def test_nothing_else_is_there(self) -> None:
        others = [op["x-section"] for _, _, op in _operations() if not op["x-section"].startswith("§3.")]
        assert sorted(others) == sorted(f"§{section}" for section, _, _ in A4_CALLS)

    @pytest.mark.parametrize(("section", "method", "uri"), A4_CALLS)
    def test_every_device_call_of_appendix_a4_is_there(self, section: str, method: str, uri: str) -> None:
        found = find_operation(method, DEVICE_CALLS + uri)
        assert found is not None
        template, operation = found
        assert operation["x-section"] == f"§{section}"
        assert template.count("{") == uri.count("/1") + uri.count("/2")
        names = {_target(p["$ref"])["name"] if "$ref" in p else p["name"] for p in operation["parameters"]}
        query = {pair.split("=")[0] for pair in uri.partition("?")[2].split("&") if pair}
        assert {"X-Devserial", "X-Username", "X-Password", "X-Userlevel"} | query <= names

    def test_device_calls_name_messages_that_are_described(self) -> None:
        text = (Path(reference.__file__).parent / "isapi.json").read_text(encoding="utf-8")
        described = {message["name"] for message in json.loads(text)["messages"]}
        for _, _, operation in _operations():
            for key in ("x-request-message", "x-answer-message"):
                assert operation.get(key, "JSON_ResponseStatus") in described, operation["operationId"]

    def test_every_operation_belongs_to_one_family_of_commands(self) -> None:
        described = {tag["name"] for tag in document()["tags"]}
        assert described <= set(FAMILIES)
        assert {tuple(operation["tags"]) for _, _, operation in _operations()} == {(n,) for n in described}

    def test_paths_that_look_like_mistakes_but_are_none(self) -> None:
        paths = document()["paths"]
        assert f"{V1}/site/customer/cancle" in paths
        assert f"{V2}/device/transparent/api/service/device/otap/table/list" in paths
        direct = paths[f"{V2}/device/transparent/otap/direct"]
        assert direct["x-alternative-path"] == f"{V2}/device/transparent/otap/prop/direct"
        assert direct["x-alternative-path"] not in paths

    def test_calls_with_v2_in_their_path(self) -> None:
        v2 = {op["x-section"] for _, path, op in _operations() if path.startswith(V2)}
        assert v2 == {"§3.9", "§3.11", "§3.12", "§3.18"} | {f"§3.24.{n}" for n in range(1, 12)}

    def test_signing_in_alone_needs_no_token(self) -> None:
        assert document()["security"] == [{"accessToken": []}]
        assert [op["operationId"] for _, _, op in _operations() if "security" in op] == ["tokenGet"]
        token = _by_id("tokenGet")
        assert all(str(code.value) in token["description"] for code in code_list("loginHost").codes)
        assert "servers" not in token  # a client that is made from the document would not ask its base URL
        assert {server["url"] for server in document()["servers"]} == {
            code.value for code in code_list("areaDomain").codes
        }

    def test_named_error_codes_are_explained(self) -> None:
        for _, _, operation in _operations():
            for code in operation.get("x-errors", ()):
                assert platform_error(code) is not None, code

    def test_named_code_lists_exist(self) -> None:
        named: set[str] = set()
        for schema in _schemas(document()):
            lists = schema.get("x-codes", ())
            named.update([lists] if isinstance(lists, str) else lists)
        assert named <= set(code_list_names())
        assert len(named) > 50

    def test_reading_calls_are_marked(self) -> None:
        changing = {op["operationId"] for _, _, op in _operations() if not op.get("x-reads")}
        for verb, _, operation in _operations():
            assert verb != "get" or operation.get("x-reads"), operation["operationId"]
            assert verb != "delete" or not operation.get("x-reads"), operation["operationId"]
        for word in (
            "Add",
            "Delete",
            "Update",
            "Share",
            "Assign",
            "Enable",
            "Disable",
            "Set",
            "Put",
            "Upload",
        ):
            marked = {op["operationId"] for _, _, op in _operations() if op.get("x-reads")}
            assert not {name for name in marked if name.endswith(word)}
        assert {
            "mqSubscribe",
            "mqOffset",
            "otapAction",
            "isapiArm",
            "hotspareHeartbeat",
            "deviceUpgrade",
        } <= changing
        assert not {"otapMultiPropGet", "isapiSearchZones", "videoByTime", "mqMessages"} & changing


GIVES_BACK = "siteCustomerDevicesUpdate"
"""What is to stay goes back as it was read (§3.13), so its fields are open."""


class TestRequests:
    def test_objects_take_no_unknown_fields(self) -> None:
        for _, _, operation in _operations():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for schema in _schemas(media["schema"]):
                    if isinstance(schema.get("properties"), dict) and "type" in schema:
                        is_open = operation["operationId"] == GIVES_BACK
                        assert schema["additionalProperties"] in (False, is_open), operation["operationId"]

    def test_codes_are_those_of_the_lists(self) -> None:
        assert len(code_list("permission").codes) == 7
        for _, _, operation in _operations():
            for schema in _schemas([operation.get("requestBody", {}), operation.get("parameters", [])]):
                names = schema.get("x-codes")
                if names:
                    lists = [names] if isinstance(names, str) else names
                    assert schema["enum"] == [code.value for name in lists for code in code_list(name).codes]

    @pytest.mark.parametrize(("name", "body"), _cases("taken"))
    def test_body_as_the_guide_has_it_is_taken(self, name: str, body: Any) -> None:
        assert _request_faults(name, body) == []

    @pytest.mark.parametrize(("name", "body"), _cases("refused"))
    def test_body_that_breaks_a_rule_is_refused(self, name: str, body: Any) -> None:
        assert _request_faults(name, body)

    def test_limits_of_length_and_number_hold(self) -> None:
        site = {"name": "x" * 128, "timeZone": 182}
        assert _request_faults("siteAdd", site) == []
        assert _request_faults("siteAdd", site | {"name": "x" * 129})
        managers = [{"installerId": "i", "expiredDurationTime": -1}]
        assert (
            _request_faults("siteAssign", {"siteIds": ["f"], "installerPermissionTimes": managers * 100})
            == []
        )
        assert _request_faults("siteAssign", {"siteIds": ["f"], "installerPermissionTimes": managers * 101})
        assert _request_faults("arcserviceDeviceList", {"deviceSerialList": ["Q1"] * 200}) == []
        assert _request_faults("arcserviceDeviceList", {"deviceSerialList": ["Q1"] * 201})
        card = {"personId": "p", "cardNo": "1" * 20}
        assert _request_faults("personUpdate", card) == []
        assert _request_faults("personUpdate", card | {"cardNo": "1" * 21})

    def test_hot_spare_file_goes_as_a_form_with_the_part_file(self) -> None:
        (media,) = _by_id("hotspareFileUpload")["requestBody"]["content"].items()
        assert media[0] == "multipart/form-data"
        assert media[1]["schema"]["required"] == ["file"]

    def test_calls_without_documented_body_need_none(self) -> None:
        optional = {
            operation["operationId"]
            for _, path, operation in _operations()
            if "requestBody" in operation
            and not operation["requestBody"].get("required")
            and "{uri}" not in path
        }
        assert optional == {
            *("siteDelete", "siteShareCancel", "mqMessages", "hotspareGet", "hotspareFileGet"),
            *("otapAction", "otapProductProfile"),
        }


class TestAnswers:
    def test_objects_are_open_and_codes_are_not_fixed(self) -> None:
        for _, _, operation in _operations():
            for schema in _schemas(operation["responses"]):
                assert schema.get("additionalProperties") is not False, operation["operationId"]
                assert "enum" not in schema, operation["operationId"]

    @pytest.mark.parametrize(("name", "answer"), _cases("met"))
    def test_form_that_is_met_is_taken(self, name: str, answer: Any) -> None:
        assert _answer_faults(name, answer) == []

    @pytest.mark.parametrize(("name", "answer"), _cases("never-met"))
    def test_form_that_nobody_has_met_is_refused(self, name: str, answer: Any) -> None:
        assert _answer_faults(name, answer)

    def test_documented_type_stands_first(self) -> None:
        def first(name: str, field: str) -> str:
            data = properties_of(_answer_schema(name))["data"]
            row = properties_of(properties_of(data)["rows"]["items"])
            kinds = row[field]["type"]
            return kinds if isinstance(kinds, str) else kinds[0]

        assert first("siteSearch", "timeZone") == "string"
        assert first("deviceList", "deviceCategory") == "integer"
        assert first("deviceList", "isSubscribed") == "boolean"

    def test_paged_lists_tell_where_pages_and_rows_are(self) -> None:
        paged = {op["x-section"]: op["x-paging"] for _, _, op in _operations() if "x-paging" in op}
        assert set(paged) == {"§3.2", "§3.6", "§3.21", "§3.24.11", "§3.37", "§3.51"}
        assert paged["§3.6"] == {
            "in": "body",
            "page": "page",
            "pageSize": "pageSize",
            "defaultPageSize": 20,
            "rows": "data.rows",
            "total": "data.total",
            "totalPages": "data.totalPage",
        }
        assert paged["§3.24.11"]["rows"] == "data.records"
        assert (paged["§3.24.11"]["maxPageSize"], paged["§3.51"]["maxPageSize"]) == (150, 200)

    def test_health_table_has_the_fields_and_values_of_the_report(self) -> None:
        expected = {
            (field, str(code.value))
            for field, name in _health_code_lists()
            for code in code_list(name).codes
            if name not in ("smartAttributeId", "reportCategory", "deviceSubCategory")
        }
        judged = {(row.field, row.value) for row in health_values()}
        # The table has the right spelling of videoSingle too.
        assert {pair for pair in judged if ".videoSignal" not in pair[0]} <= expected
        # The document has one schema for all peripherals, the table only the fields that each of them has.
        assert all("List[]." in field for field, _ in expected - judged)


def _health_code_lists() -> Iterator[tuple[str, str]]:
    """Yield the path and code list of every field of a health report that has one."""
    data = properties_of(_answer_schema("siteHealthReport"))["data"]
    rows = properties_of(data)["reportDetail"]["items"]
    yield from _coded_fields(rows, "")


def _coded_fields(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    while "$ref" in schema or "anyOf" in schema:
        schema = schema["anyOf"][0] if "anyOf" in schema else _target(schema["$ref"])
    if "x-codes" in schema:
        yield path, schema["x-codes"]
    if "items" in schema:
        yield from _coded_fields(schema["items"], f"{path}[]")
    for name, inner in schema.get("properties", {}).items():
        yield from _coded_fields(inner, f"{path}.{name}" if path else name)
