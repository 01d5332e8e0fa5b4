"""Finding an operation of the OpenAPI document for a request, and the fields of its answer."""

from __future__ import annotations

import pytest

from hpcli.reference.document import answer_fields, document, find_operation

V1, V2 = "/api/hpcgw/v1", "/api/hpcgw/v2"
DEVICE_CALLS = f"{V1}/device/transparent"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", f"{V1}/site/search", "siteSearch"),
        ("post", f"{V1}/site/0a1b/delete", "siteDelete"),
        ("POST", f"{V1}/site/customer/detail", "siteCustomerDetail"),
        ("POST", f"{V1}/site/share/cancel/0a1b", "siteShareCancel"),
        ("GET", f"{V1}/arcservice/site/0a1b/info", "arcserviceSiteInfo"),
        ("GET", f"{V2}/device/transparent/otap/prop", "otapPropGet"),
        ("PUT", f"{V2}/device/transparent/otap/prop", "otapPropPut"),
        ("GET", f"{DEVICE_CALLS}/ISAPI/System/time", "isapiGetTime"),
        ("GET", f"{DEVICE_CALLS}/ISAPI/System/time?x=/y", "isapiGetTime"),
        (
            "GET",
            f"{DEVICE_CALLS}/ISAPI/ContentMgmt/InputProxy/channels/status",
            "isapiGetIpChannelStatus",
        ),
        ("GET", f"{DEVICE_CALLS}/ISAPI/ContentMgmt/InputProxy/channels/3/status", "deviceTransparentGet"),
        ("DELETE", f"{DEVICE_CALLS}/ISAPI/System/time", "deviceTransparentDelete"),
        ("POST", f"{DEVICE_CALLS}/ISAPI/Security/users", "deviceTransparentPost"),
    ],
)
def test_request_leads_to_its_operation(method: str, path: str, name: str) -> None:
    found = find_operation(method, path)
    assert found is not None
    assert found[1]["operationId"] == name
    assert document()["paths"][found[0]][method.lower()] is found[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{V1}/site/search"),
        ("PATCH", f"{DEVICE_CALLS}/ISAPI/System/time"),
        ("POST", f"{V1}/site//delete"),
        ("POST", f"{V1}/site/a/b/delete"),
        ("POST", f"{V1}/site/search/"),
        ("GET", f"{DEVICE_CALLS}/"),
        ("POST", "/api/hpcgw/v3/site/search"),
        ("POST", ""),
        ("x-catch-all", f"{DEVICE_CALLS}/{{uri}}"),
        ("parameters", f"{V1}/site/search"),
    ],
)
def test_request_that_is_not_in_the_guide_leads_nowhere(method: str, path: str) -> None:
    assert find_operation(method, path) is None


def test_fields_of_a_paged_list_are_those_of_a_row() -> None:
    fields = answer_fields("POST", f"{V1}/site/search")
    assert {
        "id",
        "siteName",
        "sharedInfo",
        "sharedInfo.shareType",
        "sharedInfo.shareToCompany.email",
    } <= set(fields)
    assert not {"rows", "page", "total", "errorCode", "data"} & set(fields)


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("POST", f"{V2}/site/customer/list", ("hcAccount", "type", "status")),
        ("POST", f"{V1}/hotspare/get", ("uuid", "type")),
        (
            "POST",
            f"{V1}/mq/messages",
            ("formatType", "deviceSerial", "alarmData", "messageId", "accountNumber"),
        ),
        ("POST", f"{V1}/video/by/time", ("recType", "startTime", "endTime", "localType", "crypt")),
        ("POST", f"{V1}/person/add", ("personId",)),
        ("POST", f"{V1}/acs/privilege/status", ("personId", "deviceLists")),
        ("POST", f"{V1}/site/add", ()),
        ("GET", f"{DEVICE_CALLS}/ISAPI/System/time", ()),
    ],
)
def test_fields_of_other_answers(method: str, path: str, fields: tuple[str, ...]) -> None:
    assert answer_fields(method, path) == fields


def test_answer_that_may_come_as_a_list_of_one_has_its_fields() -> None:
    assert "siteOwnerName" in answer_fields("GET", f"{V1}/arcservice/site/1/info")
    assert "alarmDeviceStatus.batteryStatus" in answer_fields("POST", f"{V1}/site/health/report")


def test_fields_of_an_unknown_operation_are_a_mistake() -> None:
    with pytest.raises(KeyError):
        answer_fields("GET", f"{V1}/site/search")
